/** 为此 GPU 选内核，中文。 */
import type { tuning as english } from './tuning_en';

export const tuning: typeof english = {
  line: '正在为此 GPU 调优内核：每个内核试几种写法，留下最快的。只做一次，最多 20 秒。',
  skip: '跳过',
  sources: {
    tuned: '内核已在本设备上调优。',
    shipped: '内核采用在同类设备上调优的结果。',
    default: '内核未经调优。',
  },
};
