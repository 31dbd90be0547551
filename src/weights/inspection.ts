/** What a checkpoint holds, told from its headers alone: networks, types, sizes, and what is missing or too many. */
import { AppError } from '../core/errors';
import { sumOf } from '../core/sum_of';
import { type Checkpoint, type CheckpointPart, type StoredTensor, sameLayout } from './checkpoint';
import { checkLora, type Lora, readLora } from './lora';
import { type LoraDialect, parseLoraName } from './lora_names';
import { isScalingNote } from './scaled_weights';
import type { FileFormat } from './tensor_file';
import { isUnused, NETWORKS, type Network, type Scheme } from './tensor_names';
import type { WeightType } from './weight_types';

/** The tensors a network asks for: their original names and shapes. */
export type ExpectedTensors = ReadonlyMap<string, readonly number[]>;

export interface TypeCount {
  /** The file's own word, such as 'F8_E4M3'. */
  readonly dtype: string;
  /** Null where no kernel decodes it. */
  readonly type: WeightType | null;
  readonly tensors: number;
  readonly parameters: number;
  readonly bytes: number;
}

export interface NamedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

export interface NetworkInspection {
  readonly network: Network;
  readonly files: readonly {
    readonly name: string;
    readonly format: FileFormat;
    readonly scheme: Scheme;
    readonly prefix: string;
  }[];
  readonly tensors: number;
  readonly parameters: number;
  /** With the scales. */
  readonly bytes: number;
  /** Largest first. */
  readonly types: readonly TypeCount[];
  /** How many weights have a scale. */
  readonly scaled: number;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly differing: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly expected: readonly number[];
  }[];
}

export interface LoraInspection {
  readonly dialect: LoraDialect;
  readonly layers: number;
  /** All there are, the smallest first. */
  readonly ranks: readonly number[];
  /** How many tensors have a difference of themselves. */
  readonly differences: number;
  readonly bytes: number;
  /** Largest first. */
  readonly types: readonly TypeCount[];
  /** Names of what is not used. */
  readonly textEncoder: readonly string[];
  readonly unknown: readonly string[];
  /** Why it cannot be used with the transformer, if so. */
  readonly trouble: string | null;
}

export interface Inspection {
  readonly label: string;
  /** Of all files, headers included. */
  readonly fileBytes: number;
  readonly networks: readonly NetworkInspection[];
  readonly lora: LoraInspection | null;
  /** Where a tokenizer can be read from, if the files hold one. */
  readonly tokenizer: string | null;
  /** Tensors that belong to no network. */
  readonly others: readonly NamedTensor[];
}

/** ComfyUI's text encoders carry their SentencePiece model as a tensor. */
export const isTokenizerTensor = ({ name }: { readonly name: string }): boolean =>
  name.split('.').at(-1) === 'spiece_model';
/** In the metadata of GGUF files. */
export const TOKENIZER_LIST = 'tokenizer.ggml.tokens';

/** `expected`: what each network asks for. A network of which the checkpoint holds nothing is left out. */
export function inspect(checkpoint: Checkpoint, expected: Readonly<Record<Network, ExpectedTensors>>): Inspection {
  const { label, files, unmapped, parts } = checkpoint;
  const lora = readLora(checkpoint);
  return {
    label,
    fileBytes: sumOf(files, ({ source }) => source.bytes),
    networks: NETWORKS.flatMap((network) => {
      const own = parts.filter((part) => part.network === network);
      return own.length > 0 ? inspectNetwork(checkpoint, network, own, expected[network]) : [];
    }),
    lora: lora && inspectLora(lora, expected.dit),
    tokenizer:
      unmapped.find(isTokenizerTensor)?.source.name ??
      files.find(({ metadata }) => metadata[TOKENIZER_LIST] !== undefined)?.source.name ??
      null,
    others: unmapped
      .filter(
        (tensor) => !isScalingNote(tensor.name) && !isTokenizerTensor(tensor) && !(lora && parseLoraName(tensor.name)),
      )
      .map(({ name, dtype, shape, beginByte, endByte }) => ({ name, dtype, shape, bytes: endByte - beginByte })),
  };
}

function inspectNetwork(
  { tensors }: Checkpoint,
  network: Network,
  parts: readonly CheckpointPart[],
  expected: ExpectedTensors,
): NetworkInspection {
  const names = new Set(parts.flatMap(({ originals }) => [...originals.values()]));
  const own = [...names].map((name): [string, StoredTensor] => [name, tensors.get(name)!]);
  const stored = own.map(([, tensor]) => tensor);
  return {
    network,
    files: parts.map(({ file, scheme, prefix }) => ({ name: file.source.name, format: file.format, scheme, prefix })),
    tensors: own.length,
    parameters: sumOf(stored, parameters),
    bytes: sumOf(stored, (tensor) => bytesOf(tensor) + (tensor.scale ? bytesOf(tensor.scale) : 0)),
    types: countTypes(stored),
    scaled: stored.filter(({ scale }) => scale).length,
    missing: [...expected.keys()].filter((name) => !names.has(name)),
    unexpected: own.flatMap(([name]) => (expected.has(name) || isUnused(name) ? [] : name)),
    differing: own.flatMap(([name, { shape }]) => {
      const asked = expected.get(name);
      return asked && !sameLayout(shape, asked) ? { name, shape, expected: asked } : [];
    }),
  };
}

function inspectLora(lora: Lora, expected: ExpectedTensors): LoraInspection {
  const { dialect, layers, differences, textEncoder, unknown } = lora;
  const stored = [...[...layers.values()].flatMap(({ down, up }) => [down, up]), ...differences.values()];
  return {
    dialect,
    layers: layers.size,
    ranks: [...new Set([...layers.values()].map(({ rank }) => rank))].sort((a, b) => a - b),
    differences: differences.size,
    bytes: sumOf(stored, bytesOf),
    types: countTypes(stored),
    textEncoder,
    unknown,
    trouble: troubleOf(() => checkLora(lora, expected)),
  };
}

function troubleOf(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (failure) {
    if (failure instanceof AppError) return failure.message;
    throw failure;
  }
}

function countTypes(tensors: readonly StoredTensor[]): TypeCount[] {
  const counts = new Map<string, TypeCount>();
  for (const tensor of tensors) {
    const { dtype, type } = tensor;
    const before = counts.get(dtype);
    counts.set(dtype, {
      dtype,
      type,
      tensors: (before?.tensors ?? 0) + 1,
      parameters: (before?.parameters ?? 0) + parameters(tensor),
      bytes: (before?.bytes ?? 0) + bytesOf(tensor),
    });
  }
  return [...counts.values()].sort((a, b) => b.bytes - a.bytes);
}

const parameters = ({ shape }: StoredTensor) => shape.reduce((product, size) => product * size, 1);
const bytesOf = ({ beginByte, endByte }: StoredTensor) => endByte - beginByte;
