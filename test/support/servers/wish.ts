/** A wish as a page makes it, and patience for a server beside it on a machine that may be busy: short pauses, long limits. */
import type { Patience, ServerWish } from '../../../src/servers/server';

export const WISH: ServerWish = {
  prompt: 'a red circle moving right, "quoted"; 你好\nand a line',
  negativePrompt: '色调艳丽',
  width: 96,
  height: 64,
  frames: 17,
  steps: 4,
  solver: 'unipc',
  schedule: 'even',
  shift: 5,
  guidance: 5,
  seed: 42,
  noise: 'torch-cpu',
  decoder: 'vae',
  framesPerSecond: 24,
  hasImage: false,
};

export const QUICK: Partial<Patience> = {
  firstPollSeconds: 0.004,
  longestPollSeconds: 0.01,
  stallSeconds: 20,
  answerSeconds: 20,
  videoSeconds: 20,
  jobSeconds: 60,
  outageSeconds: 20,
  attempts: 3,
  pauseSeconds: 0.005,
  longestWaitSeconds: 0.2,
  cancelSeconds: 10,
  jsonBytes: 2 ** 20,
  videoBytes: 2 ** 20,
};
