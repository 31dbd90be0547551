/** `kernels`: each kernel alone, at the model's shapes, against the measured roof. */
import { type KernelTime, kernelCases, measureKernel, shareOfRoof } from '../bench/kernel_cases';
import { measureRoofs } from '../bench/roofs';
import { type Command, parseOptions, say, UsageError } from './command';
import { jsonFile } from './json_file';
import { openNodeContext } from './node_context';

const HELP = `wanscope kernels: each kernel alone

Usage: wanscope kernels [OPTIONS]

  --filter NAME   only kernels whose name or shape contains this
  --json FILE     write what was measured

Each in every tuning on offer: rate, and share of the roof that our own loop reaches here: of matrix units where it
uses them, else of fp32; or of memory, where that is more.`;

const REPEATS = 5;

export const kernels: Command = {
  summary: 'time each kernel alone, against the measured roof',
  help: HELP,

  async run(args) {
    const { values, positionals } = parseOptions(args, {
      filter: { type: 'string', default: '' },
      json: { type: 'string' },
    });
    if (positionals.length > 0) throw new UsageError(`kernels takes no "${positionals[0]}".`);
    const writeJson = await jsonFile(values.json);
    const context = await openNodeContext();
    const { machine } = context.device;
    const roofs = await measureRoofs(context);
    const types = machine.tier === 'C' ? (['f32'] as const) : (['f32', 'f16'] as const);
    const times: KernelTime[] = [];
    for (const kernel of types.flatMap((activation) => kernelCases(context, activation))) {
      if (!`${kernel.kernel} ${kernel.title}`.includes(values.filter)) continue;
      const time = await measureKernel(context, kernel, REPEATS);
      times.push(time);
      const share = shareOfRoof(time, roofs);
      const ofRoof = share === null ? 'no roof of int8' : `${(share * 100).toFixed(0).padStart(4)} % of the roof`;
      say(
        `${time.kernel.padEnd(10)} ${time.title.padEnd(44)} ${(time.seconds * 1e3).toFixed(3).padStart(10)} ms ${(time.flopsPerSecond / 1e9).toFixed(1).padStart(9)} GFLOP/s ${(time.bytesPerSecond / 1e9).toFixed(1).padStart(7)} GB/s ${ofRoof.padStart(18)}  ${JSON.stringify(time.tuning)}`,
      );
    }
    await writeJson({ machine, roofs, kernels: times });
    return 0;
  },
};
