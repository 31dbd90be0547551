/** The model that everything here is about, in a run's key and in the names that others give it. */

/** Also of checkpoints distilled from it. */
export const WAN22 = 'wan22-5b';

/** 'Wan-AI/Wan2.2-TI2V-5B-Diffusers', 'FastVideo/FastWan2.2-TI2V-5B-FullAttn-Diffusers', 'wan2_2_ti2v_5b'. */
export const isWan22Name = (model: string | null | undefined): boolean =>
  holdsInOrder(model ?? '', [/wan2[._]2/i, /ti2v/i, /5b/i]);

/** One after the other, with anything between: as one expression with `.*`, a long name made for it would take hours. */
export function holdsInOrder(name: string, parts: readonly RegExp[]): boolean {
  let rest = name;
  for (const part of parts) {
    const found = part.exec(rest);
    if (!found) return false;
    rest = rest.slice(found.index + found[0].length);
  }
  return true;
}

/** Of every video it was trained on. */
export const WAN22_FRAMES_PER_SECOND = 24;
