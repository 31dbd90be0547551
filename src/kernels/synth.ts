/** Synthetic weights (src/weights/synth_rule.ts), made where they are needed: in the tensor's own memory and type. */
import bf16 from '../../shaders/lib/synth_bf16.wgsl?raw';
import f16 from '../../shaders/lib/synth_f16.wgsl?raw';
import f32 from '../../shaders/lib/synth_f32.wgsl?raw';
import source from '../../shaders/synth.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { type Tensor, tensorBytes } from '../gpu/tensor';
import type { SynthRule } from '../weights/synth_rule';
import { compose, words } from './kernel';

const PARTS: Partial<Record<Tensor['type'], string>> = { f32, f16, bf16 };
/** Words a workgroup writes: THREADS · ROUNDS of the shader. */
const GROUP_WORDS = 2048;

export interface SynthOptions {
  readonly label: string;
  /** Which element of the whole tensor the first of `target` is. */
  readonly start?: number;
}

/** Fill `target` with the elements from `start` on. With a view of some rows as target, others stay as they are. */
export function synth(r: Recorder, target: Tensor, rule: SynthRule, { label, start = 0 }: SynthOptions): void {
  const part = PARTS[target.type];
  if (!part)
    throw new AppError('shape-mismatch', `${target.storage.label} holds ${target.type}, and weights are never that.`);
  const { seed, factor, drop, offset, exponent } = rule;
  const count = tensorBytes(target) / 4;
  r.dispatch({
    label,
    shader: compose({ name: 'synth', source, parts: [part] }),
    bindings: { 1: target },
    params: words(count, start, seed, factor, drop, offset >>> 0, -exponent),
    groups: Math.ceil(count / GROUP_WORDS),
    cost: synthCost(target),
  });
}

/** All of it is integer arithmetic and writing. */
export function synthCost(target: Tensor): Cost {
  return { flops: flops(0), bytes: bytes(tensorBytes(target)) };
}
