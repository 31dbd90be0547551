/** Conditions of a run that colour its numbers. */
import type { Remark } from '../core/events';
import type { Machine } from '../core/result';
import type { BlockTime } from './blocks';
import { busyBefore, contentionIn, throttlingIn } from './disturbance';
import { measuredSteps } from './figures';
import type { ClipTimes } from './measure';
import { REFERENCE, tokensOf } from './presets';

export interface Circumstances {
  readonly machine: Machine;
  readonly mode: 'quick' | 'standard' | 'full';
  readonly clip: ClipTimes | null;
  readonly blocks: readonly BlockTime[];
  /** Seconds of the probe, before the run and after it. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export function remarksOf({ machine, mode, clip, blocks, before, after }: Circumstances): Remark[] {
  const remarks: Remark[] = [];
  if (machine.software) remarks.push({ code: 'software-adapter', values: { adapter: machine.adapter } });
  if (!machine.timestamps) remarks.push({ code: 'no-timestamps', values: {} });
  const bindingBytes = machine.limits.maxStorageBufferBindingSize ?? 0;
  if (bindingBytes <= 128 * 2 ** 20) remarks.push({ code: 'default-limits', values: { bindingBytes } });
  if (!clip) remarks.push({ code: 'sampled', values: {} });
  else if (mode !== 'full') remarks.push({ code: 'one-block-of-weights', values: {} });

  const largest = blocks.at(-1);
  if (largest && largest.clip !== REFERENCE)
    remarks.push({
      code: 'block-at-fewer-tokens',
      values: { tokens: tokensOf(largest.clip), referenceTokens: tokensOf(REFERENCE) },
    });

  const steps = clip ? measuredSteps(clip).samples : (largest?.figure.samples ?? []);
  const contended = contentionIn(steps);
  if (contended) remarks.push({ code: 'contended', values: contended });
  const throttled = throttlingIn(steps);
  if (throttled) remarks.push({ code: 'throttled', values: throttled });
  const busy = busyBefore(before, after);
  if (busy) remarks.push({ code: 'busy-before', values: busy });
  return remarks;
}
