/** The texts of the committed reference files, by path. A line a run and a card, so that a change shows as one. */
import { readFile } from 'node:fs/promises';
import type { Card, CardFile } from '../../src/compare/card';
import type { Provenance } from '../../src/compare/import/importer';
import { seedStagesOf, wan22Enhanced } from '../../src/compare/import/wan22_enhanced';
import type { ReferenceFile } from '../../src/compare/reference_file';
import type { Run } from '../../src/core/run';
import { cardsOf } from './cards';
import published from './published.json';
import { publishedRun } from './published_runs';

const REPOSITORY = 'zysno1/Wan2.2-Enhanced';

const RAW = [
  ['l40s-01', 'l40s_01_Speed_Preview_480p.json', 'f25b590', '01_Speed_Preview_480p.json'],
  ['l40s-02', 'l40s_02_Efficiency_Mode_720p.json', 'f25b590', '02_Efficiency_Mode_720p.json'],
  ['l40s-03', 'l40s_03_Performance_Mode_720p.json', 'f25b590', '03_Performance_Mode_720p.json'],
  ['l40s-v2-01', 'v2_l40s_01_Speed_Preview_704p.json', '6045b80', '01_Speed_Preview_704p.json'],
  ['blackwell-01', 'blackwell_01_Speed_Preview_480p.json', 'e64dec3', '01_Speed_Preview_480p.json'],
  ['blackwell-02', 'blackwell_02_Efficiency_Mode_720p.json', 'e64dec3', '02_Efficiency_Mode_720p.json'],
  ['blackwell-03', 'blackwell_03_Performance_Mode_720p.json', 'e64dec3', '03_Performance_Mode_720p.json'],
  ['blackwell-v2-03', 'v2_blackwell_contended_03_Max_Quality_704p.json', '4ca4175', '03_Max_Quality_704p.json'],
] as const;

export async function referenceFiles(): Promise<Record<string, string>> {
  const raw = await Promise.all(RAW.map(([id, name, commit, path]) => rawRun(id, name, commit, path)));
  const runs = [...raw, ...published.published_timings.map(publishedRun)];
  return {
    'public/reference/runs.json': fileOf<ReferenceFile>({ schema: 'wanscope-references', version: 2, runs }, 'runs'),
    'public/reference/cards.json': fileOf<CardFile>(
      { schema: 'wanscope-cards', version: 1, cards: cardsOf(published.gpus as never) },
      'cards',
    ),
  };
}

async function rawRun(id: string, name: string, commit: string, file: string): Promise<Run> {
  const path = `benchmark/reports/${file}`;
  const from: Provenance = {
    id,
    name: `${REPOSITORY}@${commit} ${path}`,
    url: `https://github.com/${REPOSITORY}/blob/${commit}/${path}`,
  };
  const read = wan22Enhanced.read(JSON.parse(await readFile(`test/compare/seed-runs/${name}`, 'utf8')), from);
  if (!read.ok) throw new Error(`${name}: ${JSON.stringify(read.refusal)}`);
  const [run] = read.runs;
  // The raw file has ten counters a stage and the publisher's paths; this is what claims about it are checked with.
  const stages = seedStagesOf(run!)!.map(({ name, seconds, smActivity, peakMemoryBytes }) => ({
    name,
    duration: seconds,
    sm_activity: smActivity,
    peak_memory_mb: peakMemoryBytes && peakMemoryBytes / 2 ** 20,
  }));
  return { ...run!, origin: 'published', extra: { stages } };
}

function fileOf<File extends ReferenceFile | CardFile>(file: File, list: keyof File): string {
  const { [list]: rows, ...head } = file;
  const lines = (rows as readonly (Run | Card)[]).map((row) => `  ${JSON.stringify(row)}`);
  return `${JSON.stringify(head).slice(0, -1)},"${String(list)}":[\n${lines.join(',\n')}\n]}\n`;
}
