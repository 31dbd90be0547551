/** Frames of a video for the browser tests: as the player shows them, and as they are read back from a file. */
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input, type MetadataTags } from 'mediabunny';
import type { Page } from 'playwright';

/** RGBA, row by row. */
export type Pixels = Uint8Array;

/** Goes through the player frame by frame, and reads what is on its canvas. */
export async function shownFrames(page: Page): Promise<Pixels[]> {
  const frames = await page.evaluate(async () => {
    const scrubber = document.querySelector<HTMLInputElement>('.scrubber input')!;
    const shown: string[] = [];
    for (let frame = 1; frame <= Number(scrubber.max); frame++) {
      scrubber.value = String(frame);
      scrubber.dispatchEvent(new Event('input'));
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      const canvas = document.querySelector<HTMLCanvasElement>('.screen canvas')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      shown.push(btoa(String.fromCharCode(...data)));
    }
    return shown;
  });
  return frames.map((frame) => Buffer.from(frame, 'base64'));
}

export interface DecodedFile {
  readonly frames: readonly Pixels[];
  /** Seconds. */
  readonly timestamps: readonly number[];
  readonly codec: string;
  readonly tags: MetadataTags;
}

/** Reads the file here, and has the page's browser decode its packets. */
export async function decodeVideo(page: Page, file: Uint8Array): Promise<DecodedFile> {
  const input = new Input({ source: new BufferSource(file), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error(`There is no video in a file of ${file.length} bytes.`);
  const { description, ...config } = (await track.getDecoderConfig())!;
  const packets: { key: boolean; timestamp: number; data: string }[] = [];
  for await (const { type, timestamp, data } of new EncodedPacketSink(track).packets())
    packets.push({ key: type === 'key', timestamp, data: Buffer.from(data).toString('base64') });
  const base64 = description && Buffer.from(bytesOf(description)).toString('base64');
  const decoded = await page.evaluate(decodePackets, { config, description: base64, packets });
  return {
    frames: decoded.map(({ pixels }) => Buffer.from(pixels, 'base64')),
    timestamps: decoded.map(({ timestamp }) => timestamp),
    codec: config.codec,
    tags: await input.getMetadataTags(),
  };
}

const bytesOf = (data: AllowSharedBufferSource) =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

interface Encoded {
  readonly config: VideoDecoderConfig;
  readonly description: string | undefined;
  readonly packets: readonly { key: boolean; timestamp: number; data: string }[];
}

/** Runs in the page. */
async function decodePackets({ config, description, packets }: Encoded) {
  const bytes = (base64: string) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const frames: { timestamp: number; pixels: string }[] = [];
  const failures: DOMException[] = [];
  const decoder = new VideoDecoder({
    output(frame) {
      const canvas = new OffscreenCanvas(frame.displayWidth, frame.displayHeight);
      const context = canvas.getContext('2d')!;
      context.drawImage(frame, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      frames.push({ timestamp: frame.timestamp / 1e6, pixels: btoa(String.fromCharCode(...data)) });
      frame.close();
    },
    error: (failure) => failures.push(failure),
  });
  decoder.configure({ ...config, ...(description && { description: bytes(description) }) });
  for (const { key, timestamp, data } of packets)
    decoder.decode(
      new EncodedVideoChunk({ type: key ? 'key' : 'delta', timestamp: timestamp * 1e6, data: bytes(data) }),
    );
  await decoder.flush();
  if (failures[0]) throw failures[0];
  return frames;
}

/** Root of the mean square difference, of 255; alpha is left out. */
export function difference(a: Pixels, b: Pixels): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (i % 4 !== 3) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum / (a.length * 0.75));
}
