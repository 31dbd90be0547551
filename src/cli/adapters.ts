/** `adapters`: what this machine offers, and what of it the engine will use. */
import type { Machine } from '../core/result';
import { openDevice } from '../gpu/device';
import { type Command, parseOptions, say, UsageError } from './command';
import { dawnFlags, openGpu, RUNTIME } from './gpu';

const HELP = `wanscope adapters: list GPU adapters with their features, limits and tier

Usage: wanscope adapters [--json]

  --json   print an array of machines instead, as results hold them

The first is the one that all commands use.
Tier A has matrix units, tier B half precision and subgroups, tier C is plain WebGPU.`;

/** WebGPU lists no adapters; it gives one for each wish. */
const WISHES: readonly GPURequestAdapterOptions[] = [
  { powerPreference: 'high-performance' },
  { powerPreference: 'low-power' },
  { forceFallbackAdapter: true },
];

export const adapters: Command = {
  summary: 'list GPU adapters with their features, limits and tier',
  help: HELP,

  async run(args) {
    const { values, positionals } = parseOptions(args, { json: { type: 'boolean', default: false } });
    if (positionals.length > 0) throw new UsageError(`adapters takes no "${positionals[0]}".`);

    const machines = await findMachines();
    if (values.json) say(JSON.stringify(machines, null, 2));
    else {
      const flags = dawnFlags();
      say([...machines.map(describe), `Dawn       ${flags.join('\n           ') || 'as it is'}`].join('\n\n'));
    }
    return 0;
  },
};

async function findMachines(): Promise<Machine[]> {
  const gpu = await openGpu();
  const found = new Map<string, Machine>();
  for (const wish of WISHES) {
    const requestAdapter = () => gpu.requestAdapter(wish);
    // Only the first must exist; without it, openDevice says what is missing.
    if (found.size > 0 && !(await requestAdapter())) continue;
    const { machine } = await openDevice({ requestAdapter } as GPU, RUNTIME);
    const key = `${machine.adapter} ${machine.backend}`;
    if (!found.has(key)) found.set(key, machine);
  }
  return [...found.values()];
}

function describe(machine: Machine): string {
  const { adapter, vendor, architecture, driver, backend, tier, software, timestamps, features, limits } = machine;
  const rows: [string, string][] = [
    ['adapter', `${adapter}${software ? ' (software: a CPU does the work)' : ''}`],
    ['vendor', [vendor, architecture].filter(Boolean).join(', ')],
    ['driver', [driver, backend].filter(Boolean).join(', ')],
    ['tier', tier],
    ['timestamps', timestamps ? 'yes' : 'no'],
    ['features', features.join('\n           ')],
    [
      'limits',
      Object.entries(limits)
        .map(([name, value]) => `${name} ${value}`)
        .join('\n           '),
    ],
  ];
  return rows.flatMap(([name, value]) => (value ? [`${name.padEnd(10)} ${value}`] : [])).join('\n');
}
