/** SentencePiece models made on the fly. */
import { ByteWriter } from '../../src/hub/byte_writer';

export interface SentencePieceParts {
  readonly pieces: readonly (readonly [text: string, score: number, type: number])[];
  readonly charsmap?: Uint8Array;
  /** Of the trainer: 1 is Unigram. */
  readonly kind?: number;
  readonly addPrefixSpace?: boolean;
  readonly removeExtraSpaces?: boolean;
}

export function sentencePieceModel(parts: SentencePieceParts): Uint8Array<ArrayBuffer> {
  const { pieces, charsmap, kind = 1, addPrefixSpace = true, removeExtraSpaces = true } = parts;
  const to = new ByteWriter();
  for (const [text, score, type] of pieces) {
    const piece = new ByteWriter();
    bytes(piece, 1, new TextEncoder().encode(text));
    piece.u8((2 << 3) | 5).u32(new Uint32Array(Float32Array.of(score).buffer)[0]!);
    number(piece, 3, type);
    bytes(to, 1, piece.bytes());
  }
  bytes(to, 2, number(new ByteWriter(), 3, kind).bytes());
  const normalizer = new ByteWriter();
  if (charsmap) bytes(normalizer, 2, charsmap);
  number(normalizer, 3, Number(addPrefixSpace));
  number(normalizer, 4, Number(removeExtraSpaces));
  bytes(to, 3, normalizer.bytes());
  return to.bytes();
}

/** A field of protobuf's wire type 0. */
function number(to: ByteWriter, field: number, value: number): ByteWriter {
  return varint(to.u8(field << 3), value);
}

/** A field of wire type 2. */
function bytes(to: ByteWriter, field: number, value: Uint8Array): ByteWriter {
  return varint(to.u8((field << 3) | 2), value.length).raw(value);
}

function varint(to: ByteWriter, value: number): ByteWriter {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) to.u8((rest % 0x80) | 0x80);
  return to.u8(rest);
}
