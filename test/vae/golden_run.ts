/** Runs a golden file of the VAE as `verify` does, with weights and inputs as the file says. */
import { readFileSync } from 'node:fs';
import { runVaeDecode, runVaeEncode } from '../../src/pipeline/clip_stages';
import { type Golden, readGolden } from '../../src/pipeline/golden';
import type { ComputeOptions } from '../../src/pipeline/options';
import { synthSource } from '../../src/pipeline/synth_source';
import { blobSource } from '../../src/weights/byte_source';
import { testContext } from '../support/evaluate';

export function goldenFile(name: string): Promise<Golden> {
  return readGolden(
    blobSource(name, new Blob([readFileSync(new URL(`../../public/golden/${name}.safetensors`, import.meta.url))])),
  );
}

export interface GoldenRun {
  readonly outputs: ReadonlyMap<string, Float32Array>;
  readonly taps: ReadonlyMap<string, Float32Array>;
}

export async function runGolden(
  golden: Golden,
  {
    type = 'bf16',
    tapped = false,
    ...options
  }: Partial<ComputeOptions> & { type?: 'bf16' | 'f16' | 'f32'; tapped?: boolean },
): Promise<GoldenRun> {
  const context = await testContext();
  const taps = new Map<string, Float32Array>();
  const run = golden.stage === 'vae-decode' ? runVaeDecode : runVaeEncode;
  const outputs = await run(
    context,
    synthSource(context, { type }),
    golden.config,
    golden.inputs,
    {
      activation: 'f32',
      savings: true,
      residency: 'resident',
      ...(tapped && { tap: (name: string, values: Float32Array) => taps.set(name, values) }),
      ...options,
    },
    golden.file,
  );
  return { outputs, taps };
}
