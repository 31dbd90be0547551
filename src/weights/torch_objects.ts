/**
 * The few Python objects that a pickled dictionary of tensors is made of, and what they mean here.
 * Source: `torch/_utils.py` (`_rebuild_tensor_v2`, `_rebuild_parameter`) and `torch/serialization.py`.
 */
import { AppError, excerpt } from '../core/errors';

/** A tensor as the pickle describes it. Offset and strides count elements. */
export interface PickledTensor {
  readonly kind: 'tensor';
  /** As safetensors names types, such as 'BF16'. */
  readonly dtype: string;
  /** The file in the archive that holds the elements: `data/<storage>`. */
  readonly storage: string;
  readonly storageElements: number;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

/** A class or function, by name only. */
interface Global {
  readonly kind: 'global';
  readonly name: string;
}

interface Storage {
  readonly kind: 'storage';
  readonly dtype: string;
  readonly key: string;
  readonly elements: number;
}

/** Lists and tuples are both arrays; keys are texts. */
export type Pickled = null | boolean | number | string | Pickled[] | PickledMap | Global | Storage | PickledTensor;
export interface PickledMap extends Map<string, Pickled> {}

const STORAGES: ReadonlyMap<string, string> = new Map([
  ['torch.FloatStorage', 'F32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.DoubleStorage', 'F64'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
]);
const ORDERED_DICT = 'collections.OrderedDict';
const TENSOR = 'torch._utils._rebuild_tensor_v2';
const PARAMETER = 'torch._utils._rebuild_parameter';
const ALLOWED: ReadonlySet<string> = new Set([...STORAGES.keys(), ORDERED_DICT, TENSOR, PARAMETER]);

/** As safetensors. */
const MAX_RANK = 8;

export const invalid = (what: string) => new AppError('file-invalid', `Not a usable PyTorch file: ${what}.`);

/** Throws file-invalid with the name, unless it is one of a dictionary of tensors. */
export function global(module: Pickled, member: Pickled): Global {
  // Of texts only: lists within lists, written out, outgrow any memory.
  const name = [module, member].every((part) => typeof part === 'string') ? `${module}.${member}` : null;
  if (name !== null && ALLOWED.has(name)) return { kind: 'global', name };
  throw invalid(
    `its pickle asks for ${name === null ? [module, member].map(nameOf).join(' and ') : nameOf(name)}, which no dictionary of tensors needs. Nothing of it was run, but do not open this file elsewhere`,
  );
}

/** A storage by its persistent id: ('storage', class, key, device, elements). */
export function storage(id: Pickled): Storage {
  const [kind, type, key, , elements] = Array.isArray(id) ? id : [];
  const dtype = isKind(type, 'global') ? STORAGES.get(type.name) : undefined;
  if (kind !== 'storage' || !dtype || typeof key !== 'string' || !isCount(elements))
    throw invalid(`its pickle refers to ${nameOf(id)} outside of it, which is no storage of a tensor`);
  return { kind: 'storage', dtype, key, elements };
}

/** What Python would have called `callable` for. */
export function reduce(callable: Pickled, args: Pickled): Pickled {
  if (isKind(callable, 'global') && Array.isArray(args)) {
    // Items follow by SETITEMS. A list of them could be passed again and again, and grow with each.
    if (callable.name === ORDERED_DICT && args.length === 0) return new Map();
    if (callable.name === TENSOR) return tensor(args);
    if (callable.name === PARAMETER && isKind(args[0], 'tensor')) return args[0];
  }
  throw invalid(`its pickle calls ${nameOf(callable)} with ${nameOf(args)}. Nothing of it was run`);
}

/** (storage, offset, shape, stride, requires_grad, hooks) */
function tensor(args: readonly Pickled[]): PickledTensor {
  const [from, offset, shape, stride] = args;
  const refuse = () => invalid(`its pickle makes a tensor of ${args.slice(0, 4).map(nameOf).join(', ')}`);
  if (!isKind(from, 'storage') || !isCount(offset) || !Array.isArray(shape) || !Array.isArray(stride)) throw refuse();
  // Before their numbers are looked at: one long list may be passed again and again.
  if (shape.length > MAX_RANK || stride.length !== shape.length)
    throw invalid(
      `its pickle has a tensor of ${shape.length} dimensions and ${stride.length} strides, at most ${MAX_RANK} are read`,
    );
  if (!isCounts(shape) || !isCounts(stride)) throw refuse();
  const { dtype, key, elements } = from;
  // Copies: the pickle may keep the lists, and append to them later.
  const copies = { shape: [...shape], stride: [...stride] };
  return { kind: 'tensor', dtype, storage: key, storageElements: elements, offset, ...copies };
}

export function setItem(target: PickledMap, key: Pickled, value: Pickled): void {
  if (typeof key !== 'string') throw invalid(`its pickle has a dictionary with the key ${nameOf(key)}, not a text`);
  if (target.has(key)) throw invalid(`its pickle has "${excerpt(key)}" twice`);
  target.set(key, value);
}

export function isKind<K extends 'global' | 'storage' | 'tensor'>(
  value: Pickled | undefined,
  kind: K,
): value is Extract<Pickled, { kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

const isCount = (value: Pickled | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isCounts = (values: readonly Pickled[]): values is number[] => values.every(isCount);

/** Short, whatever it is: it goes into a message. */
export function nameOf(value: Pickled | undefined): string {
  if (typeof value === 'string') return excerpt(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Map) return `a dictionary of ${value.size}`;
  if (isKind(value, 'global')) return value.name;
  if (isKind(value, 'storage') || isKind(value, 'tensor')) return `a ${value.kind}`;
  return String(value);
}

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function utf8(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes);
  } catch (cause) {
    throw new AppError('file-invalid', 'Not a usable PyTorch file: its pickle has a text that is not UTF-8.', {
      cause,
    });
  }
}
