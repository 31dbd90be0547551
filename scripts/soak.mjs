/**
 * `npm run soak`: slices of the benchmark and videos of the demo model again and
 * again, and after each round what a leak would raise. Ends with the growth by the
 * hour of each measure, and with a failure where one that is judged grows by more than 1 %.
 *
 *   npm run soak -- [--minutes 60] [--warm-up 10] [--adapter llvmpipe|swiftshader] [--chromium] [--json FILE]
 *
 * In Node on a software adapter, or with --chromium in the built page, where it is
 * SwiftShader; without V8's compilers. Whatever the minutes, the growth is that after
 * the warm-up.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfOlder } from './build.mjs';
import { ensurePackages, ROOT } from './install.mjs';
import { findAdapters } from './setup_adapters.mjs';

const MOST_AN_HOUR = 0.01;
/** For hours V8 makes quicker code of what is used now and then: heap that grows by some percent an hour and is no leak. */
const V8_FLAGS = ['--no-opt', '--no-maglev', '--no-sparkplug'];

/** A round takes a second at least. */
const MOST_ROUNDS_A_MINUTE = 60;
const MOST_COLUMNS = 16;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    'warm-up': { type: 'string', default: '10' },
    adapter: { type: 'string', default: 'llvmpipe' },
    chromium: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const minutes = number('minutes');
const warmUp = number('warm-up');
if (!(minutes > warmUp)) fail(`--minutes ${minutes} must be more than the warm-up's ${warmUp}.`);

// The collector can only be asked for in a process that was started so.
if (!values.chromium && !globalThis.gc) {
  const again = ['--expose-gc', ...V8_FLAGS, import.meta.filename, ...process.argv.slice(2)];
  process.exit(spawnSync(process.execPath, again, { stdio: 'inherit', env: withAdapter(process.env) }).status ?? 1);
}

ensurePackages();
process.chdir(ROOT);
const { growsBy, growthOf, openRounds } = await import(pathToFileURL(buildIfOlder('soak')).href);
const opened = values.chromium ? (await import('./soak_chromium.mjs')).openRounds(V8_FLAGS) : openRounds();
const { adapter, round, close, told = [] } = await opened;
console.log(`${adapter}, ${minutes} minutes, of which ${warmUp} warm up`);

const began = performance.now();
const secondsNow = () => (performance.now() - began) / 1000;
// In one piece, made at once: a list of objects that grows by each round would be found as a leak of its own.
const table = new Float64Array(MOST_ROUNDS_A_MINUTE * Math.ceil(minutes) * MOST_COLUMNS);
let [names, length] = [[], 0];
while (secondsNow() < 60 * minutes && (length + 1) * MOST_COLUMNS <= table.length) {
  const counts = await round(length);
  names = ['atSeconds', ...Object.keys(counts)];
  table.set([secondsNow(), ...Object.values(counts)], length * MOST_COLUMNS);
  console.log(line(++length, rowAt(length - 1)));
}
await close?.();

const rows = Array.from({ length }, (_, index) => rowAt(index));
const counted = rows.filter(({ atSeconds }) => atSeconds >= 60 * warmUp);
console.log(`\nGrowth in the ${counted.length} rounds after ${warmUp} minutes, with its standard error:`);
const growths = names.slice(1).map((name) => {
  const growth = growthOf(counted.map((row) => ({ atSeconds: row.atSeconds, value: row[name] })));
  const grows = !growth || growsBy(growth, MOST_AN_HOUR);
  return { name, ...growth, verdict: told.includes(name) ? 'told, not judged' : grows ? 'TOO MUCH' : 'flat' };
});
for (const { name, perHour, error, verdict } of growths)
  console.log(
    perHour === undefined
      ? `  ${name.padEnd(14)} too few rounds to tell`
      : `  ${name.padEnd(14)} ${percent(perHour)} ± ${percent(error)} an hour   ${verdict}`,
  );
if (values.json)
  writeFileSync(values.json, `${JSON.stringify({ adapter, minutes, warmUp, rows, growths }, null, 2)}\n`);
const count = (wanted) => growths.filter(({ verdict }) => verdict === wanted).length;
const failed = count('TOO MUCH');
console.log(`${count('flat')} flat, ${failed} growing, or too few rounds to tell`);
// Dawn's threads keep the process alive.
process.exit(failed > 0 ? 1 : 0);

function rowAt(index) {
  return Object.fromEntries(names.map((name, column) => [name, table[index * MOST_COLUMNS + column]]));
}

function line(count, { atSeconds, ...counts }) {
  const shown = Object.entries(counts).map(([name, value]) =>
    name.endsWith('Bytes') ? `${name.slice(0, -5)} ${(value / 1e6).toFixed(2)} MB` : `${name} ${value}`,
  );
  return `${String(count).padStart(4)}  ${(atSeconds / 60).toFixed(1).padStart(5)} min  ${shown.join(' · ')}`;
}

function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}

function number(name) {
  const value = Number(values[name]);
  if (!(value >= 0)) fail(`--${name} is a number of minutes, not "${values[name]}".`);
  return value;
}

function withAdapter(environment) {
  const { llvmpipeIcd, swiftshaderIcd } = findAdapters();
  const icds = { llvmpipe: llvmpipeIcd, swiftshader: swiftshaderIcd };
  const icd = icds[values.adapter];
  if (!icd)
    fail(
      `--adapter ${values.adapter}: ${values.adapter in icds ? 'it is not installed' : 'known are llvmpipe and swiftshader'}.`,
    );
  return { ...environment, VK_DRIVER_FILES: icd };
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
