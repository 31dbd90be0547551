/**
 * vLLM-Omni's `stage_durations`: seconds by the function that was wrapped, under
 * its pipeline's name or, in some builds, without it: 'WanPipeline.vae.decode' or
 * 'vae.decode'. Calls add up: `text_encoder.forward` is both prompts. Other keys,
 * some of them in milliseconds, are no stages.
 */
const TARGETS = {
  'text_encoder.forward': 'encode',
  'vae.encode': 'image',
  diffuse: 'denoise',
  'vae.decode': 'decode',
  forward: 'total',
} as const;

export type ProfiledSeconds = Partial<Record<(typeof TARGETS)[keyof typeof TARGETS], number>>;

/** Seconds of what is there. What is no finite number above 0 is not. */
export function profiledSeconds(durations: unknown): ProfiledSeconds {
  const found: ProfiledSeconds = {};
  for (const [key, value] of Object.entries((durations ?? {}) as Record<string, unknown>)) {
    // A class name begins with a capital: 'tokenizer.forward' is not the whole `forward` of a pipeline.
    const target = key.replace(/^[A-Z]\w*\./, '');
    if (!Object.hasOwn(TARGETS, target)) continue;
    if (typeof value === 'number' && Number.isFinite(value) && value > 0)
      found[TARGETS[target as keyof typeof TARGETS]] = value;
  }
  return found;
}
