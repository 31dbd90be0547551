/** The VAE's decoder, one latent frame at a time: the first gives one frame of video, each later one four. */
import type { Recorder } from '../gpu/program';
import { BINDING_ALIGNMENT_BYTES, ELEMENT_BYTES, elements, rowsOf, type Tensor } from '../gpu/tensor';
import { conv } from '../kernels/conv';
import { convWindow, planeOf } from '../kernels/conv_window';
import { crop } from '../kernels/crop';
import { type Chunk, causalConv, keepPast, middle, PAST_FRAMES, pointwiseConv, resBlock } from './blocks';
import { decoderStages, PATCH_CHANNELS, type Stage, type VaeConfig } from './config';
import { type Area, growthOf, type Tile, wholeTile } from './tiling';
import type { CoderWeights, StageWeights } from './weights';

/** A chunk’s windows stay below this unless told otherwise: at 1280×704 a frame at a time, which fills any GPU. */
export const WINDOW_BYTES = 512 * 1024 ** 2;

/** What is in memory of a frame. */
interface View {
  readonly x: Tensor;
  readonly area: Area;
}

/** A stage and its weights, its name in the golden files, and what a tile needs of it. */
interface NamedStage {
  readonly name: string;
  readonly stage: Stage;
  readonly weights: StageWeights;
  readonly areas: readonly Area[];
}

/** latents (1, h, w, z), not normalised → (1 or 4, 8h, 8w, 12): frames in 2×2 patches. */
export function decodeChunk(
  r: Recorder,
  chunk: Chunk,
  config: VaeConfig,
  weights: CoderWeights,
  latents: Tensor,
): Tensor {
  const [, height = 0, width = 0] = latents.shape;
  const tile = wholeTile(decoderStages(config), { width, height });
  return decodeTile(r, chunk, config, weights, decodeMiddle(r, chunk, weights, latents), tile);
}

/** latents (1, h, w, z), not normalised → (1, h, w, channels): the part whose attention sees the whole frame. */
export function decodeMiddle(r: Recorder, chunk: Chunk, weights: CoderWeights, latents: Tensor): Tensor {
  const x = causalConv(r, chunk, 'conv1', pointwiseConv(r, 'latents', latents, weights.latents), weights.conv1);
  chunk.tap('conv1', x);
  return middle(r, chunk, 'middle', x, weights.middle);
}

/** The rest, of a tile: what `decodeMiddle` gives of the whole frame → (1 or 4, 8 · its height, 8 · its width, 12). */
export function decodeTile(
  r: Recorder,
  chunk: Chunk,
  config: VaeConfig,
  weights: CoderWeights,
  features: Tensor,
  { kept, areas }: Tile,
): Tensor {
  const stages = decoderStages(config);
  const named = stages.map(
    (stage, i): NamedStage => ({ name: `up${i}`, stage, weights: weights.stages[i]!, areas: areas[i]! }),
  );
  const growing = 1 + stages.findLastIndex(({ time }) => time);
  const through = (part: readonly NamedStage[], from: View) =>
    part.reduce((view, stage) => {
      const output = upStage(r, chunk, view, stage);
      chunk.tap(stage.name, output.x);
      return output;
    }, from);

  const [, height = 0, width = 0] = features.shape;
  const early = through(named.slice(0, growing), { x: features, area: { x: 0, y: 0, width, height } });

  // From here on frames need nothing of the frames after them, so they need not be in memory together.
  const late = named.slice(growing);
  const grown = scaled(kept, growthOf(stages));
  const toFrames = (x: Tensor) => {
    const view = through(late, { x, area: early.area });
    const head = causalConv(r, chunk, 'head', view.x, weights.head, { gamma: weights.headNorm });
    return trim(r, 'head.trim', { x: head, area: view.area }, grown).x;
  };
  const count = early.x.shape[0]!;
  const atOnce = framesAtOnce(
    early.x,
    late.map(({ stage, areas }) => ({ ...areas[0]!, channels: stage.from })),
    Math.min(chunk.windowBytes ?? WINDOW_BYTES, r.options.bindingBytes ?? WINDOW_BYTES),
  );
  if (atOnce === count) return toFrames(early.x);
  const frames = r.tensor('frames', [count, grown.height, grown.width, PATCH_CHANNELS], early.x.type);
  for (let first = 0; first < count; first += atOnce)
    r.copy('frames', toFrames(rowsOf(early.x, first, atOnce)), rowsOf(frames, first, atOnce));
  return frames;
}

/** How many frames of x (frames, height, width, channels) can go together through windows of these pixels in that size. */
export function framesAtOnce(
  x: Tensor,
  windows: readonly { readonly height: number; readonly width: number; readonly channels: number }[],
  windowBytes: number,
): number {
  const [count = 0, ...frame] = x.shape;
  const bytes = ELEMENT_BYTES[x.type];
  const fits = (frames: number) =>
    windows.every(
      ({ height, width, channels }) =>
        (PAST_FRAMES + frames) * planeOf(height, width, 1) * channels * bytes <= windowBytes,
    );
  const canHalve = (frames: number) =>
    frames % 2 === 0 && ((frames / 2) * elements(frame) * bytes) % BINDING_ALIGNMENT_BYTES === 0;
  let frames = count;
  while (!fits(frames) && canHalve(frames)) frames /= 2;
  return frames;
}

function upStage(r: Recorder, chunk: Chunk, from: View, { name, stage, weights, areas }: NamedStage): View {
  const { blocks, space, time } = weights;
  const trimmed = (view: View, step: number) => trim(r, `${name}.trim`, view, areas[step]!);
  const input = trimmed(from, 0);
  let view = input;
  blocks.forEach((block, i) => {
    const { x, area } = trimmed(view, i);
    view = { x: resBlock(r, chunk, `${name}.${i}`, x, block, i === 0), area };
  });
  view = trimmed(view, blocks.length);
  if (!space) return view;

  let main = view.x;
  if (time) {
    const [, height = 0, width = 0, channels = 0] = main.shape;
    const label = `${name}.time`;
    const past = chunk.past(label, [PAST_FRAMES, height * width, channels]);
    const window = convWindow(r, main, { label, border: 0, past: chunk.first ? PAST_FRAMES : past });
    // The first latent frame is one frame of video: it is not doubled, and for later frames there are zeros in its place.
    if (chunk.first) keepPast(r, label, { ...window, frames: 0 }, PAST_FRAMES, past);
    else {
      keepPast(r, label, window, PAST_FRAMES, past);
      main = conv(r, window, time.weight, { label, bias: time.bias, columnFrames: 2 });
    }
  }
  // Phases read the pixels as they are; without them, each is written out 2 × 2 first.
  const window = convWindow(r, main, { label: `${name}.space`, border: 1, double: !chunk.savings });
  const grown = { x: trimmed(input, blocks.length).x, time: stage.time, first: chunk.first };
  const up = conv(r, window, space.weight, { label: `${name}.space`, bias: space.bias, grown });
  return { x: up, area: scaled(view.area, 2) };
}

/** Of the view, just this area. */
function trim(r: Recorder, label: string, { x, area: from }: View, area: Area): View {
  const { height, width } = area;
  return { x: crop(r, x, { label, top: area.y - from.y, left: area.x - from.x, height, width }), area };
}

function scaled({ x, y, width, height }: Area, factor: number): Area {
  return { x: factor * x, y: factor * y, width: factor * width, height: factor * height };
}
