/** A text that was changed, and where each part of it came from: so that what is cut off can be shown as it was written. */
export interface MappedText {
  readonly text: string;
  /** Of each UTF-16 unit of `text`, the place in the original. */
  readonly origins: readonly number[];
}

/** A part of the original, still unchanged. */
export function partOf(original: string, begin: number, end: number): MappedText {
  return { text: original.slice(begin, end), origins: Array.from({ length: end - begin }, (_, i) => begin + i) };
}

export function sliceMapped({ text, origins }: MappedText, begin: number, end?: number): MappedText {
  return { text: text.slice(begin, end), origins: origins.slice(begin, end) };
}

/** Replacements come from where what they replace began. `pattern` must be global. */
export function replaceMapped(mapped: MappedText, pattern: RegExp, replacement: string): MappedText {
  const writer = mappedWriter();
  let done = 0;
  for (const { 0: match, index } of mapped.text.matchAll(pattern)) {
    writer.copy(mapped, done, index);
    writer.write(replacement, mapped.origins[index]!);
    done = index + match.length;
  }
  writer.copy(mapped, done, mapped.text.length);
  return writer.mapped();
}

interface MappedWriter {
  write(text: string, origin: number): void;
  copy(from: MappedText, begin: number, end: number): void;
  mapped(): MappedText;
}

export function mappedWriter(): MappedWriter {
  const parts: string[] = [];
  const origins: number[] = [];
  return {
    write(text, origin) {
      parts.push(text);
      for (let i = 0; i < text.length; i++) origins.push(origin);
    },
    copy(from, begin, end) {
      parts.push(from.text.slice(begin, end));
      for (let i = begin; i < end; i++) origins.push(from.origins[i]!);
    },
    mapped: () => ({ text: parts.join(''), origins }),
  };
}
