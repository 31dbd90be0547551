/** 书面报告，中文。** 之间为强调，` 之间为代码。与界面用词一致：引导步、卡、主机、显存。 */
import type { Clip, FindingValues, GainCode } from '../core/findings';
import type { Offload } from '../core/result';
import type { RunStage } from '../core/run';
import { claims, verdicts } from './claims_zh';
import {
  byteCount,
  comparableDuration,
  comparableRange,
  figures,
  grouped,
  percent,
  rate,
  size,
  THIN,
  times,
} from './format';
import { remarks } from './remarks_zh';
import type { report as en, FindingWords } from './report_en';
import { UNITS } from './units';

const ZH = { units: UNITS.zh };

const t = (seconds: number) => comparableDuration(seconds, ZH);
const ts = (low: number, high: number) => comparableRange(low, high, ZH);
const x = (ratio: number) => times(ratio, ZH);
const p = (share: number) => `${percent(share)}%`;
const b = byteCount;
const flops = (perSecond: number) => rate(perSecond, 'FLOP/s');
/** 两端的位数以较大者为准。 */
const xs = (low: number, high: number) => {
  const from = low < 2 && high >= 2 ? low.toFixed(1) : x(low).replace(`${THIN}倍`, '');
  return x(low) === x(high) ? x(high) : `${from}–${x(high)}`;
};
const ps = (low: number, high: number) => (p(low) === p(high) ? p(low) : `${percent(low)}–${p(high)}`);
const ofWall = (wallSeconds: number | null) => (wallSeconds === null ? '' : `（全程 ${t(wallSeconds)}）`);

const stages: Readonly<Record<RunStage, string>> = {
  init: '加载模型',
  encode: '文本编码',
  image: '首帧编码',
  step: '一个引导步',
  decode: '视频解码',
  total: '文本、各步与解码合计',
  wall: '从头到尾',
};

const offload = {
  resident: '不卸载，全部常驻',
  'between-stages': '阶段间卸载',
  partial: '部分流式',
  stream: '流式',
  'one-block': '单块代替全部',
} as const;

/** 用于句中。 */
const weightsAre: Readonly<Record<Offload, string>> = {
  resident: '权重常驻',
  partial: '权重部分流式',
  stream: '权重流式',
  'one-block': '单块权重代替全部',
};

const gains: Readonly<Record<GainCode, string>> = {
  'narrower-weights': '改用更窄的权重格式，不再卸载',
  'keep-resident': '不卸载',
  'text-on-gpu': '在 GPU 上做文本编码',
  'keep-embeddings': '保存提示词编码',
};

const clip = ({ width, height, frames }: Clip) =>
  `${width === null || height === null ? '未知尺寸' : size({ width, height })}、${frames === null ? '未知帧数' : `${frames} 帧`}`;

function footing({ basis, base, factor, ran, from, to }: FindingValues['stage-ratio']): string {
  if (basis === 'scaled')
    return `已折算：${base} 的秒数对应 ${clip(from)}，对方对应 ${clip(to)}，因此前者乘以 FLOP 之比 ${figures(factor ?? Number.NaN)}。这是推算，不是实测。`;
  return basis === 'projection' ? `为预测：${base} 跑的是 ${clip(ran)}，其秒数由此推及 ${clip(to)}。` : '';
}

const findings: FindingWords = {
  saturation: (v) =>
    `各步${v.about ? '大约' : ''}只达到数据手册 bf16 峰值的 **${ps(v.low, v.high)}**：瓶颈不只是算力。`,
  'offload-cost': (v) =>
    `${v.device}：阶段间卸载约使**每段视频多用 ${t(v.seconds)}**，各步不受影响；换来显存峰值从 ${b(v.resident)} 降低 ${b(v.resident - v.offloaded)}。`,
  'best-gain': (v) =>
    `在视频不变的前提下，${v.device} 上收益最大的是${gains[v.advice]}：至多省下 **${t(v.savedSeconds)}**${ofWall(v.wallSeconds)}${v.share === null ? '' : `，即 ${p(v.share)}`}。`,
  'claims-checked': (v) =>
    `源报告的 ${v.confirmed + v.partly + v.notSupported + v.unproven} 条论断中，原始数据证实 ${v.confirmed} 条，部分证实 ${v.partly} 条，不支持 ${v.notSupported} 条，另有 ${v.unproven} 条无法据此证实或证伪。`,
  'stage-ratio': (v) =>
    `${stages[v.stage]}：${v.fast} 用 **${t(v.fastSeconds)}**，${v.slow} 用 **${t(v.slowSeconds)}**，前者的速度是后者的 **${x(v.ratio)}**${x(v.low) === x(v.high) ? '' : `（各对运行之间为 ${xs(v.low, v.high)}）`}。${footing(v)}`,
  'whole-ratio': (v) =>
    `从头到尾，${v.fast} 的速度是 ${v.slow} 的 **${xs(v.low, v.high)}**（步数相同的 ${v.pairs} 对运行）。`,
  'no-footing': (v) =>
    `${v.base} 与 ${v.others.join('、')}（${v.others.length} 张卡）之间不给出倍数：所做的工作量不完全清楚，或没有逐步计时。`,
  spread: (v) =>
    `每一步都单独计时：最不均匀的是 ${v.device}，${v.runs} 次运行共 ${v.count} 步，每步 ${ts(v.min, v.max)}，相差 ${p(v.apart)}。`,
  contended: (v) =>
    `${v.device} 上的“${v.run}”运行时有别的任务占用同一张卡：各步用时 ${ts(v.min, v.max)}。它只列在文末，不参与任何计算。`,
  'not-saturated': (v) =>
    `各步${v.about ? '大约' : ''}只达到数据手册 bf16 峰值的 **${ps(v.low, v.high)}**${v.matmulLow === null || v.matmulHigh === null ? '' : `，即同类卡上普通矩阵乘法实测值的 ${ps(v.matmulLow, v.matmulHigh)}`}。SM Activity 接近 100% 与此并不矛盾：它只说明一直有内核在运行，不说明内核等待的是算力。`,
  'ratio-and-peaks': (v) =>
    `两卡的 bf16 峰值之比${v.peakAtMost ? '至多' : ''}为 ${x(v.peak)}${v.matmul === null ? '' : `，矩阵乘法实测之比为 ${x(v.matmul)}`}，显存带宽之比为 ${x(v.bandwidth)}${v.watts === null ? '' : `，功率上限之比为 ${x(v.watts)}`}。步速之比 ${x(v.ratio)}更接近${v.nearest === 'bandwidth' ? '带宽' : '算力'}之比。只有一对卡，这是线索，不是证明。`,
  roof: (v) =>
    `${v.device}：一步达到 ${flops(v.perSecond)}，为同时实测的 ${v.type} 上限（${flops(v.roof)}）的 **${p(v.share)}**。`,
  'gpu-busy': (v) => `${v.device}：GPU 有 ${p(v.share)} 的时间在计算（带时间戳的通道总时长与实际时长之比）。`,
  kernel: (v) =>
    `${v.device}：\`${v.kernel}\` 占内核时间的 ${p(v.share)}，达到其上限的 ${p(v.ofRoof)}，受限于${v.waitsFor === 'memory' ? '显存带宽' : '算力'}。`,
  'kernels-wait': (v) =>
    `${v.device}：受限于算力的内核占 ${p(v.arithmetic)} 的时间，受限于显存带宽的占 ${p(v.memory)}。`,
  'projection-error': (v) =>
    `${v.device}：凡既实测又预测过的阶段（${v.checks} 项），预测最多偏${v.worst > 0 ? '长' : '短'} ${p(Math.abs(v.worst))}（${v.stage}）。`,
  software: (v) => `${v.device} 是软件适配器：由 CPU 代替 GPU 运算，其耗时与显卡无关。`,

  'offload-saves': (v) =>
    `**${v.device} 生成一段 ${v.steps} 步的视频，全部常驻时用 ${t(v.residentSeconds)}，卸载时用 ${t(v.offloadedSeconds)}。** 相差的 ${t(v.offloadedSeconds - v.residentSeconds)}里，加载占 ${t(v.init)}，文本编码占 ${t(v.encode)}，这两项取决于主机，每次运行本来就不同；各步占 ${t(v.denoise)}，解码占 ${t(v.decode)}；其余 ${t(v.gap)}在各阶段之间，用于搬移网络。就全部运行而言，这段时间在卸载时为 ${t(v.offloadedGap)}（${v.offloadedRuns} 次），常驻时为 ${t(v.residentGap)}（${v.residentRuns} 次）：卸载的代价约为**每段视频一次，${t(v.offloadedGap - v.residentGap)}**。`,
  'steps-unchanged': (v) =>
    `${v.device}：一步在卸载时用 ${t(v.offloaded)}，常驻时用 ${t(v.resident)}；解码分别用 ${t(v.decodeOffloaded)}和 ${t(v.decodeResident)}。两个阶段内都没有权重换入换出。`,
  'resident-need': (v) =>
    `${v.device}：全部常驻使显存峰值从 ${b(v.offloaded)} 升到 **${b(v.resident)}**，多 ${b(v.resident - v.offloaded)}。`,
  'would-fit': (v) =>
    `${v.device} 有 ${b(v.memoryBytes)} 显存，所有运行都开启了卸载。同样的工作常驻时在 ${v.from} 上需要 ${b(v.need)}，照此只剩 ${b(v.memoryBytes - v.need)} 留给框架上下文和碎片。很可能放不下，但这里没有一次运行能证明。`,
  'would-not-fit': (v) =>
    `${v.device} 有 ${b(v.memoryBytes)} 显存；同样的工作常驻时在 ${v.from} 上需要 ${b(v.need)}，超出 ${b(v.need - v.memoryBytes)}，必须卸载。`,
  exposed: (v) =>
    `${v.device}，${clip(v.clip)}，${v.weights}，${weightsAre[v.offload]}，同时 ${v.batch} 段视频：一步 ${t(v.seconds)}中，GPU 有 **${t(v.exposed)}**（${p(v.share)}）在等权重。每步搬运 ${b(v.streamed)}，其中 ${t(v.hidden)}的搬运被计算掩盖。`,
  'case-failed': (v) =>
    `${v.device}，${v.weights}，${weightsAre[v.offload]}，同时 ${v.batch} 段视频：未能完成（需要 ${b(v.peak)} 显存）。`,

  'host-ratio': (v) => {
    const near = Math.abs(Math.log(v.ratio / v.stepRatio)) < 0.12;
    const judgement =
      v.stage === 'init'
        ? `取决于磁盘和 CPU（两卡步速之比为 ${x(v.stepRatio)}）`
        : near
          ? `与两卡步速之比 ${x(v.stepRatio)}相近`
          : `而两卡步速之比只有 ${x(v.stepRatio)}：${v.stage === 'decode' ? '瓶颈与各步不同' : '差距来自主机，不在卡上'}`;
    return `${v.stage === 'encode' ? '在 CPU 上的文本编码' : stages[v.stage]}：${v.slow} 用 ${t(v.slowSeconds)}，${v.fast} 用 ${t(v.fastSeconds)}，相差 **${x(v.ratio)}**，${judgement}。`;
  },
  'host-share': (v) =>
    `${v.device}：一次 ${v.steps} 步的运行共 ${t(v.wall)}，其中 **${t(v.host)}（${p(v.share)}）**既不是去噪也不是解码：加载 ${t(v.init)}${v.encode > 0 ? `，CPU 上的文本编码 ${t(v.encode)}` : ''}${v.gap === null ? '' : `，各阶段之间 ${t(v.gap)}`}。`,
  'host-varies': (v) =>
    `${v.device}：${stages[v.stage]}在各次运行之间为 ${ts(v.min, v.max)}（相差 ${p(v.apart)}），而各步只相差 ${p(v.stepShare)}。它不能用来衡量这张卡。`,
  'text-on-cpu': (v) =>
    `${v.device}：文本编码器在 CPU 上只有 ${flops(v.perSecond)}（${t(v.seconds)}），卡上各步为 ${flops(v.stepPerSecond)}，是它的 ${x(v.ratio)}。`,
  gap: (v) =>
    `${v.device}：每次运行有 ${ts(v.low, v.high)}（${v.runs} 次运行）不属于任何阶段，用于搬移网络和保存视频。`,
  idle: (v) =>
    `${v.device}：从开始计算到计算结束的 ${t(v.whole)}里，有 ${t(v.idle)}（${p(v.share)}）没有任何阶段在计算。`,

  'narrower-weights': (v) =>
    `**把去噪网络存成 ${v.to}，就什么都不必卸载。** 它现在以 ${v.from} 存放。全部常驻时的峰值将从 ${b(v.need)}（在 ${v.needFrom} 上实测）降到 **${b(v.needThen)}**，而显存有 ${b(v.memoryBytes)}${v.to === 'fp8' ? '' : `；为此并不需要 FP8（${b(v.needFp8)}）`}。在公开代码中即 \`${v.to === 'bf16' ? '--convert_model_dtype --offload_model False' : '--offload_model False'}\`。预计收益：每段视频一次，至多 ${t(v.savedSeconds)}${ofWall(v.wallSeconds)}${v.seenSeconds === null ? '' : `；在 ${v.needFrom} 上是 ${t(v.seenSeconds)}`}。各步不会因此变快。`,
  'quantise-stream': (v) =>
    `**量化，${v.fits ? '让权重留在卡上' : '减少每步的搬运'}。** 用 ${v.to} 代替 ${v.from}，每步搬运 ${b(v.streamedThen)}，而不是 ${b(v.streamed)}；全部常驻需要 ${b(v.need)}${v.budget === null ? '' : `，可用 ${b(v.budget)}`}。预计收益：每步 ${t(v.stepSeconds)}中省下 ${t(v.savedPerStep)}（${p(v.share)}）；目前 GPU 每步有 ${t(v.exposed)}在等权重。`,
  'resident-step': (v) =>
    `**放得下时，让权重常驻。** ${clip(v.clip)}的一步，权重常驻时用 ${t(v.resident)}，${weightsAre[v.offload]}时用 ${t(v.seconds)}（相差 ${x(v.ratio)}，实测）；常驻需要 ${b(v.need)}。`,
  'keep-resident': (v) =>
    `**不要卸载。** 需要 ${b(v.need)}${v.memoryBytes === null ? '' : `（显存 ${b(v.memoryBytes)}）`}，每段视频一次省下约 ${t(v.savedSeconds)}${ofWall(v.wallSeconds)}；各步不变。`,
  'text-on-gpu': (v) =>
    `**把文本编码放到 GPU 上。** CPU 上的 ${t(v.seconds)}${v.from === null ? `，按本卡去噪的速率只要 ${t(v.thenSeconds)}，另加一次性搬入 ${b(v.bytes)} 的 bf16 权重` : `会变成 ${t(v.thenSeconds)}（“${v.from}”实测，含搬入权重）`}；去噪网络上卡之前才用得到它。预计收益：每段视频至多 ${t(v.savedSeconds)}${ofWall(v.wallSeconds)}。`,
  'keep-embeddings': (v) =>
    `**保存重复提示词的编码**，首先是负面提示词：若两个提示词都已编码过，每段视频至多省下 ${t(v.savedSeconds)}${ofWall(v.wallSeconds)}。`,
  'batch-measured': (v) =>
    v.gain > 0.1
      ? `**一次生成 ${v.batch} 段视频**（${clip(v.clip)}，${weightsAre[v.offload]}）：${v.batch} 段的一步用 ${t(v.seconds)}，一段的一步用 ${t(v.single)}，同样时间里多生成 ${p(v.gain)}（实测）。`
      : `**批量并非处处有益**（${clip(v.clip)}，${weightsAre[v.offload]}）：${v.batch} 段视频的一步用 ${t(v.seconds)}，一段的一步用 ${t(v.single)}（同样时间里${v.gain < 0 ? '少' : '多'}生成 ${p(Math.abs(v.gain))}，实测）。`,
  'batch-bound': (v) =>
    `**不要对更大的批量期望过高**（这里没有实测）。批量只能分摊读取权重的时间；按显存带宽计，每步读取 ${b(v.weightBytes)} 只占 ${t(v.stepSeconds)}中的 ${t(v.weightSeconds)}，因此同样时间里多生成的视频${v.gain < 0.01 ? '不到 1%' : `至多 ${p(v.gain)}`}。`,
  'batch-busy': (v) =>
    `**不要对更大的批量期望过高**（这里没有实测）：GPU 有 ${p(v.busy)} 的时间在计算，填满空隙至多多得 ${p(v.gain)}。`,
  'fewer-steps': (v) =>
    `**减少步数收效最大。** 以 ${clip(v.clip)}${v.projected ? '（预测）' : ''}计，文本、${v.steps} 个引导步与解码合计 ${t(v.seconds)}；${v.fewer} 步为 ${t(v.fewerSeconds)}（速度为 ${x(v.fewerRatio)}），无引导的 ${v.few} 步蒸馏模型为 ${t(v.fewSeconds)}（速度为 ${x(v.fewRatio)}）。那时解码的 ${t(v.decodeSeconds)}占 ${p(v.decodeShare)}。换了步数或模型，视频也会不同；画质不在此次测量之内。`,
  'matrix-units': (v) =>
    `**矩阵单元闲置着。** 实测可达 ${flops(v.matrix)}，而着色器上限为 ${flops(v.roof)}：内核一旦用上它，矩阵乘法至多提速到 ${x(v.gain)}。`,
  'flash-in-use': (v) => `**Flash Attention 已经启用**（${v.runs} 次运行全部如此）：这里没有余地了。`,
  'tiled-decode': (v) =>
    `**分块解码：**解码时占用 ${b(v.decodePeak)}，其余时候至多 ${b(v.otherPeak)}。分块可使全程所需显存降到接近后者。`,
  longer: (v) =>
    `**放得下更长的视频。** 除权重外，一步中每个 token 约需 ${b(v.bytesAToken)}；各阶段间卸载时，${b(v.memoryBytes)} 显存可容纳约 ${v.frames.toLocaleString('en')} 帧（${figures(v.frames / v.framesPerSecond)} 秒；实际跑了 ${v.ranFrames} 帧）。届时一步要用 ${t(v.stepSeconds)}（按 FLOP 折算）。模型按 121 帧训练，更长时的画质不在此次测量之内。`,
};

export const report: typeof en = {
  title: (names) => `Wan2.2 TI2V-5B：${names}`,
  lead: (runs, devices) =>
    `对 ${devices} 张卡上 ${runs} 次运行的分析。每句话都由这些运行的数字算出；数字没有说明的，这里也不说。除另有说明外，秒数均为中位数。`,
  and: ' 与 ',
  comma: '、',
  headings: {
    summary: '1. 核心结论',
    compute: '2. 推理算力',
    memory: '3. 显存与卸载策略',
    system: '4. 系统瓶颈',
    recommendations: '5. 优化建议',
    claims: '6. 源报告论断的核对',
    runs: '7. 运行与出处',
  },
  none: {
    summary: '这些运行没有可以比较的共同工作量。',
    compute: '这里没有一次运行记录了各步耗时。',
    memory: '这里没有一次运行记录了显存。',
    system: '这里没有一次运行记录了主机阶段的耗时。',
    recommendations: '这些运行提供的数字不足以给出带数字的建议。',
    claims: '源报告所说的运行都不在其中。',
  },
  stages,
  offload,
  kinds: { measured: '实测', sampled: '抽样', derived: '推算', published: '公开' },
  unknown: '–',
  yes: '是',
  no: '否',
  shared: '与他人共用卡',
  confidence: { high: '高', medium: '中', low: '低' },
  fields: {
    model: '模型',
    width: '宽',
    height: '高',
    frames: '帧数',
    tokens: 'token 数',
    steps: '步数',
    guidance: '引导',
    promptTokens: '提示词 token 数',
    batch: '批量',
    activations: '激活精度',
    weights: '权重格式',
    attention: '注意力',
    offload: '卸载',
    textEncoderOn: '文本编码器在',
    decoder: '解码器',
    gpus: '卡数',
  },
  remarks,
  claims,
  verdicts,
  findings,
  time: t,
  range: ts,
  times: x,
  percent: p,
  bytes: b,
  flops,
  shortened: (shown, all) => `这里是 ${grouped(all)} 行中的前 ${grouped(shown)} 行；JSON 里有全部。`,
  tables: {
    steps:
      '引导步与解码，合并每张卡的全部运行；百分比分别相对于数据手册的稠密 bf16 峰值和同类卡上实测的矩阵乘法（≥：峰值本身只知上界）。',
    peaks: '各种卸载方式下的最大峰值。',
    cases: '实测的各种情形：整批视频的一个引导步。',
    like: '同类相比：工作量、步数、方式都相同。',
    stages: '每次运行的各个阶段。',
    runs: '数字的出处。',
    keys: '每次运行做了什么，怎样做的。',
    differences: '差异：读比值时须一并考虑。',
    claims: '源报告怎么说，原始数据又怎么说。',
  },
  columns: {
    card: '卡',
    stage: '阶段',
    count: '计时次数',
    median: '中位数',
    mean: '平均',
    range: '最小–最大',
    rate: '速率',
    ofPeak: '占峰值',
    ofMatmul: '占矩阵乘法',
    offload: '卸载',
    peak: '显存峰值',
    memory: '卡显存',
    share: '占比',
    steps: '步数',
    ratio: '倍数',
    slower: '较慢',
    faster: '较快',
    one: '一方',
    another: '另一方',
    run: '运行',
    software: '软件',
    date: '日期',
    source: '出处',
    kind: '类别',
    confidence: '可信度',
    remarks: '备注',
    size: '尺寸',
    frames: '帧数',
    tokens: 'token 数',
    guidance: '引导',
    precision: '激活 / 权重',
    attention: '注意力',
    text: '文本在',
    batch: '批量',
    field: '项目',
    work: '工作量不同',
    basis: '依据',
    init: '加载',
    encode: '文本',
    step: '一步',
    decode: '解码',
    between: '阶段之间',
    wall: '全程',
    exposed: '等待',
    hidden: '掩盖',
    streamed: '搬运',
    claim: '论断',
    found: '核对',
    verdict: '结论',
  },
};
