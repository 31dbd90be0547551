/** Run a few kernels on the test adapter: inputs as numbers, one tensor back. */
import { bindTogether, type GpuContext, openContext } from '../../src/gpu/context';
import { type Device, openDevice } from '../../src/gpu/device';
import { Memory } from '../../src/gpu/memory';
import { type Recorder, type RecorderOptions, record } from '../../src/gpu/program';
import { type ElementType, externalTensor, type Tensor } from '../../src/gpu/tensor';
import { readNumbers, writeBytes, writeNumbers } from '../../src/gpu/transfer';
import { recorderOptions } from '../../src/pipeline/options';
import { gpu } from './gpu';

let opened: Promise<GpuContext> | undefined;

/** One for all test files of a process, so that each kernel is compiled once. */
export function testContext(): Promise<GpuContext> {
  opened ??= openDevice(gpu, 'test').then(openContext);
  return opened;
}

/** Of GPU memory, by whoever took it from the shared context. */
export const heldBytes = async (): Promise<number> => (await opened)?.memory.bytes ?? 0;

export async function testDevice(): Promise<Device> {
  return (await testContext()).device;
}

/** Invocations of a subgroup, where all are of one size: what the forms for software adapters share weights among. */
export const testLanes = async (): Promise<number | undefined> => recorderOptions(await testContext(), 'f32').lanes;

export const isSwiftShader = async (): Promise<boolean> => /swiftshader/i.test((await testDevice()).machine.adapter);
export const isLlvmpipe = async (): Promise<boolean> => /llvmpipe/i.test((await testDevice()).machine.adapter);

/** All tunings where compiling is quick; SwiftShader takes seconds for a tiled kernel, so there only the first. */
export async function affordable<Tuning>(tunings: readonly Tuning[]): Promise<readonly Tuning[]> {
  return (await isSwiftShader()) ? tunings.slice(0, 1) : tunings;
}

/** Numbers, or the bytes that a file would hold. */
export type Input = { readonly shape: readonly number[]; readonly type?: ElementType } & (
  | { readonly values: ArrayLike<number> }
  | { readonly bytes: Uint8Array<ArrayBuffer> }
);

/** bf16 by cutting off the lower half, so the values must be exact in bf16. */
export function bf16Bits(values: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(Float32Array.from(values).buffer);
  return Uint16Array.from(bits, (word) => word >>> 16);
}

/** Values as a tensor of this type would hold them. */
export function rounded(values: Float32Array, type: ElementType): Float32Array {
  if (type === 'f32' || type === 'u32') return values;
  const keep = type === 'bf16' ? 0xffff0000 : 0xffffe000; // bf16: 7 bits of fraction; f16: 10 (in f16's normal range)
  const words = new Uint32Array(values.slice().buffer);
  return new Float32Array(words.map((word) => (word & keep) >>> 0).buffer);
}

/** Record, bind, run once, and read the returned tensor. */
export async function evaluate<const Names extends string>(
  options: RecorderOptions,
  inputs: Record<Names, Input>,
  build: (r: Recorder, tensors: Record<Names, Tensor>) => Tensor,
): Promise<Float32Array> {
  const shared = await testContext();
  const { device } = shared.device;
  const memory = new Memory(device);
  try {
    const entries = Object.entries<Input>(inputs).map(
      ([name, input]) => [name, externalTensor(name, input.shape, input.type ?? 'f32'), input] as const,
    );
    await memory.allocate(entries.map(([, tensor]) => tensor));
    for (const [, tensor, input] of entries) {
      if ('bytes' in input) writeBytes(memory, tensor, input.bytes);
      else if (tensor.type === 'bf16') writeBytes(memory, tensor, new Uint8Array(bf16Bits(input.values).buffer));
      else writeNumbers(memory, tensor, input.values);
    }
    const tensors = Object.fromEntries(entries.map(([name, tensor]) => [name, tensor])) as Record<Names, Tensor>;
    const { program, result } = record('test', options, (r) => {
      const made = build(r, tensors);
      if (!made.storage.scratch) return made;
      const kept = externalTensor('result', made.shape, made.type);
      r.copy('keep', made, kept);
      return kept;
    });
    await memory.allocate([result]);
    const context = { ...shared, memory };
    const group = await bindTogether(context, [program]);
    device.pushErrorScope('validation');
    await context.runner.run(group.programs);
    const invalid = await device.popErrorScope();
    if (invalid) throw new Error(invalid.message);
    group.destroy();
    return await readNumbers(memory, result);
  } finally {
    memory.destroy();
  }
}
