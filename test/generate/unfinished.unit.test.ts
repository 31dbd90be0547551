import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { checkContinues, readUnfinished, type Unfinished, writeUnfinished } from '../../src/generate/unfinished';
import { mutated, seededRandom } from '../support/mutations';
import { LATENTS, SETTINGS, unfinishedExample } from '../support/unfinished_example';

describe('an unfinished video', () => {
  test.for([true, false])('comes back as it was, with a first frame %j', (hasImage) => {
    const bytes = writeUnfinished(unfinishedExample(hasImage));
    expect(readUnfinished(bytes, 'x')).toEqual(unfinishedExample(hasImage));
    expect(readUnfinished(Buffer.from(bytes), 'x')).toEqual(unfinishedExample(hasImage)); // as a file is read
  });

  /** The file of the example with one thing changed. */
  const changed = (change: (whole: Unfinished) => object) => {
    const whole = unfinishedExample(true);
    return writeUnfinished({ ...whole, ...change(whole) } as Unfinished);
  };
  const withClip = (changes: object) => changed(({ clip }) => ({ clip: { ...clip, ...changes } }));
  const withSettings = (changes: object) => withClip({ settings: { ...SETTINGS, ...changes } });
  const withSlots = (change: (slots: Map<string, Float32Array>) => void) =>
    changed(({ state }) => {
      const slots = new Map<string, Float32Array>(state.slots);
      change(slots);
      return { state: { ...state, slots } };
    });
  const replaced = (from: string, to: string) => {
    const bytes = writeUnfinished(unfinishedExample(true));
    return Uint8Array.from(Buffer.from(Buffer.from(bytes).toString('latin1').replace(from, to), 'latin1'));
  };

  test('from before the tokenizer could be chosen is of the fast one', () => {
    const { tokenizer, ...settings } = SETTINGS;
    expect(tokenizer).toBe('fast');
    const bytes = changed(({ clip }) => ({ clip: { ...clip, settings } }));
    expect(readUnfinished(bytes, 'x')).toEqual(unfinishedExample(true));
  });

  test('goes on in the arithmetic of its first steps, which a file from before it was kept does not tell', () => {
    const kept = unfinishedExample(false);
    const goingOn = (unfinished: Unfinished, changes: object) => () =>
      checkContinues(unfinished, { ...kept.clip, ...changes }, null);
    expect(goingOn(kept, {})).not.toThrow();
    for (const [changes, message] of [
      [{ activation: 'f32' }, 'its activation is "f16", now it is "f32"'],
      [{ products: 'int8' }, 'its products is "exact", now it is "int8"'],
    ] as const) {
      expect(goingOn(kept, changes)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
      expect(goingOn(kept, changes)).toThrow(message);
      const { activation: _, products: __, ...before } = kept.clip;
      const old = readUnfinished(writeUnfinished({ ...kept, clip: before }), 'x');
      expect(goingOn(old, changes)).not.toThrow();
    }
  });

  test.for<[name: string, bytes: () => Uint8Array, message: string]>([
    ['another format', () => replaced('wanscope-unfinished', 'wanscope-unfinishes'), 'its format is'],
    ['another version', () => replaced('"version":"1"', '"version":"2"'), 'it is of version 2, this program reads 1'],
    ['nothing in it', () => new Uint8Array(), 'it has 0 bytes'],
    ['its end cut off', () => writeUnfinished(unfinishedExample(true)).slice(0, -4), 'holds no unfinished video'],
    ['settings that cannot be', () => withSettings({ shift: -1 }), 'its shift is -1'],
    ['a noise that is none', () => withSettings({ noise: 'dice' }), 'its noise is dice'],
    ['a solver that is none', () => withSettings({ solver: 'heun' }), '"settings.solver" is "heun"'],
    ['an arithmetic that is none', () => withClip({ activation: 'f8' }), '"activation" is "f8"'],
    ['more steps done than there are', () => withClip({ stepsDone: 21 }), '21 of 20 steps are done'],
    ['half a step', () => withClip({ stepsDone: 1.5 }), '"stepsDone" is 1.5'],
    ['settings of another size', () => replaced('\\"width\\":64', '\\"width\\":96'), 'its settings ask for'],
    ['no sample', () => replaced('"sample"', '"simple"'), 'it has no latents'],
    [
      'no history',
      () => withSlots((slots) => slots.delete('x0.0') && slots.delete('x0.1') && slots.delete('x0.2')),
      'it has none of the predictions',
    ],
    [
      'NaN',
      () => withSlots((slots) => slots.set('x0.1', new Float32Array(LATENTS).fill(Number.NaN))),
      'x0.1 has values',
    ],
    ['no first frame where one was given', () => withClip({ hasImage: false }), 'a first frame was given'],
    ['no picture of it', () => changed(() => ({ image: null })), 'a first frame was given'],
  ])('with %s is refused', ([, bytes, message]) => {
    const reading = () => readUnfinished(bytes(), 'red.unfinished');
    expect(reading).toThrow(expect.objectContaining({ code: 'file-invalid' }));
    expect(reading).toThrow(message);
    expect(reading).toThrow('red.unfinished');
  });

  test('with any damage is read or refused with a reason', () => {
    const random = seededRandom(3);
    const bytes = writeUnfinished(unfinishedExample(true));
    let refused = 0;
    for (let i = 0; i < 400; i++) {
      // Most damage to the header, which is a hundredth of the file.
      const damaged =
        i % 2
          ? mutated(random, bytes)
          : Uint8Array.from([...mutated(random, bytes.slice(0, 900)), ...bytes.slice(900)]);
      try {
        readUnfinished(damaged, 'x');
      } catch (failure) {
        expect(failure).toBeInstanceOf(AppError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(200);
  });
});
