import { benchmark, machine, modes, progress, result, startRow, stopped } from './benchmark_zh';
import { cases } from './cases_zh';
import { chart } from './charts_zh';
import { compare } from './compare_zh';
import { comparison } from './comparison_zh';
import type { Words } from './en';
import { generate } from './generate_zh';
import { live } from './live_zh';
import { memory } from './memory_zh';
import { remarks } from './remarks_zh';
import { runs } from './runs_zh';
import { tuning } from './tuning_zh';
import { UNITS } from './units';
import { weights } from './weights_zh';

/** 界面的全部中文。词汇固定：图块 = patch，文本 token = text token，引导步 = guided step，卡 = card。 */
export const zh: Words = {
  language: { name: '中文', code: 'zh', other: 'English', otherCode: 'en', switch: 'Switch to English' },
  skip: '跳到正文',
  units: UNITS.zh,
  nav: {
    label: '视图',
    benchmark: '测速',
    generate: '生成',
    weights: '权重',
    compare: '对比',
    arriving: '正在加载 …',
    notArrived: '这个视图没能加载。可能是网络中断，或者页面已经更新：请重试，或重新加载页面。',
  },
  scheme: {
    system: '跟随系统',
    dark: '深色',
    light: '浅色',
    label: (now, next) => `配色：${now}。切换为${next}。`,
  },
  footer: {
    privacy: '一切都在本浏览器内运行，不上传任何数据。',
    sources: '公开数据：zysno1/Wan2.2-Enhanced 的原始文件。',
    report: '本机 WebGPU 能力：webgpureport.org',
  },

  kinds: {
    measured: '实测',
    sampled: '抽样',
    derived: '推算',
    published: '公开',
    legend: '含义',
    explain: {
      measured: '在该次运行中直接计时',
      sampled: '在该次运行中计时真实规模的一部分，再按占比放大',
      derived: '由其他数字算出',
      published: '他人测得并公开',
    },
  },
  stages: {
    init: '准备',
    tune: '调优',
    roofs: '测上限',
    load: '载入',
    encode: '文本编码',
    image: '首帧',
    denoise: '去噪',
    decode: '解码',
    sample: '抽样',
    resample: '再次抽样',
    verify: '校验',
    total: '全程',
  },
  compared: {
    init: '准备（主机）',
    encode: '文本编码，正反提示词',
    step: '一个引导步',
    decode: '视频解码',
    total: (steps) => `文本、${steps} 步、解码合计`,
  },

  benchmark,
  machine,
  modes,
  startRow,
  cases,
  memory,
  progress,
  stopped,
  result,
  remarks,

  unsupported: {
    heading: '此浏览器没有 WebGPU',
    insecure: 'WebGPU 需要 https 或 localhost，而本页是经普通 http 打开的。',
    missing: '本页寻找 navigator.gpu，但没有找到，或版本太早。',
    where: '支持 WebGPU 的浏览器',
    browsers: [
      'Chrome 与 Edge：Windows、macOS、ChromeOS、Android 为 127 及以上；Linux 为 144 及以上，且需第 12 代及更新的 Intel 显卡',
      'Safari 26 及以上：macOS、iOS、visionOS',
      'Firefox：Windows 为 141 及以上，Apple 芯片的 Mac 为 145 及以上',
    ],
    still: '没有它也能对比：公开数据，以及在别处保存的结果。',
    compare: '前往对比',
  },
  failure: {
    heading: '运行没有完成',
    headingMachine: '无法使用此 GPU',
    tryAgain: '重试',
    smallest: '改用最小尺寸',
    detail: '报告的原文',
    advice: {
      'webgpu-missing': '此浏览器没有 WebGPU。Chrome、Edge、Safari 26、Firefox 141 都有。',
      'adapter-refused': '浏览器有 WebGPU，却没有给出适配器。请确认已开启硬件加速；chrome://gpu 会说明被禁用的原因。',
      'limit-too-low': '对所选尺寸而言，此 GPU 的限额太小。最小尺寸要求最低。',
      'device-lost': 'GPU 被收回了：驱动重置、别的程序占用，或显存不足。重新开始会得到新的设备；小一些的尺寸更稳妥。',
      'out-of-memory': '显存不足。请关闭占用显存的标签页和程序，或选择更小的尺寸。',
      'gpu-failed': 'GPU 拒绝了一条命令，因此没有采用它返回的任何结果。请附上下面的文字报告。',
      'gpu-busy': '本页面的另一个标签页正在使用 GPU。请在那里停止运行或等它结束，然后重试。',
      'shader-invalid': '浏览器的着色器编译器拒绝了一个内核。这是我们或浏览器的错误，请附上下面的文字报告。',
      'shape-mismatch': '网络的两部分对不上。这是我们的错误，请附上下面的文字报告。',
      'not-finite': '结果里出现了 NaN 或无穷大，因此运行被终止，没有计时。请附上下面的文字报告。',
      'weights-missing': '缺少权重。下面说明缺哪些、在哪里找过。',
      'file-invalid': '某个文件不符合要求，或无法读取。下面说明是哪个文件以及原因。',
      'network-failed':
        '无法连接服务器，或它不允许其他网站读取文件。已下载的部分会保留；请重试，或先下载文件再从磁盘打开。',
      'cors-refused': '服务器在，但不允许本页面读取它的回答（CORS）。启动服务器时须允许本页面的地址。',
      'mixed-content': '本页面经 https 打开，浏览器只允许它访问 https 服务器，或本机上的 http。',
      'access-denied': '服务器要求验证身份。请使用公开的权重，或先下载文件再从磁盘打开。',
      'rate-limited': '服务器要求稍候。已下载的部分会保留，请稍后继续。',
      'timed-out':
        '服务器没有在限定时间内回应。它可能正忙；若是生成视频的服务器，也可能正在加载模型。下面写明等了多久。',
      'storage-full': '浏览器存储已满。请删除不再需要的模型，或腾出磁盘空间。已下载的部分会保留。',
      'storage-busy': '该模型正在使用中：本页的运行或另一个标签页正在读取它。请等运行结束或关闭那个标签页后再试。',
      'storage-failed': '无法使用浏览器存储：可能被禁用（例如无痕窗口）。不用它也可以直接打开磁盘上的文件。',
      'checksum-wrong': '下载到的文件与服务器声明的不一致，因此没有采用。请删除后重新下载。',
      'job-failed': '服务器接受了请求，但随后失败。下面是它的说明。',
      'input-invalid': '所选内容未被接受。请换一个尺寸。',
      cancelled: '运行已停止。',
      unknown: '出现了本页没有对策的错误。下面是报告的原文。',
    },
  },

  check: {
    heading: '自检',
    what: '运行每个网络的一小部分，与已发布模型的输出比较。',
    start: '自检',
    passed: (count) => `全部 ${count} 个输出都与已发布模型一致。`,
    failed: (failed, count) => `${count} 个输出中有 ${failed} 个与已发布模型不一致。不要相信这次运行的计时。`,
    none: '没有可检查的内容。',
    file: '文件',
    output: '输出',
    relative: '相对误差',
    largest: '最大差值',
    time: '时间',
    verdict: '结论',
    pass: '通过',
    fail: '不通过',
  },

  compare,
  chart,
  comparison,
  generate,
  live,
  runs,
  tuning,
  weights,
};
