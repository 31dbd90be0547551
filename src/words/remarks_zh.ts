/** 结果附带的各种情况，中文。 */
import type { ServerSetting } from '../core/events';
import { byteCount, duration, grouped } from './format';
import type { RemarkWords } from './remarks_en';
import { UNITS } from './units';

const ZH = { units: UNITS.zh };

const SETTINGS: Readonly<Record<ServerSetting, string>> = {
  solver: '求解器',
  schedule: '时间表',
  shift: '偏移',
  decoder: '小解码器',
  image: '首帧',
};
const named = (settings: readonly ServerSetting[]) => settings.map((setting) => SETTINGS[setting]).join('、');

export const remarks: RemarkWords = {
  'software-adapter': ({ adapter }) => `由软件适配器 ${adapter} 完成：这不是 GPU 的成绩。`,
  'no-timestamps': () => '没有 GPU 时间戳：无法逐个内核计时。',
  'default-limits': ({ bindingBytes }) =>
    `浏览器只给了默认限额（单个绑定 ${byteCount(bindingBytes)}），因此多用了一些通道。`,
  'hidden-tab': () => '运行期间标签页曾被隐藏；浏览器会让隐藏的标签页变慢。',
  throttled: ({ firstSeconds, lastSeconds }) =>
    `最后一步用了 ${duration(lastSeconds, ZH)}，第一步 ${duration(firstSeconds, ZH)}：GPU 发热，或功率受限。`,
  contended: ({ shortestSeconds, longestSeconds }) =>
    `各步从 ${duration(shortestSeconds, ZH)} 到 ${duration(longestSeconds, ZH)} 不等：有别的程序在用 GPU。`,
  'busy-before': ({ shortestSeconds, longestSeconds }) =>
    `开始之前，同一个小内核用时从 ${duration(shortestSeconds, ZH)} 到 ${duration(longestSeconds, ZH)} 不等：GPU 当时正忙于别的程序。`,
  'block-at-fewer-tokens': ({ tokens, referenceTokens }) =>
    `完整的网络块只跑了 ${grouped(tokens)} 个图块的规模；按参考规模的 ${grouped(referenceTokens)} 个图块，耗时会过长。`,
  sampled: () => '参考规模是抽样得到的，没有完整跑完。',
  'one-block-of-weights': () => '用一个块的权重代替全部三十个：运算相同，显存需求不同。',
  'no-previews': () => '没有预览：显存放不下，或无法算出。视频本身不受影响。',
  'less-memory': ({ memoryBytes }) =>
    `GPU 拒绝了计划中的显存。视频从上一步之后继续，只用 ${byteCount(memoryBytes)}：权重分批经过显存，画面在必要时分块解码。用时更长，画面不变。`,
  'other-noise': () => '同一个种子在另一引擎中会得到不同的噪声：用时可以比较，画面不会相同。',
  'not-taken': ({ settings }) => `无法告知服务器${named(settings)}，它用的是自己的设定。`,
  'perhaps-ignored': ({ settings }) => `已告知服务器${named(settings)}；旧版本会忽略它，而服务器不说明实际采用了什么。`,
  'poll-bias': ({ seconds }) => `结果靠定时询问得知，因此总用时平均偏长约 ${duration(seconds, ZH)}。`,
  'cold-start': ({ seconds }) => `服务器在本次运行中载入了模型，用时 ${duration(seconds, ZH)}；下次会更快。`,
  queued: ({ seconds }) => `它先在服务器上排队等了 ${duration(seconds, ZH)}；总用时不含这段时间。`,
  'no-stage-times': () => '服务器不提供各阶段的用时。',
  'no-video': ({ reason }) => `视频没有取回；服务器上已有的没有删除，用时是完整的。原因：${reason}`,
  shortened: ({ spans, memorySamples }) =>
    `时间线（${spans} 段）和显存曲线（${memorySamples} 个采样）放不进链接，保存的文件里有。`,
};
