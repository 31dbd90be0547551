/** The words of a language in a text: what is left without names, units and code such as `f16` or `--seed`. */

/** The same in every language: products, firms, formats. */
const NAMES =
  /\b(WanScope|WebGPU|Wan2\.2|JavaScript|PyTorch|LoRAs?|UniPC|Euler|GGUF|Markdown|safetensors|QuantStack)\b/g;
const UNITS = /^([kMGTP]?(FLOPs?|B|bit)(\/s)?|[KMGT]iB|ms|min)$/;

const HAN = /\p{Script=Han}/u;
const LATIN = /^\p{Script=Latin}{2,}([-’'/]\p{Script=Latin}+)*$/u;

export const isChinese = (text: string): boolean => HAN.test(text);

export function plainWords(text: string): string[] {
  const tokens = text.replace(NAMES, ' ').split(/[\s\ue000-\uf8ff]+/);
  // What else stands in a token makes it code, unless it is punctuation around a word.
  const bare = tokens.map((token) => token.replace(/^[^\p{L}\p{N}_$#.@-]+|[^\p{L}\p{N}_$(+]+$/gu, ''));
  return bare.filter((token) => isChinese(token) || (LATIN.test(token) && !UNITS.test(token)));
}
