/**
 * Tells one model's weights from another's without reading them all: from the
 * tables of tensors, and a little of the data of a few. Names and places of
 * files do not count, so a model that was moved stays the same.
 */
import { createSHA256 } from 'hash-wasm';
import type { UnfinishedClip } from '../core/clip_run';
import { extent } from '../core/extent';
import type { LoraUse } from '../pipeline/lora_source';
import type { StoredTensor } from '../weights/checkpoint';
import type { Lora } from '../weights/lora';
import { readAlpha } from '../weights/lora_adapter';

/** Weights of one training differ from those of another everywhere, so a few places tell. */
const SAMPLES = 4;
const SAMPLE_BYTES = 1024;

/** Of tensors by their original names; in hexadecimal. */
export async function fingerprint(
  tensors: Iterable<readonly [string, StoredTensor]>,
  signal?: AbortSignal,
): Promise<string> {
  const stored = [...tensors].sort(([one], [other]) => (one < other ? -1 : 1));
  const table = stored.map(([name, { dtype, shape, scale }]) => [name, dtype, shape, scale?.dtype ?? null]);
  const largest = extent(stored.map(([, { beginByte, endByte }]) => endByte - beginByte)).max;
  // Norms hardly move in training: large tensors tell more.
  const large = stored.filter(([, { beginByte, endByte }]) => 2 * (endByte - beginByte) >= largest);
  const samples = Array.from({ length: Math.min(SAMPLES, large.length) }, (_, i) => {
    const [, { source, beginByte, endByte }] = large[Math.floor(((i + 0.5) * large.length) / SAMPLES)] ?? large[i]!;
    const begin = beginByte + Math.floor((endByte - beginByte) / 2);
    return source.read(begin, Math.min(begin + SAMPLE_BYTES, endByte), signal);
  });
  return digest([JSON.stringify(table), ...(await Promise.all(samples))]);
}

/** With its alphas, which scale layers as the strength does. Throws file-invalid for one that is no number. */
export async function loraFingerprint({ layers, differences }: Lora, signal?: AbortSignal): Promise<string> {
  const halves = [...layers].flatMap(
    ([name, { up, down }]) =>
      [
        [`${name} up`, up],
        [`${name} down`, down],
      ] as const,
  );
  const names = [...layers.keys()].sort();
  const alphas = await Promise.all(
    names.map(async (name) => [name, await readAlpha(layers.get(name)!.alpha, signal)] as const),
  );
  return digest([await fingerprint([...halves, ...differences], signal), JSON.stringify(alphas)]);
}

/** One of several, in their order. */
export async function digest(parts: readonly (string | Uint8Array)[]): Promise<string> {
  const hash = await createSHA256();
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

export type RunWeights = Pick<UnfinishedClip, 'model' | 'modelFingerprint' | 'lorasFingerprint'>;

/** What a run's result and an unfinished run say of its weights. Throws file-invalid, and cancelled. */
export async function weightsOf(
  { label, fingerprint }: { readonly label: string; readonly fingerprint: string },
  loras: readonly LoraUse[],
  signal: AbortSignal | undefined,
): Promise<RunWeights> {
  if (loras.length === 0) return { model: label, modelFingerprint: fingerprint, lorasFingerprint: null };
  const prints = await Promise.all(loras.map(({ lora }) => loraFingerprint(lora, signal)));
  const strengths = loras.map(({ strength }) => String(strength));
  return {
    model: [label, ...loras.map(({ lora, strength }) => `${strength} × ${lora.label}`)].join(' + '),
    modelFingerprint: fingerprint,
    lorasFingerprint: await digest([...prints, ...strengths]),
  };
}

/** To those who compare results a model with LoRAs is another. */
export const fingerprintOf = async ({ modelFingerprint, lorasFingerprint }: RunWeights): Promise<string> =>
  lorasFingerprint === null ? modelFingerprint : digest([modelFingerprint, lorasFingerprint]);
