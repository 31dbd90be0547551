/** Checkpoint files of synthetic weights, laid out as the published ones are: safetensors, whole or in shards, GGUF, .pth. */
import { elements } from '../gpu/tensor';
import { type SynthType, synthBytes } from '../pipeline/synth_bytes';
import { type SafetensorsDtype, writeSafetensorsHeader } from '../weights/safetensors';
import { type SynthRule, synthRule } from '../weights/synth_rule';
import { WEIGHT_FORMATS } from '../weights/weight_types';
import { ByteWriter } from './byte_writer';
import { fileOfParts, type HubFile, literal, type Part, textFile } from './hub_file';
import { torchArchive, torchMembers } from './torch_archive';

export interface SynthTensor {
  /** As the file calls it. */
  readonly name: string;
  /** As the rule knows it: values do not depend on what a file calls a tensor. */
  readonly original: string;
  readonly shape: readonly number[];
  readonly type: SynthType;
  readonly headDim: number;
}

/** Wide types first, then by name, the header padded to 8 bytes: as the format's own writer does it. */
export function safetensorsFile(path: string, tensors: readonly SynthTensor[]): HubFile {
  const width = ({ type }: SynthTensor) => WEIGHT_FORMATS[type].bytes;
  const sorted = [...tensors].sort((a, b) => width(b) - width(a) || (a.name < b.name ? -1 : 1));
  const header = writeSafetensorsHeader(
    sorted.map(({ name, shape, type }) => ({
      name,
      shape,
      dtype: WEIGHT_FORMATS[type].safetensors as SafetensorsDtype,
    })),
    { format: 'pt' },
  );
  return fileOfParts(path, [literal('header', 0, header), ...synthParts(sorted, header.length, 1)]);
}

/** `folder/stem-00001-of-0000n.safetensors` and their index: shards are filled in the order given. */
export function shardedFiles(stem: string, tensors: readonly SynthTensor[], mostBytes: number): HubFile[] {
  const shards: SynthTensor[][] = [[]];
  let bytes = 0;
  for (const tensor of tensors) {
    const more = storedBytes(tensor);
    if (bytes > 0 && bytes + more > mostBytes) {
      shards.push([]);
      bytes = 0;
    }
    shards.at(-1)!.push(tensor);
    bytes += more;
  }
  const number = (value: number) => String(value).padStart(5, '0');
  const paths = shards.map((_, i) => `${stem}-${number(i + 1)}-of-${number(shards.length)}.safetensors`);
  const fileName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const index = {
    metadata: { total_size: tensors.reduce((sum, tensor) => sum + storedBytes(tensor), 0) },
    weight_map: Object.fromEntries(
      shards.flatMap((shard, i) => shard.map(({ name }) => [name, fileName(paths[i]!)] as const)),
    ),
  };
  return [
    ...shards.map((shard, i) => safetensorsFile(paths[i]!, shard)),
    textFile(`${stem}.safetensors.index.json`, `${JSON.stringify(index, null, 2)}\n`),
  ];
}

export type GgufValue = string | { readonly u32: number } | { readonly f32: number };

const ALIGNMENT = 32;
const GGUF = { version: 3, u32: 4, f32: 6, string: 8 } as const;

/** GGUF v3 (ggml docs/gguf.md): dimensions innermost first, every tensor on a multiple of 32 bytes. */
export function ggufFile(
  path: string,
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly SynthTensor[],
): HubFile {
  const to = new ByteWriter();
  const text = (value: string) => to.u64(new TextEncoder().encode(value).length).text(value);
  to.text('GGUF').u32(GGUF.version).u64(tensors.length).u64(Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) {
    text(key);
    if (typeof value === 'string') {
      to.u32(GGUF.string);
      text(value);
    } else if ('u32' in value) to.u32(GGUF.u32).u32(value.u32);
    else to.u32(GGUF.f32).raw(new Uint8Array(Float32Array.of(value.f32).buffer));
  }
  let offset = 0;
  for (const tensor of tensors) {
    const { name, shape, type } = tensor;
    text(name).u32(shape.length);
    for (const size of [...shape].reverse()) to.u64(size);
    to.u32(WEIGHT_FORMATS[type].ggml!).u64(offset);
    offset = aligned(offset + storedBytes(tensor));
  }
  const header = to.alignTo(ALIGNMENT).bytes();
  return fileOfParts(path, [literal('header', 0, header), ...synthParts(tensors, header.length, ALIGNMENT)]);
}

const STORAGES: Partial<Record<SynthType, string>> = {
  f32: 'FloatStorage',
  f16: 'HalfStorage',
  bf16: 'BFloat16Storage',
};

/** As `torch.save` writes a state dictionary: in the order given, each tensor a storage of its own. */
export function pthFile(path: string, tensors: readonly SynthTensor[]): HubFile {
  const members = torchMembers(
    tensors.map(({ name, shape, type }, i) => ({
      ...{ name, shape, key: String(i), elements: elements(shape) },
      storageClass: STORAGES[type]!,
    })),
  );
  const rest = tensors.values();
  const parts = torchArchive(members).pieces.map(({ begin, data }) =>
    typeof data === 'number' ? synthPart(rest.next().value!, begin) : literal('header', begin, data),
  );
  return fileOfParts(path, parts);
}

function synthPart(tensor: SynthTensor, begin: number): Part {
  const kind = tensor.original === 'token_embedding.weight' ? 'embedding' : 'weights';
  const bytes = synthBytes(ruleOf(tensor), tensor.type);
  return { kind, begin, end: begin + storedBytes(tensor), bytes };
}

function synthParts(tensors: readonly SynthTensor[], dataOffset: number, alignment: number): Part[] {
  let end = dataOffset;
  return tensors.flatMap((tensor) => {
    const part = synthPart(tensor, end);
    end = part.end;
    const gap = aligned(end, alignment) - end;
    if (gap === 0) return [part];
    end += gap;
    return [part, literal('other', end - gap, new Uint8Array(gap))];
  });
}

const ruleOf = ({ original, shape, headDim }: SynthTensor): SynthRule => synthRule(original, shape, headDim);

function storedBytes({ shape, type }: SynthTensor): number {
  const format = WEIGHT_FORMATS[type];
  return (elements(shape) / format.elements) * format.bytes;
}

const aligned = (offset: number, alignment = ALIGNMENT) => Math.ceil(offset / alignment) * alignment;
