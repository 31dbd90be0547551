/** Ids of texts, to be found where another text goes on with one of them: pieces of a vocabulary, special tokens. */

export interface TextIds {
  readonly ids: ReadonlyMap<string, number>;
  /** Length of the longest text that begins with a UTF-16 unit; 0 for none. */
  readonly longest: Uint8Array;
}

/** Ids are places in the list, those that are wanted. Of equal texts the last counts, an empty one never; none is longer than MAX_PIECE_LENGTH. */
export function textIds(texts: readonly string[], isWanted: (id: number) => boolean = () => true): TextIds {
  const ids = new Map<string, number>();
  const longest = new Uint8Array(0x10000);
  texts.forEach((text, id) => {
    if (text === '' || !isWanted(id)) return;
    ids.set(text, id);
    const first = text.charCodeAt(0);
    longest[first] = Math.max(longest[first]!, text.length);
  });
  return { ids, longest };
}

/** Of the longest that `text` may go on with from `begin`. */
export const mostUnitsAt = ({ longest }: TextIds, text: string, begin: number): number =>
  Math.min(longest[text.charCodeAt(begin)]!, text.length - begin);
