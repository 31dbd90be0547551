/** A clip's settings as one line: what the page copies, the video carries, and `wanscope generate` takes as it is. */
import type { ClipSettings } from './clip';
import { AppError, excerpt } from './errors';

/** Options by the settings they carry. The size is one option of two settings. */
const OPTIONS = {
  prompt: 'prompt',
  negative: 'negativePrompt',
  frames: 'frames',
  steps: 'steps',
  solver: 'solver',
  schedule: 'schedule',
  shift: 'shift',
  guidance: 'guidance',
  seed: 'seed',
  noise: 'noise',
  decoder: 'decoder',
  tokenizer: 'tokenizer',
} as const satisfies Record<string, keyof ClipSettings>;

/** Names of the options, without their dashes. */
export const CLIP_OPTIONS: readonly string[] = ['size', ...Object.keys(OPTIONS)];

const NUMBERS: ReadonlySet<string> = new Set(['frames', 'steps', 'shift', 'guidance', 'seed']);

/** `--prompt 'a red circle' --size 96x96 --frames 17 …`, quoted as a POSIX shell wants it. */
export function clipLine(settings: ClipSettings): string {
  const size = `--size ${settings.width}x${settings.height}`;
  const [prompt, ...others] = Object.entries(OPTIONS).map(
    ([option, key]) => `--${option} ${quoted(String(settings[key]))}`,
  );
  return [prompt, size, ...others].join(' ');
}

/**
 * The settings that a line names. Throws input-invalid for an option that is none, one without its value or with a
 * text for a number, and a quote that is not closed; what the values may be is `clipProblems`'s to say.
 */
export const readClipLine = (line: string): Partial<ClipSettings> => readClipWords(splitWords(line));

/** The same, of words that a shell has split already. */
export function readClipWords(words: readonly string[]): Partial<ClipSettings> {
  const found: Record<string, string | number> = {};
  for (let i = 0; i < words.length; i += 2) {
    const [option = '', value] = [words[i], words[i + 1]];
    const name = option.replace(/^--/, '');
    if (!option.startsWith('--') || !(name === 'size' || Object.hasOwn(OPTIONS, name)))
      throw new AppError('input-invalid', `"${excerpt(option)}" is none of --${CLIP_OPTIONS.join(', --')}.`);
    if (value === undefined) throw new AppError('input-invalid', `${option} has no value.`);
    if (name === 'size') Object.assign(found, readSize(value));
    else found[OPTIONS[name as keyof typeof OPTIONS]] = NUMBERS.has(name) ? readNumber(option, value) : value;
  }
  return found as Partial<ClipSettings>;
}

/** An empty text is no number, though `Number` takes it for 0. */
function readNumber(option: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(value)) throw new AppError('input-invalid', `${option} is a number, not "${excerpt(text)}".`);
  return value;
}

/** '832x480' or '832×480'. */
export function readSize(text: string): { width: number; height: number } {
  const [, width, height] = /^(\d+)[x×*](\d+)$/.exec(text.trim()) ?? [];
  if (!width || !height) throw new AppError('input-invalid', `"${excerpt(text)}" is no size. Write it as 832x480.`);
  return { width: Number(width), height: Number(height) };
}

const quoted = (text: string) => (/^[\w.+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** Words of a POSIX shell, without its expansions. */
function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (c === "'" || c === '"') {
      const end = line.indexOf(c, i + 1);
      if (end < 0) throw new AppError('input-invalid', `The quote ${c} at character ${i + 1} is not closed.`);
      word = (word ?? '') + line.slice(i + 1, end);
      i = end;
    } else if (c === '\\' && i + 1 < line.length) word = (word ?? '') + line[++i];
    else if (/\s/.test(c)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + c;
  }
  if (word !== null) words.push(word);
  return words;
}
