import type { Words } from './en';

/** 显存的去向。 */
export const memory: Words['memory'] = {
  heading: '各阶段的显存',
  parts: {
    weights: (bytes) => `权重 ${bytes}`,
    slots: (bytes) => `流式权重的槽位 ${bytes}`,
    activations: (bytes) => `激活值 ${bytes}`,
  },
  stage: (name, bytes, parts) => `${name}：${bytes}（${parts}）`,
  comma: '，',
};
