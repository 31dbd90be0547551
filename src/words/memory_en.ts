/** Where GPU memory goes, in English; `memory_zh.ts` has the same shape. */
export const memory = {
  heading: 'GPU memory, stage by stage',
  parts: {
    weights: (bytes: string) => `${bytes} weights`,
    slots: (bytes: string) => `${bytes} slots for streamed weights`,
    activations: (bytes: string) => `${bytes} activations`,
  },
  stage: (name: string, bytes: string, parts: string) => `${name}: ${bytes} (${parts})`,
  comma: ', ',
};
