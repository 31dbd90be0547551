/** What a choice of where weights live means, in sentences, before anything runs. Pure. */
import type { StreamingOutlook } from '../../workers/engine_api';
import type { Words } from '../words/en';
import { byteCount, duration, rate } from '../words/format';

export interface ConsequenceOptions {
  readonly residency: 'resident' | 'stream';
  /** Not out of the worker's memory: reading may be what takes longest. */
  readonly fromStorage: boolean;
}

/** Of both figures the estimate is rough: what is nearly as long may stand out or not. */
const ROUGH = 1.02;

export function consequence(outlook: StreamingOutlook, options: ConsequenceOptions, words: Words): string[] {
  const { consequence: say } = words.weights.streaming;
  const { residentBytes, streamedBytes, besidesBytes, slotBytes, stepSeconds, uploadBytesPerSecond } = outlook;
  const weights = byteCount(residentBytes + streamedBytes);
  const step = duration(stepSeconds, words);
  const total = say.total(byteCount(besidesBytes + residentBytes + slotBytes));
  if (residentBytes + streamedBytes === 0) return [say.small(step), total];
  if (streamedBytes === 0) return [(options.residency === 'resident' ? say.stays : say.fits)(weights, step), total];

  const bringSeconds = streamedBytes / uploadBytesPerSecond;
  const passes =
    residentBytes === 0
      ? say.allPass(weights)
      : say.passes(weights, byteCount(residentBytes), byteCount(streamedBytes));
  const takes = say.takes(rate(uploadBytesPerSecond, 'B/s'), duration(bringSeconds, words), step);
  const isHidden = bringSeconds <= stepSeconds * ROUGH;
  const shows = isHidden ? say.hidden : say.exposed(duration(bringSeconds - stepSeconds, words));
  return [say.line(passes, takes, shows), total, ...(options.fromStorage ? [say.disk] : [])];
}
