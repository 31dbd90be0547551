/**
 * A program: the dispatches of one piece of a network, as data.
 *
 * A network function is called once with a `Recorder` and leaves a list of
 * commands; nothing touches the GPU. The same list gives the cost estimate, the
 * memory plan, the dispatch counts of the tests and, once bound, the run — so
 * replaying a step makes no buffer, bind group or pipeline.
 */
import { type Cost, sum } from '../core/cost';
import type { Products } from '../core/products';
import type { Flops } from '../core/units';
import { type ElementType, externalTensor, type Tensor, tensorBytes } from './tensor';

/** One compiled thing: complete WGSL whose entry point is `name`. */
export interface Shader {
  readonly name: string;
  readonly code: string;
}

export interface Dispatch {
  readonly kind: 'dispatch';
  /** What the dispatch is for, e.g. 'self_attn.q'; kernels are grouped by `shader.name`. */
  readonly label: string;
  readonly shader: Shader;
  /** Tensors by binding number, from 1; binding 0 is the uniform. */
  readonly bindings: Readonly<Record<number, Tensor>>;
  /** Uniform words. Word 0 is `first_group`, filled in when a dispatch is split. */
  readonly params: Uint32Array;
  /** Workgroups in one dimension; a kernel turns the index into its own coordinates. */
  readonly groups: number;
  readonly cost: Cost;
  /** What it computes with what it drops: tiles that stick out, and borders. Absent where that is `cost.flops`. */
  readonly computedFlops?: Flops;
}

export interface Copy {
  readonly kind: 'copy';
  readonly label: string;
  readonly source: Tensor;
  readonly target: Tensor;
}

export type Command = Dispatch | Copy;

export interface Program {
  readonly label: string;
  readonly commands: readonly Command[];
  readonly cost: Cost;
}

export interface RecorderOptions {
  /** Storage of activations. f32 everywhere is tier C; f16 needs shader-f16. */
  readonly activation: 'f32' | 'f16';
  /** The adapter is a CPU: kernels take the forms that suit one. */
  readonly software?: boolean;
  /** Workgroup memory the device grants; 16 KiB, the least WebGPU allows, unless given. */
  readonly workgroupBytes?: number;
  /** The most one binding may hold; unlimited unless given, as for estimates. */
  readonly bindingBytes?: number;
  /** Invocations of a subgroup, where the device has subgroups and all are of one size. */
  readonly lanes?: number | undefined;
  /** The device has matrix units that were found to be right: 16 × 16 × 16, f16 summed in f32, subgroups of 32. */
  readonly matrices?: boolean;
  /**
   * 'int8': products with weights in q8_0 round both operands to 8 bits, in blocks of 32 (kernels/matmul_int8.ts).
   * 'exact' unless given: they are as stored.
   */
  readonly products?: Products | undefined;
  /** Which tuning a kernel uses at a size; absent entries mean the kernel's own default. */
  readonly tuning?: (kernel: string, size: object) => Record<string, number> | undefined;
}

export class Recorder {
  readonly commands: Command[] = [];

  constructor(readonly options: RecorderOptions) {}

  /** A scratch tensor of this program. */
  tensor(label: string, shape: readonly number[], type: ElementType = this.options.activation): Tensor {
    const external = externalTensor(label, shape, type);
    return { ...external, storage: { ...external.storage, scratch: true } };
  }

  dispatch(dispatch: Omit<Dispatch, 'kind'>): void {
    this.commands.push({ kind: 'dispatch', ...dispatch });
  }

  /** Byte-for-byte copy between two different storages. */
  copy(label: string, source: Tensor, target: Tensor): void {
    if (tensorBytes(source) !== tensorBytes(target))
      throw new Error(`${label}: copy of ${tensorBytes(source)} bytes into ${tensorBytes(target)}.`);
    this.commands.push({ kind: 'copy', label, source, target });
  }
}

/** Call a network function and keep what it asked for. */
export function record<T>(
  label: string,
  options: RecorderOptions,
  build: (r: Recorder) => T,
): { program: Program; result: T } {
  const recorder = new Recorder(options);
  const result = build(recorder);
  return { program: { label, commands: recorder.commands, cost: programCost(recorder.commands) }, result };
}

export function programCost(commands: readonly Command[]): Cost {
  return sum(commands.flatMap((command) => (command.kind === 'dispatch' ? [command.cost] : [])));
}

export function dispatchCount(program: Program): number {
  return program.commands.filter((command) => command.kind === 'dispatch').length;
}
