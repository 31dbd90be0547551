/**
 * What every kernel is made of: a WGSL file, the parts that complete it, and
 * the words of its uniform.
 *
 * A kernel's shader names what it leaves open: element types (`alias Left = f16;`),
 * weight decoding, epilogues. `compose` puts those beside it; WGSL does not mind
 * the order of declarations, so nothing needs a template.
 */
import { AppError } from '../core/errors';
import type { RecorderOptions, Shader } from '../gpu/program';
import type { Tensor } from '../gpu/tensor';
import { unroll } from './unroll';

export type Tuning = Readonly<Record<string, number>>;

export interface Composition {
  /** Entry point, label, and basename of the shader file. */
  readonly name: string;
  readonly source: string;
  /** Element types by the alias the shader uses for them. */
  readonly types?: Readonly<Record<string, 'f32' | 'f16' | 'u32'>>;
  readonly parts?: readonly string[];
  /** The parts use subgroup operations. */
  readonly subgroups?: boolean;
  /** The source multiplies on matrix units (gpu/matrix_units.ts). */
  readonly matrices?: boolean;
  /** Values of `const NAME: u32 = n;` lines in the source or its parts. */
  readonly tuning?: Tuning;
}

/** Of which 16 KiB is the least that WebGPU allows. */
export const workgroupLimit = ({ workgroupBytes = 16384 }: RecorderOptions): number => workgroupBytes;

/** By what is short; those that differ in their parts alone are one after the other. */
const composed = new Map<string, { readonly parts: readonly string[]; readonly shader: Shader }[]>();

export function compose(composition: Composition): Shader {
  const { name, source, types = {}, parts = [], tuning = {}, subgroups = false, matrices = false } = composition;
  const key = JSON.stringify([name, types, tuning, parts.map((part) => part.length)]);
  const alike = composed.get(key) ?? [];
  const known = alike.find((other) => other.parts.every((part, i) => part === parts[i]));
  if (known) return known.shader;

  const aliases = Object.entries(types).map(([alias, type]) => `alias ${alias} = ${type};`);
  let code = [source, ...parts].join('\n');
  for (const [knob, value] of Object.entries(tuning)) {
    const line = new RegExp(`^(const ${knob}: u32 = )\\d+;`, 'm');
    if (!line.test(code))
      throw new AppError('shader-invalid', `${knob} is not a knob of ${name}: it has no "const ${knob}: u32" line.`);
    code = code.replace(line, `$1${value};`);
  }
  const enables = [
    ...(Object.values(types).includes('f16') ? ['enable f16;'] : []),
    ...(subgroups ? ['enable subgroups;'] : []),
    // What a subgroup has in common the compiler cannot know, so it is told not to ask.
    ...(matrices
      ? ['enable chromium_experimental_subgroup_matrix;', 'diagnostic(off, chromium.subgroup_matrix_uniformity);']
      : []),
  ];
  const shader = { name, code: [...enables, ...aliases, unroll(code)].join('\n') };
  composed.set(key, [...alike, { parts, shader }]);
  return shader;
}

/** A float among the words of a uniform; plain numbers are u32. */
export interface FloatWord {
  readonly float: number;
}

export const f32 = (value: number): FloatWord => ({ float: value });

/** Uniform contents. Word 0 is `first_group`, which binding fills in. */
export function words(...values: readonly (number | FloatWord)[]): Uint32Array {
  const padded = Math.ceil((values.length + 1) / 4) * 4;
  const view = new DataView(new ArrayBuffer(padded * 4));
  values.forEach((value, index) => {
    if (typeof value === 'number') {
      if (!Number.isInteger(value) || value < 0)
        throw new AppError('shape-mismatch', `A kernel parameter is ${value}; it must be a whole number of 0 or more.`);
      view.setUint32((index + 1) * 4, value, true);
    } else view.setFloat32((index + 1) * 4, value.float, true);
  });
  return new Uint32Array(view.buffer);
}

/** The element type of an activation; weights as activations are not allowed here. */
export function activationType(tensor: Tensor): 'f32' | 'f16' {
  if (tensor.type === 'f32' || tensor.type === 'f16') return tensor.type;
  throw new AppError(
    'shape-mismatch',
    `${tensor.storage.label} holds ${tensor.type}, where numbers of f32 or f16 are needed.`,
  );
}

export function expectShape(what: string, tensor: Tensor, shape: readonly number[]): void {
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis]))
    throw new AppError(
      'shape-mismatch',
      `${what}: ${tensor.storage.label} has shape [${tensor.shape}], expected [${shape}].`,
    );
}
