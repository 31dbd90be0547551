/** Contents of test files of any size, nothing of which is stored: the byte at an offset follows from the offset. */

/** A prime just above a block of the store, so that a block in a wrong place shows. */
const PERIOD = 2 ** 20 + 7;

const table = new Uint8Array(PERIOD);
let state = 12345;
for (let i = 0; i < PERIOD; i++) {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  table[i] = state >>> 24;
}

/** Bytes [begin, end). */
export function pattern(begin: number, end: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(end - begin);
  for (let at = 0; at < bytes.length; ) {
    const from = (begin + at) % PERIOD;
    const part = table.subarray(from, from + bytes.length - at);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
