/** The matrix for the engine worker: its cases planned and measured at the rates of this device. */
import { type CaseWish, casesOf, measureCases, syntheticNetwork } from '../src/bench/cases';
import { type CasePlan, type CaseRates, planCase } from '../src/bench/plan_case';
import { presetOf } from '../src/bench/presets';
import type { Emit } from '../src/core/events';
import type { CaseResult } from '../src/core/result';
import type { GpuContext } from '../src/gpu/context';
import { activationFor, recorderOptions } from '../src/pipeline/options';
import type { CasesChoice } from './engine_api';
import { measureRates } from './engine_weights';

/** Throws input-invalid for a clip or a batch that cannot be. */
const wishesOf = ({ presets, steps: _, ...choice }: CasesChoice): CaseWish[] =>
  casesOf({ ...choice, clips: presets.map(presetOf) });

const ratesOf = ({ runner }: GpuContext, uploadBytesPerSecond: number): CaseRates => ({
  ceiling: runner.ceiling,
  uploadBytesPerSecond,
});

export function planMatrix(context: GpuContext, choice: CasesChoice, uploadBytesPerSecond: number): CasePlan[] {
  const wishes = wishesOf(choice);
  const rates = ratesOf(context, uploadBytesPerSecond);
  const { config } = syntheticNetwork(context);
  const settings = recorderOptions(context, activationFor(context));
  return wishes.map((wish) => planCase(settings, config, wish, choice.steps, rates));
}

export async function measureMatrix(
  context: GpuContext,
  choice: CasesChoice,
  signal: AbortSignal,
  emit: Emit,
  onCase: (result: CaseResult) => void,
): Promise<CaseResult[]> {
  const wishes = wishesOf(choice);
  const rates = ratesOf(context, await measureRates(context));
  return measureCases(context, syntheticNetwork(context), wishes, { steps: choice.steps, rates, signal, emit, onCase });
}
