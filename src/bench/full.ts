/**
 * Full: one clip from its first token to its last frame, nothing projected in
 * its stages. Every block has weights of its own, brought out of this process's
 * memory as a checkpoint's would be: all stay on the GPU where they fit, else
 * some or all of them pass through it in every step.
 */
import type { BenchmarkResult, Offload } from '../core/result';
import type { RunEvents } from '../core/run_events';
import { WAN22_5B } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import { probeMemory } from '../gpu/probe';
import type { RecorderOptions } from '../gpu/program';
import { memorySource } from '../pipeline/memory_source';
import type { WeightSource } from '../pipeline/weight_source';
import { UMT5_XXL } from '../text/config';
import { choosePreset } from './choose_preset';
import { limitsOf, plannedStages } from './estimate';
import { measureGuidedSteps, type Placement, peakOf, planGuidedSteps } from './guided_steps';
import { measureClip } from './measure';
import { PRESETS, type Preset, SMALL_PRESETS } from './presets';
import { type BenchmarkOptions, foretell, runProtocol } from './protocol';
import { logged } from './run_log';
import { stageWork } from './work';

/** Of the memory that could be had, left to the system and to what the driver takes for itself. */
const MEMORY_SHARE = 0.9;
/** For the solver's tensors, which the plan of the weights does not know. */
const MARGIN_BYTES = 2 ** 28;

export async function runFull(context: GpuContext, options: BenchmarkOptions): Promise<BenchmarkResult> {
  const { signal, products, weights = 'bf16' } = options;
  const limits = limitsOf('full', context.device.machine.software);
  const steps = options.steps ?? limits.steps;
  // Before the run: what is only tried must not stand in its log.
  const limitBytes = options.memoryBytes ?? Math.floor(MEMORY_SHARE * (await probeMemory(context, signal)));
  return runProtocol(context, 'full', plannedStages(context, 'full', options), options, async (begun) => {
    const { settings, rates, activation, events, log } = begun;
    const candidates = [...SMALL_PRESETS, ...PRESETS].map((preset) => {
      const work = stageWork(preset, settings);
      return { preset, work, foretold: foretell(work, rates) };
    });
    const limit = { ...limits, steps, bindingBytes: settings.bindingBytes };
    const choice = choosePreset(options.preset, candidates, limit);
    const stored = memorySource(context, weights, UMT5_XXL.dim_attn / UMT5_XXL.num_heads);
    const source = logged(stored, log);
    const { residency, offload } = placementWithin(settings, source, choice.preset, steps, limitBytes);
    const feedSecondsPerByte =
      residency === 'stream' ? await measureFeed(context, stored, choice.preset, limitBytes, options, events) : 0;
    const placement = { residency, memoryBytes: limitBytes, activation, products, signal };
    const clip = await measureClip(context, source, choice.preset, { ...placement, steps, events, log });
    return { choice, steps, offload, weights, limitBytes, clip, blocks: [], feedSecondsPerByte };
  });
}

/** So many that the weights of the first, which nothing hides, are few. */
const FEED_BLOCKS = 6;
const FEED_STEPS = 3;

/**
 * What a byte of weights that is brought while kernels run adds to a step: guided steps of the clip through few blocks,
 * with as many of their weights there as may be, and with all of them brought. A GPU copies beside its kernels, a CPU
 * instead of them.
 */
async function measureFeed(
  context: GpuContext,
  source: WeightSource,
  clip: Preset,
  memoryBytes: number,
  { products, signal }: BenchmarkOptions,
  events: RunEvents,
): Promise<number> {
  const config = { ...WAN22_5B, num_layers: FEED_BLOCKS };
  const measured = async (before: number, memory: Pick<Placement, 'memoryBytes'>) => {
    const what = { clip, batch: 1, residency: 'stream', products, ...memory } as const;
    const { step, brought } = await measureGuidedSteps(context, source, config, what, {
      steps: FEED_STEPS,
      signal,
      onStep: (done, total) => events.progress(before * total + done, 2 * total, clip.id),
    });
    return { seconds: step.seconds, bytes: brought?.bytes ?? 0 };
  };
  const most = await measured(0, {});
  const least = await measured(1, { memoryBytes });
  return most.bytes > least.bytes ? Math.max(0, most.seconds - least.seconds) / (most.bytes - least.bytes) : 0;
}

/** Whole matrices take fewer dispatches, so what fits is not planned as tiles. Throws out-of-memory with both numbers. */
function placementWithin(
  settings: RecorderOptions,
  source: WeightSource,
  clip: Preset,
  steps: number,
  memoryBytes: number,
): { residency: 'resident' | 'stream'; offload: Offload } {
  const plan = (placement: Placement) =>
    planGuidedSteps(settings, source, WAN22_5B, { clip, batch: 1, ...placement }, steps);
  if (peakOf(plan({ residency: 'resident' })) + MARGIN_BYTES <= memoryBytes)
    return { residency: 'resident', offload: 'resident' };
  const { residentBytes, streamedBytes } = plan({ residency: 'stream', memoryBytes });
  if (streamedBytes === 0) return { residency: 'stream', offload: 'resident' };
  return { residency: 'stream', offload: residentBytes > 0 ? 'partial' : 'stream' };
}
