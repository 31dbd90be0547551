/** The form of attention that software adapters run; `attention` chooses it. */
import source from '../../shaders/attention_direct.wgsl?raw';
import type { AttentionForm } from './attention';

const WORKGROUP = 16;

export const attentionDirect: AttentionForm = {
  name: 'attention_direct',
  source,
  knobs: () => ({ WORKGROUP }),
  groups: ({ batch, queries, heads }) => Math.ceil((Math.ceil(queries / 4) * heads * batch) / WORKGROUP),
};
