/** The model that everything here is about, in a run's key and in the names that others give it. */

/** Also of checkpoints distilled from it. */
export const WAN22 = 'wan22-5b';

/** 'Wan-AI/Wan2.2-TI2V-5B-Diffusers', 'FastVideo/FastWan2.2-TI2V-5B-FullAttn-Diffusers', 'wan2_2_ti2v_5b'. */
export function isWan22Name(model: string | null | undefined): boolean {
  let rest = model ?? '';
  // One after the other: as one expression, a long name made for it would take hours.
  for (const part of [/wan2[._]2/i, /ti2v/i, /5b/i]) {
    const found = part.exec(rest);
    if (!found) return false;
    rest = rest.slice(found.index + found[0].length);
  }
  return true;
}

/** Of every video it was trained on. */
export const WAN22_FRAMES_PER_SECOND = 24;
