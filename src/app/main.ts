/**
 * Paints first; only then fetches the published runs, recalls the last result and
 * starts the worker that opens the GPU. One effect renders the whole page: lit
 * touches what changed, and a frame draws at most once.
 */
import './styles/base.css';
import './styles/controls.css';
import './styles/header.css';
import './styles/run.css';
import './styles/benchmark.css';
import './styles/result.css';
import './styles/compare.css';
import './styles/runs.css';
import './styles/tables.css';
import './styles/charts.css';
import './styles/chart_marks.css';
import './styles/weights.css';
import './styles/generate.css';
import './styles/player.css';
import './styles/live.css';
import { effect } from '@preact/signals-core';
import { render, type TemplateResult } from 'lit';
import { app, title } from './app';
import { keepForOffline } from './offline';
import { acceptDrops } from './parts/drops';
import { askOnEscape } from './parts/stop_dialog';
import { busy } from './state/busy';
import { loadCards } from './state/cards';
import { followChoices } from './state/follow';
import { measureContent } from './state/layout';
import { askBeforeLeaving } from './state/leaving';
import { lookAtMachine } from './state/machine';
import { readStore } from './state/models';
import { recallRuns } from './state/own_runs';
import { runPlayer } from './state/player';
import { loadReferences } from './state/references';
import { followHash, view } from './state/route';
import { applySettings } from './state/settings';
import { trustOwnScripts } from './trusted_scripts';
import { bringView } from './views/shown';

const root = document.getElementById('app')!;

trustOwnScripts();
keepForOffline();
applySettings();
followHash(bringView);
acceptDrops();
askOnEscape();
followChoices();
askBeforeLeaving(() => busy.value !== null);
runPlayer();

let pending: TemplateResult;
let frame = 0;

effect(() => {
  pending = app();
  if (!frame) frame = requestAnimationFrame(paint);
});

// Not in `paint`: frames stop in a hidden tab, and its title is all that is seen of it.
effect(() => {
  document.title = title();
});

function paint(): void {
  frame = 0;
  render(pending, root);
}

paint();
measureContent(document.getElementById('content')!);
void loadReferences();
const recalled = recallRuns();

// The worker starts when a view that needs it is first open, two frames on: then the first paint is on the screen.
let looked = false;
effect(() => {
  if (looked || view.value === 'compare') return;
  looked = true;
  requestAnimationFrame(() => requestAnimationFrame(() => void lookAtMachine()));
});

// As is the store.
let read = false;
effect(() => {
  if (read || (view.value !== 'weights' && view.value !== 'generate')) return;
  read = true;
  void readStore();
});

// And what comes from elsewhere. A link comes after what is kept: it must not pass for one of one's own.
let compared = false;
effect(() => {
  if (compared || view.value !== 'compare') return;
  compared = true;
  void loadCards();
  void import('./state/live').then(({ live }) => askBeforeLeaving(() => live.value.name === 'running'));
  void Promise.all([import('./state/adding'), recalled]).then(([{ followLinks }]) => followLinks());
});
