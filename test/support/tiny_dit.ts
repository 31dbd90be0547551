/** The tiny golden transformer: its sizes, and its weights as a checkpoint whose reads are counted. */
import { ditBlockWeights } from '../../src/dit/block';
import type { DitConfig } from '../../src/dit/config';
import { ditEdgeWeights } from '../../src/dit/model';
import { readGolden } from '../../src/pipeline/golden';
import { readDitConfig } from '../../src/pipeline/read_config';
import { goldenFile } from './golden_file';
import { type CountedCheckpoint, synthCheckpoint } from './synth_checkpoint';

export interface TinyDit {
  readonly dit: DitConfig;
  readonly counted: CountedCheckpoint;
}

export async function tinyConfig(): Promise<DitConfig> {
  const { config, file } = await readGolden(goldenFile('tiny-dit'));
  return readDitConfig(config, file);
}

export async function tinyDit(): Promise<TinyDit> {
  const dit = await tinyConfig();
  const counted = await synthCheckpoint((ask) => {
    ditEdgeWeights(ask, dit);
    for (let block = 0; block < dit.num_layers; block++) ditBlockWeights(ask, dit, block);
  });
  return { dit, counted };
}
