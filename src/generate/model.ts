/**
 * A model that makes videos, opened as far as its headers: the three networks
 * checked to be there and to fit each other, its tokenizer, and how it is used.
 */
import type { ClipSettings, Picture } from '../core/clip';
import type { VideoModel } from '../core/clip_run';
import { AppError } from '../core/errors';
import type { ClipNetworks } from '../pipeline/clip';
import { expectedTensors, inferSizes } from '../pipeline/expected_tensors';
import { findTokenizer, readTokenizer } from '../text/find_tokenizer';
import type { Tokenizer } from '../text/tokenizer';
import { WAN22_MOMENTS } from '../vae/config';
import type { TinyConfig } from '../vae/tiny_weights';
import type { ByteSource } from '../weights/byte_source';
import type { Checkpoint } from '../weights/checkpoint';
import { inspect, type NetworkInspection } from '../weights/inspection';
import type { Network } from '../weights/tensor_names';
import { digest, fingerprint } from './fingerprint';
import type { LinearProjection } from './linear_preview';
import { readDescription } from './model_description';
import { bestSize } from './picture';
import { PUBLISHED_FRAMES_PER_SECOND, PUBLISHED_SIZES, publishedDefaults, publishedShift } from './published_models';

export interface OpenedModel {
  readonly info: VideoModel;
  readonly networks: ClipNetworks;
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
  /** Of the text encoder alone: whose embeddings are whose. */
  readonly textFingerprint: string;
  readonly tiny: TinyConfig | null;
  readonly linear: LinearProjection | null;
  /** It came with a model.json, which says how it is used. */
  readonly isDescribed: boolean;
}

/** Settings as given, and where they are not as the model is used: the size of a given first frame, and a shift for the size. */
export function clipSettings(
  { info, isDescribed }: Pick<OpenedModel, 'info' | 'isDescribed'>,
  given: Partial<ClipSettings>,
  image: Picture | null,
): ClipSettings {
  const { width, height } = info.defaults;
  const size = image && !isDescribed && given.width === undefined ? bestSize(image, width * height) : {};
  const settings = { ...info.defaults, ...size, ...given };
  return isDescribed || given.shift !== undefined ? settings : { ...settings, shift: publishedShift(settings) };
}

export interface ModelFiles {
  /** The value of a `model.json`, and what to call it in messages. */
  readonly description?: { readonly value: unknown; readonly name: string } | undefined;
  /** The tokenizer, where someone chose it; else it is looked for. */
  readonly tokenizer?: ByteSource | undefined;
  /** Files that may be a tokenizer. */
  readonly sidecars: readonly ByteSource[];
  /** For people: where it was opened from. */
  readonly label: string;
  readonly signal?: AbortSignal | undefined;
}

/** Words for messages, and the files that hold the network in the places where Wan2.2 TI2V-5B is published. */
const PARTS: Readonly<Record<Network, readonly [words: string, files: string]>> = {
  text: [
    'text encoder',
    'a folder text_encoder, models_t5_umt5-xxl-enc-bf16.pth, umt5_xxl_fp8_e4m3fn_scaled.safetensors or umt5-xxl-encoder-Q8_0.gguf',
  ],
  dit: [
    'transformer',
    'a folder transformer, diffusion_pytorch_model-*.safetensors, wan2.2_ti2v_5B_fp16.safetensors or a GGUF file of it',
  ],
  vae: ['video VAE', 'a folder vae, Wan2.2_VAE.pth or wan2.2_vae.safetensors'],
  tiny: ['tiny decoder', 'taew2_2.safetensors or taew2_2.pth'],
};
const NETWORKS = ['text', 'dit', 'vae'] as const;

/**
 * Throws weights-missing that says what is missing and which file would hold it, shape-mismatch with both sizes where
 * networks do not fit each other or their description, file-invalid for a description that is none.
 */
export async function openVideoModel(
  checkpoint: Checkpoint,
  { description, tokenizer: chosen, sidecars, label, signal }: ModelFiles,
): Promise<OpenedModel> {
  const described = description && readDescription(description.value, description.name);
  const networks = described?.networks ?? { ...inferSizes(checkpoint), moments: WAN22_MOMENTS };
  const { tiny } = inferSizes(checkpoint);
  const { networks: found } = inspect(checkpoint, expectedTensors({ ...networks, tiny }));
  const complete = NETWORKS.map((network) => checkComplete(found, network, label));
  const hasTinyDecoder = found.some(({ network }) => network === 'tiny');
  if (hasTinyDecoder) checkComplete(found, 'tiny', label);
  checkFit(networks, hasTinyDecoder ? tiny : null);
  const transformer = complete[1]!;
  const tokenizer = await (chosen ? readTokenizer(chosen, signal) : findTokenizer(checkpoint, sidecars, signal));

  const tensorsOf = (network: Network) =>
    checkpoint.parts
      .filter((part) => part.network === network)
      .flatMap(({ originals }) => [...originals.values()])
      .map((name) => [name, checkpoint.tensors.get(name)!] as const);
  const prints = await Promise.all(NETWORKS.map((network) => fingerprint(tensorsOf(network), signal)));
  const defaults = described?.defaults ?? publishedDefaults([label, ...transformer.files.map(({ name }) => name)]);
  return {
    info: {
      label: described?.name ?? label,
      fingerprint: await digest(prints),
      defaults,
      framesPerSecond: described?.framesPerSecond ?? PUBLISHED_FRAMES_PER_SECOND,
      mostPromptTokens: networks.dit.text_len,
      examples: described?.examples ?? [],
      knownWords: described?.knownWords ?? [],
      sizes: described ? [sizeOf(defaults)] : PUBLISHED_SIZES,
      takesImage: !complete[2]!.missing.some(isEncoder),
      hasTinyDecoder,
      preview: hasTinyDecoder ? 'tiny' : described?.preview ? 'linear' : null,
      weights: transformer.types.map(({ type, dtype }) => type ?? dtype).join(' '),
    },
    networks,
    checkpoint,
    tokenizer,
    textFingerprint: prints[0]!,
    tiny: hasTinyDecoder ? tiny : null,
    linear: described?.preview ?? null,
    isDescribed: described !== undefined,
  };
}

const sizeOf = ({ width, height, frames }: ClipSettings) => ({ width, height, frames });

/** The half of the VAE that only a given first frame needs. */
const isEncoder = (name: string) => /^(encoder|conv1)\./.test(name);

function checkComplete(found: readonly NetworkInspection[], network: Network, label: string): NetworkInspection {
  const [words, files] = PARTS[network];
  const inspected = found.find((candidate) => candidate.network === network);
  if (!inspected)
    throw new AppError('weights-missing', `${label} has no ${words}. Add the file that holds it: ${files}.`);
  const { tensors, missing, differing } = inspected;
  const needed = missing.filter((name) => network !== 'vae' || !isEncoder(name));
  if (needed.length > 0)
    throw new AppError(
      'weights-missing',
      `${label} lacks ${needed.length} tensors of the ${words} and has ${tensors}; the first missing is ${needed[0]}. Add the files that hold the rest: ${files}.`,
    );
  const [other] = differing;
  if (other)
    throw new AppError(
      'shape-mismatch',
      `${other.name} of ${label} has shape [${other.shape}]; the ${words} needs [${other.expected}]. Give the files of one model.`,
    );
  return inspected;
}

function checkFit({ text, dit, vae, moments }: ClipNetworks, tiny: TinyConfig | null): void {
  const spaceStages = vae.dim_mult.length - 1;
  const timeStages = vae.temporal_downsample.filter(Boolean).length;
  const pairs: readonly (readonly [what: string, one: number | string, other: number | string])[] = [
    ['Width of the embeddings: of the text encoder, and what the transformer reads', text.dim, dit.text_dim],
    ['Latent channels: of the VAE, and what the transformer reads', vae.z_dim, dit.in_dim],
    ['Latent channels: what the transformer reads, and what it answers', dit.in_dim, dit.out_dim],
    ['Latent channels: of the transformer, and of the tiny decoder', dit.out_dim, tiny?.z_dim ?? dit.out_dim],
    ['Latent channels: of the VAE, and means given for them', vae.z_dim, moments.mean.length],
    ['Latent channels: of the VAE, and deviations given for them', vae.z_dim, moments.deviation.length],
    ['Patch of the transformer: its own, and the one computed here', dit.patch.join(' × '), '1 × 2 × 2'],
    [
      'Halvings of space and time in the VAE: its own, and those computed here',
      `${spaceStages}, ${timeStages}`,
      '3, 2',
    ],
  ];
  for (const [what, one, other] of pairs)
    if (one !== other)
      throw new AppError('shape-mismatch', `${what}: ${one} and ${other}. Give networks that were trained together.`);
}
