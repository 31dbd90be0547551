/** Random weights as they would stand in a file, in any stored type, and the numbers they mean. */
import { decodeWeights, WEIGHT_FORMATS, type WeightFormat, type WeightType } from '../../src/weights/weight_types';
import { noise } from './gpu';

export const WEIGHT_TYPES = Object.keys(WEIGHT_FORMATS) as WeightType[];

/** Where a block has halves: scales and offsets, which random bits would make infinite or huge. */
const HALVES: Partial<Record<WeightType, readonly number[]>> = {
  f16: [0],
  q8_0: [0],
  q4_0: [0],
  q4_1: [0, 2],
  q5_0: [0],
  q5_1: [0, 2],
  q2_k: [80, 82],
  q3_k: [108],
  q4_k: [0, 2],
  q5_k: [0, 2],
  q6_k: [208],
};

export interface StoredWeights {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly values: Float32Array<ArrayBuffer>;
}

/** Every pattern of quants can come, and halves of either sign up to 2⁻², every fourth of them subnormal. All finite. */
export function storedWeights(type: WeightType, count: number, seed: number): StoredWeights {
  const format: WeightFormat = WEIGHT_FORMATS[type];
  const blocks = count / format.elements;
  const random = new Uint32Array(noise(blocks * Math.ceil(format.bytes / 2), seed).map((v) => (v + 2) * 2 ** 14));
  let bytes = new Uint8Array(Uint16Array.from(random).buffer).slice(0, blocks * format.bytes);
  if (type === 'f32') bytes = new Uint8Array(noise(count, seed).buffer);
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < blocks; block++) {
    const at = block * format.bytes;
    for (const half of HALVES[type] ?? []) {
      const bits = view.getUint16(at + half, true);
      const exponent = bits % 4 === 0 ? 0 : 5 + ((bits >> 10) % 8);
      view.setUint16(at + half, (bits & 0x83ff) | (exponent << 10), true);
    }
    if (type === 'bf16') view.setUint16(at, (view.getUint16(at, true) & 0x83ff) | 0x3c00, true);
    if (type === 'f8_e5m2' || type === 'f8_e4m3') bytes[at] = bytes[at]! & 0xbf; // below 2: neither infinite nor NaN
  }
  return { bytes, values: decodeWeights(type, bytes) };
}
