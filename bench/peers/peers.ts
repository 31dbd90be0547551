/** `npm run peers`: our kernels beside other WebGPU engines', on one adapter, in one process, in turns. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { findAdapters } from '../../scripts/setup_adapters.mjs';
import { measureRoofs } from '../../src/bench/roofs';
import { complain, oneOf, parseOptions, say, UsageError } from '../../src/cli/command';
import { openGpu } from '../../src/cli/gpu';
import { jsonFile } from '../../src/cli/json_file';
import { openNodeContext } from '../../src/cli/node_context';
import { tuneHere } from '../../src/cli/tune';
import { AppError } from '../../src/core/errors';
import { ENGINE_VERSION } from '../../src/core/version';
import { peerCases } from './cases';
import { peerChart } from './chart';
import { measureCase, type PeerTimes, rateOf, ratioTo } from './measure';
import { openNaive } from './naive';
import { openOrt } from './ort';
import { openOurs } from './ours';
import { devDependencies } from './package.json';
import { PEER_NAMES, PEERS, type PeerResult, sideBySide } from './peer_result';
import { openRoof } from './roof';
import { chartName, withPeers } from './table';
import { openTfjs } from './tfjs';

const HELP = `npm run peers: our kernels beside onnxruntime-web, TensorFlow.js and naive ones

Usage: npm run peers -- [OPTIONS]

  --adapter NAME   llvmpipe, swiftshader or hardware; unless given, both software adapters, one after the other
  --rounds N       how often each engine takes its turn (5)
  --filter TEXT    only shapes whose kernel or name contains this; nothing is kept
  --json FILE      write what was measured here, and leave docs/ as it is
  --docs           measure nothing, only make the section and its charts anew

Unless --filter or --json is given, what was measured goes to docs/results/, and from all that is there the section in
docs/performance.md and its charts are made. The packages are installed in bench/peers.`;

const ADAPTERS = ['llvmpipe', 'swiftshader', 'hardware'] as const;
type AdapterName = (typeof ADAPTERS)[number];

const RESULTS = 'docs/results';

/** Returns the exit status. `root` is the project's folder. */
export async function main(args: readonly string[], root: string): Promise<number> {
  try {
    return await run(args, root);
  } catch (failure) {
    if (!(failure instanceof UsageError || failure instanceof AppError)) throw failure;
    complain(`peers: ${failure.message}`);
    return failure instanceof UsageError ? 2 : 1;
  }
}

async function run(args: readonly string[], root: string): Promise<number> {
  const { values } = parseOptions(args, {
    adapter: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    filter: { type: 'string' },
    json: { type: 'string' },
    docs: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (values.help) {
    say(HELP);
    return 0;
  }
  if (values.docs) {
    await publish(root);
    return 0;
  }
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new UsageError(`--rounds is a whole number from 1, not "${values.rounds}".`);
  if (values.adapter === undefined) {
    if (values.json !== undefined) throw new UsageError('--json is of one adapter: say which with --adapter.');
    // An adapter is chosen once in a process.
    for (const adapter of ['llvmpipe', 'swiftshader']) {
      const { status } = spawnSync(process.execPath, [process.argv[1]!, ...args, '--adapter', adapter], {
        stdio: 'inherit',
      });
      if (status !== 0) return status ?? 1;
    }
    return 0;
  }
  const adapter = oneOf('adapter', values.adapter, ADAPTERS);
  choose(adapter);
  const writeJson = await jsonFile(values.json);
  const result = await measure(adapter, rounds, values.filter ?? '', root);
  if (values.json !== undefined) await writeJson(result);
  else if (values.filter === undefined) {
    const keep = await jsonFile(join(root, RESULTS, `peers-${result.adapter}.json`));
    await keep(result);
    await publish(root);
  }
  return 0;
}

/** Vulkan asks the environment when it is first used. */
function choose(adapter: AdapterName): void {
  if (adapter === 'hardware') return;
  const { llvmpipeIcd, swiftshaderIcd } = findAdapters();
  const icd = adapter === 'llvmpipe' ? llvmpipeIcd : swiftshaderIcd;
  if (!icd) throw new UsageError(`--adapter ${adapter}: it is not installed (see: npm run adapters).`);
  process.env.VK_DRIVER_FILES = icd;
  process.env.XDG_RUNTIME_DIR ??= '/tmp';
}

async function measure(adapter: AdapterName, rounds: number, filter: string, root: string): Promise<PeerResult> {
  const commit = commitOf(root);
  const [load = 0] = loadavg();
  const context = await openNodeContext();
  if (!context.tuning.settled) await tuneHere(context);
  const { device, machine, adapter: gpuAdapter } = context.device;
  const roofs = await measureRoofs(context);
  say(`${machine.adapter}: ${(roofs.fp32FlopsPerSecond / 1e9).toFixed(1)} GFLOP/s fp32 at best`);
  const engines = [
    openOurs(context),
    await openOrt(await openGpu(), context.device),
    await openTfjs(device, gpuAdapter.info),
    openNaive(device),
  ];
  const types = device.features.has('shader-f16') ? (['f32', 'f16'] as const) : (['f32'] as const);
  const wanted = peerCases(machine.software, types).filter(({ kernel, title }) =>
    `${kernel} ${title}`.includes(filter),
  );
  const cases: PeerTimes[] = [];
  // Kernels of half precision sum in f32: where that is faster it is the roof.
  const halfRoof = (roofs.f16FlopsPerSecond ?? 0) > roofs.fp32FlopsPerSecond ? 'f16' : 'f32';
  const roofOf = { f32: await openRoof(context, 'f32'), f16: await openRoof(context, halfRoof) };
  for (const [index, each] of wanted.entries()) {
    const times = await measureCase(device, engines, roofOf[each.type], each, rounds);
    if (times.leftOut.ours) throw new AppError('gpu-failed', `${each.title}: our own kernel is ${times.leftOut.ours}.`);
    cases.push(times);
    say(`${String(index + 1).padStart(2)}/${wanted.length} ${line(times)}`);
  }
  return {
    format: 'wanscope-peers/1',
    adapter,
    commit,
    date: new Date().toISOString().slice(0, 10),
    rounds,
    load,
    versions: {
      ours: ENGINE_VERSION,
      ort: devDependencies['onnxruntime-web'],
      tfjs: devDependencies['@tensorflow/tfjs-backend-webgpu'],
    },
    machine,
    roofs,
    cases,
  };
}

function line(times: PeerTimes): string {
  const ratios = PEERS.map((peer) => {
    const ratio = ratioTo(times, peer);
    return `${PEER_NAMES[peer]} ${times.leftOut[peer] ?? (ratio ? `${ratio.median.toFixed(2)}×` : '–')}`;
  });
  const rate = ((rateOf(times, 'ours') ?? Number.NaN) / 1e9).toFixed(1);
  return `${times.kernel} ${times.title}: ${rate} GFLOP/s; ${ratios.join(', ')}`;
}

/** 'unknown' where there is no repository: on a machine that was only sent the files. */
function commitOf(root: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const changed = git('status', '--porcelain', '--', 'src', 'shaders', 'bench/peers') !== '';
    return `${git('rev-parse', '--short=7', 'HEAD')}${changed ? ' with changes' : ''}`;
  } catch {
    return 'unknown';
  }
}

/** The section and its charts, of all results that are kept. */
async function publish(root: string): Promise<void> {
  const folder = join(root, RESULTS);
  const names = (await readdir(folder)).filter((name) => /^peers-.*\.json$/.test(name)).sort();
  const results = await Promise.all(
    names.map(async (name): Promise<PeerResult> => JSON.parse(await readFile(join(folder, name), 'utf8'))),
  );
  const docs = join(root, 'docs');
  const page = join(docs, 'performance.md');
  await writeFile(page, withPeers(await readFile(page, 'utf8'), results));
  for (const group of sideBySide(results)) await writeFile(join(docs, chartName(group)), peerChart(group));
  say(`Written to ${page}.`);
}
