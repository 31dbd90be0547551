/**
 * How often Dawn's Node binding asks the GPU whether it is done. Left alone it asks in every turn of the event loop,
 * some hundred thousand times a second: a whole core, which a software adapter needs for its own work (with two cores
 * llvmpipe took 1.7 times as long).
 */
import { nowMs } from '../core/clock';

/** Asked again after this share of the time waited so far: so much too long may a run seem. */
const SHARE = 0.01;
/** From here on a timer waits, so that other work gets its turn; shorter than this it cannot. */
const TIMER_MS = 1;
/** A question asked so long after the last begins another wait. */
const APART_MS = 5;

/** From now on, for the whole process. Whatever else calls setImmediate is left as it is. */
export function askSparingly(): void {
  const { setImmediate } = globalThis;
  const never = new Int32Array(new SharedArrayBuffer(4));
  let began = 0;
  let last = 0;
  /** The binding asks again from inside of its last question; another wait begins outside of one. */
  let isInside = false;

  const ask = (question: () => void) => {
    last = nowMs();
    isInside = true;
    try {
      question();
    } finally {
      isInside = false;
    }
  };
  const sparing = (question: () => void, ...rest: []) => {
    if (!isNative(question)) return setImmediate(question, ...rest);
    const now = nowMs();
    if (!isInside || now - last > APART_MS) began = now;
    const pauseMs = (now - began) * SHARE;
    if (pauseMs >= TIMER_MS) return setTimeout(ask, TIMER_MS, question);
    Atomics.wait(never, 0, 0, pauseMs);
    return setImmediate(ask, question);
  };
  globalThis.setImmediate = Object.assign(sparing, setImmediate) as typeof setImmediate;
}

/** A nameless function that is not JavaScript: the binding's. */
const isNative = (question: () => void) =>
  question.name === '' && Function.prototype.toString.call(question).includes('[native code]');
