/**
 * What can be pointed at in a chart. A chart is one tab stop, arrow keys reach its
 * other marks; the one that has the focus or the pointer is read out beneath the
 * drawing, and aloud.
 */
import { nothing, svg } from 'lit';
import { words } from '../state/settings';
import { type Measure, SMALL_PX } from './text_width';

/** The mark's numbers, each with its name; a line holds as many as fit. */
export type MarkText = readonly string[];

export interface Mark {
  /** Of its looks. */
  readonly class: string;
  readonly text: MarkText;
  /** The tab stop is the first. */
  readonly first: boolean;
  readonly drawing: unknown;
  readonly readout: readonly ReadoutLine[];
}

export interface ReadoutLine {
  readonly text: string;
  readonly y: number;
}

export const READOUT_LINE = 18;

export function drawMark({ class: looks, text, first, drawing, readout }: Mark) {
  return svg`<g class="mark ${looks}" role="img" tabindex=${first ? 0 : -1} aria-label=${text.join(words.value.chart.comma)}>
    ${drawing}
    ${readout.length > 0 ? svg`<g class="readout" aria-hidden="true">${readout.map(({ text, y }) => svg`<text y=${y}>${text}</text>`)}</g>` : nothing}
  </g>`;
}

/** The lines of every mark, from a height on, and the height that holds the longest of them. */
export function readouts(texts: readonly MarkText[], top: number, width: number, measure: Measure) {
  const lines = texts.map((text) =>
    linesOf(text, width, measure).map((line, index) => ({ text: line, y: top + (index + 1) * READOUT_LINE - 4 })),
  );
  return { lines, height: Math.max(0, ...lines.map(({ length }) => length)) * READOUT_LINE };
}

function linesOf(text: MarkText, width: number, measure: Measure): string[] {
  const lines: string[] = [];
  for (const part of text) {
    const longer = lines.length > 0 ? `${lines.at(-1)} · ${part}` : part;
    if (lines.length > 0 && measure(longer, SMALL_PX) <= width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

export function moveBetweenMarks(event: KeyboardEvent): void {
  const marks = [...(event.currentTarget as Element).querySelectorAll<SVGElement>('.mark')];
  const at = marks.indexOf(document.activeElement as SVGElement);
  const next = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    Home: 0,
    End: marks.length - 1,
  }[event.key];
  if (next === undefined || at < 0) return;
  event.preventDefault();
  marks[(next + marks.length) % marks.length]!.focus();
}
