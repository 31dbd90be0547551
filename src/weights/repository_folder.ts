/** A repository of a model hub, or a folder of it, as one of the folders that checkpoints are opened from. */
import { AppError } from '../core/errors';
import type { RepositoryAddress } from './address';
import type { Checkpoint } from './checkpoint';
import { type FolderOptions, type ListedFolder, openPlace, type Place } from './checkpoint_folder';
import type { HttpOptions } from './http_source';
import { listRepository, openRepositoryFile, type RepositoryListing } from './hub';

export type RepositoryOptions = Pick<HttpOptions, 'client' | 'token'>;

/** `path`: a folder of the repository; empty for all of it. */
export function repositoryFolder(
  { repo, files }: RepositoryListing,
  path: string,
  options: RepositoryOptions = {},
): ListedFolder {
  const prefix = path && `${path.replace(/\/+$/, '')}/`;
  const inside = new Map(
    files.filter((file) => file.path.startsWith(prefix)).map((file) => [file.path.slice(prefix.length), file]),
  );
  const name = prefix ? `${repo}/${prefix.slice(0, -1)}` : repo;
  return {
    name,
    paths: [...inside.keys()],
    async open(asked, signal) {
      const file = inside.get(asked);
      if (!file)
        throw new AppError(
          'weights-missing',
          `${name} has no file ${asked} among its ${inside.size}. Check repository, revision and path.`,
        );
      return openRepositoryFile(file, { ...options, name: `${name}/${asked}`, signal });
    },
  };
}

/** Where an address of a repository leads: to a file and the folder it is in, or to a folder. Throws as `listRepository`. */
export async function findInRepository(
  { base, layout, repo, revision, path }: RepositoryAddress,
  { client, token, signal }: RepositoryOptions & Pick<FolderOptions, 'signal'> = {},
): Promise<Place> {
  const access = { ...(client && { client }), token };
  const listing = await listRepository({ base, layout, repo, revision, ...access, signal });
  if (!listing.files.some((file) => file.path === path))
    return { folder: repositoryFolder(listing, path, access), path: '' };
  const at = path.lastIndexOf('/') + 1;
  return { folder: repositoryFolder(listing, path.slice(0, at), access), path: path.slice(at) };
}

/**
 * What an address of a repository means: all its weights, those of a folder, or those that a file belongs to.
 * Throws as `listRepository` and `openFolder` do.
 */
export async function openRepository(
  address: RepositoryAddress,
  options: FolderOptions & RepositoryOptions = {},
): Promise<Checkpoint> {
  return openPlace(await findInRepository(address, options), options);
}
