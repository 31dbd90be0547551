/** Prompts that are hard to get right, with what the original software makes of them (its versions are in the file). */
import { readFileSync } from 'node:fs';

export interface AwkwardPrompt {
  readonly prompt: string;
  /** Cleaned. */
  readonly text: string;
  /** Ids of the demo vocabulary, at most 512: from `tokenizer.json`, from `spiece.model` converted, from SentencePiece itself. */
  readonly fast: readonly number[];
  readonly fastWithCharsmap: readonly number[];
  readonly sentencepiece: readonly number[];
}

export const AWKWARD: readonly AwkwardPrompt[] = JSON.parse(
  readFileSync(new URL('awkward_prompts.json', import.meta.url), 'utf8'),
).prompts;
