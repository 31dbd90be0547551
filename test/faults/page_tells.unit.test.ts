// @vitest-environment happy-dom
/** What the page does about faults that it alone can see or help: a hidden tab, and a size that is too large for the GPU. */
import { render } from 'lit';
import { afterEach, describe, expect, test } from 'vitest';
import { failureNote } from '../../src/app/parts/failure_note';
import { runFailed } from '../../src/app/parts/trouble';
import { smallerOf } from '../../src/app/state/clip_form';
import { machineState } from '../../src/app/state/machine';
import { choice, chooseMode, run } from '../../src/app/state/run';
import { words } from '../../src/app/state/settings';
import { watchHidden } from '../../src/app/state/visibility';
import type { ErrorCode } from '../../src/core/errors';
import type { ModePlan, PresetEstimate } from '../../src/core/run_plan';
import { exampleResult } from '../compare/example_result';

afterEach(() => {
  document.body.replaceChildren();
  Reflect.deleteProperty(document, 'visibilityState');
  machineState.value = { name: 'checking' };
  run.value = { name: 'idle' };
  chooseMode('quick');
});

function show(visibilityState: DocumentVisibilityState): void {
  Object.defineProperty(document, 'visibilityState', { value: visibilityState, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}

describe('a hidden tab', () => {
  test('is told of, however short it was and whenever', () => {
    const stayed = watchHidden();
    expect(stayed()).toBe(false);
    const left = watchHidden();
    show('hidden');
    show('visible');
    expect(left()).toBe(true);
    show('hidden');
    expect(watchHidden()()).toBe(true);
  });

  test('after the run is nothing to it', () => {
    const ended = watchHidden();
    ended();
    show('hidden');
    show('visible');
    expect(ended()).toBe(false);
  });
});

describe('a size that is too large', () => {
  const row = (id: string, bytes: number): PresetEstimate => ({
    ...{ id, width: 256, height: 256, frames: 5, tokens: 128, encodeSeconds: 1, stepSeconds: 1, decodeSeconds: 1 },
    largestBytes: 1,
    memory: { encode: null, image: null, decode: null, denoise: { weights: bytes, slots: 0, activations: 0 } },
  });

  function failed(code: ErrorCode): HTMLButtonElement | null {
    const mode: ModePlan = {
      ...{
        presets: [row('large', 9e9), row('small', 1e9), row('middle', 4e9)],
        tuningSeconds: 0,
        sampleSeconds: 10,
        sampleBytes: 1e9,
      },
      ...{ clipSeconds: 18, steps: 5, warmUpSteps: 1, samplesAlone: true, weightBytes: 0, bindingBytes: 1e9 },
      ...{ downloadBytes: 0, ratesAssumed: false },
    };
    const plan = { quick: mode, standard: mode, full: mode };
    machineState.value = { name: 'ready', machine: exampleResult().machine, plan };
    const failure = { code, text: 'This takes 9,000 MiB, and 4,096 MiB are allowed.' };
    run.value = { name: 'failed', failure };
    const place = document.createElement('div');
    document.body.append(place);
    render(runFailed(failure), place);
    expect(place.textContent).toContain(failure.text);
    expect(place.textContent).toContain(words.value.failure.advice[code]);
    return (
      [...place.querySelectorAll('button')].find((each) => each.textContent === words.value.failure.smallest) ?? null
    );
  }

  test.for(['out-of-memory', 'limit-too-low', 'device-lost'] as const)('is answered with the smallest: %s', (code) => {
    const offered = failed(code);
    offered!.click();
    expect(choice.value.preset).toBe('small');
    expect(run.value).toEqual({ name: 'idle' });
  });

  test.for(['shader-invalid', 'not-finite', 'gpu-busy'] as const)('is not what %s is about', (code) => {
    expect(failed(code)).toBeNull();
  });
});

describe('a video that is too large', () => {
  const sizes = [96, 32, 64].map((width) => ({ width, height: 32, frames: 5 }));

  test('may be made in the smallest size there is, unless it is that one', () => {
    expect(smallerOf(sizes, { width: 96, height: 64, frames: 5 })).toEqual(sizes[1]);
    expect(smallerOf(sizes, { width: 32, height: 32, frames: 9 })).toEqual(sizes[1]);
    expect(smallerOf(sizes, sizes[1]!)).toBeNull();
    expect(smallerOf([], sizes[1]!)).toBeNull();
  });

  test('is offered that beside another try', () => {
    const place = document.createElement('div');
    document.body.append(place);
    const failure = { code: 'out-of-memory', text: 'This takes 9,000 MiB, and 4,096 MiB are allowed.' } as const;
    let chosen = 0;
    render(failureNote(failure, { again: () => {}, smallest: () => (chosen += 1) }), place);
    const [again, smallest] = [...place.querySelectorAll('button')];
    expect(again!.textContent).toBe(words.value.failure.tryAgain);
    expect(smallest!.textContent).toBe(words.value.failure.smallest);
    smallest!.click();
    expect(chosen).toBe(1);
    render(failureNote(failure), place);
    expect(place.querySelector('button')).toBeNull();
  });
});
