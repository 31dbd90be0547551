/** What a table is good for: this adapter, its driver, and the kernels as they are. */
import { createSHA256 } from 'hash-wasm';
import type { GpuContext } from '../gpu/context';
import { record } from '../gpu/program';
import { activationFor, recorderOptions } from '../pipeline/options';
import { type TuningCase, tuningCases } from './cases';
import { always, candidatesOf, caseTensors } from './record_case';
import type { TableKey } from './table';

/** All that is to be tuned on a device. */
export const casesOf = (context: GpuContext): TuningCase[] =>
  tuningCases(activationFor(context), context.device.machine.software);

/** The element type of a case's activations. */
export const activationOf = ({ size }: TuningCase): 'f32' | 'f16' => ('queries' in size ? size.type : size.left);

export async function deviceKey(context: GpuContext): Promise<TableKey> {
  const { machine, adapter: gpu } = context.device;
  const { adapter, vendor, architecture, driver, backend } = machine;
  const shaders = await hashShaders(context);
  return { adapter, vendor, architecture, device: gpu.info.device, driver, backend, shaders };
}

/** Of all that tuning would choose from: a candidate more, or a line of a kernel, makes another hash. */
async function hashShaders(context: GpuContext): Promise<string> {
  const hash = await createSHA256(); // first, so that who opens the device goes on meanwhile
  const codes = new Set<string>();
  for (const one of casesOf(context)) {
    const options = recorderOptions(context, activationOf(one));
    const { call } = caseTensors(one, options);
    for (const candidate of candidatesOf(options, one.kernel, one.size)) {
      const { program } = record(one.kernel, always(options, candidate), (r) => call(r, 0));
      for (const command of program.commands) if (command.kind === 'dispatch') codes.add(command.shader.code);
    }
  }
  hash.init();
  for (const code of codes) hash.update(code);
  return hash.digest('hex');
}

/** The name that a device's table is kept under; one of other kernels takes its place. */
export function storedName({ vendor, architecture, device, adapter, driver, backend }: TableKey): string {
  const words = [vendor, architecture, device, adapter, driver, backend].join(' ').toLowerCase();
  return words
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 150);
}
