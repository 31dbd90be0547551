/**
 * `spiece.model` (or `tokenizer.model`): a SentencePiece model, a protocol buffer of `sentencepiece_model.proto`.
 *
 *     ModelProto      1 pieces {1 text, 2 score f32, 3 type} │ 2 trainer {3 kind of model} │ 3 normalizer
 *     NormalizerSpec  2 charsmap │ 3 add_dummy_prefix │ 4 remove_extra_whitespaces
 *
 * It comes from strangers, as the tensor files do: every length is checked before it is used.
 */
import { AppError } from '../core/errors';
import { readCharsmap } from './charsmap';
import { convertSentencePieces, MAX_PIECES, PIECE, type Vocabulary } from './vocabulary';

/** That of UMT5-XXL has 4.5 MB. */
const MAX_BYTES = 8 * 1024 * 1024;
const UNIGRAM = 1;
const KINDS: readonly string[] = ['', 'Unigram', 'BPE', 'Word', 'Char'];

/** Throws file-invalid with `name` and the reason. Takes time and memory in proportion to the bytes. */
export function readSentencePieceModel(bytes: Uint8Array, name: string): Vocabulary {
  const refuse = (what: string) => new AppError('file-invalid', `${name}: not a usable SentencePiece model: ${what}.`);
  if (bytes.length > MAX_BYTES) throw refuse(`it has ${bytes.length} bytes, at most ${MAX_BYTES} are read`);
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const pieces: string[] = [];
  const scores: number[] = [];
  const types: number[] = [];
  // Defaults of the format.
  const flags = { kind: UNIGRAM, addPrefixSpace: true, removeExtraSpaces: true };
  let charsmap: Uint8Array = new Uint8Array();

  for (const { field, value } of fields(bytes, refuse)) {
    if (!(value instanceof Uint8Array)) continue;
    if (field === 1) readPiece(value);
    else if (field === 2) {
      for (const inner of fields(value, refuse))
        if (inner.field === 3 && typeof inner.value === 'number') flags.kind = inner.value;
    } else if (field === 3) {
      for (const inner of fields(value, refuse)) {
        if (inner.field === 2 && inner.value instanceof Uint8Array) charsmap = inner.value;
        if (inner.field === 3) flags.addPrefixSpace = inner.value !== 0;
        if (inner.field === 4) flags.removeExtraSpaces = inner.value !== 0;
      }
    }
  }
  const { kind, ...spaces } = flags;
  if (kind !== UNIGRAM) throw refuse(`it is of kind ${KINDS[kind] ?? kind}, the text encoder takes Unigram`);
  return convertSentencePieces(
    { pieces, scores, types, ...spaces, charsmap: charsmap.length > 0 ? readCharsmap(charsmap, name) : null },
    name,
  );

  function readPiece(message: Uint8Array): void {
    if (pieces.length === MAX_PIECES) throw refuse(`it has more than ${MAX_PIECES} pieces`);
    let [piece, score, type] = ['', 0, PIECE.normal as number];
    for (const { field, value } of fields(message, refuse)) {
      if (field === 1 && value instanceof Uint8Array) piece = decode(value);
      else if (field === 2 && typeof value === 'number') score = value;
      else if (field === 3 && typeof value === 'number') type = value;
    }
    if (type < 1 || type > 6) throw refuse(`piece ${pieces.length} has type ${type}, known are 1 to 6`);
    pieces.push(piece);
    scores.push(score);
    types.push(type);
  }

  function decode(utf8: Uint8Array): string {
    try {
      return text.decode(utf8);
    } catch (cause) {
      throw new AppError('file-invalid', refuse(`piece ${pieces.length} is not UTF-8`).message, { cause });
    }
  }
}

interface Field {
  readonly field: number;
  /** Bytes of a text or message, a whole number, or a number in single precision; those of 64 bits are passed over. */
  readonly value: Uint8Array | number;
}

/** The fields of a message in the encoding of protobuf.dev/programming-guides/encoding. */
function* fields(bytes: Uint8Array, refuse: (what: string) => AppError): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 0;

  function take(length: number): number {
    const begin = position;
    if (begin + length > bytes.length)
      throw refuse(`a message of ${bytes.length} bytes goes on to byte ${begin + length}`);
    position = begin + length;
    return begin;
  }
  /** Inexact beyond 2⁵³, where it is larger than anything it can count. */
  function varint(): number {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = bytes[take(1)]!;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw refuse('a number in it has more than 10 bytes');
  }

  while (position < bytes.length) {
    const key = varint();
    const [field, wire] = [Math.floor(key / 8), key % 8];
    if (wire === 0) yield { field, value: varint() };
    else if (wire === 1) take(8);
    else if (wire === 2) {
      const length = varint();
      const begin = take(length);
      yield { field, value: bytes.subarray(begin, begin + length) };
    } else if (wire === 5) yield { field, value: view.getFloat32(take(4), true) };
    else throw refuse(`field ${field} has wire type ${wire}, which the format does not use`);
  }
}
