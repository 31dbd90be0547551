/** Who uses the GPU: one run at a time, whichever view began it. */
import { computed } from '@preact/signals-core';
import { making } from './making';
import { underWay } from './run';
import { check } from './self_check';
import { measuring, probe } from './streaming';

export type Busy = 'benchmark' | 'check' | 'streaming' | 'probe' | 'clip';

export const busy = computed((): Busy | null => {
  if (underWay.value) return 'benchmark';
  if (check.value.name === 'running') return 'check';
  if (measuring.value.name === 'running') return 'streaming';
  if (making.value.name === 'running') return 'clip';
  return probe.value.name === 'running' ? 'probe' : null;
});
