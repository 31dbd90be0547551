/** Whether a ComfyUI has the nodes and the models of Wan2.2 TI2V-5B, by what `/object_info` says of each node. */
import { AppError, excerpt } from '../core/errors';
import { type ComfyModels, NODE_CLASSES } from './comfy_graph';
import { askJson, type Line, persist } from './exchange';
import { hostOf } from './server';

/** By the names that Comfy-Org/Wan_2.2_ComfyUI_Repackaged gives them, and their folders below `models`. */
const WANTED = {
  unet: {
    ...{ node: 'UNETLoader', input: 'unet_name', folder: 'diffusion_models' },
    ...{ pattern: /wan.*2.?2.*5b/i, name: 'wan2.2_ti2v_5B_fp16.safetensors' },
  },
  clip: {
    ...{ node: 'CLIPLoader', input: 'clip_name', folder: 'text_encoders' },
    ...{ pattern: /umt5.*xxl/i, name: 'umt5_xxl_fp8_e4m3fn_scaled.safetensors' },
  },
  vae: {
    ...{ node: 'VAELoader', input: 'vae_name', folder: 'vae' },
    ...{ pattern: /wan.*2.?2.*vae/i, name: 'wan2.2_vae.safetensors' },
  },
} as const;

/** Throws input-invalid for missing nodes, weights-missing for a missing model, and what `askJson` throws. */
export async function findComfyModels(line: Line): Promise<ComfyModels> {
  const infos = await Promise.all(
    NODE_CLASSES.map((node) =>
      persist(line, () => askJson(line, { path: `/object_info/${node}`, what: `The description of ${node}` })),
    ),
  );
  const host = hostOf(line.server);
  const missing = NODE_CLASSES.filter((node, i) => !(infos[i] as Record<string, unknown> | null)?.[node]);
  if (missing.length > 0)
    throw new AppError(
      'input-invalid',
      `ComfyUI at ${host} lacks ${missing.length} of the ${NODE_CLASSES.length} nodes this needs: ${missing.join(', ')}. Update ComfyUI to 0.3.46 or later.`,
    );
  const find = (kind: keyof ComfyModels): string => {
    const { node, input, folder, pattern, name } = WANTED[kind];
    const names = choicesOf(infos[NODE_CLASSES.indexOf(node)], node, input);
    const found = names.find((each) => pattern.test(each));
    if (found) return found;
    throw new AppError(
      'weights-missing',
      `ComfyUI at ${host} has ${names.length} files in models/${folder}, and none of Wan2.2 5B: ${excerpt(names.slice(0, 5).join(', ')) || 'none at all'}. Put ${name} there and reload its page.`,
    );
  };
  return { unet: find('unet'), clip: find('clip'), vae: find('vae') };
}

/** Of a file's name on common systems; the patterns would take hours with one of a million. */
const MOST_CHARACTERS = 255;

/** A list of choices is `[[…names], options]`, or since nodes of the third version `['COMBO', {options: […names]}]`. */
function choicesOf(info: unknown, node: string, input: string): string[] {
  const described = (info as Record<string, { input?: { required?: Record<string, unknown> | null } | null }>)[node];
  const choices = described?.input?.required?.[input];
  const [kind, more]: unknown[] = Array.isArray(choices) ? choices : [];
  const names = Array.isArray(kind) ? kind : (more as { options?: unknown } | null | undefined)?.options;
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string' && name.length <= MOST_CHARACTERS) : [];
}
