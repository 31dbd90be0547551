/** What a server did, as a row of Compare: its figures, and what keeps it from being the local clip's twin. */
import { tokensOfClip } from '../core/clip';
import type { ServerRemark, ServerSetting } from '../core/events';
import type { Figure } from '../core/result';
import type { Run, RunStages } from '../core/run';
import { isWan22Name, WAN22 } from '../core/wan22_name';
import { hostOf, SERVER_NAMES, type Server, type ServerWish } from './server';

export const NO_STAGES: RunStages = {
  init: null,
  encode: null,
  image: null,
  step: null,
  decode: null,
  total: null,
  wall: null,
};

export interface Done {
  readonly id: string;
  /** By the name that the server gives it; null where it gives none. */
  readonly model: string | null;
  /** What the server says it ran; the wish's where it does not say. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly device?: { readonly name: string; readonly memoryBytes: number | null };
  readonly software?: string;
  readonly gpus?: number | null;
  readonly stages: RunStages & { readonly wall: Figure };
  /** Of the wall time, before the work began; 0 where that is not known. */
  readonly queuedSeconds: number;
  readonly timingBoundary: string;
  readonly peakMemoryBytes: number | null;
  readonly notTaken: readonly ServerSetting[];
  readonly perhapsIgnored: readonly ServerSetting[];
  readonly remarks: readonly ServerRemark[];
  /** As the server said it. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** Less than a second is what it takes to ask, and to be told that it began. */
export const isQueued = (seconds: number): boolean => seconds >= 1;

export function serverRun(server: Server, wish: ServerWish, done: Done): Run {
  const { width = wish.width, height = wish.height, stages } = done;
  const queuedSeconds = Math.min(done.queuedSeconds, stages.wall.seconds);
  const queued = isQueued(queuedSeconds);
  const host = hostOf(server);
  const name = SERVER_NAMES[server.kind];
  return {
    id: `server-${done.id}`,
    origin: 'server',
    name: `${name}, ${host}`,
    device: {
      name: server.card ?? done.device?.name ?? host,
      memoryBytes: done.device?.memoryBytes ?? null,
      software: false,
    },
    software: done.software ?? name,
    date: new Date().toISOString(),
    source: { text: `${name}, ${host}`, url: server.url.startsWith('https:') ? server.url : null },
    confidence: null,
    contended: false,
    key: {
      ...{ width, height, frames: wish.frames, tokens: tokensOfClip({ width, height, frames: wish.frames }) },
      ...{ steps: wish.steps, guidance: wish.guidance > 1, promptTokens: null, batch: 1 },
      ...{ activations: null, weights: null, attention: null, offload: null, textEncoderOn: null },
      model: isWan22Name(done.model) ? WAN22 : done.model,
      decoder: 'vae',
      gpus: done.gpus ?? null,
    },
    stages: queued ? { ...stages, wall: without(stages.wall, queuedSeconds) } : stages,
    projection: null,
    checks: [],
    timingBoundary: done.timingBoundary,
    peakMemoryBytes: done.peakMemoryBytes,
    gpuBusy: null,
    roofs: null,
    kernels: [],
    cases: [],
    timeline: [],
    memory: { limitBytes: null, samples: [] },
    remarks: [
      { code: 'other-noise', values: {} },
      ...(done.notTaken.length > 0 ? [{ code: 'not-taken', values: { settings: done.notTaken } } as const] : []),
      ...(done.perhapsIgnored.length > 0
        ? [{ code: 'perhaps-ignored', values: { settings: done.perhapsIgnored } } as const]
        : []),
      ...(queued ? [{ code: 'queued', values: { seconds: queuedSeconds } } as const] : []),
      ...done.remarks,
    ],
    extra: done.extra,
  };
}

const without = ({ kind, seconds }: Figure, queuedSeconds: number): Figure => {
  const left = seconds - queuedSeconds;
  return { kind, seconds: left, samples: [left] };
};

/** What no server takes from a page. */
export function notTakenAnywhere({ decoder, hasImage }: ServerWish): ServerSetting[] {
  return [...(decoder === 'tiny' ? (['decoder'] as const) : []), ...(hasImage ? (['image'] as const) : [])];
}
