/** The machine line: known once the worker has opened a device, after the first paint. */
import { signal } from '@preact/signals-core';
import type { Machine } from '../../core/result';
import type { BenchmarkPlan } from '../../core/run_plan';
import * as engine from '../engine';
import { type Failure, failureOf } from './failure';

export type MachineState =
  | { readonly name: 'checking' }
  | { readonly name: 'unsupported'; readonly secure: boolean }
  | { readonly name: 'failed'; readonly failure: Failure }
  | { readonly name: 'ready'; readonly machine: Machine; readonly plan: BenchmarkPlan | null };

export const machineState = signal<MachineState>(
  'gpu' in navigator ? { name: 'checking' } : { name: 'unsupported', secure: globalThis.isSecureContext },
);

/** A browser may have had another GPU before. As long as the page has not looked, it is taken to be the same. */
export const isThisGpu = (adapter: string): boolean =>
  machineState.value.name !== 'ready' || machineState.value.machine.adapter === adapter;

export async function lookAtMachine(): Promise<void> {
  if (machineState.value.name === 'unsupported') return;
  machineState.value = { name: 'checking' };
  try {
    const machine = await engine.machine();
    machineState.value = { name: 'ready', machine, plan: null };
    machineState.value = { name: 'ready', machine, plan: await askForPlan() };
  } catch (error) {
    const failure = failureOf(error);
    machineState.value =
      failure.code === 'webgpu-missing'
        ? { name: 'unsupported', secure: globalThis.isSecureContext }
        : { name: 'failed', failure };
  }
}

/** After a run, also a stopped one, the device may be tuned and its rates known. What was foretold before stays where that fails. */
export async function planAnew(): Promise<void> {
  const plan = await askForPlan().catch(() => null);
  const state = machineState.value;
  if (plan && state.name === 'ready') machineState.value = { ...state, plan };
}

/** Stop may end the worker that is asked: a run can begin before the plan is there. Then the next one is asked. */
async function askForPlan(): Promise<BenchmarkPlan> {
  try {
    return await engine.plan();
  } catch (error) {
    if (failureOf(error).code !== 'cancelled') throw error;
    return askForPlan();
  }
}
