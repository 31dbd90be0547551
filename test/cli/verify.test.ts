import { expect, test } from 'vitest';
import type { CheckRow } from '../../src/core/result';
import { commandLine } from '../support/command_line';

const run = commandLine();
const GOLDEN = 'test/golden/scheduler-unipc-8.safetensors';

test('verify prints a line for each output and the sum last', () => {
  const { status, stdout } = run('verify', GOLDEN);
  expect(stdout.trim().split('\n')).toEqual([
    ...['timesteps', 'sigmas', 'trajectory'].map((output) =>
      expect.stringMatching(new RegExp(`^PASS ${GOLDEN} out\\.${output} rel=\\S+ max=\\S+$`)),
    ),
    '3 passed, 0 failed',
  ]);
  expect(status).toBe(0);
});

test('verify --json prints rows and nothing else, and fails with any of them', () => {
  const { status, stdout } = run('verify', GOLDEN, 'package.json', '--json');
  const rows = JSON.parse(stdout) as CheckRow[];
  expect(rows.map(({ pass }) => pass)).toEqual([true, true, true, false]);
  expect(rows[0]).toEqual({
    file: GOLDEN,
    stage: 'scheduler',
    model: 'unipc',
    output: 'out.timesteps',
    relL2: 0,
    maxAbs: 0,
    pass: true,
    seconds: expect.any(Number),
    adapter: expect.any(String),
  });
  expect(status).toBe(1);
});

test('adapters --json prints the machines, the one in use first', () => {
  const { status, stdout } = run('adapters', '--json');
  const [first] = JSON.parse(stdout);
  expect(first).toMatchObject({ tier: expect.stringMatching(/[ABC]/), runtime: expect.stringContaining('Node') });
  expect(status).toBe(0);
});
