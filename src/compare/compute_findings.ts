/** What the runs say about computing: how even the steps are, what the kernels wait for, how far to trust it all. */

import { type Finding, found, spreadOf } from '../core/findings';
import type { Run } from '../core/run';
import { deviceName, type Group, pooled } from './group_runs';
import { nameText } from './inline_text';
import { kernelRows } from './kernel_rows';
import { underRoof } from './utilisation';

export function stepSpread(group: Group): Finding[] {
  const { name } = group;
  const runs = group.runs.filter(({ stages }) => (stages.step?.samples.length ?? 0) > 1);
  const step = pooled(runs, 'step');
  if (!step) return [];
  const { min, max } = spreadOf(step);
  return found('spread', {
    device: name,
    median: step.seconds,
    min,
    max,
    apart: max / min - 1,
    count: step.samples.length,
    runs: runs.length,
  });
}

export function contendedRuns(runs: readonly Run[]): Finding[] {
  return runs.flatMap((run) => {
    const { step } = run.stages;
    if (!run.contended || !step) return [];
    return found('contended', { device: deviceName(run), run: nameText(run.name), ...spreadOf(step) });
  });
}

/** Kernels that take less of the time than this are not worth a sentence. */
const WORTH_SAYING = 0.1;

/** Of a machine that was measured from within. */
export function fromWithin(group: Group): Finding[] {
  const run = group.runs[0]!;
  const device = group.name;
  return [
    ...(run.device.software ? found('software', { device }) : []),
    ...underRoof(group),
    ...(run.gpuBusy === null ? [] : found('gpu-busy', { device, share: run.gpuBusy })),
    ...kernelFindings(device, run),
    ...projectionError(device, run),
  ];
}

function kernelFindings(device: string, { kernels, roofs }: Run): Finding[] {
  if (!roofs || kernels.length === 0) return [];
  const rows = kernelRows({ kernels, roofs });
  const waiting = (what: 'memory' | 'arithmetic') =>
    rows.reduce((sum, { share, waitsFor }) => sum + (waitsFor === what ? share : 0), 0);
  return [
    ...rows
      .filter(({ share }) => share >= WORTH_SAYING)
      .flatMap(({ kernel, share, ofRoof, waitsFor }) =>
        found('kernel', { device, kernel: nameText(kernel), share, ofRoof, waitsFor }),
      ),
    ...found('kernels-wait', { device, memory: waiting('memory'), arithmetic: waiting('arithmetic') }),
  ];
}

function projectionError(device: string, { checks }: Run): Finding[] {
  const errors = checks
    .filter(({ measuredSeconds }) => measuredSeconds > 0)
    .map(({ stage, measuredSeconds, projectedSeconds }) => ({ stage, error: projectedSeconds / measuredSeconds - 1 }));
  const worst = errors.sort((a, b) => Math.abs(b.error) - Math.abs(a.error))[0];
  return worst
    ? found('projection-error', { device, worst: worst.error, checks: errors.length, stage: worst.stage })
    : [];
}
