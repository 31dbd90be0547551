import { beforeAll, describe, expect, test } from 'vitest';
import { externalTensor } from '../../src/gpu/tensor';
import { readNumbers, writeNumbers } from '../../src/gpu/transfer';
import { decodeModel } from '../../src/pipeline/decode_passes';
import { type DecodePlan, planDecode } from '../../src/pipeline/decode_plan';
import { readGolden } from '../../src/pipeline/golden';
import { type ComputeOptions, recorderOptions } from '../../src/pipeline/options';
import { synthSource } from '../../src/pipeline/synth_source';
import { decodeLatents } from '../../src/pipeline/video_stage';
import type { VaeConfig } from '../../src/vae/config';
import type { Size } from '../../src/vae/tiling';
import { testContext } from '../support/evaluate';
import { goldenFile } from '../support/golden_file';
import { noise, relL2 } from '../support/gpu';
import { runGolden } from '../vae/golden_run';

/** As deep as the published decoder but for a block in each stage, and narrow, so that every tile size can be tried. */
const NARROW: VaeConfig = {
  dim: 4,
  dec_dim: 4,
  z_dim: 4,
  dim_mult: [1, 2, 2, 2],
  num_res_blocks: 1,
  temporal_downsample: [false, true, true],
};
const MOMENTS = { mean: [0.1, -0.2, 0.3, 0], deviation: [0.5, 1, 0.7, 0.9] };
const LATENT_BYTES = 4 * 2 * 4 * 3 * 4;
const SHAPE = [4, 2, 4, 3]; // five frames of 64 × 48 pixels

interface Decoded {
  readonly video: Float32Array;
  /** Corners in the order they came, with the first frame. */
  readonly pieces: readonly { x: number; y: number; first: number }[];
  readonly peakBytes: number;
  readonly plan: DecodePlan;
}

type Limits = Partial<ComputeOptions>;

const defaults = { activation: 'f32', savings: true, residency: 'resident' } as const;

async function planned(config: VaeConfig, shape: readonly number[], limits: Limits): Promise<DecodePlan> {
  const context = await testContext();
  const { activation, savings } = { ...defaults, ...limits };
  const source = synthSource(context, { type: 'bf16' });
  const model = decodeModel(source, config, recorderOptions(context, activation), savings);
  return planDecode(model, shape, { ...limits, besidesBytes: context.memory.bytes });
}

async function decode(config: VaeConfig, shape: readonly number[], limits: Limits): Promise<Decoded> {
  const context = await testContext();
  const { memory } = context;
  const source = synthSource(context, { type: 'bf16' });
  const [channels = 0, count = 0, height = 0, width = 0] = shape;
  const latents = externalTensor('latents', shape, 'f32');
  await memory.allocate([latents]);
  try {
    writeNumbers(memory, latents, noise(channels * count * height * width, 3));
    const plan = await planned(config, shape, limits);
    const frames = 4 * count - 3;
    const video = new Float32Array(3 * frames * 256 * height * width).fill(Number.NaN);
    const pieces: { x: number; y: number; first: number }[] = [];
    memory.resetPeak();
    await decodeLatents(context, source, config, MOMENTS, latents, {
      ...defaults,
      ...limits,
      async onFrames(piece, first, { x, y }) {
        pieces.push({ x, y, first });
        const values = await readNumbers(memory, piece);
        const [, many = 0, rows = 0, columns = 0] = piece.shape;
        values.forEach((value, i) => {
          const c = Math.floor(i / (many * rows * columns));
          const t = first + (Math.floor(i / (rows * columns)) % many);
          const row = y + (Math.floor(i / columns) % rows);
          video[((c * frames + t) * 16 * height + row) * 16 * width + x + (i % columns)] = value;
        });
      },
    });
    return { video, pieces, peakBytes: memory.peakBytes, plan };
  } finally {
    memory.free([latents]);
    expect(memory.bytes).toBe(0);
  }
}

const latentTile = (height: number, width: number): Size => ({ height: 16 * height, width: 16 * width });

describe('a decode in tiles', () => {
  let whole: Decoded;
  beforeAll(async () => {
    whole = await decode(NARROW, SHAPE, {});
  });

  test('is not one without a reason', () => {
    expect(whole.plan.tilePixels).toBeNull();
    expect(whole.pieces).toEqual([0, 1].map((first) => ({ x: 0, y: 0, first })));
    expect(whole.peakBytes).toBe(whole.plan.peakBytes);
  });

  test.for([
    [1, 1],
    [1, 3],
    [2, 2],
    [3, 2],
    [4, 1],
    [9, 9],
  ] as const)('of %d × %d latent pixels is the decode at once, in the memory planned', async ([height, width]) => {
    const tiled = await decode(NARROW, SHAPE, { tilePixels: latentTile(height, width) });
    expect(relL2(tiled.video, whole.video)).toBeLessThan(1e-6);
    expect(tiled.peakBytes).toBe(tiled.plan.peakBytes);
    const tiles = Math.ceil(4 / height) * Math.ceil(3 / width);
    expect(tiled.pieces).toHaveLength(2 * tiles);
    expect(new Set(tiled.pieces.map(({ x, y }) => `${x} ${y}`)).size).toBe(tiles);
  });

  // Wide enough, at five latent pixels around a tile, that the first stage reads less than all of it, too.
  test.for([true, false])('is right where no tile sees the whole frame, savings %s', async (savings) => {
    const shape = [4, 2, 2, 14];
    const shallow = { ...NARROW, num_res_blocks: 0 };
    const once = await decode(shallow, shape, { savings });
    const tiled = await decode(shallow, shape, { savings, tilePixels: latentTile(2, 3) });
    expect(relL2(tiled.video, once.video)).toBeLessThan(1e-6);
  });

  test('is the decode at once in half precision, too, where the adapter has it', async (context) => {
    const { device } = await testContext();
    if (!device.device.features.has('shader-f16')) return context.skip();
    const once = await decode(NARROW, SHAPE, { activation: 'f16' });
    const tiled = await decode(NARROW, SHAPE, { activation: 'f16', tilePixels: latentTile(2, 2) });
    expect(relL2(tiled.video, once.video)).toBeLessThan(1e-4);
    expect(tiled.peakBytes).toBe(tiled.plan.peakBytes);
  });

  // Allowed a byte less than the way before took, until there is none.
  test('keeps within the memory allowed, and waits out of it before tiles are cut smaller', async () => {
    const tilePixels = latentTile(2, 2);
    const found: DecodePlan[] = [];
    const refusal = await (async () => {
      for (let memoryBytes = Number.POSITIVE_INFINITY; ; memoryBytes = found.at(-1)!.peakBytes - 1)
        found.push(await planned(NARROW, SHAPE, { tilePixels, memoryBytes }));
    })().catch((failure: unknown) => failure);
    const waits = found.map(({ wait }) => wait);
    expect(new Set(waits)).toEqual(new Set(['gpu', 'host']));
    expect(waits).toEqual([...waits].sort());
    const least = found.at(-1)!;
    expect(refusal).toMatchObject({ code: 'out-of-memory', message: expect.stringMatching(/32×32.*MiB.*MiB/) });

    const memoryBytes = least.peakBytes + LATENT_BYTES;
    const { video, plan, peakBytes } = await decode(NARROW, SHAPE, { tilePixels, memoryBytes });
    expect(plan.wait).toBe('host');
    expect(peakBytes).toBe(memoryBytes);
    expect(relL2(video, whole.video)).toBeLessThan(1e-6);
  });

  test('comes by itself where the memory allowed is too little for the frame at once', async () => {
    const memoryBytes = whole.peakBytes - 1;
    const { video, plan, peakBytes } = await decode(NARROW, SHAPE, { memoryBytes });
    expect(peakBytes).toBe(plan.peakBytes);
    expect(peakBytes).toBeLessThanOrEqual(memoryBytes);
    expect(relL2(video, whole.video)).toBeLessThan(1e-6);
  });

  test('stops between tiles, and tells how far it is', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const tiles = 4;
    const stopped = decode(NARROW, SHAPE, {
      tilePixels: latentTile(2, 2),
      signal: stop.signal,
      onBlock(done, total) {
        seen.push(`${done}/${total}`);
        if (done === 4) stop.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toEqual([1, 2, 3, 4].map((done) => `${done}/${2 + 2 * tiles}`));
  });
});

// Two latent frames of three: what comes first knows nothing of what follows.
test('the published decoder in tiles has the published frames, and values before the tiles', async () => {
  const golden = await readGolden(goldenFile('tiny-vae-decode'));
  const { shape, values } = golden.inputs.get('in.latents')!;
  const latents = { shape: [shape[0]!, 2, ...shape.slice(2)], values: firstFrames(values, shape[0]!, 3, 2) };
  const inputs = new Map([['in.latents', latents]]);
  const frames = firstFrames(golden.outputs.get('out.frames')!, 3, 9, 5);
  const sizes = [
    { height: 3, width: 4, savings: true },
    { height: 4, width: 2, savings: false },
  ];
  for (const { height, width, savings } of sizes) {
    const tilePixels = latentTile(height, width);
    const { outputs, taps } = await runGolden({ ...golden, inputs }, { savings, tilePixels });
    expect(relL2(outputs.get('out.frames')!, frames)).toBeLessThan(1e-5);
    const early = [...golden.taps].filter(([name]) => !name.startsWith('up'));
    expect([...taps.keys()]).toEqual(early.map(([name]) => name));
    for (const [name, expected] of early) expect(relL2(taps.get(name)!, expected), name).toBeLessThan(1e-5);
  }
});

/** Of (channels, all, area). */
function firstFrames(values: ArrayLike<number>, channels: number, all: number, kept: number) {
  const area = values.length / (channels * all);
  return Float32Array.from(
    { length: channels * kept * area },
    (_, i) => values[Math.floor(i / (kept * area)) * all * area + (i % (kept * area))]!,
  );
}
