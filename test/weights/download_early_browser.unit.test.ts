/** Downloads are in test/browser/store.test.ts; here is what no browser of today can show. */
import { expect, onTestFinished, test } from 'vitest';
import { Download } from '../../src/weights/download';

test('a browser without Promise.withResolvers pauses, goes on and cancels', async () => {
  const had = Object.getOwnPropertyDescriptor(Promise, 'withResolvers');
  Reflect.deleteProperty(Promise, 'withResolvers');
  onTestFinished(() => {
    if (had) Object.defineProperty(Promise, 'withResolvers', had);
  });
  const download = new Download(Promise.reject(new Error('no store')), 'id', {
    openSource: () => Promise.reject(new Error('not asked')),
    onProgress: () => {},
  });
  download.pause();
  download.resume();
  download.cancel();
  await expect(download.run()).rejects.toThrow('no store');
});
