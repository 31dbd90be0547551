import { describe, expect, test } from 'vitest';
import { decodeWeights, WEIGHT_FORMATS, type WeightType } from '../../src/weights/weight_types';
import vectors from './gguf-dequant-vectors.json';

/** Blocks of random bytes, and what ggml's own C code makes of them: f32 bit patterns, hexadecimal. */
interface Vector {
  readonly bytes: string;
  readonly f32: string;
}

const VECTORS: Record<string, Vector> = vectors;

const bitsOf = (values: Float32Array) => [...new Uint32Array(values.buffer, 0, values.length)];
const words = (hex: string) => hex.match(/.{8}/g)!.map((digits) => Number.parseInt(digits, 16));
const BLOCK_TYPES = (Object.keys(WEIGHT_FORMATS) as WeightType[]).filter((type) => WEIGHT_FORMATS[type].elements > 1);
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, i) => i);

/** Value of a small float by its definition: sign, `exponentBits`, then fraction, as text of binary digits. */
function smallFloat(byte: number, exponentBits: number): number {
  const digits = byte.toString(2).padStart(8, '0');
  const sign = digits[0] === '1' ? -1 : 1;
  const exponent = Number.parseInt(digits.slice(1, 1 + exponentBits), 2);
  const fraction = Number.parseInt(digits.slice(1 + exponentBits), 2) / 2 ** (7 - exponentBits);
  const bias = 2 ** (exponentBits - 1) - 1;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

describe('decoding', () => {
  test.for(BLOCK_TYPES)('gives the bits of the reference code for %s', (type) => {
    const vector = VECTORS[type.toUpperCase()]!;
    const bytes = Uint8Array.from(vector.bytes.match(/../g)!, (digits) => Number.parseInt(digits, 16));
    expect(bytes.length).toBeGreaterThanOrEqual(8 * WEIGHT_FORMATS[type].bytes);
    expect(bitsOf(decodeWeights(type, bytes))).toEqual(words(vector.f32));
  });

  test('gives every value of f8_e4m3: no infinities, one pattern of either sign not a number', () => {
    const values = decodeWeights('f8_e4m3', ALL_BYTES);
    for (const byte of ALL_BYTES) {
      const expected = byte === 0x7f || byte === 0xff ? Number.NaN : smallFloat(byte, 4);
      expect(values[byte], `byte ${byte}`).toBe(expected);
    }
    expect(values[0x7e]).toBe(448);
  });

  test('gives every value of f8_e5m2, infinities among them', () => {
    const values = decodeWeights('f8_e5m2', ALL_BYTES);
    for (const byte of ALL_BYTES) {
      const special = (byte & 0x7f) === 0x7c ? (byte < 128 ? 1 : -1) / 0 : Number.NaN;
      const expected = (byte & 0x7f) >= 0x7c ? special : smallFloat(byte, 5);
      expect(values[byte], `byte ${byte}`).toBe(expected);
    }
  });

  test('gives every half and every bfloat16, and keeps the bits of f32', () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const halves = decodeWeights('f16', new Uint8Array(bits.buffer));
    expect(halves[0x3c00]).toBe(1);
    expect(halves[0x8001]).toBe(-(2 ** -24));
    expect(halves[0x7bff]).toBe(65504);
    for (let i = 1; i <= 0x7c00; i++) {
      if (!(halves[i]! > halves[i - 1]!)) expect.fail(`half ${i} does not exceed the one before`);
      if (halves[i + 0x8000] !== -halves[i]!) expect.fail(`half ${i} and its negative differ`);
    }
    const upper = decodeWeights('bf16', new Uint8Array(bits.buffer));
    const f32 = Float32Array.from({ length: 65536 }, (_, i) => (i - 1000) * 1.37e-3);
    expect(decodeWeights('f32', new Uint8Array(f32.buffer))).toEqual(f32);
    const cut = new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
    expect(upper).toEqual(cut);
  });

  test('reads from the middle of a larger buffer', () => {
    const bytes = new Uint8Array(7);
    bytes.set([0, 0, 0x80, 0x3f], 3);
    expect([...decodeWeights('f32', bytes.subarray(3))]).toEqual([1]);
  });

  test('refuses bytes that are not whole blocks, with both numbers', () => {
    expect(() => decodeWeights('q4_k', new Uint8Array(150))).toThrow(/150 bytes.*144 bytes/);
  });
});
