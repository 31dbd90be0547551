/** What of a PNG file its pixels are made of, checked before it is unpacked: a kilobyte of it may become a megabyte. */
import { inflateSync } from 'node:zlib';

const SIGNATURE_BYTES = 8;
/** Length, type and sum around each chunk. */
const FRAME_BYTES = 12;
const HEADER_BYTES = 13;
const KEPT: readonly string[] = ['IHDR', 'PLTE', 'IDAT', 'IEND'];
/** A file of the most bytes that are read has as many of 8 KiB, libpng's. A decoder takes the time of 32 KiB for each, empty or not. */
const MOST_CHUNKS = 2 ** 15;
/** Three for each number of 8 bits. */
const MOST_PALETTE_BYTES = 3 * 256;
/** By the colour type of the header. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * The file without its other chunks: texts and profiles may be packed, too. Throws an Error where it has too many of them, one
 * goes beyond the file, its header is not its first chunk and its only one, its palette has too many colours, or its pixels
 * become more or fewer bytes than their size asks for. Needs the 33 bytes of signature and header.
 */
export function pixelChunks(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = chunkCount(view);
  if (count > MOST_CHUNKS) throw new Error(`it has ${count} chunks, at most ${MOST_CHUNKS} are read`);
  const chunks: Uint8Array[] = [bytes.subarray(0, SIGNATURE_BYTES)];
  const packed: Uint8Array[] = [];
  for (let at = SIGNATURE_BYTES; at < bytes.length; ) {
    if (at + FRAME_BYTES > bytes.length) throw new Error('it ends within a chunk');
    const length = view.getUint32(at);
    const end = at + FRAME_BYTES + length;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (end > bytes.length)
      throw new Error(`its chunk ${JSON.stringify(type)} ends at byte ${end}, the file at ${bytes.length}`);
    // A decoder may believe another than the one that was checked.
    if ((type === 'IHDR') !== (at === SIGNATURE_BYTES)) throw new Error('its header is not its first chunk alone');
    if (type === 'IHDR' && length !== HEADER_BYTES)
      throw new Error(`its header has ${length} bytes, not ${HEADER_BYTES}`);
    if (type === 'PLTE' && length > MOST_PALETTE_BYTES)
      throw new Error(`its palette has ${length} bytes, at most ${MOST_PALETTE_BYTES} are read`);
    if (KEPT.includes(type)) chunks.push(bytes.subarray(at, end));
    if (type === 'IDAT') packed.push(bytes.subarray(at + 8, end - 4));
    at = end;
    if (type === 'IEND') break;
  }
  const { height, rowBytes } = sizeOf(view);
  // Each row begins with the byte of its filter; interlaced, there are up to twice as many.
  const most = height * rowBytes + 2 * (2 * height + 7);
  const { length } = inflateSync(Buffer.concat(packed), { maxOutputLength: most });
  if (length < height * rowBytes)
    throw new Error(`its pixels have ${length} bytes, ${height} rows of them take ${height * rowBytes}`);
  return Buffer.concat(chunks);
}

/** Before anything is made of one. */
function chunkCount(view: DataView): number {
  let count = 0;
  for (let at = SIGNATURE_BYTES; at + FRAME_BYTES <= view.byteLength; at += FRAME_BYTES + view.getUint32(at)) count++;
  return count;
}

function sizeOf(view: DataView) {
  const [width, height, depth, type] = [view.getUint32(16), view.getUint32(20), view.getUint8(24), view.getUint8(25)];
  const channels = CHANNELS[type];
  if (channels === undefined) throw new Error(`its colour type is ${type}`);
  if (width === 0 || height === 0) throw new Error(`it has ${width} × ${height} pixels`);
  return { height, rowBytes: Math.ceil((width * channels * depth) / 8) };
}
