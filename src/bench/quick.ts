/**
 * Quick: what this machine does with Wan2.2 TI2V-5B, in half a minute on a GPU,
 * with nothing to download. After roofs and slices the largest preset that fits
 * in the time left is measured whole.
 *
 * From the rates follows the reference clip's time (sampled), and, where even
 * the smallest preset would take too long, the preset's own.
 */
import type { BenchmarkResult } from '../core/result';
import type { GpuContext } from '../gpu/context';
import { choosePreset } from './choose_preset';
import { limitsOf, plannedStages } from './estimate';
import { measureClip } from './measure';
import { PRESETS, STEPS } from './presets';
import { type BenchmarkOptions, foretell, runProtocol } from './protocol';
import { stageWork } from './work';

export async function runQuick(context: GpuContext, options: BenchmarkOptions): Promise<BenchmarkResult> {
  const limits = limitsOf('quick', context.device.machine.software);
  const steps = (options.steps ?? limits.steps) + 1;
  return runProtocol(context, 'quick', plannedStages(context, 'quick', options), options, async (begun) => {
    const { settings, rates, activation, source, events, log } = begun;
    const candidates = PRESETS.map((preset) => {
      const work = stageWork(preset, settings);
      return { preset, work, foretold: foretell(work, rates) };
    });
    const choice = choosePreset(options.preset, candidates, { ...limits, steps, bindingBytes: settings.bindingBytes });
    const { products, signal } = options;
    const placement = { residency: 'one-block', activation, products, signal } as const;
    const clip = choice.fits
      ? await measureClip(context, source, choice.preset, { ...placement, steps, events, log })
      : null;
    return { choice, steps: STEPS, offload: 'one-block', limitBytes: null, clip, blocks: [] };
  });
}
