/**
 * How much of a block is in memory at once: all guidance branches and videos
 * together, or fewer of them at a time, and how many rows of the feed-forward.
 *
 * By hand: of g sequences of T tokens, attention holds four tensors of g · T rows
 * (the normed rows, queries, keys and values; then queries, keys, values and what
 * they mix to), cross-attention two, the feed-forward one and the wide one of as
 * many rows as are told. The wide one takes the place of one of the four.
 */
import type { RecorderOptions } from '../gpu/program';
import { ELEMENT_BYTES } from '../gpu/tensor';
import type { DitConfig } from './config';

export interface BlockRows {
  /** Sequences that go through each part of a block together. Its weights are bound once for every group of them. */
  readonly sequences: number;
  /** Rows of the feed-forward at once. */
  readonly feedForward: number;
}

export interface BlockShape {
  /** Of one sequence: a guidance branch of a video. */
  readonly tokens: number;
  readonly sequences: number;
}

type Sizes = Pick<DitConfig, 'dim' | 'ffn_dim'>;
type Device = Pick<RecorderOptions, 'activation' | 'bindingBytes'>;

/** So much the widest tensor may always take: few dispatches are worth more. */
const WIDE_BYTES = 512 * 2 ** 20;
/** And as much as it takes for no more pieces than this: with weights in tiles a step then has less than 1,000 dispatches. */
const MOST_PIECES = 3;
/** Rows that tiles of the product and bindings divide. */
const ROW_STEP = 64;

/** Few dispatches, where memory is plenty. */
export function roomyRows(device: Device, sizes: Sizes, { tokens, sequences }: BlockShape): BlockRows {
  const wide = WIDE_BYTES / (sizes.ffn_dim * ELEMENT_BYTES[device.activation]);
  const feedForward = bindable(device, sizes, Math.max(wide, thirdOf(sequences * tokens)));
  return { sequences, feedForward };
}

/** The most at once within these bytes; the least there is where nothing stays within them. */
export function chooseBlockRows(
  device: Device,
  sizes: Sizes,
  shape: BlockShape,
  bytes = Number.POSITIVE_INFINITY,
): BlockRows {
  const { tokens, sequences } = shape;
  const choices = [roomyRows(device, sizes, shape)];
  for (let count = sequences; count > 1; ) {
    count = Math.ceil(count / 2);
    choices.push({ sequences: count, feedForward: bindable(device, sizes, thirdOf(count * tokens)) });
  }
  // A feed-forward that takes no more than the attention of one sequence.
  const least = { sequences: 1, feedForward: bindable(device, sizes, (tokens * sizes.dim) / sizes.ffn_dim) };
  return choices.find((rows) => blockBytes(device, sizes, shape, rows) <= bytes) ?? least;
}

/** Bytes of a block's scratch, by the count above. */
export function blockBytes({ activation }: Device, { dim, ffn_dim }: Sizes, { tokens }: BlockShape, rows: BlockRows) {
  const narrow = rows.sequences * tokens * dim * ELEMENT_BYTES[activation];
  const wide = Math.min(rows.feedForward, rows.sequences * tokens) * ffn_dim * ELEMENT_BYTES[activation];
  return 3 * narrow + Math.max(narrow, wide);
}

const thirdOf = (rows: number) => rows / MOST_PIECES + ROW_STEP;

/** Rows of the wide tensor that one binding holds, in whole steps. */
function bindable({ activation, bindingBytes }: Device, { ffn_dim }: Sizes, wanted: number): number {
  const most = (bindingBytes ?? Number.POSITIVE_INFINITY) / (ffn_dim * ELEMENT_BYTES[activation]);
  return Math.max(ROW_STEP, Math.floor(Math.min(wanted, most) / ROW_STEP) * ROW_STEP);
}
