/** The published result of a lent H100, which runs on matrix units, and the roofs its kernels stand under. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { kernelRows } from '../../src/compare/kernel_rows';
import { readResult } from '../../src/compare/read_result';
import type { BenchmarkResult } from '../../src/core/result';

async function h100(): Promise<BenchmarkResult> {
  const read = readResult(await readFile(new URL('../../docs/results/h100-standard.json', import.meta.url), 'utf8'));
  if (!read.ok) throw new Error(JSON.stringify(read.refusal));
  return read.result;
}

test('a whole clip of the reference’s size opens as a measured row', async () => {
  const { key, stages } = await h100();
  expect(key).toMatchObject({ width: 1280, height: 704, frames: 161, tokens: 36_080 });
  expect([stages.step.kind, stages.decode.kind]).toEqual(['measured', 'measured']);
});

test('what runs on matrix units is held against their roof, and nothing is above it', async () => {
  const { kernels, roofs } = await h100();
  const rows = kernelRows({ kernels, roofs });
  for (const { kernel, ofRoof } of rows) expect({ kernel, above: ofRoof > 1.02 }).toEqual({ kernel, above: false });
  const attention = rows.find(({ kernel }) => kernel === 'attention_matrix')!;
  expect(attention.ofRoof).toBeCloseTo(attention.flopsPerSecond / roofs.matrixFlopsPerSecond!, 9);
});

test('without matrix units the roof is that of f32, which all kernels compute in, whatever they store', async () => {
  const { kernels, roofs } = await h100();
  const others = kernels.filter(({ kernel }) => kernel !== 'attention_matrix');
  const rows = kernelRows({ kernels: others, roofs });
  const matmul = rows.find(({ kernel }) => kernel === 'matmul')!;
  expect(matmul.ofRoof).toBeCloseTo(matmul.flopsPerSecond / roofs.fp32FlopsPerSecond, 9);
});
