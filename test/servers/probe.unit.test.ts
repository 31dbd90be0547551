/** What is at an address: each kind of server, and what is none. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemOf } from '../../src/servers/comfy_system';
import { probe } from '../../src/servers/probe';
import { serverUrl } from '../../src/servers/server';
import { type ComfyServer, startComfyServer } from '../support/servers/comfyui';
import { type Fixture, sendJson, startFixture } from '../support/servers/http_fixture';
import { startVideoServer, type VideoServer } from '../support/servers/openai_videos';
import { QUICK } from '../support/servers/wish';

let videos: VideoServer;
let comfy: ComfyServer;
let texts: Fixture;
beforeAll(async () => {
  videos = await startVideoServer();
  comfy = await startComfyServer();
  texts = await startFixture(({ path }, response) =>
    path === '/v1/models'
      ? sendJson(response, { data: [{ id: 'Qwen3-8B', owned_by: 'vllm' }] })
      : sendJson(response, { detail: 'Not Found' }, 404),
  );
});
beforeEach(() => {
  videos.faults.length = 0;
  Object.assign(videos, { token: null, model: 'Wan-AI/Wan2.2-TI2V-5B-Diffusers' });
});
afterAll(() => Promise.all([videos, comfy, texts].map((server) => server.close())));

const look = (url: string, token: string | null = null) => probe({ url, token }, { patience: QUICK });

describe('the kind of server', () => {
  test.each(['vllm-omni', 'sglang', 'fastvideo'] as const)('is found to be %s', async (kind) => {
    videos.kind = kind;
    const model = 'Wan-AI/Wan2.2-TI2V-5B-Diffusers';
    expect(await look(videos.url)).toMatchObject({ kind, models: [model], isWan5b: true, card: null });
    videos.model = 'Wan-AI/Wan2.2-T2V-A14B-Diffusers';
    expect((await look(videos.url)).isWan5b).toBe(false);
  });

  test('is found to be ComfyUI, with its card', async () => {
    expect(await look(comfy.url)).toMatchObject({ kind: 'comfyui', card: 'NVIDIA L40S', isWan5b: null });
  });

  test('is none of these, with what it serves', async () => {
    await expect(look(texts.url)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringMatching(/none of vLLM-Omni, SGLang, FastVideo or ComfyUI.*It serves Qwen3-8B/),
    });
    videos.faults.push({ at: 'GET /system_stats', fault: 'html' }, { at: 'GET /v1/models', fault: 'html' });
    await expect(look(videos.url)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringMatching(/web page/),
    });
  });

  test('is not told to those without the token, or when nobody is there', async () => {
    videos.token = 'secret';
    await expect(look(videos.url)).rejects.toMatchObject({ code: 'access-denied' });
    await expect(look(videos.url, 'wrong')).rejects.toMatchObject({
      message: expect.stringMatching(/does not accept this token/),
    });
    expect((await look(videos.url, 'secret')).isWan5b).toBe(true);
    await expect(look('http://127.0.0.1:9')).rejects.toMatchObject({ code: 'network-failed' });
  });
});

describe('what is shown of it', () => {
  const comfyOf = (name: string, version = '0.3.60') => ({ system: { comfyui_version: version }, devices: [{ name }] });

  test('has names of cards and versions, and no megabytes', () => {
    expect(systemOf(comfyOf('NVIDIA L40S'))).toMatchObject({ software: 'ComfyUI 0.3.60' });
    expect(systemOf(comfyOf('L'.repeat(301)))).toBeNull();
    expect(systemOf(comfyOf('L40S', '1'.repeat(301)))).toBeNull();
  });

  test('is a hundred models of those that are listed', async () => {
    const listed = (path: string) =>
      path === '/v1/models' ? { data: Array.from({ length: 20_000 }, (_, at) => ({ id: `m${at}` })) } : { data: [] };
    const server = await startFixture(({ path }, response) =>
      path === '/system_stats' ? sendJson(response, {}, 404) : sendJson(response, listed(path)),
    );
    try {
      const { models } = await probe({ url: server.url, token: null }, { patience: QUICK });
      expect([models.length, models.at(-1)]).toEqual([100, 'm99']);
    } finally {
      await server.close();
    }
  });
});

describe('an address', () => {
  test.each([
    [' localhost:8091/ ', 'http://localhost:8091'],
    ['https://gpu.example/v1/videos', 'https://gpu.example'],
    ['https://gpu.example/wan/v1/', 'https://gpu.example/wan'],
    ['http://10.0.0.2:8188/system_stats', 'http://10.0.0.2:8188'],
    ['https://gpu.example/v1/videos/video_gen_1/content', 'https://gpu.example'],
    ['[::1]:8000', 'http://[::1]:8000'],
  ])('%s is %s', (text, url) => {
    expect(serverUrl(text)).toBe(url);
  });

  test.each([
    ['', /is no address/],
    ['ftp://gpu.example', /begins with ftp:/],
    ['http://', /is no address/],
    ['two words', /is no address/],
    ['http://me:pw@gpu.example', /holds a name or password/],
  ])('%s is none', (text, message) => {
    expect(() => serverUrl(text)).toThrow(message);
  });
});
