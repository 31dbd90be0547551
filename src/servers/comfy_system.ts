/** What a ComfyUI runs on, by `/system_stats`. */
import * as v from 'valibot';
import { checked } from '../core/checked';
import { AppError, excerpt } from '../core/errors';
import { shownName, toldAmount } from './answer_parts';
import { askJson, type Line } from './exchange';
import { hostOf } from './server';

const stats = v.looseObject({
  system: v.looseObject({ comfyui_version: v.optional(shownName, ''), pytorch_version: v.optional(shownName, '') }),
  devices: v.array(v.looseObject({ name: shownName, vram_total: toldAmount })),
});

export interface ComfySystem {
  readonly software: string;
  readonly device: { readonly name: string; readonly memoryBytes: number | null };
}

/** Throws file-invalid where the answer is another server's. */
export async function askSystem(line: Line): Promise<ComfySystem> {
  const answer = await askJson(line, { path: '/system_stats', what: 'The system’s description' });
  const system = systemOf(answer);
  if (system) return system;
  throw new AppError(
    'file-invalid',
    `${hostOf(line.server)} does not describe itself as ComfyUI does: "${excerpt(JSON.stringify(answer))}". Is it another kind of server?`,
  );
}

/** Null for what is no ComfyUI's. */
export function systemOf(answer: unknown): ComfySystem | null {
  const read = checked(stats, answer);
  if (!read.success) return null;
  const { system, devices } = read.output;
  const [device] = devices;
  return {
    software: ['ComfyUI', system.comfyui_version, system.pytorch_version && `PyTorch ${system.pytorch_version}`]
      .filter(Boolean)
      .join(' '),
    device: {
      // 'cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync'
      name: (device?.name ?? 'cpu').replace(/^cuda:\d+ | : \w+$/g, ''),
      memoryBytes: device?.vram_total ?? null,
    },
  };
}
