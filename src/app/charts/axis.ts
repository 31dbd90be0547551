/** Lines and names of an axis. Decoration: the marks say their numbers themselves. */
import { nothing, svg } from 'lit';
import type { Tick } from './axis_ticks';

/** Vertical lines from `top` to `bottom`, names beneath. */
export const bottomAxis = (
  ticks: readonly Tick[],
  top: number,
  bottom: number,
) => svg`<g class="axis" aria-hidden="true">
  ${ticks.map(
    ({ at, text, textAt }) => svg`<line x1=${at} x2=${at} y1=${top} y2=${bottom} />
      ${text ? svg`<text x=${textAt} y=${bottom + 16} text-anchor="middle">${text}</text>` : nothing}`,
  )}
</g>`;

export interface SideTick {
  readonly y: number;
  readonly text: string;
}

/** Horizontal lines from `left` to `right`, names left of them. */
export const leftAxis = (
  ticks: readonly SideTick[],
  left: number,
  right: number,
) => svg`<g class="axis" aria-hidden="true">
  ${ticks.map(
    ({ y, text }) => svg`<line x1=${left} x2=${right} y1=${y} y2=${y} />
      <text x=${left - 6} y=${y + 4} text-anchor="end">${text}</text>`,
  )}
</g>`;
