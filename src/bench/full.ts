/**
 * Full: one clip from its first token to its last frame, nothing projected in
 * its stages. Every block has weights of its own, brought out of this process's
 * memory as a checkpoint's would be: all stay on the GPU where they fit, else
 * some or all of them pass through it in every step.
 */
import type { BenchmarkResult, Offload } from '../core/result';
import { WAN22_5B } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import { probeMemory } from '../gpu/probe';
import { memorySource } from '../pipeline/memory_source';
import { UMT5_XXL } from '../text/config';
import { choosePreset } from './choose_preset';
import { limitsOf, plannedStages } from './estimate';
import { measureClip } from './measure';
import { PRESETS, type Preset, SMALL_PRESETS } from './presets';
import { type BenchmarkOptions, foretell, runProtocol } from './protocol';
import { logged } from './run_log';
import { planStreaming, streamingSettings } from './streaming';
import { stageWork } from './work';

/** Of the memory that could be had, left to the system and to what the driver takes for itself. */
const MEMORY_SHARE = 0.9;
/** For the solver's tensors and embeddings, which the plan of the weights does not know. */
const MARGIN_BYTES = 2 ** 28;

export async function runFull(context: GpuContext, options: BenchmarkOptions): Promise<BenchmarkResult> {
  const { signal } = options;
  const limits = limitsOf('full', context.device.machine.software);
  const steps = options.steps ?? limits.steps;
  return runProtocol(context, 'full', plannedStages(context, 'full', options), options, async (begun) => {
    const { settings, rates, activation, events, log } = begun;
    const candidates = [...SMALL_PRESETS, ...PRESETS].map((preset) => {
      const work = stageWork(preset, settings);
      return { preset, work, foretold: foretell(work, rates) };
    });
    const limit = { ...limits, steps, bindingBytes: settings.bindingBytes };
    const choice = choosePreset(options.preset, candidates, limit);
    const limitBytes = options.memoryBytes ?? Math.floor(MEMORY_SHARE * (await probeMemory(context, signal)));
    context.memory.resetPeak();
    const source = logged(memorySource(context, 'bf16', UMT5_XXL.dim_attn / UMT5_XXL.num_heads), log);
    const { residency, offload } = placementWithin(context, source, choice.preset, limitBytes);
    const placement = { residency, memoryBytes: limitBytes, activation, signal };
    const clip = await measureClip(context, source, choice.preset, { ...placement, steps, events, log });
    return { choice, steps, offload, limitBytes, clip, blocks: [] };
  });
}

/** Whole matrices take fewer dispatches, so what fits is not planned as tiles. Throws out-of-memory with both numbers. */
function placementWithin(
  context: GpuContext,
  source: ReturnType<typeof memorySource>,
  preset: Preset,
  memoryBytes: number,
): { residency: 'resident' | 'stream'; offload: Offload } {
  const plan = (residency: 'resident' | 'stream', bytes?: number) =>
    planStreaming(streamingSettings(context), source, WAN22_5B, preset, { residency, memoryBytes: bytes });
  const whole = plan('resident');
  if (whole.besidesBytes + whole.residentBytes + whole.slotBytes + MARGIN_BYTES <= memoryBytes)
    return { residency: 'resident', offload: 'resident' };
  const { residentBytes } = plan('stream', memoryBytes);
  return { residency: 'stream', offload: residentBytes > 0 ? 'partial' : 'stream' };
}
