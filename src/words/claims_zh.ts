/** 源报告的论断与其原始数据，中文：先是论断，再是核对结果。 */
import type { ClaimNumbers, Verdict } from '../core/claim';
import type { ClaimWords } from './claims_en';
import { byteCount, comparableDuration, grouped, percent, size, THIN, times } from './format';
import { UNITS } from './units';

const ZH = { units: UNITS.zh };
const t = (seconds: number) => comparableDuration(seconds, ZH);
const x = (ratio: number) => times(ratio, ZH);
const p = (share: number) => `${percent(share)}%`;
const b = byteCount;
const xs = (low: number, high: number) =>
  x(low) === x(high) ? x(low) : `${low.toFixed(2)}–${x(high).replace(/^[\d.]+/, high.toFixed(2))}`;

type Ratio = Readonly<ClaimNumbers['step']>;

const ratio =
  (what: string) =>
  ({ stated, found }: Ratio): readonly [string, string] => [
    `${what}：L40S ${t(stated.l40sSeconds)}，Blackwell ${t(stated.blackwellSeconds)}，${x(stated.ratio)}`,
    `中位数 ${t(found.l40sSeconds)}与 ${t(found.blackwellSeconds)}；${found.pairs} 对运行之间为 **${xs(found.low, found.high)}**`,
  ];

export const claims: ClaimWords = {
  frames: ({ stated, found }) => [
    `报告没有写明帧数，读者会以为是模型默认的 ${stated.frames} 帧`,
    `**${found.frames} 帧**，${grouped(found.tokens)} 个 token：一步的计算量是默认的 ${x(found.work)}`,
  ],
  'named-480p': ({ stated, found }) => [
    `有一个用例名为 ${stated.height}p`,
    `以此命名的 ${found.runs} 次运行全部是 **${size(found)}**`,
  ],
  step: ratio('单步'),
  'end-to-end': ({ stated, found }) => [
    `端到端 Blackwell 快 ${stated.low.toFixed(1)}–${x(stated.high)}`,
    `${found.pairs} 对运行之间为 **${xs(found.low, found.high)}**${found.unlike > 0 ? `，其中 ${found.unlike} 对是拿卸载的与常驻的相比` : ''}`,
  ],
  init: ratio('模型初始化'),
  text: ratio('T5 编码'),
  decode: ratio('VAE 解码'),
  'text-on-cpu': ({ found }) => [
    'T5 通常在卸载模式下才在 CPU 上运行',
    `${found.onCpu} 次运行在 CPU 上，**其中 ${found.onCpuResident} 次并未卸载**：这是一项单独的设置${found.gpuSeconds === null ? '' : `。在 CPU 上用 ${t(found.cpuSeconds)}，在 GPU 上用 ${t(found.gpuSeconds)}`}`,
  ],
  'sm-activity': ({ stated, found }) => [
    `各步的 SM Activity 为 ${stated.l40s}% 与 ${stated.blackwell}%`,
    `中位数 **${found.l40s.toFixed(1)}%** 与 **${found.blackwell.toFixed(1)}%**；它计的是有内核在运行的时间，不是算力的利用率`,
  ],
  'compute-bound': ({ stated, found }) => [
    `GPU 满载（接近 ${p(stated.share)}），没有带宽瓶颈：计算密集型`,
    `只达到 bf16 峰值的 **${p(found.l40sOfPeak)}** 与${found.blackwellAtLeast ? '至少' : ''} **${p(found.blackwellOfPeak)}**${found.l40sOfMeasured === null || found.blackwellOfMeasured === null ? '' : `，即实测矩阵乘法的 ${p(found.l40sOfMeasured)} 与 ${p(found.blackwellOfMeasured)}`}`,
  ],
  'scales-with-compute': ({ stated, found }) => [
    `步速随算力线性扩展（${x(stated.ratio)}）`,
    `步速之比 ${x(found.ratio)}；峰值之比 ${x(found.peak)}${found.measured === null ? '' : `，矩阵乘法之比 ${x(found.measured)}`}，**带宽之比 ${x(found.bandwidth)}**${found.watts === null ? '' : `，功率之比 ${x(found.watts)}`}`,
  ],
  'peak-memory': ({ stated, found }) => [
    `720p 任务的峰值显存约 ${stated.gib} GB`,
    `常驻时 **${b(found.residentBytes)}**，卸载时 ${b(found.offloadedBytes)}`,
  ],
  'out-of-memory': ({ stated, found }) => [
    `L40S（${stated.cardGb} GB）不卸载就会显存不足`,
    `需要 ${b(found.needBytes)}，共有 ${b(found.cardBytes)}；${found.residentRuns === 0 ? '没有这样一次运行的记录' : `这样的 ${found.residentRuns} 次运行都成功了`}。权重改存 bf16 只需 **${b(found.bf16Bytes)}**`,
  ],
  'no-offload-saves': ({ stated, found }) => [
    `Blackwell 不卸载可省约 ${stated.seconds}${THIN}秒，主要来自 T5 与 VAE 阶段`,
    `两次运行相差 ${t(found.seconds)}：加载 ${t(found.init)}，文本 ${t(found.text)}，各步 ${t(found.steps)}，解码 ${t(found.decode)}，阶段之间 ${t(found.rest)}。就 ${found.offloadedRuns + found.residentRuns} 次运行而言，卸载的代价是**每段视频一次，${t(found.offload)}**`,
  ],
  prefetch: ({ found }) => [
    '权重在各步中换入换出，预取只能掩盖一部分',
    `步内加载在一次运行中共 ${t(found.loadingSeconds)}，${found.loadingShare < 0.01 ? '' : '至多'}占各步的 **${p(found.loadingShare)}**${found.offloadedStep === null || found.residentStep === null ? '' : `；一步在卸载时用 ${t(found.offloadedStep)}，常驻时用 ${t(found.residentStep)}`}。网络只在阶段之间搬移一次`,
  ],
  'long-videos': ({ stated, found }) => [
    `大显存的卡适合 ${stated.frames} 帧以上的长视频`,
    `最多帧数：L40S **${found.l40sFrames} 帧**，Blackwell **${found.blackwellFrames} 帧**`,
  ],
};

export const verdicts: Readonly<Record<Verdict, string>> = {
  confirmed: '✓ 证实',
  partly: '◐ 部分证实',
  'not-supported': '✗ 不支持',
  unproven: '？无法证实',
};
