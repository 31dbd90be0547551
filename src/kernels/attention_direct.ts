/** The form of attention that software adapters run; `attention` chooses it. */
import source from '../../shaders/attention_direct.wgsl?raw';
import alone from '../../shaders/lib/alone.wgsl?raw';
import type { AttentionForm } from './attention';

/** By the invocations of a subgroup, where the device has subgroups and all are of one size. */
export function attentionDirect(lanes?: number): AttentionForm {
  const LANES = lanes === 4 || lanes === 8 ? lanes : 1;
  return {
    name: 'attention_direct',
    source,
    subgroups: LANES > 1,
    parts: LANES > 1 ? [] : [alone],
    knobs: () => ({ LANES }),
    groups: ({ batch, queries, heads }) => Math.ceil(queries / (2 * LANES)) * heads * batch,
  };
}
