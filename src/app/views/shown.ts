/** The view that is open. The landing view comes with the page; the code of each other comes when it is first open. */
import { signal } from '@preact/signals-core';
import { html, type TemplateResult } from 'lit';
import { lateCode } from '../late_code';
import { failureNote } from '../parts/failure_note';
import { type Failure, failureOf } from '../state/failure';
import { type View, view } from '../state/route';
import { words } from '../state/settings';
import { benchmarkView } from './benchmark';

type Draw = () => TemplateResult;

const LATE: Readonly<Record<Exclude<View, 'benchmark'>, () => Promise<Draw>>> = {
  generate: () => lateCode(() => import('./generate')).then(({ generateView }) => generateView),
  weights: () => lateCode(() => import('./weights')).then(({ weightsView }) => weightsView),
  compare: () => lateCode(() => import('./compare')).then(({ compareView }) => compareView),
};

const arrived = signal<Readonly<Partial<Record<View, Draw | Failure>>>>({ benchmark: benchmarkView });

/** Resolves when it can be drawn, or it is known why not. A view that failed is asked for again. */
export async function bringView(wanted: View): Promise<void> {
  if (wanted === 'benchmark' || typeof arrived.value[wanted] === 'function') return;
  const outcome = await LATE[wanted]().catch(failureOf);
  arrived.value = { ...arrived.value, [wanted]: outcome };
}

export function shownView(): TemplateResult {
  const draw = arrived.value[view.value];
  const { nav } = words.value;
  if (typeof draw === 'function') return draw();
  if (!draw) return html`<p class="skeleton">${nav.arriving}</p>`;
  return failureNote(draw, { advice: nav.notArrived, again: () => void bringView(view.value) });
}
