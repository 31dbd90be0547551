/** A loop of nothing but multiply-adds: what the arithmetic units can do at best. */
import source from '../../shaders/roof_fma.wgsl?raw';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { type Tensor, tensorBytes } from '../gpu/tensor';
import { activationType, compose, f32, words } from './kernel';

const WORKGROUP = 64;
const CHAINS = 8;
const UNROLLED = 8;

/** Fills `result` (invocations, 4); invocations are a multiple of 64. Each runs 64 vec4 multiply-adds a round. */
export function roofFma(r: Recorder, result: Tensor, rounds: number): void {
  const [invocations = 0] = result.shape;
  r.dispatch({
    label: `roof ${result.type}`,
    shader: compose({ name: 'roof_fma', source, types: { Value: activationType(result) } }),
    bindings: { 1: result },
    params: words(rounds, f32(0.5), f32(1)),
    groups: invocations / WORKGROUP,
    cost: { flops: flops(invocations * rounds * CHAINS * UNROLLED * 4 * 2), bytes: bytes(tensorBytes(result)) },
  });
}
