/** Lists of files as the two hubs' APIs give them. */

import type { HubFile } from './hub_file';
import { gitOid } from './identity';
import type { Repository } from './repositories';

type Hash = (file: HubFile) => Promise<string | undefined>;
type Entry = (isLarge: (file: HubFile) => boolean, hash: Hash) => Promise<object>;

/** Below a folder ('' is the top): files with `lfs.oid`, their sha256, and folders; each made when it is needed. */
export function huggingFaceTree({ files }: Repository, folder: string, recursive: boolean): Entry[] {
  const prefix = folder && `${folder}/`;
  const inside = [...files.values()].filter(({ path }) => path.startsWith(prefix));
  const folders = new Set(
    inside.flatMap(({ path }) => {
      const parts = path.slice(prefix.length).split('/').slice(0, -1);
      return parts.map((_, i) => prefix + parts.slice(0, i + 1).join('/'));
    }),
  );
  const shown = (path: string) => recursive || !path.slice(prefix.length).includes('/');
  return [
    ...[...folders].filter(shown).map(
      (path): Entry =>
        async () => ({ type: 'directory', oid: gitOid(path), size: 0, path }),
    ),
    ...inside
      .filter(({ path }) => shown(path))
      .map(
        (file): Entry =>
          async (isLarge, hash) => {
            const { path, bytes: size } = file;
            if (!isLarge(file)) return { type: 'file', oid: gitOid(await file.read(0, size)), size, path };
            const sha256 = await hash(file);
            // The real hub always knows it; here the largest files are not made for it.
            const lfs = sha256 && { oid: sha256, size, pointerSize: 135 };
            return { type: 'file', oid: gitOid(`${path} ${size}`), size, ...(lfs && { lfs }), path };
          },
      ),
  ];
}

export async function modelScopeFiles({ files, commit }: Repository, hash: Hash): Promise<object> {
  const entries = [...files.values()].map(async (file) => ({
    ...{ Type: 'blob', Name: file.path.split('/').at(-1), Path: file.path, Size: file.bytes },
    ...{ Revision: commit, Sha256: (await hash(file)) ?? '' },
  }));
  return { Code: 200, Success: true, Message: 'success', Data: { Files: await Promise.all(entries) } };
}
