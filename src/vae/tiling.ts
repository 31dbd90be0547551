/**
 * Decoding in tiles that come out, pixel for pixel, as the whole frame would: what each block has to see of it.
 *
 * A 3×3 convolution at an inner edge of a tile meets zeros in place of its neighbours, so each one spoils one more
 * row and column there. A rectangle of video is followed back through the network, one pixel wider for every
 * convolution, half as large for every upsampling; what a block no longer needs is cut off before it. True borders of
 * the frame are not crossed: there the whole frame meets zeros too.
 */
import { PATCH_CHANNELS, type Stage } from './config';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Part of a frame, in pixels of the resolution it is at. */
export interface Area extends Size {
  readonly x: number;
  readonly y: number;
}

export interface Tile {
  /** What is decoded, in latent pixels. */
  readonly kept: Area;
  /** For each stage, at its resolution: what each of its blocks reads, and what is needed of the last one's result. */
  readonly areas: readonly (readonly Area[])[];
}

/** From `start` until before `end`, along one axis. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** 3×3 convolutions of a residual block, and so the pixels that it sees to every side. */
const BLOCK_REACH = 2;

/** Tiles of that many latent pixels, those at the right and below cut, row by row. */
export function tilesOf(stages: readonly Stage[], frame: Size, tile: Size): Tile[] {
  return product(axes(stages, frame, tile));
}

/** Of these tiles, those of which no other reads as much or more everywhere. */
export function largestTiles(stages: readonly Stage[], frame: Size, tile: Size): Tile[] {
  const [rows, columns] = axes(stages, frame, tile);
  return product([longest(rows), longest(columns)]);
}

/** The frame as a single tile. */
export const wholeTile = (stages: readonly Stage[], frame: Size): Tile => tilesOf(stages, frame, frame)[0]!;

/** Multiply-adds of the stages in tiles, over those of the whole frame at once: 1.2 is a fifth more. */
export function tilingWork(stages: readonly Stage[], frame: Size, tile: Size): number {
  return work(stages, frame, tile) / work(stages, frame, frame);
}

type Axes = readonly [rows: readonly Strip[], columns: readonly Strip[]];

/** A row or a column of tiles. */
interface Strip {
  readonly kept: Span;
  readonly spans: readonly (readonly Span[])[];
}

function axes(stages: readonly Stage[], frame: Size, tile: Size): Axes {
  return [strips(stages, frame.height, tile.height), strips(stages, frame.width, tile.width)];
}

function strips(stages: readonly Stage[], length: number, step: number): Strip[] {
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => {
    const kept = { start: i * step, end: Math.min(length, (i + 1) * step) };
    return { kept, spans: spansOf(stages, length, kept) };
  });
}

function product([rows, columns]: Axes): Tile[] {
  return rows.flatMap((row) =>
    columns.map((column) => ({
      kept: areaOf(column.kept, row.kept),
      areas: row.spans.map((spans, stage) => spans.map((span, step) => areaOf(column.spans[stage]![step]!, span))),
    })),
  );
}

function longest(all: readonly Strip[]): Strip[] {
  const measured = all.map((strip) => ({ strip, lengths: strip.spans.flat().map(lengthOf) }));
  const different = [...new Map(measured.map((each) => [each.lengths.join(), each])).values()];
  const within = (a: readonly number[], b: readonly number[]) => a.every((length, i) => length <= b[i]!);
  return different
    .filter((each) => !different.some((other) => other !== each && within(each.lengths, other.lengths)))
    .map(({ strip }) => strip);
}

const lengthOf = ({ start, end }: Span) => end - start;

function spansOf(stages: readonly Stage[], latentLength: number, kept: Span): Span[][] {
  const growth = growthOf(stages);
  let length = latentLength * growth;
  const wider = ({ start, end }: Span, reach: number): Span => ({
    start: Math.max(0, start - reach),
    end: Math.min(length, end + reach),
  });
  let span = wider({ start: kept.start * growth, end: kept.end * growth }, 1); // for the convolution of the head
  return stages
    .toReversed()
    .map(({ blocks, space }) => {
      if (space) {
        const { start, end } = wider(span, 1);
        span = { start: Math.floor(start / 2), end: Math.ceil(end / 2) };
        length /= 2;
      }
      const spans = [span];
      for (let block = 0; block < blocks; block++) spans.unshift((span = wider(span, BLOCK_REACH)));
      return spans;
    })
    .toReversed();
}

/** Pixels of a patch of video beside each other for one of the latents: 8. */
export const growthOf = (stages: readonly Stage[]): number => 2 ** stages.filter(({ space }) => space).length;

function work(stages: readonly Stage[], frame: Size, tile: Size): number {
  const [rows, columns] = axes(stages, frame, tile);
  const total = (axis: readonly Strip[], stage: number, step: number) =>
    axis.reduce((sum, { spans }) => sum + lengthOf(spans[stage]![step]!), 0);
  return pixelWork(stages)
    .flatMap((steps, stage) => steps.map((each, step) => each * total(rows, stage, step) * total(columns, stage, step)))
    .reduce((sum, part) => sum + part, 0);
}

/** Multiply-adds for a pixel of each area of a tile, of all frames of a later chunk. */
function pixelWork(stages: readonly Stage[]): number[][] {
  let frames = 1;
  return stages.map(({ from, to, blocks, space, time }, i) => {
    const first = (from === to ? 0 : from * to) + 27 * (from * to + to * to);
    const steps = Array.from({ length: blocks }, (_, block) => frames * (block === 0 ? first : 54 * to * to));
    if (i === stages.length - 1) steps.push(frames * 27 * to * PATCH_CHANNELS);
    else {
      const growing = time ? frames * 6 * to * to : 0;
      if (time) frames *= 2;
      steps.push(growing + (space ? frames * 16 * to * to : 0)); // four phases of 2×2 taps
    }
    return steps;
  });
}

function areaOf(x: Span, y: Span): Area {
  return { x: x.start, y: y.start, width: x.end - x.start, height: y.end - y.start };
}
