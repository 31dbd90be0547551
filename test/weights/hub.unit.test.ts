/** Lists of repositories, asked of the synthetic hub in both hubs' ways, and the addresses people paste. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { fileUrl, parseAddress } from '../../src/weights/address';
import { listRepository, openRepositoryFile, type RepositoryFile, weightFiles } from '../../src/weights/hub';
import { MOST_SECONDS, processorSeconds } from '../fuzz/judge';
import { hubForTests, quickClient } from '../support/hub';

const hub = hubForTests({ pageEntries: 7, hashBytes: 20e6 });
const list = (repo: string, more: Partial<Parameters<typeof listRepository>[0]> = {}) =>
  listRepository({ repo, base: hub().url, client: quickClient(), ...more });

describe('a list', () => {
  test('has all pages, sizes and checksums, pinned to the commit', async () => {
    const { files, revision } = await list('wanscope/tiny');
    expect(revision).toMatch(/^[0-9a-f]{40}$/);
    expect(files).toHaveLength(17);
    expect(hub().counts().api).toBe(1 + 4); // the commit; 17 files and 7 folders by sevens
    const vae = files.find(({ path }) => path === 'original/wan_tiny_vae_bf16.safetensors')!;
    expect(vae).toEqual({
      path: 'original/wan_tiny_vae_bf16.safetensors',
      bytes: 12_850_552,
      sha256: '005d42d69bf664d8d027ad356264f15d18e7a25eac3db60e773c02acbf96387e',
      url: `${hub().url}/wanscope/tiny/resolve/${revision}/original/wan_tiny_vae_bf16.safetensors`,
    });
  });

  test('gives files whose bytes have the checksum that travels with them', async () => {
    const { files } = await list('wanscope/tiny');
    const source = await openRepositoryFile(files.find(({ path }) => path.endsWith('.gguf'))!, {
      client: quickClient(),
    });
    const bytes = await source.read(0, source.bytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(source.sha256);
  });

  test('of ModelScope gives the same files', async () => {
    const ours = await list('wanscope/tiny');
    const { files, revision } = await list('wanscope/tiny', { layout: 'modelscope' });
    expect(revision).toBe('master');
    const known = (all: readonly RepositoryFile[]) => all.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }));
    expect(known(files)).toEqual(known(ours.files));
    const source = await openRepositoryFile(files[0]!, { client: quickClient() });
    const other = await openRepositoryFile(ours.files[0]!, { client: quickClient() });
    expect(await source.read(1000, 2000)).toEqual(await other.read(1000, 2000));
  });

  test('of a gated repository needs the token', async () => {
    for (const token of [undefined, ''])
      await expect(list('wanscope/gated', { token })).rejects.toMatchObject({
        code: 'access-denied',
        message: expect.stringMatching(/status 401.*Say who you are/),
      });
    expect((await list('wanscope/gated', { token: 'hf_synthetic' })).files).toHaveLength(17);
  });

  test.for<[string, string, Partial<Parameters<typeof listRepository>[0]>, string, RegExp]>([
    ['repository', 'nobody/nothing', {}, 'access-denied', /401.*nobody\/nothing/],
    ['revision', 'wanscope/tiny', { revision: 'v9' }, 'weights-missing', /404.*no revision v9/],
  ])('of a %s that is not there says so', async ([, repo, more, code, message]) => {
    await expect(list(repo, more)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('that is something else is refused', async () => {
    hub().setFaults([{ at: 'api', path: '/tree/', status: 302, headers: { location: `${hub().url}/counts` } }]);
    await expect(list('wanscope/tiny')).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringContaining('not the list of a model hub'),
    });
  });

  test.for(['huggingface', 'modelscope'] as const)('of %s with a size that no file has is refused', async (layout) => {
    const size = 2 ** 42 + 1;
    const data = { Files: [{ Type: 'blob', Path: 'w.gguf', Size: size }] };
    vi.stubGlobal('fetch', async (address: string) =>
      Response.json(address.includes('/tree/') ? [{ type: 'file', path: 'w.gguf', size }] : { Data: data }),
    );
    const listing = list('wanscope/tiny', { layout });
    await expect(listing.finally(() => vi.unstubAllGlobals())).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(/4,?398,?046,?511,?105/),
    });
  });

  test.for(['huggingface', 'modelscope'] as const)('of %s that never ends is refused', async (layout) => {
    let asked = 0;
    const entries = (count: number) => Array.from({ length: count }, (_, at) => `${asked}-${at}.gguf`);
    vi.stubGlobal('fetch', async (address: string) => {
      asked += 1;
      const headers = { link: `<${address.replace(/&cursor.*/, '')}&cursor=${asked}>; rel="next"` };
      if (address.includes('/tree/'))
        return Response.json(
          entries(3000).map((path) => ({ type: 'file', path })),
          { headers },
        );
      return Response.json({ Data: { Files: entries(10_001).map((Path) => ({ Type: 'blob', Path, Size: 1 })) } });
    });
    const listing = list('wanscope/tiny', { layout });
    await expect(listing.finally(() => vi.unstubAllGlobals())).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(layout === 'modelscope' ? /10001 files.*10000/ : /12000 files.*10000/),
    });
    expect(asked).toBe(layout === 'modelscope' ? 1 : 5);
  });

  test.for<[string, string]>([
    ['beginnings', '<'],
    ['addresses', '<a>;'],
    ['spaces', '<a>                '],
  ])('goes on at no address of many %s, and refuses more, soon', async ([, part]) => {
    for (const characters of [4096, 65_536]) {
      const headers = { link: part.repeat(characters / part.length) };
      vi.stubGlobal('fetch', async (address: string) =>
        Response.json(address.includes('/tree/') ? [{ type: 'file', path: 'a.gguf' }] : {}, { headers }),
      );
      const before = processorSeconds();
      const listed = list('wanscope/tiny').finally(() => vi.unstubAllGlobals());
      if (characters > 4096)
        await expect(listed).rejects.toMatchObject({
          message: expect.stringMatching(/has 6\d{4} characters, at most 4096/),
        });
      else expect((await listed).files.map(({ path }) => path)).toEqual(['a.gguf']);
      expect(processorSeconds() - before).toBeLessThan(MOST_SECONDS);
    }
  });

  test('goes on at the next of several addresses', async () => {
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (address: string) => {
      asked.push(address);
      const link = '</first>; rel="first", </last?a=1,2>; rel="last", </tree/2>; title="a"; rel=next';
      const isFirst = address.includes('recursive');
      return Response.json(address.includes('/tree/') ? [] : {}, { headers: isFirst ? { link } : {} });
    });
    await list('wanscope/tiny').finally(() => vi.unstubAllGlobals());
    expect(asked.at(-1)).toBe(`${hub().url}/tree/2`);
  });

  test('that drips is given up after a time', async () => {
    const server = createServer((_, response) => {
      const timer = setInterval(() => response.write(' '), 50);
      response.once('close', () => clearInterval(timer));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const options = { base, client: quickClient({ pageSeconds: 0.4 }), signal: AbortSignal.timeout(4000) };
    for (const layout of ['huggingface', 'modelscope'] as const)
      await expect(list('a/b', { ...options, layout })).rejects.toMatchObject({
        code: 'timed-out',
        message: expect.stringMatching(/not complete after 0\.4 s.*; \d+ characters had come/),
      });
    server.close();
  });

  test('is asked for again when the server is busy', async () => {
    hub().setFaults([{ at: 'api', status: 429, headers: { 'retry-after': '0.05' }, times: 2 }]);
    const client = quickClient();
    await list('wanscope/tiny', { client });
    expect(client.waits.map(({ why }) => why)).toEqual(['rate-limited', 'rate-limited']);
  });
});

describe('choices of weights', () => {
  const choices = async (repo: string) =>
    weightFiles((await list(repo)).files).map(({ name, format, files, index, bytes, missing }) => ({
      name,
      format,
      shards: files.length,
      index: index?.path,
      bytes,
      missing,
    }));

  test('join shards with their index, and leave other files out', async () => {
    expect(await choices('Wan-AI/Wan2.2-TI2V-5B-Diffusers')).toEqual([
      {
        name: 'text_encoder/model.safetensors',
        format: 'safetensors',
        shards: 3,
        index: 'text_encoder/model.safetensors.index.json',
        bytes: 11_361_851_208,
        missing: 0,
      },
      {
        name: 'transformer/diffusion_pytorch_model.safetensors',
        format: 'safetensors',
        shards: 3,
        index: 'transformer/diffusion_pytorch_model.safetensors.index.json',
        bytes: 19_999_234_792,
        missing: 0,
      },
      {
        name: 'vae/diffusion_pytorch_model.safetensors',
        format: 'safetensors',
        shards: 1,
        index: undefined,
        bytes: 2_818_777_808,
        missing: 0,
      },
    ]);
  });

  const file = (path: string, bytes = 10): RepositoryFile => ({ path, bytes, url: `https://h/${path}` });

  test('are one for each GGUF of a repository', () => {
    const types = ['Q2_K', 'Q3_K_S', 'Q4_0', 'Q8_0'];
    const files = types.map((type) => file(`Wan2.2-TI2V-5B-${type}.gguf`));
    expect(weightFiles([file('README.md'), ...files]).map(({ name }) => name)).toEqual(files.map(({ path }) => path));
  });

  test('tell of shards that are missing, and keep checkpoints of other shard counts apart', () => {
    const files = ['m-00001-of-00003', 'm-00003-of-00003', 'm-00001-of-00001'].map((stem) =>
      file(`${stem}.safetensors`),
    );
    expect(
      weightFiles([...files, file('t5.pth', 7)]).map(({ name, format, bytes, missing }) => [
        name,
        format,
        bytes,
        missing,
      ]),
    ).toEqual([
      ['m.safetensors', 'safetensors', 20, 1],
      ['m.safetensors', 'safetensors', 10, 0],
      ['t5.pth', 'pth', 7, 0],
    ]);
  });
});

describe('an address', () => {
  const of = (text: string, base?: string) => {
    const address = parseAddress(text, base);
    return address.kind === 'file' ? address.url : [address.base, address.repo, address.revision, address.path];
  };
  const hf = 'https://huggingface.co';
  const ms = 'https://modelscope.cn';

  test.for<[string, string | string[]]>([
    ['Wan-AI/Wan2.2-TI2V-5B', [hf, 'Wan-AI/Wan2.2-TI2V-5B', 'main', '']],
    ['  Wan-AI/Wan2.2-TI2V-5B/ ', [hf, 'Wan-AI/Wan2.2-TI2V-5B', 'main', '']],
    ['a/b/split_files/vae/x.safetensors', [hf, 'a/b', 'main', 'split_files/vae/x.safetensors']],
    [`${hf}/a/b`, [hf, 'a/b', 'main', '']],
    ['huggingface.co/a/b', [hf, 'a/b', 'main', '']],
    ['https://hf.co/a/b', [hf, 'a/b', 'main', '']],
    [`${hf}/a/b/tree/main`, [hf, 'a/b', 'main', '']],
    [`${hf}/a/b/tree/refs%2Fpr%2F1/folder/of%20it`, [hf, 'a/b', 'refs/pr/1', 'folder/of it']],
    [`${hf}/a/b/blob/v1/x.gguf`, [hf, 'a/b', 'v1', 'x.gguf']],
    [`${hf}/a/b/resolve/main/f/x.gguf?download=true`, [hf, 'a/b', 'main', 'f/x.gguf']],
    [`${hf}/a/b/discussions/3`, [hf, 'a/b', 'main', '']],
    [`${hf}/a/b/blob/main/100%/%66.gguf`, [hf, 'a/b', 'main', '100%/f.gguf']],
    [`${hf}/a/b%zz`, `${hf}/a/b%zz`],
    ['https://hf-mirror.com/a/b/tree/main/f', ['https://hf-mirror.com', 'a/b', 'main', 'f']],
    [`${ms}/models/a/b`, [ms, 'a/b', 'master', '']],
    [`https://www.modelscope.cn/models/a/b/files`, ['https://www.modelscope.cn', 'a/b', 'master', '']],
    [`${ms}/models/a/b/resolve/master/f/x.gguf`, [ms, 'a/b', 'master', 'f/x.gguf']],
    [`${ms}/models/a/b/file/view/master/x.gguf`, [ms, 'a/b', 'master', 'x.gguf']],
    [`${hf}/datasets/a/b/resolve/main/x.gguf`, `${hf}/datasets/a/b/resolve/main/x.gguf`],
    ['https://example.org/w/x.safetensors?v=2', 'https://example.org/w/x.safetensors?v=2'],
    ['http://127.0.0.1:8080/x.gguf', 'http://127.0.0.1:8080/x.gguf'],
  ])('%s is understood', ([text, expected]) => {
    expect(of(text)).toEqual(expected);
  });

  test('without a host belongs to the hub that was chosen', () => {
    expect(of('a/b', 'https://mirror.example')).toEqual(['https://mirror.example', 'a/b', 'main', '']);
    expect(of('https://mirror.example/a/b/tree/main/f', 'https://mirror.example')).toEqual([
      ...['https://mirror.example', 'a/b', 'main', 'f'],
    ]);
    expect(of('a/b', ms)).toEqual([ms, 'a/b', 'master', '']);
  });

  test.for(['', 'Wan2.2', '../x', 'a b/c', 'ftp://h/x', 'file:///etc/passwd', 'javascript:alert(1)'])(
    '"%s" is none, and says what would be',
    (text) => {
      expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
    },
  );

  test.for(['', 'hf-mirror.com', 'localhost:4180', 'ftp://mirror.example'])(
    'is not looked for at a hub "%s", and what is needed is told',
    (base) => {
      for (const text of ['a/b', `${hf}/a/b`])
        expect(() => parseAddress(text, base)).toThrow(
          expect.objectContaining({
            code: 'input-invalid',
            message: expect.stringMatching(new RegExp(`^"${base}" .*https://`)),
          }),
        );
    },
  );

  test('of a file keeps what its name needs', () => {
    const address = { kind: 'repository', base: hf, layout: 'huggingface', repo: 'a/b', path: '' } as const;
    expect(fileUrl({ ...address, revision: 'refs/pr/1' }, 'f/x #1.gguf')).toBe(
      `${hf}/a/b/resolve/refs%2Fpr%2F1/f/x%20%231.gguf`,
    );
    expect(fileUrl({ ...address, base: ms, layout: 'modelscope', revision: 'master' }, 'x.gguf')).toBe(
      `${ms}/models/a/b/resolve/master/x.gguf`,
    );
  });
});
