/**
 * The noise a clip begins with: what PyTorch draws for a seed, so that a seed
 * means the same video here, in diffusers and in ComfyUI (which draw on a CPU),
 * and in Wan2.2's own scripts (which draw on the CUDA card).
 */
import type { NoiseKind } from '../core/clip';
import { AppError } from '../core/errors';
import { cudaRandn } from './philox';

/** `count` normal values of the kind. Throws input-invalid for a kind or a seed that is none. */
export function drawNoise(kind: NoiseKind, count: number, seed: number): Float32Array<ArrayBuffer> {
  if (kind === 'torch-cpu') return torchRandn(count, seed);
  const [, multiprocessors, threads = '2048'] = /^cuda-([1-9]\d*)(?:x(1536))?$/.exec(kind) ?? [];
  if (!multiprocessors)
    throw new AppError(
      'input-invalid',
      `The noise "${kind}" is not known. Choose torch-cpu, cuda-132 or cuda-142x1536.`,
    );
  checkSeed(seed);
  const card = { multiprocessors: Number(multiprocessors), threadsPerMultiprocessor: Number(threads) };
  return cudaRandn(count, seed, card);
}

function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed))
    throw new AppError('input-invalid', `The seed ${seed} is not a whole number below 2⁵³.`);
}

/** Radii come from the first half of a block, angles from the second. */
const BLOCK = 16;

/**
 * `count` normal values, as `torch.randn(count, generator=torch.Generator().manual_seed(seed))`: MT19937 → 24-bit
 * uniforms → Box–Muller in blocks of 16, all in float32 (ATen `normal_fill`, DistributionTemplates.h). Its vectorised
 * log, sin and cos round differently: 83 % of values are equal to torch 1.13's and 2.11's, the others to 5·10⁻⁷.
 */
export function torchRandn(count: number, seed: number): Float32Array<ArrayBuffer> {
  checkSeed(seed);
  const next = mersenneTwister(seed);
  if (count < BLOCK) return oneByOne(count, next);
  const values = new Float32Array(count);
  const drawUniforms = (from: number) => {
    for (let i = from; i < count; i++) values[i] = (next() & 0xffffff) / 2 ** 24;
  };
  drawUniforms(0);
  for (let begin = 0; begin + BLOCK <= count; begin += BLOCK) boxMuller(values.subarray(begin, begin + BLOCK));
  if (count % BLOCK !== 0) {
    // The tail is a whole block again, drawn anew over values that were finished already.
    drawUniforms(count - BLOCK);
    boxMuller(values.subarray(count - BLOCK));
  }
  return values;
}

/** Uniform to normal values in place, rounding to float32 where PyTorch does. */
function boxMuller(block: Float32Array): void {
  const { fround } = Math;
  const half = BLOCK / 2;
  for (let i = 0; i < half; i++) {
    const radius = fround(Math.sqrt(fround(-2 * fround(Math.log(fround(1 - block[i]!))))));
    const angle = fround(fround(2 * Math.PI) * block[i + half]!);
    block[i] = radius * fround(Math.cos(angle));
    block[i + half] = radius * fround(Math.sin(angle));
  }
}

/** What PyTorch draws below one block: pairs in double precision from 53-bit uniforms (ATen `normal_distribution`). */
function oneByOne(count: number, next: () => number): Float32Array<ArrayBuffer> {
  const uniform = () => ((next() & 0x1fffff) * 2 ** 32 + next()) / 2 ** 53;
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const angle = 2 * Math.PI * uniform();
    const radius = Math.sqrt(-2 * Math.log1p(-uniform()));
    values[i] = radius * Math.cos(angle);
    values[i + 1] = radius * Math.sin(angle); // beyond an odd count this is no store
  }
  return values;
}

/** MT19937 (Matsumoto and Nishimura, 1998): 32-bit values. PyTorch seeds it with the low 32 bits. */
function mersenneTwister(seed: number): () => number {
  const SIZE = 624;
  const OFFSET = 397;
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let i = 1; i < SIZE; i++) {
    const before = state[i - 1]!;
    state[i] = Math.imul(before ^ (before >>> 30), 1_812_433_253) + i;
  }

  let position = SIZE;
  const twist = () => {
    for (let i = 0; i < SIZE; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % SIZE]! & 0x7fffffff);
      state[i] = state[(i + OFFSET) % SIZE]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    position = 0;
  };
  return () => {
    if (position === SIZE) twist();
    let y = state[position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}
