/** The raw runs behind public/reference/seed.json, and where each was read. */
import type { ReferenceRow } from '../../src/compare/reference_row';
import { importSeedRun } from '../../src/compare/seed';

const FILES = [
  ['l40s-01', 'l40s_01_Speed_Preview_480p.json', 'f25b590', '01_Speed_Preview_480p.json'],
  ['l40s-02', 'l40s_02_Efficiency_Mode_720p.json', 'f25b590', '02_Efficiency_Mode_720p.json'],
  ['l40s-03', 'l40s_03_Performance_Mode_720p.json', 'f25b590', '03_Performance_Mode_720p.json'],
  ['l40s-v2-01', 'v2_l40s_01_Speed_Preview_704p.json', '6045b80', '01_Speed_Preview_704p.json'],
  ['blackwell-01', 'blackwell_01_Speed_Preview_480p.json', 'e64dec3', '01_Speed_Preview_480p.json'],
  ['blackwell-02', 'blackwell_02_Efficiency_Mode_720p.json', 'e64dec3', '02_Efficiency_Mode_720p.json'],
  ['blackwell-03', 'blackwell_03_Performance_Mode_720p.json', 'e64dec3', '03_Performance_Mode_720p.json'],
  ['blackwell-v2-03', 'v2_blackwell_contended_03_Max_Quality_704p.json', '4ca4175', '03_Max_Quality_704p.json'],
] as const;

export async function importSeedFiles(read: (name: string) => Promise<string>): Promise<ReferenceRow[]> {
  return Promise.all(
    FILES.map(async ([id, name, commit, path]) => {
      const source = { repository: 'zysno1/Wan2.2-Enhanced', commit, path: `benchmark/reports/${path}` };
      return importSeedRun(id, source, JSON.parse(await read(name)));
    }),
  );
}
