/** Which of many published runs to put in a sentence or a chart: those of the reference workload, one a card. */
import type { Run } from '../core/run';
import { isReferenceWork } from './workload';

/** Of the reference workload, with every stage and every step: what a result can be set beside as it is. */
export function detailedRuns(runs: readonly Run[]): Run[] {
  return runs.filter(
    ({ key, stages }) =>
      isReferenceWork(key) && stages.encode && stages.decode && stages.step && stages.step.samples.length === key.steps,
  );
}

/** One of them a card: not contended, the most steps, then the latest; slowest first. */
export function representatives(runs: readonly Run[]): Run[] {
  const best = new Map<string, Run>();
  for (const run of detailedRuns(runs)) {
    if (run.contended) continue;
    const held = best.get(run.device.name);
    if (!held || isBetter(run, held)) best.set(run.device.name, run);
  }
  return [...best.values()].sort((a, b) => b.stages.step!.seconds - a.stages.step!.seconds);
}

function isBetter(run: Run, held: Run): boolean {
  const [steps, heldSteps] = [run.key.steps ?? 0, held.key.steps ?? 0];
  return steps > heldSteps || (steps === heldSteps && (run.date ?? '') > (held.date ?? ''));
}
