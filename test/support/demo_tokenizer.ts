/** The tokenizer that ships with the demo model, from each of the places a tokenizer can come from. */
import { readFileSync } from 'node:fs';
import { readSentencePieceModel } from '../../src/text/sentencepiece_model';
import { type GgufPair, ggufHeader, ggufStrings, ggufText } from './gguf_file';

export const demoFile = (name: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(new URL(`../../public/demo/${name}`, import.meta.url)));

/** SentencePiece's own `nmt_nfkc`, of the demo's model: as bytes again. */
export function nfkcCharsmap(): Uint8Array<ArrayBuffer> {
  const { units, replacements } = readSentencePieceModel(demoFile('spiece.model'), 'spiece.model').charsmap!;
  const bytes = new Uint8Array(4 + units.byteLength + replacements.length);
  new DataView(bytes.buffer).setUint32(0, units.byteLength, true);
  bytes.set(new Uint8Array(units.buffer, units.byteOffset, units.byteLength), 4);
  bytes.set(replacements, 4 + units.byteLength);
  return bytes;
}

/** A GGUF file with `spiece.model` in its metadata, padded to more pieces as llama.cpp's converter does. */
export function demoGguf({
  charsmap = nfkcCharsmap(),
  change = (pairs: GgufPair[]): GgufPair[] => pairs,
} = {}): Uint8Array<ArrayBuffer> {
  const { pieces, scores, types } = readSentencePieceModel(demoFile('spiece.model'), 'spiece.model');
  const padding = Array.from({ length: 10 }, (_, i) => `[PAD${i}]`);
  const list = (key: string, type: number, length: number, write: GgufPair[2]): GgufPair => [
    key,
    9,
    (to) => write(to.u32(type).u64(length)),
  ];
  const pairs: GgufPair[] = [
    ['general.architecture', 8, (to) => ggufText(to, 't5encoder')],
    ['tokenizer.ggml.model', 8, (to) => ggufText(to, 't5')],
    ggufStrings('tokenizer.ggml.tokens', [...pieces, ...padding]),
    list('tokenizer.ggml.scores', 6, pieces.length + padding.length, (to) => {
      for (const score of [...scores, ...padding.map(() => -10000)])
        to.u32(new Uint32Array(Float32Array.of(score).buffer)[0]!);
    }),
    list('tokenizer.ggml.token_type', 5, pieces.length + padding.length, (to) => {
      for (const type of [...types, ...padding.map(() => 5)]) to.u32(type);
    }),
    list('tokenizer.ggml.precompiled_charsmap', 0, charsmap.length, (to) => to.raw(charsmap)),
    ['tokenizer.ggml.add_space_prefix', 7, (to) => to.u8(1)],
    ['tokenizer.ggml.remove_extra_whitespaces', 7, (to) => to.u8(1)],
  ];
  return ggufHeader(change(pairs), []).header;
}
