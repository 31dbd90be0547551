/** The headers of the published files at full size: what is read from them adds up to the sizes that their pages give. */
import { expect, test } from 'vitest';
import { expectedTensors, inferSizes, WAN22_SIZES } from '../../src/pipeline/expected_tensors';
import { joinFiles, openTensorFile } from '../../src/weights/checkpoint';
import { inspect } from '../../src/weights/inspection';
import { WEIGHT_FORMATS, type WeightType } from '../../src/weights/weight_types';
import { type GgufTensor, ggufHeader } from '../support/gguf_file';
import { sparseSource } from '../support/sparse_source';
import { WAN22_TENSORS } from '../support/wan22_tensors';

type Exception = readonly [which: RegExp, type: WeightType];
const VALUES = /attn\.v\.weight$/;
const DOWN = /ffn\.2\.weight$/;

/** The transformer's GGUF files: their size in GiB, the type of its ten large matrices in a block, and the exceptions. */
const GGUF_FILES: readonly (readonly [name: string, gib: number, type: WeightType, ...Exception[]])[] = [
  ['Q2_K', 1.73, 'q2_k', [VALUES, 'q3_k']],
  ['Q3_K_S', 2.14, 'q3_k'],
  ['Q3_K_M', 2.37, 'q3_k', [/^blocks\.0\..*attn\.v\.weight$/, 'q5_k'], [VALUES, 'q4_k'], [DOWN, 'q4_k']],
  ['Q4_0', 2.82, 'q4_0', [DOWN, 'q4_1']],
  ['Q4_1', 3.03, 'q4_1'],
  ['Q4_K_S', 2.9, 'q4_k', [/^blocks\.[01]\..*attn\.v\.weight$/, 'q5_k'], [DOWN, 'q5_k']],
  ['Q4_K_M', 3.2, 'q4_k', [VALUES, 'q6_k'], [DOWN, 'q6_k']],
  ['Q5_0', 3.39, 'q5_0', [DOWN, 'q5_1']],
  ['Q5_1', 3.6, 'q5_1'],
  ['Q5_K_S', 3.32, 'q5_k'],
  ['Q5_K_M', 3.55, 'q5_k', [VALUES, 'q6_k'], [DOWN, 'q6_k']],
  ['Q6_K', 3.92, 'q6_k'],
  ['Q8_0', 5.03, 'q8_0'],
];

test.for(GGUF_FILES)(
  '%s has the published %d GiB, and all of the transformer',
  async ([name, gib, type, ...exceptions]) => {
    const typeOf = (tensor: string): WeightType => {
      if (tensor === 'patch_embedding.weight' || tensor.endsWith('modulation')) return 'f32';
      if (!/^blocks\.\d+\.((self|cross)_attn\.[qkvo]|ffn\.\d)\.weight$/.test(tensor)) return 'f16';
      return exceptions.find(([which]) => which.test(tensor))?.[1] ?? type;
    };
    const tensors = WAN22_TENSORS.filter(({ network }) => network === 'dit').map(({ gguf, shape }): GgufTensor => {
      const { ggml, elements, bytes } = WEIGHT_FORMATS[typeOf(gguf)];
      const count = shape.reduce((product, size) => product * size, 1);
      return { name: gguf, dimensions: [...shape].reverse(), type: ggml!, bytes: (count / elements) * bytes };
    });
    const { header, dataBytes } = ggufHeader([], tensors);
    const checkpoint = joinFiles([
      await openTensorFile(sparseSource(`${name}.gguf`, header, header.length + dataBytes)),
    ]);
    expect(inferSizes(checkpoint)).toEqual(WAN22_SIZES);
    const { networks, fileBytes } = inspect(checkpoint, expectedTensors(WAN22_SIZES));
    expect(networks).toEqual([
      expect.objectContaining({ network: 'dit', tensors: 825, parameters: 4_999_787_712, bytes: dataBytes }),
    ]);
    expect(networks[0]).toMatchObject({ missing: [], unexpected: [], differing: [] });
    expect(networks[0]!.types.every((counted) => counted.type !== null)).toBe(true);
    expect(Math.abs(fileBytes / 2 ** 30 - gib)).toBeLessThan(0.0051);
  },
);
