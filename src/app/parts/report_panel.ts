/** The source report's claims beside what its runs say; and a report of one's own, written on demand. */
import { html, nothing, type TemplateResult } from 'lit';
import { MOST_REPORTED, type Report } from '../../compare/report';
import { grouped } from '../../words/format';
import { claimsSection, FORMATS, type ReportFormat, report, reportIsOpen, saveReport, tooMany } from '../state/report';
import { words } from '../state/settings';
import { focusSoon } from './focus';
import { reportBlocks } from './report_blocks';

export function checkedClaims(): TemplateResult | typeof nothing {
  const { claims: say } = words.value.compare;
  const section = claimsSection.value;
  if (!section) return nothing;
  return html`
    <section class="claims" aria-labelledby="claims-heading">
      <h2 id="claims-heading">${say.heading}</h2>
      ${reportBlocks(section.blocks)}
    </section>
  `;
}

export function reportPanel(): TemplateResult {
  const { report: say } = words.value.compare;
  const isOpen = reportIsOpen.value;
  return html`
    <section class="report" aria-labelledby="report-heading">
      <h2 id="report-heading">${say.heading}</h2>
      <p class="note prose">${say.note}</p>
      <p>
        <button type="button" aria-expanded=${isOpen} aria-controls="written-report" @click=${toggle}>
          ${isOpen ? say.close : say.write}
        </button>
      </p>
      <p class="visually-hidden" role="status">${report.value ? say.ready : ''}</p>
      <div id="written-report">${report.value ? written(report.value) : isOpen ? refused() : nothing}</div>
    </section>
  `;
}

/** It can be written as soon as fewer runs are chosen. */
const refused = () =>
  tooMany.value
    ? html`<p class="refused" role="alert">
        ${words.value.compare.report.tooMany(grouped(tooMany.value), grouped(MOST_REPORTED))}
      </p>`
    : nothing;

function toggle(): void {
  reportIsOpen.value = !reportIsOpen.value;
  if (reportIsOpen.value) focusSoon('#written-heading');
}

function written(text: Report): TemplateResult {
  const { report: say } = words.value.compare;
  return html`
    <div class="actions" role="group" aria-label=${say.saveAs}>
      <span aria-hidden="true">${say.saveAs}</span>
      ${(Object.entries(FORMATS) as [ReportFormat, string][]).map(
        ([format, name]) =>
          html`<button type="button" aria-label="${say.saveAs} ${name}" @click=${() => saveReport(format)}>${name}</button>`,
      )}
      <button type="button" @click=${() => print()}>${say.print}</button>
    </div>
    <article class="written" aria-labelledby="written-heading">
      <h3 id="written-heading" class="report-title" tabindex="-1">${text.title}</h3>
      <p class="prose">${text.lead}</p>
      ${text.sections.map(
        ({ id, heading, blocks }) => html`<section aria-labelledby="report-${id}">
          <h3 id="report-${id}">${heading}</h3>
          ${reportBlocks(blocks)}
        </section>`,
      )}
    </article>
  `;
}
