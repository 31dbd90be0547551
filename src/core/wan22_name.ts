/** The model that everything here is about, in a run's key and in the names that others give it. */

/** Also of checkpoints distilled from it. */
export const WAN22 = 'wan22-5b';

/** 'Wan-AI/Wan2.2-TI2V-5B-Diffusers', 'FastVideo/FastWan2.2-TI2V-5B-FullAttn-Diffusers', 'wan2_2_ti2v_5b'. */
export const isWan22Name = (model: string | null | undefined): boolean => /wan2[._]2.*ti2v.*5b/i.test(model ?? '');

/** Of every video it was trained on. */
export const WAN22_FRAMES_PER_SECOND = 24;
