import { describe, expect, test } from 'vitest';
import { decodeModel, featuresTensor, tilePass } from '../../src/pipeline/decode_passes';
import { decoderStages, type Stage, WAN22_VAE } from '../../src/vae/config';
import {
  type Area,
  growthOf,
  largestTiles,
  type Size,
  type Tile,
  tilesOf,
  tilingWork,
  wholeTile,
} from '../../src/vae/tiling';
import { pick, type Random, seededRandom } from '../support/mutations';

/** Which pixels of a frame hold what the whole network would give. */
type Right = boolean[][];

const frameOf = ({ height, width }: Size, value: (y: number, x: number) => boolean): Right =>
  Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => value(y, x)));
const sizeOf = (right: Right): Size => ({ height: right.length, width: right[0]!.length });
const inside = ({ x, y, width, height }: Area, row: number, column: number) =>
  row >= y && row < y + height && column >= x && column < x + width;

/** The definition: a 3×3 convolution is right where all it sees of the frame is; outside it there are zeros to see. */
const convolved = (right: Right) =>
  frameOf(sizeOf(right), (y, x) => [-1, 0, 1].every((dy) => [-1, 0, 1].every((dx) => right[y + dy]?.[x + dx] ?? true)));
const cropped = (right: Right, area: Area) => frameOf(sizeOf(right), (y, x) => right[y]![x]! && inside(area, y, x));
const doubled = (right: Right) => {
  const { height, width } = sizeOf(right);
  return frameOf({ height: 2 * height, width: 2 * width }, (y, x) => right[y >> 1]![x >> 1]!);
};

/** Does the tile come out right? Wrong values stay wrong, as nothing in a network turns them right. */
function comesOutRight(stages: readonly Stage[], frame: Size, { kept, areas }: Tile): boolean {
  let right = frameOf(frame, () => true);
  stages.forEach(({ blocks, space }, stage) => {
    const [...steps] = areas[stage]!;
    const last = steps.pop()!;
    expect(steps).toHaveLength(blocks);
    for (const area of steps) right = convolved(convolved(cropped(right, area)));
    right = cropped(right, last);
    if (space) right = convolved(doubled(right));
  });
  right = convolved(right); // the head
  const growth = growthOf(stages);
  return right.every((row, y) =>
    row.every((pixel, x) => pixel || !inside(kept, Math.floor(y / growth), Math.floor(x / growth))),
  );
}

function randomStages(random: Random): Stage[] {
  const count = 1 + random(3);
  return Array.from({ length: count }, (_, i) => ({
    from: 4,
    to: 4,
    blocks: 1 + random(2),
    space: i < count - 1 && random(4) > 0,
    time: false,
  }));
}

/** One row or column less, on each side where the frame goes on. */
function shrunk({ x, y, width, height }: Area, frame: Size): Area[] {
  return [
    ...(x > 0 ? [{ x: x + 1, y, width: width - 1, height }] : []),
    ...(y > 0 ? [{ x, y: y + 1, width, height: height - 1 }] : []),
    ...(x + width < frame.width ? [{ x, y, width: width - 1, height }] : []),
    ...(y + height < frame.height ? [{ x, y, width, height: height - 1 }] : []),
  ];
}

describe('tiles', () => {
  const random = seededRandom(7);
  const cases = Array.from({ length: 40 }, (_, i) => {
    const frame = { height: 1 + random(9), width: 1 + random(12) };
    return { i, stages: randomStages(random), frame, tile: { height: 1 + random(4), width: 1 + random(5) } };
  });

  test.for(cases)('$i: come out right everywhere, and cover $frame once', ({ stages, frame, tile }) => {
    const tiles = tilesOf(stages, frame, tile);
    for (const one of tiles) expect(comesOutRight(stages, frame, one), JSON.stringify(one)).toBe(true);
    const covered = frameOf(frame, () => true).map((row, y) =>
      row.map((_, x) => tiles.filter(({ kept }) => inside(kept, y, x)).length),
    );
    expect(new Set(covered.flat())).toEqual(new Set([1]));
  });

  test.for(cases)('$i: need every row and column that they take', ({ stages, frame, tile }) => {
    const one = pick(random, tilesOf(stages, frame, tile));
    let growth = 1;
    stages.forEach(({ space }, stage) => {
      const size = { height: frame.height * growth, width: frame.width * growth };
      one.areas[stage]!.forEach((area, step) => {
        for (const less of shrunk(area, size)) {
          const areas = one.areas.map((steps, s) => steps.map((same, b) => (s === stage && b === step ? less : same)));
          expect(comesOutRight(stages, frame, { ...one, areas }), `${stage}.${step} ${JSON.stringify(less)}`).toBe(
            false,
          );
        }
      });
      if (space) growth *= 2;
    });
  });

  test('one as large as the frame takes all of it everywhere', () => {
    const frame = { height: 3, width: 5 };
    const { kept, areas } = wholeTile(decoderStages(WAN22_VAE), frame);
    expect(kept).toEqual({ x: 0, y: 0, ...frame });
    areas.forEach((steps, stage) => {
      const growth = 2 ** stage;
      for (const area of steps) expect(area).toEqual({ x: 0, y: 0, height: 3 * growth, width: 5 * growth });
    });
  });

  test('of the published decoder begin with 13 latent pixels around and end with one of 8 × 8 patches', () => {
    const inner = tilesOf(decoderStages(WAN22_VAE), { height: 60, width: 60 }, { height: 20, width: 20 })[4]!;
    const around = inner.areas.map((steps, stage) => steps.map(({ x, width }) => [20 * 2 ** stage - x, width]));
    expect(around).toEqual([
      [13, 11, 9, 7].map((halo) => [halo, 20 + 2 * halo]),
      [12, 10, 8, 6].map((halo) => [halo, 40 + 2 * halo]),
      [10, 8, 6, 4].map((halo) => [halo, 80 + 2 * halo]),
      [7, 5, 3, 1].map((halo) => [halo, 160 + 2 * halo]),
    ]);
  });

  test.for(cases)('$i: every one reads no more than one of the largest', ({ stages, frame, tile }) => {
    const largest = largestTiles(stages, frame, tile);
    const all = tilesOf(stages, frame, tile);
    for (const one of largest) expect(all).toContainEqual(one);
    const sizes = ({ areas }: Tile) => areas.flat().flatMap(({ width, height }) => [width, height]);
    for (const one of all)
      expect(largest.some((other) => sizes(one).every((size, i) => size <= sizes(other)[i]!))).toBe(true);
  });

  test.for([
    { height: 5, width: 4 },
    { height: 2, width: 7 },
    { height: 11, width: 11 },
  ])('the share of extra work is that of the recorded programs, in tiles of %s', (tile) => {
    const frame = { height: 11, width: 12 };
    const stages = decoderStages(WAN22_VAE);
    const model = decodeModel({ typeOf: () => 'bf16' }, WAN22_VAE, { activation: 'f32' }, true);
    const features = featuresTensor(model, frame);
    const flops = (one: Tile) => tilePass(model, features, one, 2).main[1]!.cost.flops;
    const recorded = tilesOf(stages, frame, tile).reduce((sum, one) => sum + flops(one), 0);
    const ratio = recorded / flops(wholeTile(stages, frame));
    expect(tilingWork(stages, frame, tile) / ratio).toBeCloseTo(1, 2);
    expect(ratio).toBeGreaterThan(1);
  });
});
