/** What the hub has: the repositories people point at, with synthetic weights of the real names, shapes and types. */
import { createHash } from 'node:crypto';
import { isMatrix, type WeightSpec } from '../gpu/weight_tree';
import { WAN22_SIZES as FULL, type Sizes } from '../pipeline/expected_tensors';
import type { SynthType } from '../pipeline/synth_bytes';
import type { Network, Scheme } from '../weights/tensor_names';
import { type HubFile, textFile } from './hub_file';
import { networkTensors, schemeName, TINY } from './networks';
import { type GgufValue, ggufFile, pthFile, type SynthTensor, safetensorsFile, shardedFiles } from './weight_files';

export interface Repository {
  /** 'owner/name' */
  readonly name: string;
  /** 40 hexadecimal digits. */
  readonly commit: string;
  readonly files: ReadonlyMap<string, HubFile>;
  /** Read only with this access token. */
  readonly token?: string;
}

type Files = () => HubFile[];

/** What `huggingface_hub` and `transformers` cut checkpoints at. */
const DIT_SHARD_BYTES = 10e9;
const TEXT_SHARD_BYTES = 5e9;

const CATALOGUE: Readonly<Record<string, Files>> = {
  'Wan-AI/Wan2.2-TI2V-5B': () => [
    ...shardedFiles('diffusion_pytorch_model', tensorsOf('dit', FULL, 'original', 'f32'), DIT_SHARD_BYTES),
    pthFile('models_t5_umt5-xxl-enc-bf16.pth', tensorsOf('text', FULL, 'original', 'bf16')),
    pthFile('Wan2.2_VAE.pth', tensorsOf('vae', FULL, 'original', 'f32')),
    config('config.json', FULL.dit),
  ],
  'Wan-AI/Wan2.2-TI2V-5B-Diffusers': () => diffusers('', FULL, DIT_SHARD_BYTES, TEXT_SHARD_BYTES, 'f32'),
  'Comfy-Org/Wan_2.2_ComfyUI_Repackaged': () => [
    safetensorsFile(
      'split_files/diffusion_models/wan2.2_ti2v_5B_fp16.safetensors',
      tensorsOf('dit', FULL, 'original', 'f16'),
    ),
    safetensorsFile(
      'split_files/text_encoders/umt5_xxl_fp16.safetensors',
      tensorsOf('text', FULL, 'transformers', 'f16'),
    ),
    safetensorsFile('split_files/vae/wan2.2_vae.safetensors', tensorsOf('vae', FULL, 'original', 'bf16')),
  ],
  'QuantStack/Wan2.2-TI2V-5B-GGUF': () => [
    ditGguf('Wan2.2-TI2V-5B-Q8_0.gguf', FULL, 'f32'),
    safetensorsFile('VAE/Wan2.2_VAE.safetensors', tensorsOf('vae', FULL, 'original', 'bf16')),
  ],
  // As they are shared to go with the files above: umt5-xxl in one file, under its original names.
  'Kijai/WanVideo_comfy': () => [
    safetensorsFile('umt5-xxl-enc-bf16.safetensors', tensorsOf('text', FULL, 'original', 'bf16')),
    safetensorsFile('Wan2_2_VAE_bf16.safetensors', tensorsOf('vae', FULL, 'original', 'bf16')),
  ],
  // Without the tokenizer that the published file carries in its metadata.
  'city96/umt5-xxl-encoder-gguf': () => [textGguf('umt5-xxl-encoder-Q8_0.gguf', FULL)],
  // Without the encoder that the published files hold too.
  'madebyollin/taehv': () => [
    pthFile('taew2_2.pth', tensorsOf('tiny', FULL, 'original', 'f16')),
    safetensorsFile('safetensors/taew2_2.safetensors', tensorsOf('tiny', FULL, 'original', 'f16')),
  ],
  'wanscope/tiny': () => [
    safetensorsFile('original/wan_tiny_dit_bf16.safetensors', tensorsOf('dit', TINY, 'original', 'bf16')),
    safetensorsFile('original/umt5_tiny_enc_bf16.safetensors', tensorsOf('text', TINY, 'original', 'bf16')),
    safetensorsFile('original/wan_tiny_vae_bf16.safetensors', tensorsOf('vae', TINY, 'original', 'bf16')),
    pthFile('original/umt5_tiny_enc_bf16.pth', tensorsOf('text', TINY, 'original', 'bf16')),
    ...diffusers('diffusers/', TINY, 1e6, 5e9, 'bf16'),
    safetensorsFile('comfy/wan_tiny_dit_fp16.safetensors', tensorsOf('dit', TINY, 'original', 'f16')),
    safetensorsFile('comfy/umt5_tiny_fp16.safetensors', tensorsOf('text', TINY, 'transformers', 'f16')),
    ditGguf('gguf/wan-tiny-dit-Q8_0.gguf', TINY, 'f16'),
    textGguf('gguf/umt5-tiny-encoder-Q8_0.gguf', TINY),
  ],
};

/** Gated, so that a token has something to open. */
const GATED = { name: 'wanscope/gated', token: 'hf_synthetic' } as const;

/** Repositories are made when first asked for: most runs need one of them. */
export function findRepositories(more: readonly Repository[] = []): (name: string) => Repository | undefined {
  const made = new Map(more.map((repository) => [repository.name, repository]));
  return (name) => {
    const gated = name === GATED.name;
    const files = Object.hasOwn(CATALOGUE, name) || gated ? CATALOGUE[gated ? 'wanscope/tiny' : name]! : undefined;
    if (!made.has(name) && files) made.set(name, { ...repository(name, files()), ...(gated && GATED) });
    return made.get(name);
  };
}

export const REPOSITORIES: readonly string[] = [...Object.keys(CATALOGUE), GATED.name];

export function repository(name: string, files: readonly HubFile[]): Repository {
  const sizes = files.map(({ path, bytes }) => `${path} ${bytes}\n`).join('');
  return {
    name,
    commit: createHash('sha1').update(`${name}\n${sizes}`).digest('hex'),
    files: new Map(files.map((file) => [file.path, file])),
  };
}

type TypeOf = (spec: WeightSpec) => SynthType;

export function tensorsOf(network: Network, sizes: Sizes, scheme: Scheme, type: SynthType | TypeOf): SynthTensor[] {
  const { dim_attn, num_heads } = sizes.text;
  return networkTensors(network, sizes).map((spec) => ({
    name: schemeName(network, scheme, spec.name),
    original: spec.name,
    shape: spec.shape,
    type: typeof type === 'string' ? type : type(spec),
    headDim: dim_attn / num_heads,
  }));
}

function diffusers(
  folder: string,
  sizes: Sizes,
  ditShardBytes: number,
  textShardBytes: number,
  vaeType: SynthType,
): HubFile[] {
  const text = tensorsOf('text', sizes, 'transformers', 'bf16');
  const dit = tensorsOf('dit', sizes, 'diffusers', 'f32');
  return [
    ...shardedFiles(`${folder}transformer/diffusion_pytorch_model`, dit, ditShardBytes),
    ...(sizes === FULL
      ? shardedFiles(`${folder}text_encoder/model`, text, textShardBytes)
      : [safetensorsFile(`${folder}text_encoder/model.safetensors`, text)]),
    safetensorsFile(`${folder}vae/diffusion_pytorch_model.safetensors`, tensorsOf('vae', sizes, 'diffusers', vaeType)),
    config(`${folder}transformer/config.json`, sizes.dit),
    config(`${folder}text_encoder/config.json`, sizes.text),
    config(`${folder}vae/config.json`, sizes.vae),
  ];
}

const config = (path: string, sizes: object) => textFile(path, `${JSON.stringify(sizes, null, 2)}\n`);

/** As ComfyUI-GGUF's converter: the blocks' linears in 8 bits, the 5-dimensional patch embedding in f32, the rest f16. */
function ditGguf(path: string, sizes: Sizes, modulation: SynthType): HubFile {
  const typeOf: TypeOf = ({ name, shape }) => {
    if (shape.length === 5) return 'f32';
    if (name.startsWith('blocks.') && name.endsWith('.modulation')) return modulation;
    return name.startsWith('blocks.') && isMatrix(shape) ? 'q8_0' : 'f16';
  };
  const metadata: Record<string, GgufValue> = {
    'general.architecture': 'wan',
    'general.quantization_version': { u32: 2 },
    'general.file_type': { u32: 7 },
  };
  return ggufFile(path, metadata, tensorsOf('dit', sizes, 'original', typeOf));
}

/** As llama.cpp's: norms and position tables stay f32. */
function textGguf(path: string, sizes: Sizes): HubFile {
  const { num_layers, dim, num_heads, dim_attn, dim_ffn, num_buckets } = sizes.text;
  const metadata: Record<string, GgufValue> = {
    'general.architecture': 't5encoder',
    't5encoder.block_count': { u32: num_layers },
    't5encoder.embedding_length': { u32: dim },
    't5encoder.attention.head_count': { u32: num_heads },
    't5encoder.attention.key_length': { u32: dim_attn / num_heads },
    't5encoder.feed_forward_length': { u32: dim_ffn },
    't5encoder.attention.relative_buckets_count': { u32: num_buckets },
    't5encoder.attention.layer_norm_rms_epsilon': { f32: 1e-6 },
  };
  const isTable = (name: string) => name.endsWith('.pos_embedding.embedding.weight');
  const typeOf: TypeOf = ({ name, shape }) => (isMatrix(shape) && !isTable(name) ? 'q8_0' : 'f32');
  return ggufFile(path, metadata, tensorsOf('text', sizes, 'llama.cpp', typeOf));
}
