/** What a forward costs whatever the GPU: dispatches, reads of the weights, and memory, by hand and as recorded. */
import { describe, expect, test } from 'vitest';
import { gridOf, PRESETS, PROMPT_TOKENS, type Preset, presetOf, tokensOf } from '../../src/bench/presets';
import { WAN22_5B } from '../../src/dit/config';
import { dispatchCount } from '../../src/gpu/program';
import { tensorsOf } from '../../src/gpu/scratch';
import type { Storage } from '../../src/gpu/tensor';
import { decodeModel } from '../../src/pipeline/decode_passes';
import { planDecode } from '../../src/pipeline/decode_plan';
import { besidesWeights, type RecordOptions, recordDenoiser } from '../../src/pipeline/denoiser_programs';
import { planWeights } from '../../src/pipeline/weight_plan';
import { WAN22_VAE } from '../../src/vae/config';
import { assignSlots } from '../../src/weights/plan';

type Activation = 'f16' | 'f32';

const STEPS = 50;
const BRANCHES = 2;
/** The published model's width, feed-forward, blocks; and rows of keys: the prompts, and one for the padding of each. */
const [DIM, WIDE, BLOCKS, KEYS] = [3072, 14336, 30, 33 + 129];
const LARGE: readonly string[] = ['1280x704x121', '1280x704x161'];

type Options = Pick<RecordOptions, 'residency' | 'memoryBytes'>;

const known = new Map<string, ReturnType<typeof record>>();

function recorded(clip: Preset, activation: Activation, options: Options) {
  const name = JSON.stringify([clip.id, activation, options]);
  const found = known.get(name) ?? record(clip, activation, options);
  known.set(name, found);
  return found;
}

function record(clip: Preset, activation: Activation, options: Options) {
  const shape = { grid: gridOf(clip), promptTokens: PROMPT_TOKENS, fixedTokens: 0, steps: STEPS };
  const all = { savings: true, ...options };
  const denoiser = recordDenoiser({ activation }, { typeOf: () => 'bf16' }, WAN22_5B, shape, all);
  const { programs, prompt, planted, time } = denoiser;
  const besidesBytes = besidesWeights(denoiser);
  const plan = planWeights(planted, programs, [prompt, [time.program]], besidesBytes, all);
  const slotBytes = plan.slotBytes * plan.slotCount;
  return { denoiser, plan, besidesBytes, slotBytes, peakBytes: besidesBytes + plan.smallBytes + slotBytes };
}

const dispatches = ({ denoiser }: ReturnType<typeof recorded>) =>
  denoiser.programs.reduce((sum, program) => sum + dispatchCount(program), 0);

/** From the sizes of the tensors that are there together, in bytes; so many branches go through attention at once. */
function byHand(clip: Preset, activation: Activation, together = BRANCHES) {
  const bytes = activation === 'f16' ? 2 : 4;
  const [tokens, { frames, height, width }] = [tokensOf(clip), gridOf(clip)];
  const rows = together * tokens;
  const narrow = rows * DIM * bytes;
  // A third of the rows, or what half a gibibyte holds; of one branch at a time what its attention takes.
  const wideRows = together < BRANCHES ? (rows * DIM) / WIDE : Math.max(2 ** 29 / (WIDE * bytes), rows / 3 + 64);
  return (
    BRANCHES * tokens * DIM * 4 + // x
    3 * narrow + // q, k, v
    Math.max(narrow, Math.min(rows, wideRows) * WIDE * bytes) + // mixed, or the feed-forward's wide one
    BLOCKS * 2 * KEYS * DIM * bytes + // cross-attention's keys and values
    KEYS * (DIM * bytes + 4096 * 4) + // context, and the embeddings before it
    (1 + BRANCHES) * 48 * frames * 4 * height * width * 4 + // latents, velocities
    (STEPS * (256 + 7 * DIM) + 7 * DIM) * 4 + // timesteps: of all steps, of one
    (1 + 4) * STEPS * DIM * 4 + // on the way to them: a product of few rows, its sums in four parts; to the context it is less
    Math.max(frames, height, width) * 128 * 4 // rotary table
  );
}

describe.for<Activation>(['f16', 'f32'])('in %s', (activation) => {
  test.for(PRESETS)('$id: a forward of both branches has at most 1,000 dispatches', (clip) => {
    for (const residency of ['resident', 'stream'] as const) {
      const count = dispatches(recorded(clip, activation, { residency }));
      expect(count).toBeLessThanOrEqual(1000);
      expect(count).toBeGreaterThanOrEqual(16 * BLOCKS);
    }
  });

  test.for(PRESETS)('$id: activations take what is counted by hand, to a hundredth', (clip) => {
    const { besidesBytes } = recorded(clip, activation, { residency: 'stream' });
    expect(besidesBytes).toBeLessThanOrEqual(byHand(clip, activation));
    expect(besidesBytes).toBeGreaterThan(0.99 * byHand(clip, activation));
  });

  test.for(LARGE)('%s: with 4 GB allowed, the branches go through attention one after the other', (id) => {
    const clip = presetOf(id);
    const { besidesBytes, peakBytes, plan } = recorded(clip, activation, { residency: 'stream', memoryBytes: 4e9 });
    expect(besidesBytes).toBeLessThanOrEqual(byHand(clip, activation, 1));
    expect(besidesBytes).toBeGreaterThan(0.99 * byHand(clip, activation, 1));
    expect(peakBytes + plan.residentBytes).toBeLessThanOrEqual(4e9);
  });
});

test('with memory for all weights nothing is done in fewer rows than without a bound', () => {
  for (const clip of PRESETS) {
    const free = recorded(clip, 'f16', { residency: 'stream' });
    const bound = recorded(clip, 'f16', { residency: 'stream', memoryBytes: free.peakBytes + 10e9 });
    expect(bound.plan.streamedBytes).toBe(0);
    expect(dispatches(bound)).toBe(dispatches(free));
  }
});

describe('weights', () => {
  /** Without the cross-attention's keys and values, which are made once a prompt; with the patch embedding and the head. */
  const bytesOfStep = 2 * (BLOCKS * (6 * DIM * DIM + 2 * DIM * WIDE) + 2 * 4 * 48 * DIM);

  test.for(['resident', 'stream'] as const)('are bound once for both branches, %s', (residency) => {
    for (const clip of PRESETS) {
      const { denoiser } = recorded(clip, 'f16', { residency });
      const reads = new Map<Storage, number>(denoiser.planted.tiles.map(({ tensor }) => [tensor.storage, 0]));
      for (const command of denoiser.programs.flatMap(({ commands }) => commands))
        for (const { storage } of tensorsOf(command))
          if (reads.has(storage)) reads.set(storage, reads.get(storage)! + 1);
      for (const { name, tensor } of denoiser.planted.tiles) {
        const perStep = /cross_attn\.[kv]\.|text_embedding|time_/.test(name) ? 0 : 1;
        // The largest feed-forwards in three pieces; the two small ends branch by branch.
        const pieces = LARGE.includes(clip.id) && name.includes('ffn') ? 3 : name.startsWith('blocks.') ? 1 : BRANCHES;
        expect(reads.get(tensor.storage), `${clip.id} ${name}`).toBe(perStep * pieces);
      }
    }
  });

  test.for([undefined, 4e9, 8e9])(
    'that pass are brought once a step, and what stays never, with %s bytes',
    (allowed) => {
      for (const clip of PRESETS) {
        const { plan } = recorded(clip, 'f16', { residency: 'stream', memoryBytes: allowed });
        const loads = assignSlots(plan.streamed, plan.slotCount);
        expect(new Set(loads.map(({ tile }) => tile)).size).toBe(loads.length);
        expect(loads.reduce((sum, { bytes }) => sum + bytes, 0) + plan.residentBytes).toBe(bytesOfStep);
      }
    },
  );
});

describe('the peak of a whole clip of 1280×704, f16, in GB', () => {
  const decode = (memoryBytes?: number) =>
    planDecode(decodeModel({ typeOf: () => 'bf16' }, WAN22_VAE, { activation: 'f16' }, true), [48, 31, 44, 80], {
      memoryBytes,
    });

  /** Of a latent frame in the video decoder: what the causal convolutions keep, and what stands around the largest. */
  function decoderByHand() {
    const [h, w] = [44, 80];
    const bordered = (scale: number) => (scale * h + 1) * (scale * w + 1);
    const plain = (scale: number) => scale * scale * h * w;
    const past = 2 * 2 * (bordered(1) * (48 + 10 * 1024) + plain(1) * 1024 + bordered(2) * 6 * 1024 + plain(2) * 1024);
    const latePast = 2 * 2 * (bordered(4) * (1024 + 5 * 512) + bordered(8) * (512 + 6 * 256));
    // Four frames of 1,024 channels, and of one of them the stage before, its shortcut, and a window with its past.
    const standing = 2 * (4 * plain(4) * 1024 + plain(8) * (512 + 256) + 3 * bordered(8) * 512 + 4 * plain(8) * 12);
    const frames = (1 + 4) * 3 * 16 * 16 * h * w * 4;
    return past + latePast + standing + frames;
  }

  test('is that of the decoder, 6.2 by hand with its weights, and leaves the desktop a quarter of 8', () => {
    const weights = decodeModel({ typeOf: () => 'bf16' }, WAN22_VAE, { activation: 'f16' }, true).coder.bytes;
    const bound = weights + 1.03 * decoderByHand(); // slots are whole buffers
    expect(decode().peakBytes).toBeLessThanOrEqual(bound);
    expect(decode().peakBytes).toBeGreaterThan(weights + decoderByHand());
    expect(bound).toBeLessThan(6.3e9);
    expect(decode()).toMatchObject({ tilePixels: null, work: 1 });
  });

  test.for<[string, number]>([
    ['1280x704x121', 3.0],
    ['1280x704x161', 3.6],
  ])('of the transformer with streamed weights, %s, is at most %d', ([id, gigabytes]) => {
    const { peakBytes } = recorded(presetOf(id), 'f16', { residency: 'stream' });
    const slots = 256 * 2 ** 20; // what runs ahead of the computing
    const bound = byHand(presetOf(id), 'f16') + slots + 11e6; // norms and biases
    expect(peakBytes).toBeLessThanOrEqual(bound);
    expect(bound).toBeLessThan(gigabytes * 1e9);
  });
});
