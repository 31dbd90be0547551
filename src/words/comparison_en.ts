/** Two runs side by side: what differs, on what a ratio rests, and why there is none. */
import { products } from './products_en';

export const comparison = {
  unknown: 'not stated',
  fields: {
    model: 'model',
    width: 'width',
    height: 'height',
    frames: 'frames',
    tokens: 'patches',
    guidance: 'guidance',
    batch: 'videos at once',
    decoder: 'decoder',
    steps: 'steps',
    promptTokens: 'text tokens',
    activations: 'activations',
    weights: 'weights',
    attention: 'attention',
    offload: 'weights on the GPU',
    textEncoderOn: 'text encoder on',
    gpus: 'cards',
  },
  values: {
    'wan22-5b': 'Wan2.2 5B',
    vae: 'video VAE',
    tiny: 'tiny decoder',
    resident: 'all the time',
    partial: 'partly streamed',
    stream: 'streamed',
    'one-block': 'one block for all',
    'between-stages': 'a network at a time',
    cpu: 'the CPU',
    gpu: 'the GPU',
    ...products,
  } as Readonly<Record<string, string>>,
  /** A ratio never stands without one of these. */
  basis: {
    run: 'Both ran the same work.',
    projection: 'Own figures are what the run foretells of the other’s workload.',
    scaled: (own: string, factor: string, ownFrames: number, otherFrames: number) =>
      `Not the same work: figures of ${own} are scaled by FLOPs, a step of ${ownFrames} frames to one of ${otherFrames} by ${factor}.`,
    none: 'No ratio: what one of them ran is not stated.',
  },
  /** What a run's clock begins and ends with; any other is in its source's words. */
  boundaries: {
    'wan22-enhanced': 'from model initialisation to the saved video',
    'vllm-omni': 'the pipeline, as the server timed it',
    'vllm-omni-bench': 'from request to video, as the client timed it',
    sglang: 'the request inside the server',
  } as Readonly<Record<string, string>>,
  noRatio: {
    missing: 'not stated',
    'unknown-work': 'work not stated',
    'other-work': 'not the same work',
    boundary: 'not the same thing timed',
    'other-decoder': 'another decoder',
    'other-steps': 'another number of steps',
    'no-time': 'no time taken',
  },
};
