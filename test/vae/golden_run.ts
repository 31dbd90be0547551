/** Runs a golden file of the VAE, with its weights and inputs, and keeps the values inside the network too. */
import { runVaeDecode, runVaeEncode } from '../../src/pipeline/clip_stages';
import type { Golden } from '../../src/pipeline/golden';
import type { ComputeOptions } from '../../src/pipeline/options';
import { synthSource } from '../../src/pipeline/synth_source';
import { testContext } from '../support/evaluate';

export interface GoldenRun {
  readonly outputs: ReadonlyMap<string, Float32Array>;
  /** In the network's order. */
  readonly taps: ReadonlyMap<string, Float32Array>;
}

export async function runGolden(golden: Golden, options: Partial<ComputeOptions>): Promise<GoldenRun> {
  const context = await testContext();
  const taps = new Map<string, Float32Array>();
  const run = golden.stage === 'vae-decode' ? runVaeDecode : runVaeEncode;
  const outputs = await run(
    context,
    synthSource(context, { type: 'bf16' }),
    golden.config,
    golden.inputs,
    {
      activation: 'f32',
      savings: true,
      residency: 'resident',
      tap: (name, values) => taps.set(name, values),
      ...options,
    },
    golden.file,
  );
  return { outputs, taps };
}
