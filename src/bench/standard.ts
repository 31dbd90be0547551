/**
 * Standard: minutes, and nothing to download. After roofs and slices whole
 * blocks of the transformer at the reference's token counts, and the largest
 * preset that fits in the time left, measured whole.
 *
 * The reference clip's step is then thirty such blocks, and what the slices
 * foretold is set beside what was measured.
 */
import type { BenchmarkResult } from '../core/result';
import type { GpuContext } from '../gpu/context';
import { type BlockTime, measureBlock, planBlocks } from './blocks';
import { choosePreset } from './choose_preset';
import { limitsOf, plannedStages } from './estimate';
import { measureClip } from './measure';
import { PRESETS, type Preset, SMALL_PRESETS, STEPS } from './presets';
import { type BenchmarkOptions, foretell, runProtocol } from './protocol';
import { secondsOf } from './rates';
import { stageWork } from './work';

export async function runStandard(context: GpuContext, options: BenchmarkOptions): Promise<BenchmarkResult> {
  const { signal, products } = options;
  const limits = limitsOf('standard', context.device.machine.software);
  const steps = (options.steps ?? limits.steps) + 1;
  return runProtocol(context, 'standard', plannedStages(context, 'standard', options), options, async (begun) => {
    const { settings, rates, activation, source, events, log } = begun;
    const { bindingBytes = Number.POSITIVE_INFINITY } = settings;
    const candidates = [...SMALL_PRESETS, ...PRESETS].map((preset) => {
      const work = stageWork(preset, settings);
      return { preset, work, foretold: foretell(work, rates) };
    });
    // Before minutes are spent on blocks: a preset that cannot be is refused at once.
    const choice = choosePreset(options.preset, candidates, { ...limits, steps, bindingBytes });

    const tooLarge = new Set<Preset>();
    const planned = () =>
      planBlocks((clip) => {
        const { work } = candidates.find(({ preset }) => preset === clip)!;
        return tooLarge.has(clip) || work.memory.largest > bindingBytes ? null : secondsOf(work.block, rates);
      });
    const blocks: BlockTime[] = [];
    // What does not fit into memory is left out, and what is left is planned anew.
    for (let plan = planned(); plan.length > blocks.length; plan = planned()) {
      const next = plan[blocks.length]!;
      events.progress(blocks.length, plan.length, next.clip.id);
      const block = await measureBlock(context, source, settings, next, log, signal);
      if (block) blocks.push(block);
      else tooLarge.add(next.clip);
    }

    const placement = { residency: 'one-block', activation, products, signal } as const;
    const clip = choice.fits
      ? await measureClip(context, source, choice.preset, { ...placement, steps, events, log })
      : null;
    return { choice, steps: STEPS, offload: 'one-block', limitBytes: null, clip, blocks };
  });
}
