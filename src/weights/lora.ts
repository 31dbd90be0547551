/**
 * A LoRA: what a small file adds to the transformer's weights.
 *
 *   W' = W + strength · alpha / rank · up · down      (LoRA: Hu et al., 2021; alpha is the rank unless told)
 *   t' = t + strength · difference                    for biases, norms, modulations, and now and then a whole W
 *
 * Read from the header alone; `checkLora` says whether it is for a given transformer.
 */
import { AppError, excerpt } from '../core/errors';
import { type Checkpoint, type StoredTensor, sameLayout, type UnmappedTensor } from './checkpoint';
import type { ExpectedTensors } from './inspection';
import { isTextEncoderName, type LoraDialect, type LoraName, parseLoraName } from './lora_names';
import { readAlphas } from './peft_config';
import { weightOfScale } from './scaled_weights';
import { WEIGHT_FORMATS } from './weight_types';

export interface LoraLayer {
  /** (rank, depth …) and (columns, rank). */
  readonly down: StoredTensor;
  readonly up: StoredTensor;
  readonly rank: number;
  /** A number in the file, or what follows from its header. */
  readonly alpha: StoredTensor | number;
}

export interface Lora {
  /** For messages and results: the files' names. */
  readonly label: string;
  /** Of most of its tensors. */
  readonly dialect: LoraDialect;
  /** By the original names of the weights they change. */
  readonly layers: ReadonlyMap<string, LoraLayer>;
  /** By the original names of the tensors they are added to. */
  readonly differences: ReadonlyMap<string, StoredTensor>;
  /** Names in the file: parts for the text encoder, which are not used, and what belongs to no layer of the transformer. */
  readonly textEncoder: readonly string[];
  readonly unknown: readonly string[];
}

/** A difference of a whole matrix is computed as a product whose rank is the matrix's shorter side: up to this. */
export const MOST_DIFFERENCE_RANK = 512;

type Parts = Partial<Record<LoraName['part'], UnmappedTensor>> & { readonly layer: string };

/**
 * The LoRA in files opened as a checkpoint, or null where no tensor is named as one of a LoRA. Throws file-invalid, with the
 * numbers, for halves without each other or of different ranks, a tensor there twice, scaled numbers, and DoRA, which is more than a sum.
 */
export function readLora({ label, unmapped, files }: Checkpoint): Lora | null {
  const parts = new Map<string, Parts>();
  const counts = new Map<LoraDialect, number>();
  const [textEncoder, unknown]: [string[], string[]] = [[], []];
  const named = unmapped.flatMap((tensor) => {
    const name = parseLoraName(tensor.name);
    return name ? { tensor, ...name } : [];
  });
  if (named.every(({ part }) => part === 'alpha')) return null; // a common word
  const names = new Set(named.map(({ tensor }) => tensor.name));
  const scale = unmapped.find(({ name }) => names.has(weightOfScale(name) ?? ''));
  if (scale)
    throw invalid(
      label,
      `${excerpt(scale.name)} makes its numbers scaled ones, which are not read. Choose a file in BF16 or F16.`,
    );
  for (const { tensor, part, original, dialect, layer } of named) {
    if (isTextEncoderName(tensor.name)) textEncoder.push(tensor.name);
    else if (original === null) unknown.push(tensor.name);
    else {
      const known = parts.get(original) ?? { layer };
      const other = known[part];
      if (other)
        throw invalid(
          label,
          `${excerpt(other.name)} and ${excerpt(tensor.name)} are the same part of one layer. Give one LoRA at a time.`,
        );
      parts.set(original, { ...known, [part]: tensor });
      counts.set(dialect, (counts.get(dialect) ?? 0) + 1);
    }
  }

  const alphaOf = new Map(files.map((file) => [file.source, readAlphas(file)]));
  const layers = new Map<string, LoraLayer>();
  const differences = new Map<string, StoredTensor>();
  for (const [name, { layer, down, up, alpha, diff, magnitude }] of parts) {
    if (magnitude)
      throw invalid(
        label,
        `${excerpt(magnitude.name)} makes it a DoRA, which this version does not compute. Choose a plain LoRA.`,
      );
    if (diff) differences.set(name, diff);
    if (down && up) {
      const rank = rankOf(label, down, up);
      layers.set(name, { down, up, rank, alpha: alpha ?? alphaOf.get(down.source)!(layer, rank) });
    } else if (down || up) {
      const missing = down ? 'up' : 'down';
      throw invalid(
        label,
        `${excerpt((down ?? up)!.name)} is there, the ${missing} matrix of its layer is not. The file is cut off or damaged; fetch it again.`,
      );
    } else if (alpha && !diff) unknown.push(alpha.name);
  }
  const [dialect] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? ['original'];
  return { label, dialect, layers, differences, textEncoder, unknown };
}

function rankOf(label: string, down: UnmappedTensor, up: UnmappedTensor): number {
  const [rank = 0, ...depth] = down.shape;
  const [columns = 0, ...rest] = up.shape;
  if (rank < 1 || depth.length === 0 || columns < 1 || product(rest) !== rank)
    throw invalid(
      label,
      `the ranks of ${excerpt(down.name)} [${down.shape.join(', ')}] and ${excerpt(up.name)} [${up.shape.join(', ')}] are ${rank} and ${product(rest)}; they must be one number.`,
    );
  return rank;
}

/**
 * Throws where the LoRA cannot be added to a transformer with these tensors: file-invalid where it holds nothing for one or
 * holds types that cannot be read, shape-mismatch with both numbers where it is for one of another size.
 */
export function checkLora({ label, layers, differences, textEncoder, unknown }: Lora, expected: ExpectedTensors): void {
  if (layers.size + differences.size === 0)
    throw invalid(
      label,
      `none of its ${textEncoder.length + unknown.length} tensors belongs to a layer of this transformer${textEncoder.length > 0 ? `; ${textEncoder.length} are for the text encoder` : ''} (${excerpt((unknown[0] ?? textEncoder[0])!)} …). Choose a LoRA for Wan2.2 TI2V-5B.`,
    );
  for (const [name, { down, up }] of layers) {
    const [columns, depth] = matrixOf(label, name, expected);
    const [itsColumns, itsDepth] = [up.shape[0]!, product(down.shape.slice(1))];
    if (itsColumns !== columns || itsDepth !== depth)
      throw otherSize(label, name, `from ${itsDepth} to ${itsColumns} numbers`, `from ${depth} to ${columns}`);
    for (const tensor of [down, up]) checkType(name, tensor);
  }
  for (const [name, tensor] of differences) {
    const { shape } = tensor;
    const asked = expected.get(name);
    if (!asked) throw noSuchTensor(label, name, expected);
    if (!sameLayout(shape, asked)) throw otherSize(label, name, `[${shape.join(', ')}]`, `[${asked.join(', ')}]`);
    checkType(name, tensor);
    const least = Math.min(...matrixSides(asked));
    if (isProduct(name, asked) && least > MOST_DIFFERENCE_RANK)
      throw invalid(
        label,
        `it has all of ${name} [${asked.join(', ')}] anew, which as a product has rank ${least}; read are differences up to rank ${MOST_DIFFERENCE_RANK}. Choose a file of the LoRA without whole matrices, or the merged checkpoint.`,
      );
  }
}

/** Is a difference of this tensor computed beside the product with it? Others are small, and added to the tensor itself. */
export const isProduct = (name: string, shape: readonly number[]): boolean =>
  name.endsWith('.weight') && shape.length > 1;

/** Rows, and all other dimensions together. */
export const matrixSides = ([rows = 1, ...rest]: readonly number[]): readonly [rows: number, depth: number] => [
  rows,
  product(rest),
];

function matrixOf(label: string, name: string, expected: ExpectedTensors): readonly [number, number] {
  const shape = expected.get(name);
  if (!shape) throw noSuchTensor(label, name, expected);
  if (shape.length < 2) throw otherSize(label, name, 'a matrix', `[${shape.join(', ')}]`);
  return matrixSides(shape);
}

function checkType(name: string, { dtype, type, source }: StoredTensor): void {
  if (type !== null && WEIGHT_FORMATS[type].elements === 1) return;
  const read = Object.values(WEIGHT_FORMATS).flatMap(({ elements, safetensors }) =>
    elements === 1 && safetensors ? safetensors : [],
  );
  throw invalid(
    source.name,
    `what it adds to ${name} is stored as ${dtype}; read are ${read.join(', ')}. Choose another file of the LoRA.`,
  );
}

const noSuchTensor = (label: string, name: string, expected: ExpectedTensors) =>
  new AppError(
    'shape-mismatch',
    `${label} changes ${name}, which is not among the ${expected.size} tensors of this transformer. It is a LoRA for another model; choose one for Wan2.2 TI2V-5B.`,
  );

const otherSize = (label: string, name: string, its: string, asked: string) =>
  new AppError(
    'shape-mismatch',
    `${label} is a LoRA for a transformer of another size: ${name} is ${its} there and ${asked} here. Choose one for Wan2.2 TI2V-5B.`,
  );

const invalid = (label: string, why: string) =>
  new AppError('file-invalid', `${label} cannot be used as a LoRA: ${why}`);
const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);
