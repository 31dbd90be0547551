/**
 * `npm test`: everything from a bare clone. Installs packages and adapters,
 * then runs the suites and ends with one line, `N passed, M failed`.
 *
 *   npm test                             unit, both software adapters, pages and check, browser (runs in pages)
 *   npm run test:full                    the same and the long golden runs
 *   npm test -- --suite llvmpipe         one suite (may be given again)
 *   npm test -- rms_norm                 the files whose path contains it, in every suite
 *   npm test -- --suite hardware         the adapter tests on this machine's own GPU
 *
 * Which test is in which suite: vite.config.ts.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages, ROOT } from './install.mjs';
import { setupAdapters } from './setup_adapters.mjs';

const { values, positionals: filters } = parseArgs({
  options: { suite: { type: 'string', multiple: true }, full: { type: 'boolean', default: false } },
  allowPositionals: true,
});

// Dawn's software adapters are Vulkan drivers, which it uses on Linux only; elsewhere the machine's own GPU has to do.
const adapterSuites = process.platform === 'linux' ? ['llvmpipe', 'swiftshader'] : ['hardware'];
const KNOWN = ['unit', 'check', 'llvmpipe', 'swiftshader', 'hardware', 'pages', 'browser', 'full'];
const standard = ['unit', ...adapterSuites, 'pages', 'check', 'browser', ...(values.full ? ['full'] : [])];
const suites = values.suite ?? standard.filter((suite) => suite !== 'check' || filters.length === 0);
for (const suite of suites) {
  if (!KNOWN.includes(suite)) throw new Error(`There is no suite '${suite}'. Known: ${KNOWN.join(', ')}.`);
}

ensurePackages();
const adapters = setupAdapters();
const missing = {
  llvmpipe: !adapters.llvmpipeIcd,
  swiftshader: !adapters.swiftshaderIcd,
  pages: !adapters.chromium,
  browser: !adapters.chromium,
  full: (process.platform === 'linux' && !adapters.llvmpipeIcd) || !adapters.chromium,
};
// Each adapter then has every file (vite.config.ts); whoever names some wants all that they test.
if (values.full || filters.length > 0) process.env.WANSCOPE_TEST_FULL = 'true';
const inCi = Boolean(process.env.CI) && process.env.CI !== 'false';

// Pages wait now and then, as no other suite does: the checks take what they leave, and what was found is told after them.
let checks = null;
const summary = [];
const failures = [];
const retried = [];
let passed = 0;
let failed = 0;
for (const suite of suites) {
  console.log(`\n=== ${suite} ===`);
  const begin = performance.now();
  if (suite === 'check' || (suite === 'pages' && suites.includes('check'))) checks ??= runChecks();
  checks?.catch(() => {}); // told where it is waited for, and not while others run
  const result = missing[suite] ? notRun() : suite === 'check' ? tell(await checks) : await runVitest(suite);
  passed += result.passed;
  failed += result.failed;
  failures.push(...(result.failures ?? []).map((failure) => `${suite}: ${failure}`));
  retried.push(...(result.retried ?? []).map((failure) => `${suite}, passed at the second try: ${failure}`));
  const again = result.retried?.length ? `, ${result.retried.length} at the second try` : '';
  const counts = result.note ?? `${result.passed} passed, ${result.failed} failed${again}`;
  summary.push(`${suite.padEnd(12)} ${counts}  (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
}
console.log(['', ...retried, ...failures, '', ...summary, ''].join('\n')); // again: a log's head may be cut off
console.log(`${passed} passed, ${failed} failed`);
const none = filters.length > 0 && passed + failed === 0; // a slip of the pen is not a success
if (none) console.error(`No test in ${suites.join(', ')} has ${filters.join(' or ')} in its path.`);
process.exitCode = failed > 0 || none ? 1 : 0;

/** On a user's machine a missing adapter is a pity; in CI it would hide what was not tested. */
function notRun() {
  console.log('Not run: what it runs on was not found; the list at the top says how to get it.');
  const failures = inCi ? ['what it runs on was not found'] : [];
  return { passed: 0, failed: failures.length, failures, note: `NOT RUN${inCi ? ', which in CI is a failure' : ''}` };
}

/** Lint and types, one check each. */
async function runChecks() {
  const colours = process.stdout.isTTY ? ['--colors=force'] : [];
  const tools = await Promise.all([
    runTool('@biomejs/biome/bin/biome', ['check', '--max-diagnostics=20', ...colours], 'pipe'),
    runTool('typescript/bin/tsc', ['--noEmit', ...(process.stdout.isTTY ? ['--pretty'] : [])], 'pipe'),
  ]);
  const failures = ['biome', 'tsc'].filter((_, index) => tools[index].status !== 0);
  const written = tools.map(({ written }) => written).join('');
  return { passed: tools.length - failures.length, failed: failures.length, failures, written };
}

function tell(result) {
  console.log(result.written);
  return result;
}

async function runVitest(suite) {
  const folder = mkdtempSync(join(tmpdir(), 'wanscope-test-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { status } = await runTool('vitest/vitest.mjs', ['run', '--project', suite, ...reporters, ...filters]);
  const result = count(report);
  rmSync(folder, { recursive: true });
  // An error outside any test, an unhandled rejection or a crash while ending, is a failure too.
  if (status !== 0 && result.failed === 0) {
    Object.assign(result, { failed: 1, failures: ['an error outside the tests: see its output above'] });
  }
  return result;
}

function count(report) {
  if (!existsSync(report)) return { passed: 0, failed: 1, failures: ['no report was written'] };
  const files = JSON.parse(readFileSync(report, 'utf8')).testResults;
  const tests = files.flatMap(({ name, assertionResults }) => assertionResults.map((test) => ({ name, ...test })));
  const passed = tests.filter(({ status }) => status === 'passed');
  const failures = [
    ...tests.filter(isFailure).map(told),
    // A file that does not even load, or whose tests were not begun, has none that failed.
    ...files
      .filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some(isFailure))
      .map(({ name, message }) => `${name}\n${message}`),
  ];
  const retried = passed.filter(({ failureMessages }) => failureMessages.length > 0).map(told);
  return { passed: passed.length, failed: failures.length, failures, retried };
}

/** 'pending' is a test whose process died under it. */
function isFailure({ status }) {
  return status === 'failed' || status === 'pending';
}

function told({ name, fullName, failureMessages }) {
  return `${name} > ${fullName}\n${failureMessages.join('\n')}`;
}

/** How it ended, and what it wrote where that is not shown at once. */
function runTool(script, args, output = 'inherit') {
  const path = join(ROOT, 'node_modules', script);
  const tool = spawn(process.execPath, [path, ...args], { cwd: ROOT, stdio: ['ignore', output, output] });
  let written = '';
  for (const stream of [tool.stdout, tool.stderr])
    stream?.setEncoding('utf8').on('data', (text) => {
      written += text;
    });
  return new Promise((resolve, reject) => {
    tool.on('error', reject).on('close', (status) => resolve({ status, written }));
  });
}
