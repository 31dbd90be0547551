/** The same video on a server: what of it was timed, as a row of Compare, and the file. */
import { type ClipSettings, checkClip } from '../core/clip';
import { generateByGraph } from './comfy';
import { generateByJob } from './openai_videos';
import { PATIENCE, type Server, type ServerRun, type ServerRunOptions, type ServerWish } from './server';

/** Throws every AppError of server_failures.ts and exchange.ts; a job that was begun and not finished is taken back where it can be. */
export function generateOn(server: Server, wish: ServerWish, options: ServerRunOptions = {}): Promise<ServerRun> {
  const { signal, onProgress = () => undefined, patience, webSocket = globalThis.WebSocket } = options;
  const line = { server, signal, patience: { ...PATIENCE, ...patience } };
  return server.kind === 'comfyui'
    ? generateByGraph(line, wish, onProgress, webSocket)
    : generateByJob(line, wish, onProgress);
}

/** `steps`: what a clip of these settings takes, which its schedule may have decided. Throws input-invalid. */
export function wishOf(
  settings: ClipSettings,
  { framesPerSecond, steps, hasImage }: Pick<ServerWish, 'framesPerSecond' | 'steps' | 'hasImage'>,
): ServerWish {
  checkClip(settings);
  const { tokenizer: _, ...told } = settings;
  return { ...told, framesPerSecond, steps, hasImage };
}
