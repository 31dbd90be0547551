/**
 * The shapes that are compared: the model's own on a GPU, smaller ones of the same kind on software adapters, where
 * one call must not take seconds.
 */
import { type Activation, decoded, numbers, type QuantisedWeight, quantised, type Work } from './work';

export interface PeerCase {
  readonly kernel: 'matrix product' | 'attention' | 'convolution';
  /** Shape and element types, for people. */
  readonly title: string;
  readonly type: Activation;
  /** Operands are made when it is the case's turn. */
  make(): Work;
}

/** Tokens: 16, 64, 320; of 640×352×17 and of 832×480×33. */
const ROWS = [16, 64, 320, 1100, 3510];
/** Columns and depth of the transformer's projections, and of the second half of its MLP. */
const WEIGHTS = [
  [3072, 3072],
  [3072, 14336],
] as const;
/** A product on a software adapter: at 0.4 GFLOP/s a third of a second. */
const SOFTWARE_FLOP = 0.15e9;

export function peerCases(software: boolean, types: readonly Activation[]): PeerCase[] {
  const products = types.flatMap((type) =>
    WEIGHTS.flatMap(([columns, depth]) => ROWS.map((rows) => product(type, scaled(software, rows, columns, depth)))),
  );
  const stored = (['q8_0', 'q4_0'] as const).flatMap((format) =>
    types.flatMap((type) => [16, 1100].map((rows) => product(type, scaled(software, rows, 3072, 3072), format))),
  );
  return [...products, ...stored, ...types.map((type) => attention(type, software)), ...convolutions(types, software)];
}

interface ProductShape {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Of the model, where the shape is smaller than that. */
  readonly of?: string;
}

/** Columns and depth are halved in turn until the product is small enough; rows stay. */
export function scaled(software: boolean, rows: number, columns: number, depth: number): ProductShape {
  let [n, k] = [columns, depth];
  while (software && 2 * rows * n * k > SOFTWARE_FLOP)
    if (n / columns === k / depth) n /= 2;
    else k /= 2;
  return { rows, columns: n, depth: k, ...((n !== columns || k !== depth) && { of: `${rows}×${depth}×${columns}` }) };
}

function product(
  type: Activation,
  { rows, columns, depth, of }: ProductShape,
  format?: QuantisedWeight['type'],
): PeerCase {
  return {
    kernel: 'matrix product',
    type,
    title: `${rows}×${depth}×${columns}${of ? ` of ${of}` : ''}, ${type}${format ? `, ${format} weights` : ''}`,
    make() {
      const blocks = format && quantised(format, columns * depth, 2);
      return {
        kind: 'product',
        type,
        rows,
        columns,
        depth,
        left: numbers(rows * depth, 1),
        weight: blocks ? decoded(blocks) : numbers(columns * depth, 2),
        ...(blocks && { blocks }),
      };
    },
  };
}

function attention(type: Activation, software: boolean): PeerCase {
  const [tokens, heads, head] = software ? [320, 4, 128] : [3510, 24, 128];
  const count = tokens * heads * head;
  return {
    kernel: 'attention',
    type,
    title: `${tokens} tokens, ${heads} heads of ${head}, ${type}`,
    make: () => ({
      kind: 'attention',
      type,
      tokens,
      heads,
      head,
      query: numbers(count, 3),
      key: numbers(count, 4),
      value: numbers(count, 5),
    }),
  };
}

/** A late stage of the decoder, and of the encoder. */
function convolutions(types: readonly Activation[], software: boolean): PeerCase[] {
  const sizes = software
    ? ([
        [2, 6, 6, 256],
        [2, 8, 8, 160],
      ] as const)
    : ([
        [4, 88, 160, 256],
        [4, 88, 160, 160],
      ] as const);
  return types.flatMap((type) =>
    sizes.map(
      ([frames, height, width, channels]): PeerCase => ({
        kernel: 'convolution',
        type,
        title: `3×3×3 causal, ${channels} channels, ${frames} frames of ${width}×${height}, ${type}`,
        make: () => ({
          kind: 'convolution',
          type,
          frames,
          height,
          width,
          channels,
          columns: channels,
          pixels: numbers(frames * height * width * channels, 6),
          weight: numbers(channels * 27 * channels, 7),
        }),
      }),
    ),
  );
}
