/** Checkpoint files of synthetic weights, laid out as the published ones are: safetensors, whole or in shards, and GGUF. */
import { elements } from '../gpu/tensor';
import { type SynthType, synthBytes } from '../pipeline/synth_bytes';
import { type SynthRule, synthRule } from '../weights/synth_rule';
import { WEIGHT_FORMATS } from '../weights/weight_types';
import { fileOfParts, type HubFile, literal, type Part, textFile } from './hub_file';

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
  let end = 0;
  const entries = sorted.map((tensor) => {
    const begin = end;
    end += storedBytes(tensor);
    const { safetensors: dtype } = WEIGHT_FORMATS[tensor.type];
    return [tensor.name, { dtype, shape: tensor.shape, data_offsets: [begin, end] }] as const;
  });
  const json = JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) });
  const padded = json.padEnd(Math.ceil(json.length / 8) * 8);
  const header = new Uint8Array(8 + padded.length);
  new DataView(header.buffer).setBigUint64(0, BigInt(padded.length), true);
  header.set(new TextEncoder().encode(padded), 8);
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
  const out: number[] = [];
  const write = (bytes: number, set: (view: DataView) => void) => {
    const view = new DataView(new ArrayBuffer(bytes));
    set(view);
    out.push(...new Uint8Array(view.buffer));
  };
  const u32 = (value: number) => write(4, (view) => view.setUint32(0, value, true));
  const u64 = (value: number) => write(8, (view) => view.setBigUint64(0, BigInt(value), true));
  const text = (value: string) => {
    const bytes = new TextEncoder().encode(value);
    u64(bytes.length);
    out.push(...bytes);
  };

  out.push(...new TextEncoder().encode('GGUF'));
  u32(GGUF.version);
  u64(tensors.length);
  u64(Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) {
    text(key);
    if (typeof value === 'string') {
      u32(GGUF.string);
      text(value);
    } else if ('u32' in value) {
      u32(GGUF.u32);
      u32(value.u32);
    } else {
      u32(GGUF.f32);
      write(4, (view) => view.setFloat32(0, value.f32, true));
    }
  }
  let offset = 0;
  for (const { name, shape, type, ...rest } of tensors) {
    text(name);
    u32(shape.length);
    for (const size of [...shape].reverse()) u64(size);
    u32(WEIGHT_FORMATS[type].ggml!);
    u64(offset);
    offset = aligned(offset + storedBytes({ name, shape, type, ...rest }));
  }
  while (out.length % ALIGNMENT > 0) out.push(0);
  const header = Uint8Array.from(out);
  return fileOfParts(path, [literal('header', 0, header), ...synthParts(tensors, header.length, ALIGNMENT)]);
}

function synthParts(tensors: readonly SynthTensor[], dataOffset: number, alignment: number): Part[] {
  let end = dataOffset;
  return tensors.flatMap((tensor) => {
    const begin = end;
    end += storedBytes(tensor);
    const kind = tensor.original === 'token_embedding.weight' ? 'embedding' : 'weights';
    const part: Part = { kind, begin, end, bytes: synthBytes(ruleOf(tensor), tensor.type) };
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
