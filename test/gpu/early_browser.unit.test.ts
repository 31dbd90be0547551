import { expect, test } from 'vitest';
import { openDevice } from '../../src/gpu/device';

test('a browser whose adapters tell nothing of themselves is told which versions do', async () => {
  const early = { requestAdapter: async () => ({}) } as unknown as GPU; // Chrome 113 to 126
  await expect(openDevice(early, 'Chrome 120')).rejects.toMatchObject({
    code: 'webgpu-missing',
    message: expect.stringMatching(/Chrome or Edge 127/),
  });
  await expect(openDevice(undefined, 'old')).rejects.toMatchObject({ code: 'webgpu-missing' });
});
