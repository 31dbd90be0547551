import { expect, test } from 'vitest';
import { type Folder, weightsIn } from '../../workers/folder_files';

/** A folder as the walk sees it; its entries are made as they are asked for. */
function folder(name: string, entries: () => Iterable<Folder | string>): Folder {
  return {
    ...({ kind: 'directory', name } as const),
    async *values() {
      for (const entry of entries())
        yield typeof entry === 'string'
          ? { kind: 'file' as const, name: entry, getFile: async () => new File([], entry) }
          : entry;
    },
  };
}

test('the weights in a folder and below it are found, and nothing else is opened', async () => {
  const inner = folder('vae', () => ['a.pth', 'config.json']);
  const { seen, files } = await weightsIn(folder('m', () => ['b.gguf', '.env', inner, 'c.safetensors', 'gguf']));
  expect(files.map(({ path }) => path).sort()).toEqual(['m/b.gguf', 'm/c.safetensors', 'm/vae/a.pth']);
  expect(seen).toBe(6);
});

test('a folder without end, in width or in depth, is refused', async () => {
  function* forever() {
    for (;;) yield 'a.txt';
  }
  const deep: () => Folder = () => folder('d', () => [deep()]);
  for (const endless of [folder('w', forever), deep()])
    await expect(weightsIn(endless)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining('more than 10000 files and folders'),
    });
});
