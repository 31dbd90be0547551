/** What the benchmark runs on, in one line; everything WebGPU tells about it, folded. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Machine } from '../../core/result';
import { grouped } from '../../words/format';
import { machineState } from '../state/machine';
import { words } from '../state/settings';
import { copyButton } from './copy_button';
import { dataTable } from './data_table';
import { dotted } from './dotted';

export function machineLine(): TemplateResult | typeof nothing {
  const state = machineState.value;
  if (state.name === 'checking') return html`<p class="machine skeleton">${words.value.machine.checking}</p>`;
  if (state.name !== 'ready') return nothing;
  const { machine } = state;
  return html`
    <section class="machine" aria-labelledby="machine-heading">
      <h2 id="machine-heading" class="visually-hidden">${words.value.machine.heading}</h2>
      <p>${dotted([html`<strong>${machine.adapter}</strong>`, ...facts(machine)])}</p>
      ${machine.software ? softwareNotice() : nothing}
      <details>
        <summary>${words.value.machine.details}</summary>
        ${details(machine)}
      </details>
    </section>
  `;
}

function facts({ runtime, tier, timestamps }: Machine): string[] {
  const { machine } = words.value;
  return [runtime, machine.tier[tier], timestamps ? machine.timestamps : machine.noTimestamps];
}

function softwareNotice() {
  const { software, softwareWhy } = words.value.machine;
  return html`<aside class="notice warn" aria-label=${software}>
    <p><strong>${software}</strong></p>
    <p>${softwareWhy}</p>
  </aside>`;
}

function details(machine: Machine) {
  const { machine: names } = words.value;
  return html`
    <dl class="facts">
      ${identity(machine).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value || names.unknown}</dd></div>`)}
    </dl>
    <h3>${names.features}</h3>
    <ul class="features">
      ${machine.features.map((feature) => html`<li><code>${feature}</code></li>`)}
    </ul>
    <h3>${names.limits}</h3>
    ${dataTable({
      caption: names.limits,
      columns: [
        { head: names.limit, cell: ([name]) => html`<code>${name}</code>` },
        { head: names.value, numeric: true, cell: ([, value]) => grouped(value) },
      ],
      rows: Object.entries(machine.limits),
    })}
    <p>${copyButton('machine', names.copy, () => machineText(machine))}</p>
  `;
}

function identity(machine: Machine): [string, string][] {
  const { machine: names } = words.value;
  return [
    [names.adapter, machine.adapter],
    [names.vendor, machine.vendor],
    [names.architecture, machine.architecture],
    [names.driver, machine.driver],
    [names.backend, machine.backend],
    [names.runtime, machine.runtime],
  ];
}

/** Reads as text, renders as Markdown. */
export function machineText(machine: Machine): string {
  const { machine: names } = words.value;
  return [
    ...identity(machine).map(([name, value]) => `- ${name}: ${value || names.unknown}`),
    `- ${names.features}: ${machine.features.join(', ')}`,
    `- ${names.limits}:`,
    ...Object.entries(machine.limits).map(([name, value]) => `  - ${name}: ${value}`),
    '',
  ].join('\n');
}
