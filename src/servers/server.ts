/** A server that makes videos, what is asked of it, and how long and how much of it is borne. Plain data. */
import type { ClipSettings } from '../core/clip';
import { AppError, excerpt } from '../core/errors';
import type { Stage } from '../core/events';
import type { Run } from '../core/run';

export const SERVER_KINDS = ['vllm-omni', 'sglang', 'fastvideo', 'comfyui'] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

export const SERVER_NAMES: Readonly<Record<ServerKind, string>> = {
  'vllm-omni': 'vLLM-Omni',
  sglang: 'SGLang',
  fastvideo: 'FastVideo',
  comfyui: 'ComfyUI',
};

export interface Server {
  readonly kind: ServerKind;
  /** As `serverUrl` gives it: no slash at the end. */
  readonly url: string;
  /** Sent as a bearer token. It lives in memory alone: never kept, and in no message, run or log. */
  readonly token: string | null;
  /** The card, where its owner says so: most servers do not. */
  readonly card: string | null;
}

/** Before it is known which kind it is. */
export type Addressee = Omit<Server, 'kind'> & { readonly kind: ServerKind | null };

/** The same work as a local clip's. */
export interface ServerWish
  extends Pick<
    ClipSettings,
    'prompt' | 'negativePrompt' | 'width' | 'height' | 'frames' | 'shift' | 'guidance' | 'seed' | 'noise'
  > {
  /** What the clip takes, its schedule's own where it has one. */
  readonly steps: number;
  readonly solver: ClipSettings['solver'];
  readonly schedule: ClipSettings['schedule'];
  readonly decoder: ClipSettings['decoder'];
  readonly framesPerSecond: number;
  /** The local clip began with a picture; that is not sent. */
  readonly hasImage: boolean;
}

/** `asking`: whether it can; `working`: it does not say at what; `silent`: no answer; `fetching`: the finished video. */
export type ServerActivity = 'asking' | 'queued' | 'working' | 'silent' | 'fetching' | Exclude<Stage, 'tune'>;

export interface ServerProgress {
  readonly activity: ServerActivity;
  /** Of `total` units; 0 of 0 where the server does not tell. */
  readonly done: number;
  readonly total: number;
}

export interface ServerRunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: ServerProgress) => void;
  readonly patience?: Partial<Patience>;
  /** Node has none before version 22. */
  readonly webSocket?: typeof WebSocket;
}

export interface ServerRun {
  readonly run: Run;
  /** Null where it did not come. Its times are whole nonetheless; a remark says why. */
  readonly video: Blob | null;
}

/** How long and how much. Tests shorten it, and a person chooses `jobSeconds`. */
export interface Patience {
  readonly firstPollSeconds: number;
  readonly longestPollSeconds: number;
  /** Without a byte. */
  readonly stallSeconds: number;
  /** For a whole answer, however slowly it drips. */
  readonly answerSeconds: number;
  readonly videoSeconds: number;
  /** From the request to the end of the job. Until then it is asked for, whether the server answers or not. */
  readonly jobSeconds: number;
  /** From the end of the job on, for its video to be given. */
  readonly outageSeconds: number;
  /** In a row, of what passes: a cut, an overloaded gateway. A request that would make a second job is never repeated. */
  readonly attempts: number;
  readonly pauseSeconds: number;
  /** What a server may ask to wait. */
  readonly longestWaitSeconds: number;
  /** For taking back a job that is no longer wanted. */
  readonly cancelSeconds: number;
  /** Of an answer about one thing: a job, a node, the models. */
  readonly jsonBytes: number;
  /** Of one that grows with what everybody asked of the server: its jobs, its queue. */
  readonly listBytes: number;
  readonly videoBytes: number;
}

export const PATIENCE: Patience = {
  firstPollSeconds: 0.25,
  longestPollSeconds: 2,
  stallSeconds: 30,
  answerSeconds: 120,
  videoSeconds: 1800,
  jobSeconds: 3600,
  outageSeconds: 60,
  attempts: 4,
  pauseSeconds: 0.5,
  longestWaitSeconds: 120,
  cancelSeconds: 3,
  jsonBytes: 2 ** 20,
  listBytes: 8 * 2 ** 20,
  videoBytes: 512 * 2 ** 20,
};

/**
 * The address that a person wrote, without what belongs to single requests: 'localhost:8091/v1/videos' →
 * 'http://localhost:8091'. Throws input-invalid for what is none.
 */
export function serverUrl(text: string): string {
  const written = text.trim();
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `http://${written}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  const wrong = (why: string) =>
    new AppError('input-invalid', `"${excerpt(written)}" ${why}. Write it as http://localhost:8091.`);
  if (!written || !url?.hostname) throw wrong('is no address of a server');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw wrong(`begins with ${url.protocol}, not http or https`);
  if (url.username || url.password)
    throw new AppError(
      'input-invalid',
      `The address of ${url.host} holds a name or password. Give it as a token instead.`,
    );
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v1(\/(videos|models).*)?$|\/(system_stats|prompt)$/, '');
  return url.origin + path;
}

export const nameOf = ({ kind }: Addressee): string => (kind ? SERVER_NAMES[kind] : 'such a server');

export const hostOf = ({ url }: Pick<Server, 'url'>): string => new URL(url).host;
