/** Why a result is what it is, what happened when, whether it is steady, and the memory it took: one chart each. */
import { nothing, type TemplateResult } from 'lit';
import type { BenchmarkResult } from '../../core/result';
import { memoryOverTime } from '../charts/memory_over_time';
import { roofline } from '../charts/roofline';
import { runTimeline } from '../charts/run_timeline';
import { sampleDots } from '../charts/sample_dots';
import { stepStrip } from '../charts/step_strip';
import { contentWidth } from '../state/layout';
import { words } from '../state/settings';
import { folding } from './folding';

type Section = TemplateResult | typeof nothing;

export function why({ kernels, roofs }: BenchmarkResult): Section {
  if (kernels.length === 0) return nothing;
  const { why: heading } = words.value.result.headings;
  return folding('why', heading, roofline({ kernels, roofs, sheets: [], width: contentWidth.value }));
}

/** A result of version 1, or one whose link had no room, has none. */
export function when({ timeline }: BenchmarkResult): Section {
  if (timeline.length === 0) return nothing;
  const { when: heading } = words.value.result.headings;
  return folding('when', heading, runTimeline({ spans: timeline, seconds: null, width: contentWidth.value }));
}

export function steady({ stages, projection }: BenchmarkResult): Section {
  const { headings, referenceStep } = words.value.result;
  const { compared } = words.value;
  const width = contentWidth.value;
  const rows = [
    { id: 'encode', label: compared.encode, figure: stages.encode },
    { id: 'step', label: compared.step, figure: stages.step },
    { id: 'decode', label: compared.decode, figure: stages.decode },
    { id: 'reference', label: referenceStep, figure: projection.stages.step },
  ].filter(({ figure }) => figure.samples.length > 1);
  const steps = stages.step.kind === 'measured' && stages.step.samples.length > 1;
  if (rows.length === 0) return nothing;
  return folding('steady', headings.steady, [
    steps ? stepStrip({ step: stages.step, width }) : nothing,
    sampleDots({ rows, width }),
  ]);
}

export function memoryTaken({ memory }: BenchmarkResult): Section {
  if (memory.samples.length === 0) return nothing;
  return folding(
    'memory',
    words.value.result.headings.memory,
    memoryOverTime({ ...memory, width: contentWidth.value }),
  );
}
