/** Whether a ComfyUI has the nodes and the models of Wan2.2 TI2V-5B, by what `/object_info` says of each node. */
import { AppError, excerpt } from '../core/errors';
import { holdsInOrder, isWan22Name } from '../core/wan22_name';
import { type ComfyModels, NODE_CLASSES } from './comfy_graph';
import { askJson, type Line, persist } from './exchange';
import { hostOf } from './server';

interface Wanted {
  readonly node: string;
  readonly input: string;
  /** Below `models`. */
  readonly folder: string;
  /** What Comfy-Org/Wan_2.2_ComfyUI_Repackaged calls it. Of several files the one of this name is taken. */
  readonly name: string;
  /** What others call it, the likelier first. */
  readonly likely: readonly ((name: string) => boolean)[];
  /** Named like it, and another thing. */
  readonly other: RegExp;
}

const named =
  (...parts: RegExp[]) =>
  (name: string) =>
    holdsInOrder(name, parts);

const WANTED: Readonly<Record<keyof ComfyModels, Wanted>> = {
  unet: {
    ...{ node: 'UNETLoader', input: 'unet_name', folder: 'diffusion_models' },
    name: 'wan2.2_ti2v_5B_fp16.safetensors',
    likely: [isWan22Name, named(/wan/i, /2.?2/, /5b/i)],
    other: /fun|control|inp|camera|vace|[-_]ovi/i, // trained from it, with inputs of their own
  },
  clip: {
    ...{ node: 'CLIPLoader', input: 'clip_name', folder: 'text_encoders' },
    name: 'umt5_xxl_fp8_e4m3fn_scaled.safetensors',
    likely: [named(/umt5_xxl/i), named(/umt5/i, /xxl/i)],
    other: /xxl.enc/i, // for the loader of ComfyUI-WanVideoWrapper alone
  },
  vae: {
    ...{ node: 'VAELoader', input: 'vae_name', folder: 'vae' },
    name: 'wan2.2_vae.safetensors',
    likely: [named(/wan/i, /2.?2/, /vae/i)],
    other: /tae/i,
  },
};

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
    const { node, input, folder, name, likely, other } = WANTED[kind];
    const names = choicesOf(infos[NODE_CLASSES.indexOf(node)], node, input);
    const isIt = (each: string) => each.split(/[/\\]/).at(-1) === name;
    for (const fits of [isIt, ...likely]) {
      const found = names.find((each) => fits(each) && (isIt(each) || !other.test(each)));
      if (found) return found;
    }
    throw new AppError(
      'weights-missing',
      `ComfyUI at ${host} has ${names.length} files in models/${folder}, and none of Wan2.2 5B: ${excerpt(names.slice(0, 5).join(', ')) || 'none at all'}. Put ${name} there and reload its page.`,
    );
  };
  return { unet: find('unet'), clip: find('clip'), vae: find('vae') };
}

/** Of a file's name on common systems. */
const MOST_CHARACTERS = 255;
/** Of the names in a list, those that are read: large collections have some thousand. */
const MOST_NAMES = 10_000;

/** A list of choices is `[[…names], options]`, or since nodes of the third version `['COMBO', {options: […names]}]`. */
function choicesOf(info: unknown, node: string, input: string): string[] {
  const described = (info as Record<string, { input?: { required?: Record<string, unknown> | null } | null }>)[node];
  const choices = described?.input?.required?.[input];
  const [kind, more]: unknown[] = Array.isArray(choices) ? choices : [];
  const names = Array.isArray(kind) ? kind : (more as { options?: unknown } | null | undefined)?.options;
  return Array.isArray(names)
    ? names.slice(0, MOST_NAMES).filter((name) => typeof name === 'string' && name.length <= MOST_CHARACTERS)
    : [];
}
