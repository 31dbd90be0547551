import { describe, expect, test } from 'vitest';
import type { CheckRow } from '../../src/core/result';
import { type Golden, readGolden } from '../../src/pipeline/golden';
import { verifyFiles, verifyGolden } from '../../src/pipeline/verify';
import { blobSource } from '../../src/weights/byte_source';
import { testContext } from '../support/evaluate';
import { goldenFile as file } from '../support/golden_file';
import { safetensorsSource } from '../support/safetensors_file';

const OPTIONS = { activation: 'f32', savings: true } as const;

/** The same file with one number of one output changed. */
async function changed(name: string, output: string, value: number): Promise<Golden> {
  const golden = await readGolden(file(name));
  const values = golden.outputs.get(output)!.slice();
  values[7] = value;
  return { ...golden, outputs: new Map([...golden.outputs, [output, values]]) };
}

describe('verify', () => {
  test('passes what the solvers compute, and reports as it goes', async () => {
    const names = ['scheduler-unipc-8', 'scheduler-unipc-50', 'scheduler-dpmpp-8'];
    const events: string[] = [];
    const seen: CheckRow[] = [];
    const rows = await verifyFiles(await testContext(), names.map(file), OPTIONS, {
      emit: (event) =>
        events.push(event.type === 'progress' ? `${event.done}/${event.total} ${event.detail}` : event.type),
      onRow: (row) => seen.push(row),
    });
    expect(rows.map(({ file, output, pass }) => [file, output, pass])).toEqual(
      names.flatMap((name) => ['out.timesteps', 'out.sigmas', 'out.trajectory'].map((output) => [name, output, true])),
    );
    for (const { relL2 } of rows) expect(relL2).toBeLessThan(1e-6);
    expect(rows[0]).toMatchObject({ stage: 'scheduler', model: 'unipc', adapter: expect.stringMatching(/./) });
    expect(seen).toEqual(rows);
    expect(events).toEqual(['stage-begin', ...names.map((name, i) => `${i}/3 ${name}`), 'stage-end']);
  });

  test.for([100, Number.NaN])('fails an output that differs, by %d, and only that one', async (value) => {
    const rows = await verifyGolden(
      await testContext(),
      await changed('scheduler-unipc-8', 'out.trajectory', value),
      OPTIONS,
    );
    expect(rows.map(({ output, pass }) => [output, pass])).toEqual([
      ['out.timesteps', true],
      ['out.sigmas', true],
      ['out.trajectory', false],
    ]);
  });

  test('says where in the network the numbers first differ', async () => {
    const golden = await changed('tiny-dit', 'out.velocity', 100);
    const taps = new Map(
      [...golden.taps].map(([name, values]) => [name, name === 'block0' ? values.map(() => 1) : values]),
    );
    const [row] = await verifyGolden(await testContext(), { ...golden, taps }, OPTIONS);
    expect(row).toMatchObject({ pass: false, note: expect.stringContaining('tap.block0 differs first') });
  });

  test.for<[string, Partial<Golden>, string]>([
    ['a stage that is not there', { stage: 'audio' }, 'The stage audio'],
    ['weights that are not given', { weights: 'trained ones' }, '"trained ones"'],
    ['sizes that are none', { config: { solver: 'unipc', steps: 'eight', shift: 5 } }, '"steps" is "eight"'],
  ])('names %s', async ([, change, note]) => {
    const golden = { ...(await readGolden(file('scheduler-unipc-8'))), ...change };
    const rows = await verifyGolden(await testContext(), golden, OPTIONS);
    expect(rows).toHaveLength(3);
    for (const row of rows)
      expect(row).toMatchObject({ pass: false, relL2: Number.POSITIVE_INFINITY, note: expect.stringContaining(note) });
  });

  test('goes on after a file that is no golden file', async () => {
    const weights = safetensorsSource('weights', { w: { dtype: 'F32', shape: [1], data: Float32Array.of(1) } });
    const cut = blobSource('cut', new Blob([new Uint8Array(5)]));
    const rows = await verifyFiles(await testContext(), [weights, cut, file('scheduler-dpmpp-8')], OPTIONS);
    expect(rows.map(({ pass }) => pass)).toEqual([false, false, true, true, true]);
    expect(rows[0]!.note).toContain('weights is not a golden file');
    expect(rows[1]!.note).toContain('cut: Not a usable safetensors file');
  });
});
