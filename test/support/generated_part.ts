/** The parts of docs pages that tests write: each between two comments. */

/** The page with `text` between the markers of the part, where there was another. Throws where it has none. */
export function withPart(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- The ${name}. -->`, `<!-- End of the ${name}. -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The page needs the lines ${begin} and ${end}.`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}

/** A table in Markdown, its head first. */
export function table([head, ...rows]: readonly (readonly string[])[]): string {
  return [head!, head!.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
