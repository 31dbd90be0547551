/** `.pth` files made on the fly, laid out as torch.save does; every part of them can be made wrong. */
import {
  type ArchiveMember,
  type ArchiveOptions,
  type TorchTensor,
  torchArchive,
  torchMembers,
  torchPickle,
} from '../../src/hub/torch_archive';
import type { ByteSource } from '../../src/weights/byte_source';
import { pieceSource } from './sparse_source';

/** What comes from elsewhere is zeros, and takes no memory. */
export function archive(
  name: string,
  members: readonly ArchiveMember[],
  options: ArchiveOptions = {},
): ByteSource & { reads: readonly (readonly [number, number])[] } {
  const { bytes, pieces } = torchArchive(members, options);
  const given = pieces.flatMap(({ begin, data }): [number, Uint8Array][] =>
    typeof data === 'number' ? [] : [[begin, data]],
  );
  return pieceSource(name, bytes, given);
}

/** The whole file of these tensors, all values zero. */
export function torchFile(
  tensors: readonly TorchTensor[],
  options: ArchiveOptions = {},
  pickle = torchPickle(tensors),
) {
  return archive('model.pth', torchMembers(tensors, pickle), options);
}
