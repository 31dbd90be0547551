/**
 * At once or in tiles: the decoder's memory against what is allowed, found from the recorded programs alone, so that
 * the page can say what a choice means before anything runs.
 */
import { AppError } from '../core/errors';
import { mebibytes } from '../core/units';
import { planScratch, sharedSlots } from '../gpu/scratch';
import { externalTensor, tensorBytes } from '../gpu/tensor';
import { decoderStages, type Stage } from '../vae/config';
import { WINDOW_BYTES } from '../vae/decoder';
import { largestTiles, type Size, type Tile, tilingWork } from '../vae/tiling';
import { type ChunkPass, passBytes, programsOf } from './chunk_run';
import { type DecodeModel, featuresTensor, middlePass, tilePass, wholePass } from './decode_passes';

/** Pixels of video for one of the latents. */
export const LATENT_PIXELS = 16;

export interface DecodePlan {
  /** Of a tile, in pixels of video; the last in a row or column may be smaller. Null: the whole frame at once. */
  readonly tilePixels: Size | null;
  /** As in `Chunk`: 0 for the late stages a frame at a time. */
  readonly windowBytes: number;
  /** Where what the tiles are made of waits for them, for all frames. */
  readonly wait: 'gpu' | 'host';
  /** GPU memory at most, with the weights and what is there already, and the largest buffer of it. */
  readonly peakBytes: number;
  readonly largestBytes: number;
  /** Multiply-adds over those of the frame at once: 1.2 is a fifth more. */
  readonly work: number;
}

export interface DecodeLimits {
  /** What is in GPU memory already, of `memoryBytes`. */
  readonly besidesBytes?: number;
  /** All GPU memory that may be taken; no bound unless given. */
  readonly memoryBytes?: number | undefined;
  /** Tiles of this size, in multiples of 16 pixels, instead of as few as fit. */
  readonly tilePixels?: Size | undefined;
}

/**
 * The way with the least work that fits, for latents of this shape, (z, frames, h, w). Throws AppError out-of-memory,
 * or limit-too-low for a single buffer, with both numbers, where none fits.
 */
export function planDecode(
  model: DecodeModel,
  shape: readonly number[],
  { besidesBytes = 0, memoryBytes = Number.POSITIVE_INFINITY, tilePixels }: DecodeLimits,
): DecodePlan {
  const bindingBytes = model.settings.bindingBytes ?? Number.POSITIVE_INFINITY;
  const fits = ({ peakBytes, largestBytes }: DecodePlan) => peakBytes <= memoryBytes && largestBytes <= bindingBytes;
  const frame = { height: shape[2]!, width: shape[3]! };
  const { whole, inTiles } = ways(model, shape, besidesBytes);
  const atOnce = tilePixels ? undefined : whole().find(fits);
  if (atOnce) return atOnce;

  const stages = decoderStages(model.config);
  const sizes = tilePixels ? [latentSize(tilePixels)] : tileSizes(stages, frame);
  const possible = smallEnough(sizes, (size) => inTiles(size).some(fits))
    .map((size) => ({ size, work: tilingWork(stages, frame, size) }))
    .sort((a, b) => a.work - b.work);
  for (const { size } of possible) {
    const found = inTiles(size).find(fits);
    if (found) return found;
  }
  throw tooLittle(inTiles(sizes[0]!), frame, memoryBytes, bindingBytes);
}

/** Ways to decode and what they need, in the order of preference. */
function ways(model: DecodeModel, shape: readonly number[], besidesBytes: number) {
  const [, count = 0, height = 0, width = 0] = shape;
  const frame = { height, width };
  const stages = decoderStages(model.config);
  const latents = externalTensor('latents', shape, 'f32');
  const features = featuresTensor(model, frame);
  const featureBytes = tensorBytes(features);
  const middle = needOf(middlePass(model, latents, features));
  const windows = [WINDOW_BYTES, 0];

  const needs = (passes: readonly Need[], waitingBytes: number) => {
    const running = waitingBytes + Math.max(...passes.map(({ bytes }) => bytes));
    return {
      peakBytes: besidesBytes + Math.max(model.coder.loadingBytes, model.coder.bytes + running),
      largestBytes: Math.max(...passes.map(({ largest }) => largest)),
    };
  };
  const whole = () =>
    windows.map(
      (windowBytes): DecodePlan => ({
        tilePixels: null,
        windowBytes,
        wait: 'gpu',
        work: 1,
        ...needs([needOf(wholePass(model, latents, windowBytes))], 0),
      }),
    );
  const inTiles = (size: Size) => {
    const largest = largestTiles(stages, frame, size);
    const work = tilingWork(stages, frame, size);
    const recorded = windows.map((windowBytes) => ({
      windowBytes,
      passes: [middle, ...largest.map((tile) => needOf(tilePass(model, features, tile, count, windowBytes)))],
    }));
    return (['gpu', 'host'] as const).flatMap((wait) =>
      recorded.map(
        ({ windowBytes, passes }): DecodePlan => ({
          tilePixels: pixelSize(size),
          windowBytes,
          wait,
          work,
          ...needs(passes, featureBytes * (wait === 'gpu' ? count + 1 : 1)),
        }),
      ),
    );
  };
  return { whole, inTiles };
}

/** Sizes that divide the frame evenly, or nearly so; those with the smallest pasts, and so the least memory, first. */
function tileSizes(stages: readonly Stage[], frame: Size): Size[] {
  const lengths = (all: number) => [...new Set(Array.from({ length: all }, (_, i) => Math.ceil(all / (i + 1))))];
  const pastSize = ({ areas }: Tile) =>
    areas
      .flatMap((steps, stage) => steps.map(({ width, height }) => width * height * stages[stage]!.to))
      .reduce((sum, size) => sum + size, 0);
  return lengths(frame.height)
    .flatMap((height) => lengths(frame.width).map((width) => ({ height, width })))
    .map((size) => ({ size, most: Math.max(...largestTiles(stages, frame, size).map(pastSize)) }))
    .sort((a, b) => a.most - b.most)
    .map(({ size }) => size);
}

/** The sizes before the first that is too large, by bisection. */
function smallEnough(sizes: readonly Size[], fits: (size: Size) => boolean): Size[] {
  let [low, high] = [0, sizes.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fits(sizes[middle]!)) low = middle + 1;
    else high = middle;
  }
  return sizes.slice(0, low);
}

/** Bytes in all, and of the largest buffer. */
interface Need {
  readonly bytes: number;
  readonly largest: number;
}

function needOf(pass: ChunkPass): Need {
  const slots = sharedSlots(programsOf(pass).map(planScratch));
  return { bytes: passBytes(pass), largest: Math.max(0, ...slots, ...pass.tensors.map(tensorBytes)) };
}

const pixelSize = ({ width, height }: Size): Size => ({ width: LATENT_PIXELS * width, height: LATENT_PIXELS * height });

/** The reverse. Throws AppError input-invalid for what are no multiples. */
export function latentSize({ width, height }: Size): Size {
  const sides = [width, height].map((pixels) => pixels / LATENT_PIXELS);
  if (sides.some((side) => !Number.isInteger(side) || side < 1))
    throw new AppError(
      'input-invalid',
      `Tiles of ${width}×${height} pixels: both sides must be multiples of ${LATENT_PIXELS}.`,
    );
  return { width: sides[0]!, height: sides[1]! };
}

function tooLittle(plans: readonly DecodePlan[], frame: Size, memoryBytes: number, bindingBytes: number): AppError {
  const least = (value: (plan: DecodePlan) => number) => Math.min(...plans.map(value));
  const [all, tile] = [pixelSize(frame), plans[0]!.tilePixels!].map(({ width, height }) => `${width}×${height}`);
  const what = `Decoding ${all} in tiles of ${tile} pixels takes`;
  const peakBytes = least((plan) => plan.peakBytes);
  if (peakBytes > memoryBytes)
    return new AppError(
      'out-of-memory',
      `${what} ${mebibytes(peakBytes)} of GPU memory with the VAE’s weights; ${mebibytes(memoryBytes)} are allowed. Allow more memory, choose a smaller size, or use a file with 16-bit weights.`,
    );
  return new AppError(
    'limit-too-low',
    `${what} ${mebibytes(least((plan) => plan.largestBytes))} in one buffer, and this GPU binds at most ${mebibytes(bindingBytes)}. Choose a smaller size.`,
  );
}
