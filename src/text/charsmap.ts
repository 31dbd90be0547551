/**
 * SentencePiece's `precompiled_charsmap`: which characters become which before a text is cut.
 *
 *     u32 bytes of the trie │ double-array trie of UTF-8 │ replacements, each ended by a 0
 *
 * The trie is one of darts-clone (github.com/s-yata/darts-clone, `details.h`): unit 0 is the root, a step with byte b leads
 * from unit u at position p to p ^ offset(u) ^ b, and is there if that unit's label is b. A unit with a leaf has at
 * position ^ offset the place of a replacement.
 */
import { AppError } from '../core/errors';

/** Of a replacement. The longest of NFKC has 33; a damaged file could make a gigabyte of a prompt. */
const MAX_BYTES = 64;
/** Of what is replaced. The longest of NFKC has 10; a damaged trie may lead back to its root, and then goes on with any text. */
const MAX_REPLACED_BYTES = 64;

export interface Charsmap {
  readonly units: Uint32Array;
  readonly replacements: Uint8Array;
}

/** Throws file-invalid, `name` being the file it came with. */
export function readCharsmap(bytes: Uint8Array, name: string): Charsmap {
  const refuse = (what: string) => new AppError('file-invalid', `${name}: its charsmap ${what}. It is damaged.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const trieBytes = bytes.length < 4 ? 0 : view.getUint32(0, true);
  if (trieBytes === 0 || trieBytes % 4 || 4 + trieBytes > bytes.length)
    throw refuse(`has ${bytes.length} bytes, ${trieBytes} of them for the trie`);
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
  const replacements = bytes.slice(4 + trieBytes);
  for (let begin = 0, end: number; begin < replacements.length; begin = end + 1) {
    end = endOf(replacements, begin);
    if (end - begin > MAX_BYTES)
      throw refuse(`has a replacement of ${end - begin} bytes, at most ${MAX_BYTES} are read`);
  }
  return { units, replacements };
}

const LABEL = 0x800000ff;
const VALUE = 0x7fffffff;
const hasLeaf = (unit: number) => (unit & 0x100) !== 0;
/** Ten bits and more, shifted by 8 where it is marked as far. */
const offset = (unit: number) => ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0;

const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

export interface Replacement {
  /** How many bytes it stands for. */
  readonly bytes: number;
  readonly text: string;
}

/** What the beginning of `bytes` is replaced with: the shortest beginning that has a replacement, or the longest. */
export function findReplacement(
  { units, replacements }: Charsmap,
  bytes: Uint8Array,
  which: 'shortest' | 'longest',
): Replacement | null {
  let position = offset(units[0]!);
  let found: { bytes: number; at: number } | null = null;
  const most = Math.min(bytes.length, MAX_REPLACED_BYTES);
  for (let i = 0; i < most; i++) {
    position = (position ^ bytes[i]!) >>> 0;
    const unit = units[position];
    if (unit === undefined || (unit & LABEL) >>> 0 !== bytes[i] || bytes[i] === 0) break;
    position = (position ^ offset(unit)) >>> 0;
    if (!hasLeaf(unit)) continue;
    const at = (units[position] ?? 0) & VALUE;
    // A damaged trie may lead anywhere.
    if (at < replacements.length) found = { bytes: i + 1, at };
    if (found && which === 'shortest') break;
  }
  if (!found) return null;
  const text = DECODER.decode(replacements.subarray(found.at, endOf(replacements, found.at)));
  return { bytes: found.bytes, text };
}

function endOf(replacements: Uint8Array, begin: number): number {
  const end = replacements.indexOf(0, begin);
  return end < 0 ? replacements.length : end;
}
