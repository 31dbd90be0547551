/** Set-up of the suites on adapters: a file that keeps memory of the device it shares with others would be counted by them. */
import { afterAll, expect } from 'vitest';
import { heldBytes } from './evaluate';

afterAll(async () => expect(await heldBytes(), 'GPU memory that this file keeps').toBe(0));
