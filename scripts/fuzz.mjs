/**
 * `npm run test:fuzz`: damaged inputs for every parser, for a time of the processor each. An input that takes over a second, crashes, takes too
 * much memory, or ends in anything but the errors its parser names, goes to test/fuzz/found/PARSER and fails the run.
 *
 *   npm run test:fuzz                                 every parser, half a minute each
 *   npm run test:fuzz -- --minutes 30 --jobs 2        two at a time, half an hour each
 *   npm run test:fuzz -- --seed 7 gguf png            these, with the inputs of that seed
 *   npm run test:fuzz -- --record                     adds to docs/results/fuzz.json what was done
 *   npm run test:fuzz -- --record --minutes 30 --fill what the record lacks of 30 minutes without a find, for each
 *
 * The parsers, and what their inputs are made from: test/fuzz/parsers.ts.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readRecord, withPart, writeRecord } from './fuzz_record.mjs';
import { ensurePackages, ROOT } from './install.mjs';

/** Of the JavaScript heap, and of the whole process: what lies in buffers is not on the heap. */
const HEAP_MIB = 640;
const MOST_MIB = 1536;
/** Without an answer: of the processor, however busy the machine is; and of the clock, for what waits for ever. */
const PATIENCE = { start: { processor: 120, clock: 900 }, input: { processor: 5, clock: 300 } };
/** A process runs for so long, so that a run that is stopped has kept most of what it did. */
const PART_SECONDS = 300;
/** So many of one parser are enough to begin with. */
const MOST_FOUND = 20;
const LOOK_SECONDS = 0.1;
const FOUND = join(ROOT, 'test/fuzz/found');

const { values, positionals } = parseArgs({
  options: {
    minutes: { type: 'string', default: '0.5' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    jobs: { type: 'string', default: '1' },
    record: { type: 'boolean', default: false },
    fill: { type: 'boolean', default: false },
    child: { type: 'string' },
  },
  allowPositionals: true,
});

ensurePackages();
const { createServer } = await import('vite');
const inTime = (task) => withParsers(({ fuzz, write }) => (task.trouble ? write(task, task.trouble) : fuzz(task)));
if (values.child) await inTime(JSON.parse(values.child));
else await main();

/** The tests' modules are TypeScript, with shaders as texts: Vite reads them. */
async function withParsers(use) {
  const server = await createServer({
    ...{ root: ROOT, configFile: false, appType: 'custom', logLevel: 'error' },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    return await use(await server.ssrLoadModule('/test/fuzz/child.ts'));
  } finally {
    await server.close();
  }
}

async function main() {
  const [minutes, seed, jobs] = [values.minutes, values.seed, values.jobs].map(Number);
  if (!(minutes > 0) || !Number.isSafeInteger(seed) || !(jobs >= 1))
    throw new Error('--minutes is a number above 0, --seed and --jobs are whole numbers.');
  const known = await withParsers(({ names }) => names);
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`There is no parser '${unknown[0]}'. Known: ${known.join(', ')}.`);
  /** With --fill, what was recorded since the last find is done. */
  const lacking = (name) => minutes - (values.fill ? (readRecord()[name]?.minutesSinceFound ?? 0) : 0);
  const waiting = (positionals.length > 0 ? positionals : known).filter((name) => lacking(name) > 0);
  const counted = values.record ? waiting.find((name) => readRecord()[name]?.seeds.includes(seed)) : undefined;
  if (counted) throw new Error(`The inputs of ${counted} with seed ${seed} are in the record. Take another seed.`);
  console.log(
    `Seed ${seed}, ${minutes} minutes of the processor for each of ${waiting.length} parsers${values.fill ? ', less what is recorded' : ''}.`,
  );
  let found = 0;
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const more = await run(name, seed, lacking(name) * 60);
      found += more; // read after the wait: other jobs add to it meanwhile
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  console.log(`\n${found} inputs found${found > 0 ? `, in ${FOUND}` : ''}.`);
  process.exitCode = found > 0 ? 1 : 0;
}

/** Begins the process anew where it was ended, with the input after the one it was ended by. Returns how many were found. */
async function run(name, seed, seconds) {
  const folder = mkdtempSync(join(tmpdir(), 'wanscope-fuzz-'));
  const position = join(folder, 'position');
  const sums = { inputs: 0, taken: 0, seconds: 0, found: 0 };
  for (let from = 0; sums.seconds < seconds && sums.found < MOST_FOUND; ) {
    writeFileSync(position, new Uint8Array(40));
    const limits = { seconds: Math.min(PART_SECONDS, seconds - sums.seconds), most: MOST_FOUND - sums.found };
    const task = { name, seed, from, ...limits, position, found: FOUND };
    const { trouble, written } = await watch(task);
    const [, number, inputs, taken, ran] = new Float64Array(Uint8Array.from(readFileSync(position)).buffer);
    const found = written + (trouble ? 1 : 0);
    sums.inputs += inputs;
    sums.taken += taken;
    sums.seconds += ran;
    sums.found += found;
    if (trouble) await child({ ...task, from: number, trouble }).ended;
    if (values.record) {
      const part = { minutes: ran / 60, inputs, found, isClean: sums.found === 0 };
      writeRecord(withPart(readRecord(), name, seed, part));
    }
    from = number + 1;
  }
  rmSync(folder, { recursive: true });
  const share = ((100 * sums.taken) / Math.max(1, sums.inputs)).toFixed(0);
  console.log(
    `${name.padEnd(18)} ${String(sums.inputs).padStart(9)} inputs in ${(sums.seconds / 60).toFixed(2)} minutes of the processor, ${share} % taken, ${sums.found} found`,
  );
  return sums.found;
}

function child(task) {
  const started = spawn(
    process.execPath,
    [`--max-old-space-size=${HEAP_MIB}`, fileURLToPath(import.meta.url), '--child', JSON.stringify(task)],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [written, errors] = [0, ''];
  started.stdout.on('data', (data) => {
    written += String(data).match(/, input \d+, /g)?.length ?? 0;
    process.stdout.write(data);
  });
  started.stderr.on('data', (data) => {
    errors = `${errors}${data}`.slice(-2000);
  });
  const ended = new Promise((resolve) =>
    started.on('close', (code, signal) => resolve({ code, signal, written, errors })),
  );
  return { started, ended };
}

/** What ended it before its time, or null. */
async function watch(task) {
  const { started, ended } = child(task);
  let [clock, lastLook] = [0, performance.now() / 1000];
  const times = () => {
    const look = performance.now() / 1000;
    clock += Math.min(look - lastLook, 1); // who is not looking, as while all of it is stopped, does not wait either
    lastLook = look;
    return { processor: processorSeconds(started.pid), clock };
  };
  let [last, since, hasBegun, reason] = ['', times(), false, null];
  const timer = setInterval(() => {
    const now = times();
    const bytes = readFileSync(task.position).toString('latin1');
    if (bytes !== last) [last, since] = [bytes, now];
    hasBegun ||= bytes.replaceAll('\0', '') !== '';
    const patience = hasBegun ? PATIENCE.input : PATIENCE.start;
    const mebibytes = residentMebibytes(started.pid);
    if (now.processor - since.processor > patience.processor)
      reason ??= `no answer within ${patience.processor} s of the processor`;
    if (now.clock - since.clock > patience.clock) reason ??= `no answer within ${patience.clock} s`;
    if (mebibytes > MOST_MIB) reason ??= `${mebibytes} MiB of memory, at most ${MOST_MIB} are allowed`;
    if (reason) started.kill('SIGKILL');
  }, LOOK_SECONDS * 1000);
  const { code, signal, written, errors } = await ended;
  clearInterval(timer);
  if (!hasBegun && code !== 0) throw new Error(`${task.name} did not start: ${reason ?? errors}`);
  const crash =
    code === 0 ? null : `the process ended with ${signal ?? code}: ${errors.trim().split('\n').slice(-3).join(' ')}`;
  return { trouble: reason ?? crash, written };
}

/** Linux tells, in pages. Elsewhere only the heap's limit holds. */
function residentMebibytes(pid) {
  return (Number(told(pid, 'statm').split(' ')[1] ?? 0) * 4096) / 2 ** 20;
}

/** Linux tells, in hundredths, behind the name in brackets. Elsewhere only the clock's limit holds. */
function processorSeconds(pid) {
  const fields = told(pid, 'stat').split(') ').at(-1).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

function told(pid, what) {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return ''; // no such system, or it has just ended
  }
}
