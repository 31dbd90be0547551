// @vitest-environment happy-dom
import { afterEach, expect, test } from 'vitest';
import { changeAddress, changeLiveForm, liveForm } from '../../src/app/state/live';

afterEach(() => changeLiveForm({ address: '', token: '' }));

test.for([
  ['http://localhost:8091/v1/videos', true],
  [' localhost:8091', true],
  ['http://localhost:8092', false],
  ['https://localhost:8091', false],
  ['https://elsewhere.example', false],
  ['', false],
] as const)('a token for http://localhost:8091 is there for %j: %j', ([address, isThere]) => {
  changeAddress('http://localhost:8091');
  changeLiveForm({ token: 'secret' });
  changeAddress(address);
  expect(liveForm.value).toMatchObject({ address, token: isThere ? 'secret' : '' });
});
