/**
 * The six examples of the model that ships with the program, by the command line: to the pixels that PyTorch's frames
 * have in test/demo/examples.png. A row for each prompt, its seed the row's number; frames 0, 3, 6, 9, 12, 16.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPicture } from '../../src/cli/read_picture';
import type { Picture } from '../../src/core/clip';
import { commandLine } from '../support/command_line';
import { demoGolden, demoModel, furthest } from '../support/demo_model';

const run = commandLine();
const FRAMES = [0, 3, 6, 9, 12, 16];
const SIZE = 96;

let folder: string;
let picture: Picture;
let examples: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanscope-examples-'));
  picture = await readPicture(fileURLToPath(new URL('../demo/examples.png', import.meta.url)));
  ({ examples } = (await demoModel()).info);
});
afterAll(() => rm(folder, { recursive: true }));

test.for([0, 1, 2, 3, 4, 5])('example %d looks as it must', async (row) => {
  const out = join(folder, `${row}.png`);
  const { status, stderr } = run('generate', '--prompt', examples[row]!, '--seed', String(row), '--out', out);
  expect(status, stderr).toBe(0);
  const parts = await Promise.all(
    Array.from({ length: 17 }, async (_, firstFrame) => {
      const { width, height, pixels } = await readPicture(
        out.replace('.png', `_${String(firstFrame + 1).padStart(4, '0')}.png`),
      );
      return { firstFrame, frameCount: 1, x: 0, y: 0, width, height, pixels };
    }),
  );
  if (row === 0 || row === 4) expect(furthest(parts, demoGolden(row).frames)).toBeLessThan(1e-2);
  const distances = FRAMES.map((frame, column) => distance(parts[frame]!.pixels, column, row));
  // A few pixels fall on the other side of a whole number.
  expect(Math.max(...distances)).toBeLessThan(0.1);
});

/** Root mean square distance from the picture's tile, of 255. */
function distance(pixels: Uint8ClampedArray, column: number, row: number): number {
  let squares = 0;
  for (let y = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++)
      for (let c = 0; c < 3; c++) {
        const at = ((row * SIZE + y) * picture.width + column * SIZE + x) * 4 + c;
        squares += (pixels[(y * SIZE + x) * 4 + c]! - picture.pixels[at]!) ** 2;
      }
  return Math.sqrt(squares / (3 * SIZE * SIZE));
}
