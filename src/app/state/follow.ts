/** What the engine is asked as choices change, while the answers are seen and nothing else uses the GPU. */
import { effect } from '@preact/signals-core';
import type { ClipSize } from '../../core/clip_run';
import { busy } from './busy';
import { casesChoice, casesForm, lookAtCases } from './cases';
import { clipChoice, clipSettings, clipSizes, plan, problems, readPrompt, takeDefaults } from './clip_form';
import { machineState } from './machine';
import { lookForUnfinished } from './making';
import { crop, type GivenPicture, picture } from './picture';
import { type View, view } from './route';
import { look, streamingChoice } from './streaming';
import { modelChoice, openedModel, openModel } from './video_model';

interface Question<Choice> {
  readonly view: View;
  /** Read within an effect; null: there is nothing to ask. */
  readonly choice: () => Choice | null;
  /** What of it changes the answer. */
  readonly key: (choice: Choice) => unknown;
  readonly ask: (choice: Choice) => Promise<void>;
  /** Asked again after a run, which may have measured what the answer rests on. */
  readonly afterRuns?: boolean;
}

/** As a slider moves, or a sentence is typed. */
const DEBOUNCE_MS = 200;

function follow<Choice>({ view: seen, choice: read, key: keyOf, ask, afterRuns = false }: Question<Choice>): void {
  let asked = '';
  effect(() => {
    const choice = read();
    if (busy.value && afterRuns) asked = '';
    if (view.value !== seen || machineState.value.name !== 'ready' || busy.value || choice === null) return;
    const key = JSON.stringify(keyOf(choice));
    if (key === asked) return;
    // The first answer is waited for; those after it come while something is changed.
    const timer = setTimeout(
      () => {
        asked = key;
        void ask(choice);
      },
      asked === '' ? 0 : DEBOUNCE_MS,
    );
    return () => clearTimeout(timer);
  });
}

/** Call once. */
export function followChoices(): void {
  follow({
    view: 'benchmark',
    choice: () => (casesForm.value.when === 'off' ? null : casesChoice.value),
    key: (choice) => choice,
    ask: lookAtCases,
    afterRuns: true,
  });
  follow({
    view: 'weights',
    choice: () => streamingChoice.value,
    key: (choice) => ({ ...choice, steps: 0 }), // their number changes nothing about one
    ask: look,
    afterRuns: true,
  });
  follow({ view: 'generate', choice: () => modelChoice.value, key: (choice) => choice, ask: openModel });
  follow({
    view: 'generate',
    choice: () => (problems.value.length === 0 ? clipChoice.value : null),
    key: ({ settings, image, ...rest }) => {
      const { prompt: _, negativePrompt: __, seed: ___, noise: ____, ...work } = settings;
      return { ...rest, work, image: image !== null, sizes: clipSizes.value };
    },
    ask: plan,
    afterRuns: true,
  });
  follow({
    view: 'generate',
    choice: () => clipChoice.value,
    key: ({ model, settings }) => ({ model, prompt: settings.prompt, tokenizer: settings.tokenizer }),
    ask: readPrompt,
  });
  follow({ view: 'generate', choice: cropChoice, key: ({ given, size }) => [given.id, size], ask: cropGiven });
  follow({ view: 'generate', choice: () => 'once', key: (once) => once, ask: lookForUnfinished });
  effect(() => {
    if (openedModel.value.name === 'ready') takeDefaults(openedModel.value.model);
  });
}

interface CropChoice {
  readonly given: GivenPicture;
  readonly size: ClipSize;
}

function cropChoice(): CropChoice | null {
  const settings = clipSettings.value;
  if (!picture.value || !settings || problems.value.length > 0 || openedModel.value.name !== 'ready') return null;
  const { width, height, frames } = settings;
  return { given: picture.value, size: { width, height, frames } };
}

const cropGiven = ({ given, size }: CropChoice) => crop(given, size);
