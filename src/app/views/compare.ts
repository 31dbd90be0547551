/** One run beside all others: own, published, opened, of servers. Needs no GPU. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Comparison } from '../../compare/compare_runs';
import { workloadOf } from '../../compare/workload';
import { grouped } from '../../words/format';
import { type RatioOf, ratioOf } from '../compare_rows';
import { leadingSentence, sentenceOfOthers } from '../leading_sentence';
import { addNews, addRuns } from '../parts/add_runs';
import { compareBars, compareRatios, compareRoofline, type OwnName } from '../parts/compare_charts';
import { compareControls } from '../parts/compare_controls';
import { comparisonTable } from '../parts/comparison_table';
import { emphasised } from '../parts/emphasis';
import { livePanel } from '../parts/live_server';
import { ownRuns } from '../parts/own_runs';
import { checkedClaims, reportPanel } from '../parts/report_panel';
import { runTable } from '../parts/run_table';
import { runTitle } from '../run_text';
import {
  type Entry,
  isSenders,
  metric,
  otherEntries,
  ownEntry,
  placed,
  priceOf,
  rowsWanted,
  steps,
} from '../state/compared';
import { isThisGpu } from '../state/machine';
import { references } from '../state/references';
import { words } from '../state/settings';

export function compareView(): TemplateResult {
  const { compare } = words.value;
  const own = ownEntry.value;
  const others = otherEntries.value;
  const options = { metric: metric.value, steps: steps.value, priceOf, words: words.value };
  const ratios = own ? others.map(({ run }) => ratioOf(own.run, run, options)) : [];
  const name = own && nameOf(own);
  return html`
    <div class="opening">
      <h1 tabindex="-1">${compare.title}</h1>
      <p class="lead">${compare.lead}</p>
    </div>
    ${sentence(ratios, name)} ${compareControls()}
    ${rowsWanted.value > others.length ? html`<p class="notice" role="status">${compare.controls.rowsShown(grouped(others.length), grouped(rowsWanted.value))}</p>` : nothing}
    ${own && isSenders(own) ? html`<p class="notice">${compare.controls.foreign}</p>` : nothing}
    ${references.value === 'failed' ? html`<p class="notice warn">${compare.failed}</p>` : nothing}
    ${references.value === 'loading' ? html`<p class="note">${compare.loading}</p>` : nothing}
    ${name && ratios.length > 0 ? compareRatios(ratios, name) : nothing}
    ${placed.value.length > 0 ? compareBars(placed.value, name) : nothing}
    ${
      own && name
        ? compareRoofline(
            own.run,
            others.map(({ run }) => run),
            name,
          )
        : nothing
    }
    ${placed.value.length > 0 ? allRows(ratios, name) : nothing} ${checkedClaims()} ${reportPanel()} ${ownRuns()} ${addRuns()}
    ${livePanel()} ${addNews()}
  `;
}

/** What the pinned run is called: this GPU only where it was measured on it. */
function nameOf({ run, madeHere }: Entry): OwnName {
  if (madeHere && isThisGpu(run.device.name))
    return { inside: words.value.compare.thisGpu, label: words.value.result.thisGpu };
  return { inside: words.value.compare.thisRun, label: runTitle(run, words.value) };
}

function sentence(ratios: readonly RatioOf[], own: OwnName | null): TemplateResult {
  const { sentence: say } = words.value.compare;
  if (own) {
    const lead = leadingSentence(
      ratios.map(({ comparison }) => comparison),
      own.inside,
      words.value,
    );
    if (!lead) return html`<p class="lead">${say.noCommon}</p>`;
    return html`<p class="headline">${emphasised(lead.sentence)}</p>
      ${lead.footing ? html`<p class="note">${lead.footing}</p>` : nothing}`;
  }
  const text = sentenceOfOthers(placed.value, steps.value, words.value);
  return html`${text ? html`<p class="headline">${emphasised(text)}</p>` : nothing}
    <p>${say.ownNone} <a href="#benchmark">${say.goBenchmark}</a></p>`;
}

function allRows(ratios: readonly RatioOf[], name: OwnName | null): TemplateResult {
  const { table: say } = words.value.compare;
  const all = [...(ownEntry.value ? [ownEntry.value] : []), ...otherEntries.value];
  const rows = placed.value.map((each, at) => ({
    placed: each,
    ratio: ratios.find(({ run }) => run === each.run) ?? null,
    isOwn: name !== null && at === 0,
    madeHere: all[at]!.madeHere,
  }));
  return html`
    <section class="all-rows" aria-labelledby="rows-heading">
      <h2 id="rows-heading">${say.heading}</h2>
      ${runTable(rows, name)} ${name ? stageByStage(ratios, name) : nothing}
    </section>
  `;
}

/** Beside as many as a table has room for. */
const MOST_BESIDE = 3;

function stageByStage(ratios: readonly RatioOf[], own: OwnName): TemplateResult | typeof nothing {
  const { compare } = words.value;
  const { table: say } = compare;
  const known = ratios.map(({ comparison }) => comparison).filter(({ basis }) => basis !== 'none');
  // One column of own figures can only be of one work.
  const work = ({ keys }: Comparison) => JSON.stringify([workloadOf(keys.own), workloadOf(keys.other)]);
  const comparisons = known.filter((each) => work(each) === work(known[0]!)).slice(0, MOST_BESIDE);
  if (comparisons.length === 0) return nothing;
  return html`<details class="pair">
    <summary>${say.pair}</summary>
    ${comparisonTable(comparisons, `${say.pair}: ${own.label}`, {
      name: own,
      ratio: compare.ratio.time(own.inside).ratio,
      say: compare.pair(own.inside, steps.value),
    })}
  </details>`;
}
