/** What settings say to the text encoder: the prompt's tokens, and with guidance those of the negative one. */
import type { ClipSettings } from '../core/clip';
import { AppError } from '../core/errors';
import type { OpenedModel } from './model';

/**
 * Token ids, the end token last. A prompt longer than the model takes is cut, as published. Throws input-invalid for one
 * of which the model knows nothing: the video would be one of the empty prompt.
 */
export function promptIds(
  { tokenizer, info }: Pick<OpenedModel, 'tokenizer' | 'info'>,
  { prompt, negativePrompt, guidance }: Pick<ClipSettings, 'prompt' | 'negativePrompt' | 'guidance'>,
): number[][] {
  const idsOf = (text: string) => [...tokenizer.encode(text, { mostTokens: info.mostPromptTokens }).ids];
  const ids = idsOf(prompt);
  const known = ids.slice(0, -1).filter((id) => id !== tokenizer.vocabulary.unknownId);
  if (ids.length > 1 && known.length === 0)
    throw new AppError(
      'input-invalid',
      `The prompt has ${ids.length - 1} tokens, and ${info.label} knows 0 of them. Use words it was trained with${examples(info.examples)}.`,
    );
  return guidance === 1 ? [ids] : [ids, idsOf(negativePrompt)];
}

const examples = ([example]: readonly string[]) => (example === undefined ? '' : `, as in "${example}"`);
