/** What a ComfyUI may go on to tell for as long as it likes: nothing that is kept grows with it. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws';
import { extent } from '../../src/core/extent';
import { spreadOf } from '../../src/core/findings';
import { type Told, takeMessage } from '../../src/servers/comfy';
import { ComfySocket, messageOf } from '../../src/servers/comfy_socket';
import { comfyStages } from '../../src/servers/comfy_times';
import { PATIENCE, type Server } from '../../src/servers/server';
import { QUICK } from '../support/servers/wish';

const lineTo = (url: string) => {
  const server: Server = { kind: 'comfyui', url, token: null, card: null };
  return { server, patience: { ...PATIENCE, ...QUICK } };
};

test('of messages without end the graph’s own nodes and the steps asked for are kept', () => {
  const told: Told = { nodes: [], steps: [], cached: [], step: 0, wanted: 4 };
  const seen: number[] = [];
  const tell = (type: string, data: object) =>
    takeMessage(
      lineTo('http://127.0.0.1:1'),
      { type, data: { prompt_id: 'p', ...data }, atMs: performance.now() },
      'p',
      told,
      ({ done, total }) => seen.push(done, total),
    );
  for (const node of ['constructor', 'x'.repeat(1000), 7]) tell('execution_cached', { nodes: ['vae', node, 'vae'] });
  expect(told.cached).toEqual(['vae']);
  tell('executing', { node: 'a stranger’s' });
  expect(told.nodes).toEqual([]);
  for (let at = 1; at <= 20_000; at++) {
    tell('executing', { node: at % 2 ? 'sampler' : 'decode' });
    tell('progress', { node: 'sampler', value: at / 2, max: 1e9 });
    tell('executing', {});
  }
  expect(told.nodes.length).toBeLessThanOrEqual(100);
  expect(told.steps.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  expect(extent(seen)).toEqual({ min: 0, max: 4 });
  const gaps = Array.from({ length: 20_000 }, (_, i) => i);
  const beganMs = performance.now();
  comfyStages({ ...told, gaps, totalSeconds: null, wallSeconds: 1 });
  expect(performance.now() - beganMs).toBeLessThan(500);
});

/** What waits of these while nobody looks, and what is told later. */
async function waitingOf(texts: readonly string[]) {
  const upgrades = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(upgrades, 'listening');
  const line = lineTo(`http://127.0.0.1:${(upgrades.address() as AddressInfo).port}`);
  const socket = new ComfySocket(line, 'c', NodeWebSocket as unknown as typeof WebSocket);
  try {
    const connected = once(upgrades, 'connection');
    await socket.open();
    const [client] = (await connected) as [NodeWebSocket];
    const answered = once(client, 'pong');
    for (const text of texts) client.send(text);
    client.ping();
    await answered; // all that was sent before has come
    const seen: unknown[] = [];
    for (let message = await socket.next(0); message; message = await socket.next(0)) seen.push(message.data.at);
    client.send(JSON.stringify({ type: 'status', data: { at: 'later' } }));
    return { seen, gaps: socket.gaps.length, later: (await socket.next(20))?.data.at };
  } finally {
    socket.close();
    upgrades.close();
  }
}

const numbered = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, at) => JSON.stringify({ type: 'status', data: { at, ...more } }));

test.for([
  ['3,000 messages', numbered(3000), 1000],
  ['200 long messages', numbered(200, { text: 'a'.repeat(60_000) }), 69], // 2²² characters
] as const)(
  'of %s what waits while nobody looks is bounded, and what was lost is told as a gap',
  async ([, texts, kept]) => {
    const seen = Array.from({ length: kept }, (_, at) => at);
    expect(await waitingOf(texts)).toEqual({ seen, gaps: 1, later: 'later' });
  },
);

test('a message that is none of ComfyUI’s for its length is none', () => {
  const message = (length: number) => messageOf(JSON.stringify({ type: 'x', data: { text: 'a'.repeat(length) } }), 0);
  expect(message(60_000)).not.toBeNull();
  expect(message(70_000)).toBeNull();
});

test('nor is one of some thousand values', () => {
  const message = (count: number) => messageOf(`{"type":"x","data":{"list":[${Array(count).fill('{}')}]}}`, 0);
  expect(message(2000)).not.toBeNull();
  expect(message(2100)).toBeNull();
});

test('the ends of a list are found however long it is', () => {
  const samples = Array.from({ length: 300_000 }, (_, i) => i + 1);
  expect(spreadOf({ kind: 'measured', seconds: 1, samples })).toEqual({ min: 1, max: 300_000 });
  expect(spreadOf({ kind: 'measured', seconds: 3, samples: [] })).toEqual({ min: 3, max: 3 });
  expect(extent([1, Number.NaN, 2])).toEqual({ min: Number.NaN, max: Number.NaN });
});
