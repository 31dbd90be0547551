/** Where live servers are asked. What does it comes with the view: nobody else needs it. */
import { signal } from '@preact/signals-core';
import { nothing, type TemplateResult } from 'lit';
import { type Failure, failureOf } from '../state/failure';
import { failureNote } from './failure_note';

type Panel = () => TemplateResult;

const panel = signal<Panel | Failure | null>(null);
let asked = false;

export function livePlace(): TemplateResult | typeof nothing {
  if (!asked) void load();
  const here = panel.value;
  if (here === null) return nothing;
  return typeof here === 'function' ? here() : failureNote(here, { again: load });
}

async function load(): Promise<void> {
  asked = true;
  panel.value = null;
  try {
    const { livePanel } = await import('./live_server');
    panel.value = livePanel;
  } catch (error) {
    panel.value = failureOf(error);
  }
}
