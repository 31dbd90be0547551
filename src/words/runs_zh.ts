/** 保留的运行与链接，中文。 */
import type { RunWords } from './runs_en';

export const runs: RunWords = {
  heading: '保存在本浏览器',
  none: '运行过的测速会保留在这里，选中对比的视频也是。',
  line: (what, machine, date) => `${what} · ${machine} · ${date}`,
  modes: { quick: '快速', standard: '标准', full: '完整' },
  video: (size, frames, model) => `视频 ${size}，${frames} 帧，${model}`,
  name: (what) => `名称：${what}`,
  namePlaceholder: '名称',
  choose: '对比',
  save: '保存 JSON',
  saveAll: (count) => `把全部 ${count} 项存为一个文件`,
  remove: '删除',
  removeOne: (what) => `删除 ${what}`,
  saveOne: (what) => `保存 JSON：${what}`,
  removed: (what) => `已删除 ${what}。`,
  undo: '撤销',
  notMine: '非本浏览器所测',
  notMineWhy: '来自链接或文件的结果不是本浏览器测得的，数字由发送者提供。可以保留，标记不变。',
  keep: '保留',
  keepOne: (what) => `把 ${what} 保留在本浏览器`,
  unsaved: '未存储',
  dropped: (names, most) => `最多保留 ${most} 项。最早的未命名运行已让出位置：${names}。`,
  allNamed: (most) =>
    `已保留 ${most} 项，全都有名称，因此最新一项没有存储，关闭本页即丢失：请存为文件，或删除另一项后为它命名。`,
  failed: {
    full: '本浏览器的存储已满。未存储的运行在关闭本页后丢失：请存为文件，或删除其他运行。',
    denied: '本浏览器不为此页保存数据（例如无痕窗口）。运行在关闭本页后丢失：请存为文件。',
  },
  link: {
    make: '链接',
    makeOne: (what) => `${what} 的链接`,
    copied: (characters) =>
      `已复制：链接共 ${characters} 个字符，完整结果就在其中。没有上传任何数据；拿到链接的人就能看到这些数字。`,
    shortened: (characters) =>
      `已复制：链接共 ${characters} 个字符，结果就在其中，但时间线和显存曲线放不下，没有包含。没有上传任何数据。`,
    notCopied: '浏览器不允许复制。链接如下：',
    address: '包含结果的链接',
    failed: '无法生成链接。请把结果存为文件。',
    refused: '没有打开这个链接。',
    name: '来自他人的链接',
  },
};
