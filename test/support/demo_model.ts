/** The model that ships with the program, its golden files, and its pictures. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openModel } from '../../src/cli/open_model';
import type { FramePixels } from '../../src/core/clip_run';
import type { ClipWish } from '../../src/generate/generate';
import type { OpenedModel } from '../../src/generate/model';
import { type SynthTensor, safetensorsFile } from '../../src/hub/weight_files';
import { openTensorFile } from '../../src/weights/checkpoint';
import { parseSafetensorsHeader } from '../../src/weights/safetensors';
import type { TensorFile } from '../../src/weights/tensor_file';
import { WAN22_TENSORS } from './wan22_tensors';

export const DEMO = fileURLToPath(new URL('../../public/demo/', import.meta.url));

export const demoModel = (): Promise<OpenedModel> => openModel(['demo']);

/** What PyTorch makes of a prompt and a seed, both of which the file tells: (3, 17, 96, 96) in [−1, 1]. */
export function demoGolden(seed: 0 | 4) {
  const file = readFileSync(`${DEMO}golden-${seed}.safetensors`);
  const { tensors, metadata } = parseSafetensorsHeader(file, file.length);
  const { beginByte, endByte } = tensors.get('out.frames')!;
  return {
    prompt: metadata.prompt!,
    seed,
    frames: new Float32Array(Uint8Array.from(file.subarray(beginByte, endByte)).buffer),
  };
}

/** A tiny decoder for latents of so many channels, of synthetic weights, as published. */
export async function tinyDecoderFile(channels: number): Promise<TensorFile> {
  const tensors = WAN22_TENSORS.filter(({ network }) => network === 'tiny').map(
    ({ theirs, original, shape }): SynthTensor => ({
      name: theirs,
      original,
      shape: original === 'taehv.decoder.1.weight' ? [shape[0]!, channels, ...shape.slice(2)] : shape,
      type: 'f16',
      headDim: 1,
    }),
  );
  const { path, bytes, read } = safetensorsFile('taew2_2.safetensors', tensors);
  return openTensorFile({ name: path, bytes, read });
}

/** The same with nothing but NaN for weights. */
export async function brokenTinyDecoderFile(channels: number): Promise<TensorFile> {
  const { source, tensors } = await tinyDecoderFile(channels);
  const firstByte = Math.min(...[...tensors.values()].map(({ beginByte }) => beginByte));
  return openTensorFile({
    ...source,
    async read(begin, end) {
      const bytes = Uint8Array.from(await source.read(begin, end));
      return bytes.fill(0x7e, Math.max(0, firstByte - begin));
    },
  });
}

/** The model as it is used, with these settings changed. */
export const wishOf = ({ info }: OpenedModel, settings: Partial<ClipWish['settings']>): ClipWish => ({
  settings: { ...info.defaults, ...settings },
  image: null,
  loras: [],
  residency: 'resident',
  activation: 'f32',
  previewEvery: 0,
});

/** The most by which pixels differ from frames (3, T, height, width) in [−1, 1]. A pixel stands for a range of 1/127.5; its middle counts. */
export function furthest(parts: readonly FramePixels[], frames: Float32Array): number {
  const plane = 96 * 96;
  const count = frames.length / plane / 3;
  let [most, seen] = [0, 0];
  for (const { firstFrame, frameCount, pixels } of parts)
    for (let i = 0; i < frameCount * plane; i++)
      for (let c = 0; c < 3; c++) {
        const expected = frames[(c * count + firstFrame) * plane + i]!;
        const far = Math.abs((pixels[4 * i + c]! + 0.5) / 127.5 - 1 - expected);
        most = far <= most ? most : far; // NaN stays
        seen += 1;
      }
  return seen === frames.length ? most : Number.POSITIVE_INFINITY;
}

/** The same of whole frames, RGBA row by row. */
export const furthestOf = (shown: readonly Uint8Array[], frames: Float32Array): number =>
  furthest(
    shown.map((pixels, firstFrame) => ({
      ...{ firstFrame, frameCount: 1, x: 0, y: 0, width: 96, height: 96 },
      pixels: new Uint8ClampedArray(pixels),
    })),
    frames,
  );
