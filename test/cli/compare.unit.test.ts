import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/cli/command';
import { compare, unique } from '../../src/cli/compare';
import { readRuns } from '../../src/cli/read_runs';
import { IMPORT_LIMIT_BYTES } from '../../src/compare/import_runs';
import { commandLine } from '../support/command_line';

const run = commandLine();
const SEED = 'test/compare/seed-runs';
const L40S = `${SEED}/l40s_01_Speed_Preview_480p.json`;
const BLACKWELL = `${SEED}/blackwell_01_Speed_Preview_480p.json`;

const folder = await mkdtemp(join(tmpdir(), 'compare-'));
afterAll(() => rm(folder, { recursive: true }));

describe('compare', () => {
  test('names what cannot be read, reports on the rest, and ends with status 1', () => {
    const { status, stdout, stderr } = run('compare', L40S, 'not/there.json', 'README.md', 'test', BLACKWELL);
    expect(status).toBe(1);
    expect(stderr.split('\n')).toEqual([
      'not/there.json cannot be opened (ENOENT).',
      'README.md: It is not JSON.',
      'test is not a file. Name the files in it.',
      '',
    ]);
    expect(stdout).toMatch(/^# Wan2\.2 TI2V-5B: L40S and RTX PRO 6000 Blackwell\n\nAn analysis of 2 runs on 2 cards/);
  });

  test('writes nothing where nothing could be read', async () => {
    const path = join(folder, 'none.md');
    expect(await compare.run(['not/there.json', '--out', path])).toBe(1);
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });

  test('takes the format from the name of the file to write, and puts published runs beside', async () => {
    const path = join(folder, 'report.html');
    expect(await compare.run([L40S, L40S, '--with', 'blackwell', '--lang', 'zh', '--out', path])).toBe(0);
    const html = await readFile(path, 'utf8');
    expect(html).toMatch(/^<!doctype html>\n<html lang="zh-CN">/);
    expect(html).toContain('对 2 张卡上');
  });

  test.for<[string[], string]>([
    [[], 'needs files of results'],
    [[L40S, '--lang', 'de'], '--lang is en or zh, not "de"'],
    [[L40S, '--format', 'pdf'], '--format is md or html or json or csv, not "pdf"'],
    [['--with', ''], '--with needs words of a card’s name'],
    [['--with', ', '], '--with needs words of a card’s name'],
    [['--with', 'quantum'], 'finds no published run for "quantum". There are runs of: NVIDIA L40S'],
  ])('takes %j for a mistake in the command', async ([args, message]) => {
    const mistake = await compare.run(args).catch((failure: unknown) => failure);
    expect(mistake).toBeInstanceOf(UsageError);
    expect((mistake as Error).message).toContain(message);
  });
});

test('a changed copy of a run is a run of its own, one that is only called otherwise is not', async () => {
  const [seed] = await readRuns(L40S);
  const changed = { ...seed!, peakMemoryBytes: 1 };
  const runs = unique([seed!, changed, { ...seed!, name: 'again' }, { ...changed, source: { text: 'b', url: null } }]);
  expect(runs.map(({ id, peakMemoryBytes }) => [id, peakMemoryBytes])).toEqual([
    [seed!.id, seed!.peakMemoryBytes],
    [`${seed!.id} (2)`, 1],
  ]);
});

describe('an address', () => {
  const server = createServer(async ({ url }, response) => {
    if (url === '/run.json') return response.end(await readFile(L40S));
    if (url?.startsWith('/text')) return response.end('hello');
    if (url === '/endless') {
      const block = Buffer.alloc(2 ** 20, 32);
      const more = () => {
        while (!response.destroyed && response.write(block));
      };
      response.on('drain', more);
      return more();
    }
    response.writeHead(404).end();
  });
  let base = '';
  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('is read as a file is', async () => {
    const [read] = await readRuns(`${base}/run.json`);
    expect(read!.stages.init!.seconds).toBe(86.5641);
  });

  test('of no file of runs is told without what may be a key to it', async () => {
    await expect(readRuns(`${base}/text?signature=hidden`)).rejects.toThrow(`${base}/text: It is not JSON.`);
  });

  test('that is not there is told with its status', async () => {
    await expect(readRuns(`${base}/other`)).rejects.toThrow(`${base}/other answered 404`);
  });

  test('that never ends is left where the limit is passed', async () => {
    await expect(readRuns(`${base}/endless`)).rejects.toThrow(
      `a file of runs has ${IMPORT_LIMIT_BYTES / 2 ** 20} MiB at most`,
    );
  });

  test('of another machine has to be https', async () => {
    await expect(readRuns('http://example.org/run.json')).rejects.toThrow('is not https');
  });

  test('where nobody listens is told with the reason', async () => {
    await expect(readRuns('http://127.0.0.1:1/run.json')).rejects.toThrow(/cannot be reached \(/);
  });
});

test('a file that is too large is refused before it is read', async () => {
  const path = join(folder, 'large.json');
  await writeFile(path, Buffer.alloc(IMPORT_LIMIT_BYTES + 1, 32));
  await expect(readRuns(path)).rejects.toThrow(
    `has ${IMPORT_LIMIT_BYTES + 1} bytes; a file of runs has ${IMPORT_LIMIT_BYTES} at most`,
  );
});
