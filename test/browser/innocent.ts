/** Set-up of the suites in a browser: no test ends well in whose time a page did what visit.ts watches for. */
import { afterEach, expect } from 'vitest';
import { misdeedsSeen } from './visit';

afterEach(() => expect(misdeedsSeen()).toEqual([]));
