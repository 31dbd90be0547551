/** Chromium gives no adapter while its GPU process starts a second time, and gives one soon after. */
import { expect, test } from 'vitest';
import { openDevice } from '../../src/gpu/device';
import { gpu } from '../support/gpu';

/** The GPU object there is, of which the first `refusals` requests find nothing. */
const refusing = (refusals: number): GPU =>
  ({
    wgslLanguageFeatures: gpu.wgslLanguageFeatures,
    requestAdapter: async (options) => (refusals-- > 0 ? null : gpu.requestAdapter(options)),
  }) as GPU;

test('a GPU that is not there at once is asked for again', async () => {
  const { device, machine } = await openDevice(refusing(1), 'starting');
  expect(machine.adapter).not.toBe('');
  device.destroy();
});

test('one that is not there afterwards either is said to be refused', async () => {
  await expect(openDevice(refusing(2), 'none')).rejects.toMatchObject({ code: 'adapter-refused' });
});
