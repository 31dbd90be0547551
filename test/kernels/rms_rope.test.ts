import { describe, expect, test } from 'vitest';
import { rmsRope, rotaryPairs, rotaryTable } from '../../src/kernels/rms_rope';
import { ROW_VARIANTS } from '../../src/kernels/row';
import { evaluate } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';

const epsilon = 1e-6;

/** The definition: norm over all channels, then each pair turned by position · 10000^(−i/n), in double precision. */
function reference(
  x: Float32Array,
  weight: Float32Array,
  heads: number,
  grid: { frames: number; height: number; width: number } | null,
) {
  const channels = weight.length;
  const head = channels / heads;
  const y = new Float64Array(x.length);
  for (let row = 0; row < x.length / channels; row++) {
    const values = Array.from(x.subarray(row * channels, (row + 1) * channels));
    const rms = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / channels + epsilon);
    values.forEach((v, c) => (y[row * channels + c] = (v / rms) * weight[c]!));
    if (!grid) continue;
    const token = row % (grid.frames * grid.height * grid.width);
    const positions = [
      Math.floor(token / (grid.height * grid.width)),
      Math.floor(token / grid.width) % grid.height,
      token % grid.width,
    ];
    const angles = rotaryPairs(head).flatMap((pairs, axis) =>
      Array.from({ length: pairs }, (_, i) => positions[axis]! * 10000 ** (-i / pairs)),
    );
    for (let at = row * channels; at < (row + 1) * channels; at += 2) {
      const angle = angles[((at - row * channels) % head) / 2]!;
      const [a, b] = [y[at]!, y[at + 1]!];
      y[at] = a * Math.cos(angle) - b * Math.sin(angle);
      y[at + 1] = a * Math.sin(angle) + b * Math.cos(angle);
    }
  }
  return y;
}

describe('rms_rope', () => {
  test('shares a head of 128 out as 44, 42 and 42 channels', () => expect(rotaryPairs(128)).toEqual([22, 21, 21]));

  // Two sequences of 3·2·5 tokens; head sizes whose thirds do not end on a vec4.
  test.for([
    { heads: 2, head: 32 },
    { heads: 1, head: 128 },
    { heads: 3, head: 64 },
  ])('matches the definition for $heads heads of $head, every tuning', async ({ heads, head }) => {
    const grid = { frames: 3, height: 2, width: 5 };
    const channels = heads * head;
    const rows = 60;
    const x = noise(rows * channels, 1);
    const weight = noise(channels, 2);
    const table = rotaryTable(5, head);
    for (const tuning of ROW_VARIANTS)
      for (const rotated of [true, false]) {
        const actual = await evaluate(
          { activation: 'f32' },
          {
            x: { shape: [rows, channels], values: x },
            weight: { shape: [channels], values: weight },
            table: { shape: [5, head / 2, 2], values: table },
          },
          (r, t) => {
            rmsRope(r, t.x, t.weight, {
              label: 'q',
              heads,
              epsilon,
              tuning,
              ...(rotated && { rotary: { ...grid, table: t.table } }),
            });
            return t.x;
          },
        );
        expect(relL2(actual, reference(x, weight, heads, rotated ? grid : null))).toBeLessThan(2e-6);
      }
  });
});
