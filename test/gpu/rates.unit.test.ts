import { expect, test } from 'vitest';
import { openModel } from '../../src/cli/open_model';
import { planClip } from '../../src/generate/plan';
import { ratesOf } from '../../src/gpu/rates';

const assumed = { flopsPerSecond: 3e9, bytesPerSecond: 3e9 };

test('an assumed ceiling is not taken for what kernels reach, a measured one is', () => {
  expect(ratesOf({ runner: { ceiling: assumed }, device: { assumed } }, 5).ceiling.flopsPerSecond).toBeCloseTo(1e9, 0);
  const measured = { flopsPerSecond: 2e9, bytesPerSecond: 1e9 };
  expect(ratesOf({ runner: { ceiling: measured }, device: { assumed } }, 5)).toEqual({
    ceiling: measured,
    uploadBytesPerSecond: 5,
  });
});

test("the demo's video is told as SwiftShader makes it: 40 s on two idle cores", async () => {
  const model = await openModel(['demo']);
  const recorder = { activation: 'f32', software: true, bindingBytes: 2 ** 27 } as const;
  const { seconds } = planClip(
    { ...recorder, workgroupBytes: 2 ** 14 },
    model,
    model.info.defaults,
    { residency: 'resident', imageGiven: false },
    ratesOf({ runner: { ceiling: assumed }, device: { assumed } }),
  );
  expect(seconds).toBeGreaterThan(30);
  expect(seconds).toBeLessThan(50);
});
