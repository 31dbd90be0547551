/** What is at an address: which kind of server, with which models; or why that cannot be told. */
import { AppError, excerpt } from '../core/errors';
import { isWan22Name } from '../core/wan22_name';
import { systemOf } from './comfy_system';
import { askJson, type Line } from './exchange';
import { askModels, servedModels } from './served_models';
import { hostOf, PATIENCE, type Server, type ServerKind, type ServerRunOptions } from './server';

export interface Probed {
  readonly kind: ServerKind;
  readonly software: string | null;
  /** The card; most servers do not tell. */
  readonly card: string | null;
  /** Names of what it serves; empty where it does not tell. */
  readonly models: readonly string[];
  readonly isWan5b: boolean | null;
}

/**
 * Throws cors-refused, mixed-content, network-failed and the like where nobody there speaks to this page, and input-invalid
 * for a server that makes no videos.
 */
export async function probe(
  { url, token }: Pick<Server, 'url' | 'token'>,
  { signal, patience }: Pick<ServerRunOptions, 'signal' | 'patience'> = {},
): Promise<Probed> {
  const line: Line = { server: { kind: null, url, token, card: null }, patience: { ...PATIENCE, ...patience }, signal };
  const comfy = await orFailure(askJson(line, { path: '/system_stats', what: 'The system’s description' }));
  const system = comfy instanceof AppError ? null : systemOf(comfy);
  if (system)
    return { kind: 'comfyui', software: system.software, card: system.device.name, models: [], isWan5b: null };
  // Where nobody answers, nobody will: the second question would only take time.
  if (comfy instanceof AppError && !SPEAKS.includes(comfy.code)) throw comfy;
  const listed = await orFailure(askModels(line));
  const served = servedModels(listed);
  if (!served) throw listed instanceof AppError && !SPEAKS.includes(listed.code) ? listed : noVideos(url, listed);
  const names = served.map(({ id }) => id);
  // The list of videos is what tells a server of videos from one of texts.
  const videos = await orFailure(askJson(line, { path: '/v1/videos', what: 'The list of videos', isList: true }));
  if (videos instanceof AppError) throw SPEAKS.includes(videos.code) ? noVideos(url, videos, names) : videos;
  const owner = served[0]?.owned_by?.toLowerCase() ?? '';
  const kind = (['sglang', 'fastvideo'] as const).find((each) => owner.includes(each)) ?? 'vllm-omni';
  return {
    kind,
    software: null,
    card: null,
    models: names,
    isWan5b: served.some(({ id, root }) => isWan22Name(id) || isWan22Name(root)),
  };
}

/** It answered, though not with what was hoped for. */
const SPEAKS: readonly string[] = ['input-invalid', 'file-invalid', 'job-failed'];

async function orFailure(asked: Promise<unknown>): Promise<unknown> {
  return asked.catch((failure) => {
    if (failure instanceof AppError) return failure;
    throw failure;
  });
}

function noVideos(url: string, cause: unknown, names: readonly string[] = []): AppError {
  const host = hostOf({ url });
  const serves = names.length > 0 ? ` It serves ${excerpt(names.slice(0, 3).join(', '))}.` : '';
  const reason = cause instanceof AppError ? ` ${cause.message}` : '';
  return new AppError(
    'input-invalid',
    `Something answers at ${host}, but it is none of vLLM-Omni, SGLang, FastVideo or ComfyUI, or an older build without /v1/videos.${serves} Check the address, or choose the kind of server.${reason}`,
    { cause },
  );
}
