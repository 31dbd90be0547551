/** WebGPU in Node: Dawn, with the switches that a browser does not let a page set. */
import { type Device, isSoftware, openDevice, type Tier } from '../gpu/device';
import { UsageError } from './command';
import { askSparingly } from './dawn_polls';

/** By WANSCOPE_DAWN: 'plain' sets none of them, and 'unchecked' leaves out the checks of every index, too. */
export function dawnFlags(wanted = process.env.WANSCOPE_DAWN || 'usual'): string[] {
  if (!['plain', 'usual', 'unchecked'].includes(wanted))
    throw new UsageError(`WANSCOPE_DAWN is plain, usual or unchecked, not "${wanted}".`);
  if (wanted === 'plain') return [];
  // NVIDIA's Vulkan driver hides f16 without the second, and the second needs the first.
  const enabled = ['allow_unsafe_apis', 'vulkan_enable_f16_on_nvidia'];
  if (wanted === 'unchecked') enabled.push('disable_robustness');
  return [
    `enable-dawn-features=${enabled.join(',')}`,
    // Rounds timestamps to 0.1 ms, longer than many kernels take.
    'disable-dawn-features=timestamp_quantization',
  ];
}

export const RUNTIME = `Node ${process.versions.node}`;

// Held for the life of the process: Dawn ends with its GPU object, and devices die with it.
let held: GPU | undefined;

/** Loaded when first needed, so that `--help` needs no graphics driver. */
export async function openGpu(): Promise<GPU> {
  if (!held) {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    held = create(dawnFlags());
    const adapter = await held.requestAdapter();
    // A GPU in use needs no core of this machine, and is asked as often as can be: uploads wait for its answers.
    if (adapter && isSoftware(adapter)) askSparingly();
  }
  return held;
}

/** WANSCOPE_TIER=B or C leaves out what browsers without those features lack. */
export async function openNodeDevice(): Promise<Device> {
  const wanted = process.env.WANSCOPE_TIER || 'A';
  const tier = (['A', 'B', 'C'] as const).find((known): known is Tier => known === wanted);
  if (!tier) throw new UsageError(`WANSCOPE_TIER is A, B or C, not "${wanted}".`);
  return openDevice(await openGpu(), RUNTIME, tier);
}
