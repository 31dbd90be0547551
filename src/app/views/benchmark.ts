/** The landing view: what this machine is, what will run, what came of it. */
import { html, nothing, type TemplateResult } from 'lit';
import { representatives } from '../../compare/representatives';
import type { BenchmarkResult } from '../../core/result';
import { day } from '../../words/format';
import { notRunRow, referenceBar } from '../charts/bar_rows';
import { stageBars } from '../charts/stage_bars';
import { benchmarkCard } from '../parts/benchmark_card';
import { casesOutcome } from '../parts/cases_outcome';
import { kindLegend } from '../parts/kind';
import { machineLine } from '../parts/machine_line';
import { milestoneLine } from '../parts/progress_panel';
import { resultPanel } from '../parts/result_panel';
import { selfCheckPanel } from '../parts/self_check_panel';
import { machineFailed, runFailed, runStopped, unsupported } from '../parts/trouble';
import { contentWidth } from '../state/layout';
import { isThisGpu, machineState } from '../state/machine';
import { keptRuns, ownResults } from '../state/own_runs';
import { referenceRuns } from '../state/references';
import { milestone, run } from '../state/run';
import { words } from '../state/settings';

export function benchmarkView(): TemplateResult {
  const { benchmark } = words.value;
  const { name } = machineState.value;
  return html`
    <div class="opening">
      <h1 tabindex="-1">${benchmark.title}</h1>
      <p class="lead">${benchmark.lead}</p>
    </div>
    ${machineLine()} ${name === 'checking' || name === 'ready' ? benchmarkCard() : nothing} ${milestoneLine(milestone.value)}
    ${casesOutcome()} ${outcome()}
    ${name === 'ready' ? selfCheckPanel() : nothing}
  `;
}

function outcome(): TemplateResult | typeof nothing {
  const machine = machineState.value;
  if (machine.name === 'unsupported') return html`${unsupported(machine.secure)} ${lastOrPublished()}`;
  if (machine.name === 'failed') return html`${machineFailed(machine.failure)} ${lastOrPublished()}`;
  const state = run.value;
  switch (state.name) {
    case 'idle':
      return lastOrPublished();
    case 'running':
      return nothing;
    case 'stopped':
      return html`${runStopped(state.progress, state.seconds)} ${lastOrPublished()}`;
    case 'failed':
      return runFailed(state.failure);
    case 'done':
      return resultPanel(asKept(state.result), null);
    default:
      return state satisfies never;
  }
}

/** With the name that it has been given since. */
function asKept(result: BenchmarkResult): BenchmarkResult {
  const kept = keptRuns.value.find(({ run }) => run.id === result.id)?.run;
  return kept?.schema === 'wanscope-result' ? kept : result;
}

/** Never an invented sample: the last result of this GPU, or the published runs with this GPU's place kept free. */
function lastOrPublished(): TemplateResult | typeof nothing {
  const { result } = words.value;
  const last = ownResults.value.find(({ machine }) => isThisGpu(machine.adapter));
  if (last) return resultPanel(last, result.last(day(last.createdAt, words.value), last.machine.adapter));
  const rows = representatives(referenceRuns());
  if (rows.length === 0) return nothing;
  const steps = rows[0]!.key.steps!;
  const finding = result.beside.emptyFinding(steps);
  const canRun = machineState.value.name === 'ready' || machineState.value.name === 'checking';
  return html`
    <section class="published" aria-labelledby="published-heading">
      <h2 id="published-heading">${result.beside.heading}</h2>
      ${stageBars({
        rows: [...(canRun ? [notRunRow()] : []), ...rows.map((row) => referenceBar(row, steps))],
        width: contentWidth.value,
        scale: 'seconds',
        caption: finding,
        name: finding,
      })}
      ${canRun ? html`<p class="note">${result.beside.empty}</p>` : nothing} ${kindLegend()}
    </section>
  `;
}
