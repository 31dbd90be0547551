import { expect, test } from 'vitest';
import { isSoftware } from '../../src/gpu/device';

const info = { vendor: '', architecture: '', device: '', description: '' } as GPUAdapterInfo;

test.for<[string, Partial<GPUAdapterInfo>, boolean | undefined, boolean]>([
  ['SwiftShader in Chromium', { vendor: 'google', architecture: 'swiftshader' }, undefined, true],
  ['llvmpipe in Node', { vendor: 'mesa', description: 'llvmpipe: Mesa 25' }, undefined, true],
  ['Windows’ own, named', { vendor: 'microsoft', description: 'Microsoft Basic Render Driver' }, undefined, true],
  [
    'Windows’ own, of which Chromium names vendor and architecture alone',
    { vendor: 'microsoft', architecture: 'warp' },
    undefined,
    true,
  ],
  ['a fallback by its info', { vendor: 'new', isFallbackAdapter: true }, undefined, true],
  ['a fallback by the adapter, as Chromium before 136 says', { vendor: 'new' }, true, true],
  ['a card', { vendor: 'nvidia', architecture: 'ada', isFallbackAdapter: false }, false, false],
  ['a card of Microsoft’s', { vendor: 'microsoft', architecture: 'direct3d-11' }, undefined, false],
])('%s', ([, names, isFallbackAdapter, software]) => {
  const adapter = { info: { ...info, ...names }, ...(isFallbackAdapter !== undefined && { isFallbackAdapter }) };
  expect(isSoftware(adapter)).toBe(software);
});
