/** What must come out, at some elements: plain loops in double precision. */
import { type Attention, type Convolution, type Product, resultShape, type Work } from './work';

/** Enough to meet every tile and border of the small shapes; the large ones repeat them. */
const SAMPLES = 97;

export interface Sampled {
  /** Of the elements in the result, row-major. */
  readonly positions: readonly number[];
  readonly values: readonly number[];
}

export function sampledReference(work: Work): Sampled {
  const count = resultShape(work).reduce((product, size) => product * size, 1);
  // Spread evenly, the last one among them.
  const positions = Array.from({ length: SAMPLES }, (_, i) => Math.round(((count - 1) * i) / (SAMPLES - 1)));
  const element = {
    product: (position: number) => productAt(work as Product, position),
    attention: (position: number) => attentionAt(work as Attention, position),
    convolution: (position: number) => convolutionAt(work as Convolution, position),
  }[work.kind];
  return { positions, values: positions.map(element) };
}

function productAt({ columns, depth, left, weight }: Product, position: number): number {
  const [row, column] = [Math.floor(position / columns), position % columns];
  return dot(left, row * depth, weight, column * depth, depth);
}

function attentionAt({ tokens, heads, head, query, key, value }: Attention, position: number): number {
  const width = heads * head;
  const [token, channel] = [Math.floor(position / width), position % width];
  const start = channel - (channel % head);
  const logits = Array.from(
    { length: tokens },
    (_, other) => dot(query, token * width + start, key, other * width + start, head) / Math.sqrt(head),
  );
  const most = logits.reduce((a, b) => Math.max(a, b));
  const shares = logits.map((logit) => Math.exp(logit - most));
  const total = shares.reduce((a, b) => a + b);
  return shares.reduce((sum, share, other) => sum + (share / total) * value[other * width + channel]!, 0);
}

function convolutionAt({ height, width, channels, columns, pixels, weight }: Convolution, position: number): number {
  const column = position % columns;
  const pixel = (position - column) / columns;
  const [x, y, frame] = [pixel % width, Math.floor(pixel / width) % height, Math.floor(pixel / (width * height))];
  let sum = 0;
  for (let tap = 0; tap < 27; tap++) {
    const [f, v, u] = [frame + Math.floor(tap / 9) - 2, y + (Math.floor(tap / 3) % 3) - 1, x + (tap % 3) - 1];
    if (f < 0 || v < 0 || v >= height || u < 0 || u >= width) continue;
    sum += dot(pixels, ((f * height + v) * width + u) * channels, weight, (column * 27 + tap) * channels, channels);
  }
  return sum;
}

function dot(a: Float32Array, aStart: number, b: Float32Array, bStart: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += a[aStart + i]! * b[bStart + i]!;
  return sum;
}
