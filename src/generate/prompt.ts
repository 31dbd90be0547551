/** How a model reads prompts: cleaned, as tokens, and cut where there are too many. */
import type { ClipSettings } from '../core/clip';
import { AppError } from '../core/errors';
import { encodePrompt } from '../text/tokenizer';
import type { OpenedModel } from './model';

type Reader = Pick<OpenedModel, 'tokenizer' | 'info'>;

/** `ids` end with the end token; `cut` is what did not fit, `unknown` what the vocabulary has no piece for. */
export const readPrompt = ({ tokenizer, info }: Reader, prompt: string, mode: ClipSettings['tokenizer']) =>
  encodePrompt(tokenizer, prompt, { mostTokens: info.mostPromptTokens, mode });

/** Token ids of the prompt, and with guidance of the negative one. */
export function promptIds(
  reader: Reader,
  { prompt, negativePrompt, guidance, tokenizer }: ClipSettings,
): (readonly number[])[] {
  const prompts = guidance === 1 ? [prompt] : [prompt, negativePrompt];
  return prompts.map((text) => readPrompt(reader, text, tokenizer).ids);
}

/** Throws input-invalid for a prompt of which the model knows nothing: its video would be that of no prompt. */
export function checkKnown(reader: Reader, { prompt, tokenizer }: ClipSettings): void {
  const { ids, unknown } = readPrompt(reader, prompt, tokenizer);
  const { unknownId, pieces } = reader.tokenizer.vocabulary;
  const tokens = ids.slice(0, -1).filter((id) => pieces[id] !== '▁'); // a space is no word
  const known = tokens.filter((id) => id !== unknownId);
  const [example] = reader.info.examples;
  if (tokens.length > 0 && known.length === 0)
    throw new AppError(
      'input-invalid',
      `Of the ${tokens.length} tokens of the prompt ${reader.info.label} knows ${known.length}: "${unknown.join(' ')}" is not in its vocabulary. Use other words${example === undefined ? '' : `, as in "${example}"`}.`,
    );
}
