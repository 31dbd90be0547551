/** Which version of a file a server has: two of one size must not be taken for one file. */

/** Servers make tags of their own: those of one header of one origin compare, others say nothing about each other. */
export interface FileVersion {
  /** Where the bytes came from, after redirects. */
  readonly origin: string;
  readonly header: 'ETag' | 'Last-Modified';
  readonly tag: string;
}

/** Its ETag, weak or strong alike; its date where the server has none, or none that a page may see. */
export function versionOf({ headers, url }: Response, address: string): FileVersion | undefined {
  const { origin } = new URL(url || address);
  for (const header of ['ETag', 'Last-Modified'] as const) {
    const tag = headers.get(header)?.replace(/^W\//, '');
    if (tag) return { origin, header, tag };
  }
  return undefined;
}

/** Keeps the first version of each kind; returns it where one of the same kind differs. */
export function versionWatch(expected: FileVersion | undefined): (version: FileVersion) => FileVersion | undefined {
  const key = ({ origin, header }: FileVersion) => `${header} ${origin}`;
  const first = new Map(expected && [[key(expected), expected]]);
  return (version) => {
    const known = first.get(key(version));
    if (!known) first.set(key(version), version);
    return known && known.tag !== version.tag ? known : undefined;
  };
}
