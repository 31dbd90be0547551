/** Safetensors files made on the fly, so that tests need none on disk. */
import { type ByteSource, blobSource } from '../../src/weights/byte_source';
import { DTYPE_BYTES, type SafetensorsDtype } from '../../src/weights/safetensors';

export interface FileTensor {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly data:
    | Uint8Array<ArrayBuffer>
    | Uint16Array<ArrayBuffer>
    | Float32Array<ArrayBuffer>
    | Int32Array<ArrayBuffer>;
}

/** Tensors lie in the order given, right after a header padded to `align` bytes. */
export function safetensorsBlob(
  tensors: Readonly<Record<string, FileTensor>>,
  metadata: Readonly<Record<string, string>> = {},
  align = 1,
): Blob {
  let begin = 0;
  const entries = Object.entries(tensors).map(([name, { dtype, shape, data }]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    if (data.byteLength !== count * DTYPE_BYTES[dtype])
      throw new Error(`${name}: [${shape}] of ${dtype} is not that long.`);
    const end = begin + data.byteLength;
    const entry = [name, { dtype, shape, data_offsets: [begin, end] }] as const;
    begin = end;
    return entry;
  });
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const bytes = new TextEncoder().encode(json);
  const header = new Uint8Array(Math.ceil((8 + bytes.length) / align) * align).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(bytes, 8);
  return new Blob([header, ...Object.values(tensors).map(({ data }) => data)]);
}

export function safetensorsSource(name: string, ...file: Parameters<typeof safetensorsBlob>): ByteSource {
  return blobSource(name, safetensorsBlob(...file));
}
