/** Golden files: what the published code answers for given inputs and weights (format golden-v1). */
import { AppError } from '../core/errors';
import type { ByteSource } from '../weights/byte_source';
import { openSafetensors } from '../weights/checkpoint';
import type { TensorFile } from '../weights/tensor_file';
import type { StageInputs } from './stages';

export interface Golden {
  readonly file: string;
  readonly stage: string;
  readonly model: string;
  /** 'synth-v1', or words for the trained weights it was made with. */
  readonly weights: string;
  /** Largest relative L2 error that passes in f32 arithmetic. */
  readonly rtol: number;
  /** The sizes of `config`, with the metadata's other settings (latents_mean, steps, solver …) beside them. */
  readonly config: Readonly<Record<string, unknown>>;
  /** By their names in the file, 'in.…' and 'out.…'. */
  readonly inputs: StageInputs;
  readonly outputs: ReadonlyMap<string, Float32Array>;
  /** Values inside the network, by their names without 'tap.'. */
  readonly taps: ReadonlyMap<string, Float32Array>;
}

export const GOLDEN_FORMAT = 'golden-v1';
const TAP = 'tap.';

export async function readGolden(source: ByteSource): Promise<Golden> {
  const file = await openSafetensors(source);
  const { format, stage, model, weights, rtol, config, ...settings } = file.metadata;
  if (format !== GOLDEN_FORMAT || !stage || !(Number(rtol) > 0))
    throw new AppError(
      'file-invalid',
      `${source.name} is not a golden file: format "${format}", stage "${stage}", rtol "${rtol}".`,
    );
  const inputs = new Map<string, { shape: readonly number[]; values: Float32Array | Int32Array }>();
  const outputs = new Map<string, Float32Array>();
  const taps = new Map<string, Float32Array>();
  for (const [name, { shape }] of file.tensors) {
    const values = await numbers(file, name);
    if (name.startsWith('in.')) inputs.set(name, { shape, values });
    else if (values instanceof Int32Array) throw notFloat(file, name);
    else if (name.startsWith('out.')) outputs.set(name, values);
    else if (name.startsWith(TAP)) taps.set(name.slice(TAP.length), values);
  }
  return {
    file: source.name,
    stage,
    model: model ?? '',
    weights: weights ?? '',
    rtol: Number(rtol),
    config: {
      ...Object.fromEntries(Object.entries(settings).map(([key, text]) => [key, fromJson(text)])),
      ...object(config, source.name),
    },
    inputs,
    outputs,
    taps,
  };
}

async function numbers(file: TensorFile, name: string): Promise<Float32Array | Int32Array> {
  const { dtype, beginByte, endByte } = file.tensors.get(name)!;
  if (dtype !== 'F32' && dtype !== 'I32') throw notFloat(file, name);
  const { buffer } = await file.source.read(beginByte, endByte);
  return dtype === 'F32' ? new Float32Array(buffer) : new Int32Array(buffer);
}

const notFloat = ({ source, tensors }: TensorFile, name: string) =>
  new AppError('file-invalid', `${source.name}: ${name} is stored as ${tensors.get(name)!.dtype}, expected is F32.`);

/** Objects and numbers are written as JSON, everything else as it is. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function object(text: string | undefined, name: string): Record<string, unknown> {
  const value = fromJson(text ?? '');
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AppError('file-invalid', `${name}: its metadata has no config.`);
  return value as Record<string, unknown>;
}
