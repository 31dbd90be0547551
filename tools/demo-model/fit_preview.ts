/**
 * Fits the rough preview of the demo model: colours as a linear function of its
 * latents, by least squares over clips like those it was trained on, encoded by
 * its own video encoder. Writes `preview` into public/demo/model.json.
 *
 *   npx vite build --ssr tools/demo-model/fit_preview.ts --outDir dist/tools
 *   node dist/tools/main.js
 *
 * Run it again whenever vae.safetensors or the latents' moments change.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openNodeDevice } from '../../src/cli/gpu';
import { openCheckpoint } from '../../src/cli/open_checkpoint';
import { openContext } from '../../src/gpu/context';
import { checkpointSource } from '../../src/pipeline/checkpoint_source';
import { runVaeEncode } from '../../src/pipeline/clip_stages';

const DEMO = 'public/demo';
const CLIPS = 60;
const FRAMES = 5;
const SIZE = 96;
const CELL = 16;
const CELLS = SIZE / CELL;

// The colours of scenes.py.
const COLOURS = [
  ...[225, 45, 45, 50, 185, 75, 50, 95, 230, 245, 210, 50, 145, 65, 205, 245, 140, 35, 245, 130, 180, 55, 205, 215],
  ...[245, 245, 245],
];
const GROUNDS = [16, 16, 20, 110, 112, 118, 238, 238, 234, 22, 34, 82, 96, 62, 38, 20, 88, 88];

/** (3, FRAMES, SIZE, SIZE) in [−1, 1]: a disc, a ring or a square that moves or grows over a plain ground. */
function clip(seed: number): Float32Array {
  const at = (list: readonly number[], i: number) => list.slice((i * 3) % list.length, ((i * 3) % list.length) + 3);
  const [colour, ground] = [at(COLOURS, seed), at(GROUNDS, Math.floor(seed / 3) + seed)];
  const frames = new Float32Array(3 * FRAMES * SIZE * SIZE);
  for (let frame = 0; frame < FRAMES; frame++) {
    const centre = [0.3 + 0.1 * (seed % 5) + 0.03 * frame, 0.3 + 0.07 * (seed % 7) - 0.02 * frame];
    const radius = (0.14 + 0.02 * (seed % 6) + 0.01 * frame) * SIZE;
    for (let y = 0; y < SIZE; y++)
      for (let x = 0; x < SIZE; x++) {
        const [dx, dy] = [x + 0.5 - centre[0]! * SIZE, y + 0.5 - centre[1]! * SIZE];
        const reach = seed % 3 === 0 ? Math.max(Math.abs(dx), Math.abs(dy)) : Math.hypot(dx, dy);
        const distance = seed % 3 === 1 ? Math.abs(reach - 0.8 * radius) - 0.24 * radius : reach - radius;
        const cover = Math.min(1, Math.max(0, 0.5 - distance));
        for (let c = 0; c < 3; c++)
          frames[((c * FRAMES + frame) * SIZE + y) * SIZE + x] =
            ((ground[c]! * (1 - cover) + colour[c]! * cover) / 255) * 2 - 1;
      }
  }
  return frames;
}

/** What a latent pixel stands for: the mean over its cell, and over the frames of its latent frame. */
function cellColour(frames: Float32Array, latentFrame: number, row: number, column: number): number[] {
  const shown = latentFrame === 0 ? [0] : [1, 2, 3, 4];
  return [0, 1, 2].map((c) => {
    let sum = 0;
    for (const frame of shown)
      for (let y = 0; y < CELL; y++)
        for (let x = 0; x < CELL; x++)
          sum += frames[((c * FRAMES + frame) * SIZE + row * CELL + y) * SIZE + column * CELL + x]!;
    return sum / (shown.length * CELL * CELL);
  });
}

/** Solves the normal equations by Gauss–Jordan elimination, pivoted. */
function leastSquares(inputs: readonly number[][], outputs: readonly number[][]): number[][] {
  const width = inputs[0]!.length;
  const rows = Array.from({ length: width }, (_, i) => [
    ...Array.from({ length: width }, (_, j) => inputs.reduce((sum, input) => sum + input[i]! * input[j]!, 0)),
    ...[0, 1, 2].map((c) => inputs.reduce((sum, input, k) => sum + input[i]! * outputs[k]![c]!, 0)),
  ]);
  for (let i = 0; i < width; i++) {
    let pivot = i;
    for (let k = i + 1; k < width; k++) if (Math.abs(rows[k]![i]!) > Math.abs(rows[pivot]![i]!)) pivot = k;
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    const scale = rows[i]![i]!;
    rows[i] = rows[i]!.map((value) => value / scale);
    for (let k = 0; k < width; k++) {
      if (k === i) continue;
      const factor = rows[k]![i]!;
      rows[k] = rows[k]!.map((value, j) => value - factor * rows[i]![j]!);
    }
  }
  return rows.map((row) => row.slice(width));
}

const path = join(DEMO, 'model.json');
const model = JSON.parse(readFileSync(path, 'utf8'));
const context = openContext(await openNodeDevice());
const source = checkpointSource(context, await openCheckpoint(join(DEMO, model.vae.file)));
const options = { activation: 'f32', savings: true, residency: 'resident' } as const;

const inputs: number[][] = [];
const outputs: number[][] = [];
for (let seed = 0; seed < CLIPS; seed++) {
  const frames = clip(seed);
  const given = new Map([['in.frames', { shape: [3, FRAMES, SIZE, SIZE], values: frames }]]);
  const latents = (await runVaeEncode(context, source, model.vae, given, options, path)).get('out.latents')!;
  const [channels, area] = [model.vae.z_dim, CELLS * CELLS];
  for (let at = 0; at < 2 * area; at++) {
    inputs.push([...Array.from({ length: channels }, (_, c) => latents[c * 2 * area + at]!), 1]);
    outputs.push(cellColour(frames, Math.floor(at / area), Math.floor((at % area) / CELLS), at % CELLS));
  }
}
const solved = leastSquares(inputs, outputs);
const left = inputs.map((input, k) =>
  outputs[k]!.map((value, c) => value - input.reduce((sum, x, i) => sum + x * solved[i]![c]!, 0)),
);
const rms = Math.sqrt(left.flat().reduce((sum, value) => sum + value * value, 0) / left.flat().length);
const rounded = solved.map((row) => row.map((value) => Number(value.toFixed(4))));
model.preview = { weights: rounded.slice(0, -1), bias: rounded.at(-1) };
writeFileSync(path, `${JSON.stringify(model, null, 1)}\n`);
console.log(`${inputs.length} latent pixels; what is left is ${rms.toFixed(3)} of a range of 2.`);
process.exit(0);
