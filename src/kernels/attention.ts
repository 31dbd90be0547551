/** Flash attention over heads of 16, 32, 64 or 128 channels, with T5's position bias or a repeated last key. */
import source from '../../shaders/attention.wgsl?raw';
import relative from '../../shaders/lib/attention_relative.wgsl?raw';
import unbiased from '../../shaders/lib/attention_unbiased.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder, RecorderOptions } from '../gpu/program';
import { ELEMENT_BYTES, type Tensor } from '../gpu/tensor';
import { attentionDirect } from './attention_direct';
import {
  attentionMatrix,
  MATRIX_ATTENTION,
  MATRIX_ATTENTION_VARIANTS,
  type MatrixAttentionTuning,
  matrixAttentionBytes,
} from './attention_matrix';
import { activationType, compose, expectShape, f32, type Tuning, words, workgroupLimit } from './kernel';

export interface AttentionTuning extends Tuning {
  /** Queries and keys of one round; queries of one invocation, a multiple of 4; channels or keys staged at a time. */
  readonly BQ: number;
  readonly BK: number;
  readonly TQ: number;
  readonly SLICE: number;
}

/** 30 KiB of workgroup memory, 256 invocations. 25 TFLOP/s on an H100 at 8,192 tokens. */
const GPU_TUNING: AttentionTuning = { BQ: 64, BK: 64, TQ: 4, SLICE: 16 };
/** 14 KiB, 64 invocations: fits WebGPU's default limits. */
const SMALL_TUNING: AttentionTuning = { BQ: 32, BK: 32, TQ: 4, SLICE: 16 };

type AnyTuning = AttentionTuning | MatrixAttentionTuning;

export const ATTENTION_VARIANTS: readonly AttentionTuning[] = [
  GPU_TUNING,
  SMALL_TUNING,
  { BQ: 64, BK: 64, TQ: 8, SLICE: 16 },
  { BQ: 32, BK: 64, TQ: 4, SLICE: 16 },
  { BQ: 64, BK: 64, TQ: 4, SLICE: 32 },
];

/** A shader that computes attention, and how its grid is laid out. Both share bindings, uniform and parts. */
export interface AttentionForm {
  readonly name: string;
  readonly source: string;
  readonly subgroups?: boolean;
  readonly parts?: readonly string[];
  knobs(tuning: AnyTuning, head: number): Tuning;
  groups(size: AttentionSize, tuning: AnyTuning): number;
}

/** A round's keys are staged by channels and its values by keys: neither is more than a narrow head has. */
const narrowed = (head: number, { BK, SLICE = head }: AnyTuning) => ({
  BK: Math.min(BK, head),
  SLICE: Math.min(SLICE, head),
});

const TILED: AttentionForm = {
  name: 'attention',
  source,
  knobs: (tuning, head) => ({ ...tuning, ...narrowed(head, tuning) }),
  groups: ({ batch, queries, heads }, { BQ }) => Math.ceil(queries / BQ) * heads * batch,
};

export interface AttentionSize {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly head: number;
}

export interface AttentionOptions {
  readonly label: string;
  readonly heads: number;
  /** Sequences stacked in the rows; each attends to its own keys. */
  readonly batch?: number;
  /** 1 ÷ √head unless given; T5 uses 1. */
  readonly scale?: number;
  /** The last key stands for this many identical ones. */
  readonly lastKeyCount?: number;
  /** (heads, queries + keys − 1), f32: added to the logit by key − query. */
  readonly distanceBias?: Tensor;
  /** Store into this tensor, shaped like the query, instead of a new one. */
  readonly into?: Tensor;
  readonly tuning?: AnyTuning;
}

/** query (batch · queries, heads · head), key and value (batch · keys, heads · head) → like query. */
export function attention(r: Recorder, query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions): Tensor {
  const { label, heads, batch = 1, distanceBias } = options;
  const [queryRows = 0, channels = 0] = query.shape;
  const [keyRows = 0] = key.shape;
  const size: AttentionSize = {
    batch,
    queries: queryRows / batch,
    keys: keyRows / batch,
    heads,
    head: channels / heads,
  };
  if (![16, 32, 64, 128].includes(size.head))
    throw new AppError(
      'shape-mismatch',
      `${label}: heads of ${size.head} channels; the kernel has 16, 32, 64 and 128.`,
    );
  expectShape(label, key, [keyRows, channels]);
  expectShape(label, value, [keyRows, channels]);
  if (distanceBias) expectShape(label, distanceBias, [heads, size.queries + size.keys - 1]);

  const type = activationType(query);
  const sized: TunedAttention = { ...size, type, biased: distanceBias !== undefined };
  const tuned = options.tuning ?? (r.options.tuning?.('attention', sized) as AnyTuning | undefined);
  const tuning = tuned ?? defaultTuning(r.options, usesMatrices(r.options, sized));
  const form = !('TQ' in tuning)
    ? attentionMatrix
    : r.options.software && !options.tuning
      ? attentionDirect(r.options.lanes)
      : TILED;
  const result = options.into ?? r.tensor(label, query.shape, type);
  r.dispatch({
    label,
    shader: compose({
      name: form.name,
      source: form.source,
      types: { Query: type, Result: type },
      parts: form === attentionMatrix ? [] : [distanceBias ? relative : unbiased, ...(form.parts ?? [])],
      subgroups: form === attentionMatrix || form.subgroups === true,
      matrices: form === attentionMatrix,
      tuning: { ...form.knobs(tuning, size.head), HEAD: size.head },
    }),
    bindings: { 1: query, 2: key, 3: value, 4: result, ...(distanceBias && { 5: distanceBias }) },
    params: words(
      size.queries,
      size.keys,
      heads,
      channels / 4,
      channels / 4,
      f32(options.scale ?? 1 / Math.sqrt(size.head)),
      f32(Math.log(options.lastKeyCount ?? 1)),
      size.head / 4,
    ),
    groups: form.groups(size, tuning),
    cost: attentionCost(size, ELEMENT_BYTES[type]),
  });
  return result;
}

function defaultTuning(options: RecorderOptions, onMatrices: boolean): AnyTuning {
  if (onMatrices) return MATRIX_ATTENTION;
  return workgroupLimit(options) < 32768 ? SMALL_TUNING : GPU_TUNING;
}

/** What of a size decides between tunings. */
export interface TunedAttention extends AttentionSize {
  readonly type: 'f32' | 'f16';
  readonly biased: boolean;
}

const usesMatrices = ({ matrices }: RecorderOptions, { type, biased, head }: TunedAttention): boolean =>
  matrices === true && type === 'f16' && !biased && head % 32 === 0;

/** All that a tuner may choose from on such a device, the default first. Software adapters have a form without knobs. */
export function attentionCandidates(options: RecorderOptions, attention: TunedAttention): readonly AnyTuning[] {
  if (options.software) return [];
  const onMatrices = usesMatrices(options, attention);
  const first = defaultTuning(options, onMatrices);
  const offered = [...(onMatrices ? MATRIX_ATTENTION_VARIANTS : []), ...ATTENTION_VARIANTS];
  const most = workgroupLimit(options);
  return [first, ...offered.filter((tuning) => tuning !== first && workgroupBytes(tuning, attention.head) <= most)];
}

/** Workgroup memory that a tuning takes, as its shader declares it. */
function workgroupBytes(tuning: AnyTuning, head: number): number {
  if (!('TQ' in tuning)) return matrixAttentionBytes(tuning, head);
  const { BQ } = tuning;
  const { BK, SLICE } = narrowed(head, tuning);
  return 4 * (SLICE * Math.max(BQ + BK + 8, head + 4) + BK * (BQ + 4) + (BQ * BK) / 4);
}

export function attentionCost({ batch, queries, keys, heads, head }: AttentionSize, elementBytes: number): Cost {
  return {
    flops: flops(4 * batch * heads * queries * keys * head),
    bytes: bytes(2 * batch * heads * head * (queries + keys) * elementBytes),
  };
}
