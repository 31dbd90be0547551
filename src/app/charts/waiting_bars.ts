/**
 * Is the bringing of weights hidden? Two bars on one axis, both beginning with the
 * time the GPU waited: the step, and the bringing, whose rest lies under computing.
 */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { duration } from '../../words/format';
import { words } from '../state/settings';
import { textWidth } from './text_width';

export interface WaitingBars {
  readonly stepSeconds: number;
  readonly exposedSeconds: number;
  readonly hiddenSeconds: number;
  readonly width: number;
  /** The finding. */
  readonly name: string;
}

type Part = 'exposed' | 'hidden' | 'computing';

const ROW_HEIGHT = 76;
const BAR_TOP = 24;
const BAR_HEIGHT = 20;
const LABEL = BAR_TOP + BAR_HEIGHT + 17;
const GAP = 14;
const SWATCH = 14;

export function waitingBars({ stepSeconds, exposedSeconds, hiddenSeconds, width, name }: WaitingBars): TemplateResult {
  const { bars } = words.value.weights.streaming.result;
  if (width <= 0) return html``;
  const scale = width / Math.max(stepSeconds, exposedSeconds + hiddenSeconds, Number.MIN_VALUE);
  const computing = Math.max(0, stepSeconds - exposedSeconds);
  return html`<svg class="waiting" role="group" aria-label=${name} width=${width} height=${2 * ROW_HEIGHT} viewBox="0 0 ${width} ${2 * ROW_HEIGHT}">
    ${drawRow(0, bars.step, { exposed: exposedSeconds, computing }, scale, width)}
    ${drawRow(1, bars.bring, { exposed: exposedSeconds, hidden: hiddenSeconds }, scale, width)}
  </svg>`;
}

function drawRow(index: number, name: string, parts: Partial<Record<Part, number>>, scale: number, width: number) {
  const entries = Object.entries(parts) as [Part, number][];
  const total = entries.reduce((sum, [, seconds]) => sum + seconds, 0);
  let x = 0;
  let labelX = 0;
  const drawn = entries.map(([part, seconds]) => {
    const text = `${words.value.weights.streaming.result.parts[part]} ${duration(seconds, words.value)}`;
    const at = { x, width: seconds * scale, labelX: Math.max(x, labelX), text, part };
    x += at.width;
    labelX = at.labelX + SWATCH + textWidth(text, 12.5) + GAP;
    return at;
  });
  // Labels that would leave the chart are pushed back, the last one first.
  const excess = Math.max(0, labelX - GAP - width);
  return svg`<g transform="translate(0 ${index * ROW_HEIGHT})">
    <text class="row-name" y="15" aria-hidden="true">${name}</text>
    <text class="row-total" x=${width} y="15" text-anchor="end" aria-hidden="true">${duration(total, words.value)}</text>
    ${drawn.map((segment, i) => drawSegment(name, segment, i === 0 ? 0 : excess))}
  </g>`;
}

interface Drawn {
  readonly x: number;
  readonly width: number;
  readonly labelX: number;
  readonly text: string;
  readonly part: Part;
}

function drawSegment(row: string, { x, width, labelX, text, part }: Drawn, back: number) {
  const label = labelX - back;
  return svg`<g class="segment part-${part}" role="img" aria-label="${row}, ${text}">
    ${width > 0 ? svg`<rect class="fill" x=${x + 0.5} y=${BAR_TOP} width=${Math.max(width - 1, 1)} height=${BAR_HEIGHT} />` : nothing}
    <rect class="swatch" x=${label} y=${LABEL - 9} width="9" height="9" />
    <text class="label" x=${label + SWATCH} y=${LABEL}>${text}</text>
  </g>`;
}
