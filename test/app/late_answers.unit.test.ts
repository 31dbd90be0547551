// @vitest-environment happy-dom
/** What comes late: a stop before the engine has the run, and an answer to an older question. The workers are stood in for. */
import { afterEach, expect, test, vi } from 'vitest';
import * as engine from '../../src/app/engine';
import * as loader from '../../src/app/loader';
import { clipSettings } from '../../src/app/state/clip_form';
import { lookAtMachine, machineState } from '../../src/app/state/machine';
import { make, making, stopMaking } from '../../src/app/state/making';
import * as models from '../../src/app/state/models';
import { changeForm, measure, measuring, stopMeasuring } from '../../src/app/state/streaming';
import { openedModel, openModel } from '../../src/app/state/video_model';
import type { ClipSettings } from '../../src/core/clip';
import type { VideoModel } from '../../src/core/clip_run';
import { AppError } from '../../src/core/errors';
import type { BenchmarkPlan } from '../../src/core/run_plan';
import type { Inspection } from '../../workers/engine_api';
import { exampleResult } from '../compare/example_result';

const settings: ClipSettings = {
  ...{ prompt: 'a red circle', negativePrompt: '', width: 32, height: 32, frames: 5, steps: 2 },
  ...{ solver: 'unipc', schedule: 'even', shift: 5, guidance: 5 },
  ...{ seed: 0, noise: 'torch-cpu', decoder: 'vae', tokenizer: 'fast' },
};
const model = { label: 'demo', framesPerSecond: 24, defaults: settings } as VideoModel;
const { machine } = exampleResult();

afterEach(() => {
  vi.restoreAllMocks();
  machineState.value = { name: 'checking' };
  making.value = { name: 'idle' };
  measuring.value = { name: 'idle' };
  clipSettings.value = null;
  models.stored.value = null;
  models.inspections.value = new Map();
  changeForm({ weights: 'bf16' });
});

/** A worker's answer that comes when it is told to. */
function answers<Value>(value: Value) {
  let come = () => {};
  const promise = new Promise<Value>((resolve) => {
    come = () => resolve(value);
  });
  return { promise, come };
}

function refusal() {
  let reject = (_: Error) => {};
  const promise = new Promise<never>((_, fail) => {
    reject = fail;
  });
  return { promise, reject };
}

test('a video that is stopped while the GPU is opened anew does not begin', async () => {
  vi.spyOn(engine, 'openModel').mockResolvedValue(model);
  vi.spyOn(engine, 'plan').mockRejectedValue(new Error('not asked'));
  vi.spyOn(engine, 'unfinishedClip').mockResolvedValue(null);
  vi.spyOn(engine, 'stop').mockResolvedValue(); // there is no run that it could stop
  const began = vi.spyOn(engine, 'makeClip').mockRejectedValue(new Error('begun'));
  const opened = answers(machine);
  vi.spyOn(engine, 'machine').mockReturnValue(opened.promise);
  await openModel({ kind: 'demo' });
  clipSettings.value = settings;
  making.value = { name: 'failed', failure: { code: 'device-lost', text: '' } };

  const made = make();
  expect(making.value).toMatchObject({ name: 'running', stopping: false });
  await stopMaking();
  opened.come();
  await made;
  expect(began).not.toHaveBeenCalled();
  expect(making.value.name).toBe('stopped');
});

test('nor does a measurement that is stopped while the loader is connected', async () => {
  vi.spyOn(engine, 'stop').mockResolvedValue();
  const began = vi.spyOn(engine, 'measureStreaming').mockRejectedValue(new Error('begun'));
  const connected = answers(undefined);
  vi.spyOn(loader, 'connectEngine').mockReturnValue(connected.promise);
  machineState.value = { name: 'ready', machine, plan: null };
  models.stored.value = [{ id: 'm', name: 'm', files: [], storedBytes: 0, usable: true }];
  const networks = [{ network: 'dit', missing: [], differing: [], types: [] }];
  models.inspections.value = new Map([['m', { networks } as unknown as Inspection]]);
  changeForm({ weights: { model: 'm' } });

  const measured = measure();
  await stopMeasuring();
  connected.come();
  await measured;
  expect(began).not.toHaveBeenCalled();
  expect(measuring.value).toEqual({ name: 'stopped' });
});

test('a stop that ends the worker while it plans costs neither the GPU nor its plan', async () => {
  const { promise, reject } = refusal();
  const plan = {} as BenchmarkPlan;
  vi.spyOn(engine, 'machine').mockResolvedValue(machine);
  vi.spyOn(engine, 'plan').mockReturnValueOnce(promise).mockResolvedValueOnce(plan);
  const looked = lookAtMachine();
  await vi.waitFor(() => expect(machineState.value).toEqual({ name: 'ready', machine, plan: null }));
  reject(new AppError('cancelled', 'The worker was ended.'));
  await looked;
  expect(machineState.value).toEqual({ name: 'ready', machine, plan });
});

test('the answer about an older model does not take the place of that about the chosen one', async () => {
  const older = answers(model);
  vi.spyOn(loader, 'connectEngine').mockResolvedValue();
  vi.spyOn(engine, 'openModel').mockImplementation(({ kind }) =>
    kind === 'demo' ? Promise.resolve(model) : older.promise,
  );
  const asked = openModel({ kind: 'files', keys: [], tokenizer: null });
  await openModel({ kind: 'demo' });
  older.come();
  await asked;
  expect(openedModel.value.name).toBe('ready');
});
