/**
 * The wish as a graph of ComfyUI's own nodes, in the form that `POST /prompt` takes:
 * node id → class and inputs; an input is a value, or [node id, output].
 */
import type { ServerWish } from './server';

export interface GraphNode {
  readonly class_type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Node ids are chosen by whoever sends the graph. */
const CLASSES = {
  unet: 'UNETLoader',
  clip: 'CLIPLoader',
  vae: 'VAELoader',
  positive: 'CLIPTextEncode',
  negative: 'CLIPTextEncode',
  shift: 'ModelSamplingSD3',
  latents: 'Wan22ImageToVideoLatent',
  sampler: 'KSampler',
  decode: 'VAEDecode',
  video: 'CreateVideo',
  save: 'SaveVideo',
} as const;

export type NodeId = keyof typeof CLASSES;

export const isNodeId = (node: unknown): node is NodeId => typeof node === 'string' && Object.hasOwn(CLASSES, node);

export const NODE_CLASSES: readonly string[] = [...new Set(Object.values(CLASSES))];

const STAGES: ReadonlyMap<string, 'init' | 'encode' | 'denoise' | 'decode'> = new Map([
  ...(['unet', 'clip', 'vae'] as const).map((id) => [id, 'init'] as const),
  ...(['positive', 'negative'] as const).map((id) => [id, 'encode'] as const),
  ['sampler', 'denoise'],
  ['decode', 'decode'],
]);

/** Which stage a node's time belongs to; undefined for those that take next to none. */
export const stageOf = (node: string) => STAGES.get(node);

/** Files that the server has, by loader. */
export type ComfyModels = Readonly<Record<'unet' | 'clip' | 'vae', string>>;

const SAMPLERS = { unipc: 'uni_pc', 'dpm++': 'dpmpp_2m', euler: 'euler' } as const;

/**
 * `run`: new for every run. ComfyUI does not do again what it has done with the same inputs; an input that no node knows
 * is not passed on, but makes them other inputs. The loaders are left alone, so that models stay loaded.
 */
export function comfyGraph(wish: ServerWish, models: ComfyModels, run: string): Record<NodeId, GraphNode> {
  const inputs: Record<NodeId, Readonly<Record<string, unknown>>> = {
    unet: { unet_name: models.unet, weight_dtype: 'default' },
    clip: { clip_name: models.clip, type: 'wan', device: 'default' },
    vae: { vae_name: models.vae },
    positive: { text: wish.prompt, clip: ['clip', 0], wanscope_run: run },
    negative: { text: wish.negativePrompt, clip: ['clip', 0], wanscope_run: run },
    shift: { shift: wish.shift, model: ['unet', 0] },
    latents: { vae: ['vae', 0], width: wish.width, height: wish.height, length: wish.frames, batch_size: 1 },
    sampler: {
      ...{ model: ['shift', 0], positive: ['positive', 0], negative: ['negative', 0], latent_image: ['latents', 0] },
      ...{ seed: wish.seed, steps: wish.steps, cfg: wish.guidance, denoise: 1 },
      ...{ sampler_name: SAMPLERS[wish.solver], scheduler: 'simple' },
    },
    decode: { samples: ['sampler', 0], vae: ['vae', 0] },
    video: { images: ['decode', 0], fps: wish.framesPerSecond },
    save: { video: ['video', 0], filename_prefix: 'wanscope/clip', format: 'auto', codec: 'auto' },
  };
  const nodes = Object.entries(CLASSES).map(([id, class_type]) => [id, { class_type, inputs: inputs[id as NodeId] }]);
  return Object.fromEntries(nodes);
}
