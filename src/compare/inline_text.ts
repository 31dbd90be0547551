/**
 * A sentence of a report in its pieces: **strong**, `code`, plain. Names come
 * from files and servers, so `nameText` takes away whatever would be a mark or
 * a control before they are put into a sentence; the renderers escape the rest.
 */
export interface Piece {
  readonly kind: 'plain' | 'strong' | 'code';
  readonly text: string;
}

export function pieces(sentence: string): Piece[] {
  return [...sentence.matchAll(/\*\*([^*]+)\*\*|`([^`]+)`|(?:(?!\*\*[^*]+\*\*)[^`]|`(?![^`]+`))+/g)].map(
    ([all, strong, code]) => {
      if (strong !== undefined) return { kind: 'strong', text: strong };
      return code === undefined ? { kind: 'plain', text: all } : { kind: 'code', text: code };
    },
  );
}

const LONGEST_NAME = 80;
/** Before that is made one line: rows are drawn often, and a stranger's name may have megabytes. */
const MOST_READ = 1000;

/** On one line, 80 characters at most, with no mark of emphasis, no control and nothing that turns the text around. */
export function nameText(name: string): string {
  const line = name
    .slice(0, MOST_READ)
    .replace(/[*`]/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const characters = [...line];
  return characters.length > LONGEST_NAME ? `${characters.slice(0, LONGEST_NAME - 1).join('')}…` : line;
}
