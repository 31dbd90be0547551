/** Runs golden files through the networks on this device and says how far the results are from them. */
import { nowMs } from '../core/clock';
import { deviation, INFINITELY_FAR } from '../core/deviation';
import { AppError } from '../core/errors';
import type { Emit } from '../core/events';
import type { CheckRow } from '../core/result';
import type { GpuContext } from '../gpu/context';
import type { ByteSource } from '../weights/byte_source';
import type { Checkpoint } from '../weights/checkpoint';
import { checkpointSource } from './checkpoint_source';
import { runPipeline, runTinyDecode, runVaeDecode, runVaeEncode } from './clip_stages';
import { type Golden, readGolden } from './golden';
import type { ComputeOptions, Residency } from './options';
import { readDitConfig, readTextConfig } from './read_config';
import { runScheduler } from './scheduler_stage';
import { runDit, runT5, type StageOutputs } from './stages';
import { synthSource } from './synth_source';
import type { WeightSource } from './weight_source';

export interface VerifyOptions {
  readonly activation: 'f32' | 'f16';
  readonly savings: boolean;
  /** 'int8' allows the transformer an error of 3e-2. */
  readonly products?: ComputeOptions['products'];
  /** Full-size networks are streamed and others resident, unless given. */
  readonly residency?: Residency | undefined;
  /** GPU memory that a stage may take, in bytes. */
  readonly memoryBytes?: number | undefined;
  readonly tileBytes?: number | undefined;
  /** Trained weights; without them the synthetic ones that golden files name. */
  readonly checkpoint?: Checkpoint | undefined;
  /** Instead of the files' own: quantised weights have errors of their own. */
  readonly tolerance?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the times of each run of the GPU. */
  readonly onRun?: ComputeOptions['onRun'];
}

export interface VerifyListeners {
  readonly emit?: Emit | undefined;
  readonly onRow?: ((row: CheckRow) => void) | undefined;
}

interface StageRun {
  readonly context: GpuContext;
  readonly source: WeightSource;
  readonly golden: Golden;
  readonly options: ComputeOptions;
}

/** Each stage of the golden files by its name there. */
const STAGES: Readonly<Record<string, (run: StageRun) => Promise<StageOutputs>>> = {
  t5: ({ context, source, golden: { config, inputs, file }, options }) =>
    runT5(context, source, readTextConfig(config, file), inputs, options),
  dit: ({ context, source, golden: { config, inputs, file }, options }) =>
    runDit(context, source, readDitConfig(config, file), inputs, options),
  'vae-decode': ({ context, source, golden: { config, inputs, file }, options }) =>
    runVaeDecode(context, source, config, inputs, options, file),
  'vae-encode': ({ context, source, golden: { config, inputs, file }, options }) =>
    runVaeEncode(context, source, config, inputs, options, file),
  'tiny-decode': ({ context, source, golden: { config, inputs, file }, options }) =>
    runTinyDecode(context, source, config, inputs, options, file),
  pipeline: ({ context, source, golden: { config, inputs, file }, options }) =>
    runPipeline(context, source, config, inputs, options, file),
  scheduler: ({ context, golden: { config, inputs, file } }) => runScheduler(context, config, inputs, file),
};

/** f16 arithmetic may be this far off (the golden files' README). */
const F16_TOLERANCE = 1e-2;
/** And what the transformer makes of weights and activations in 8 bits this far (docs/performance.md). */
const INT8_TOLERANCE = 3e-2;
const ROUNDED_STAGES: ReadonlySet<string> = new Set(['dit', 'pipeline']);

/** Several files, one after another. A file that cannot be read is a failed row. */
export async function verifyFiles(
  context: GpuContext,
  files: readonly ByteSource[],
  options: VerifyOptions,
  { emit, onRow }: VerifyListeners = {},
): Promise<CheckRow[]> {
  const began = nowMs();
  const rows: CheckRow[] = [];
  emit?.({ type: 'stage-begin', atMs: began, stage: 'verify', estimateSeconds: 0 });
  for (const [done, source] of files.entries()) {
    const secondsLeft = done === 0 ? 0 : ((nowMs() - began) / 1000 / done) * (files.length - done);
    emit?.({
      type: 'progress',
      atMs: nowMs(),
      stage: 'verify',
      done,
      total: files.length,
      detail: source.name,
      secondsLeft,
    });
    const more = await verifyFile(context, source, options);
    for (const row of more) onRow?.(row);
    rows.push(...more);
  }
  const now = nowMs();
  emit?.({ type: 'stage-end', atMs: now, stage: 'verify', seconds: (now - began) / 1000 });
  return rows;
}

async function verifyFile(context: GpuContext, source: ByteSource, options: VerifyOptions): Promise<CheckRow[]> {
  try {
    return await verifyGolden(context, await readGolden(source), options);
  } catch (failure) {
    return [failedRow(context, { file: source.name, stage: '', model: '' }, '-', 0, noteOf(failure))];
  }
}

/** A row for each output of the file. */
export async function verifyGolden(context: GpuContext, golden: Golden, options: VerifyOptions): Promise<CheckRow[]> {
  const tolerance = options.tolerance ?? toleranceOf(golden, options);
  const names = [...golden.outputs.keys()];
  const began = nowMs();
  const seconds = () => (nowMs() - began) / 1000;
  try {
    const outputs = await runStage(context, golden, options);
    const took = seconds();
    const rows = names.map((name): CheckRow => {
      const found = outputs.get(name);
      const far = found ? deviation(found, golden.outputs.get(name)!) : INFINITELY_FAR;
      const { file, stage, model } = golden;
      const pass = far.relL2 <= tolerance;
      return { file, stage, model, output: name, ...far, pass, seconds: took, adapter: adapterOf(context) };
    });
    if (rows.every(({ pass }) => pass)) return rows;
    const note = await firstDifference(context, golden, options, tolerance);
    return rows.map((row) => (row.pass ? row : { ...row, note }));
  } catch (failure) {
    const note = noteOf(failure);
    return names.map((name) => failedRow(context, golden, name, seconds(), note));
  }
}

function toleranceOf({ rtol, stage }: Golden, { activation, products }: VerifyOptions): number {
  const isRounded = products === 'int8' && ROUNDED_STAGES.has(stage);
  return Math.max(rtol, activation === 'f16' ? F16_TOLERANCE : 0, isRounded ? INT8_TOLERANCE : 0);
}

function runStage(
  context: GpuContext,
  golden: Golden,
  { activation, savings, products, residency, memoryBytes, tileBytes, checkpoint, signal, onRun }: VerifyOptions,
  tap?: ComputeOptions['tap'],
): Promise<StageOutputs> {
  const run = STAGES[golden.stage];
  if (!run) throw new AppError('input-invalid', `The stage ${golden.stage} is not built yet.`);
  const options: ComputeOptions = {
    activation,
    savings,
    products,
    residency: residency ?? (golden.model === 'full' ? 'stream' : 'resident'),
    memoryBytes,
    tileBytes,
    signal,
    tap,
    onRun,
  };
  return run({ context, source: sourceFor(context, golden, checkpoint), golden, options });
}

function sourceFor(context: GpuContext, golden: Golden, checkpoint: Checkpoint | undefined): WeightSource {
  if (checkpoint) return checkpointSource(context, checkpoint);
  if (golden.weights !== 'synth-v1')
    throw new AppError('weights-missing', `It was made with the weights "${golden.weights}": give their folder.`);
  const { stage, config, file } = golden;
  const text = stage === 't5' ? config : stage === 'pipeline' ? config.t5 : undefined;
  const { dim_attn: width, num_heads: heads } = text ? readTextConfig(text, file) : { dim_attn: 0, num_heads: 1 };
  return synthSource(context, { type: 'bf16', headDim: width / heads });
}

/** Where the numbers leave the published ones, in the order of the network. A second run: read-backs are slow. */
async function firstDifference(
  context: GpuContext,
  golden: Golden,
  options: VerifyOptions,
  tolerance: number,
): Promise<string> {
  if (golden.taps.size === 0) return 'The file has no values inside the network to compare.';
  let first: string | undefined;
  let compared = 0;
  await runStage(context, golden, options, (name, values) => {
    const expected = golden.taps.get(name);
    if (!expected || first) return;
    compared += 1;
    const { relL2 } = deviation(values, expected);
    if (!(relL2 <= tolerance)) first = `tap.${name} differs first, rel=${relL2.toExponential(2)}`;
  });
  return first ?? `The ${compared} of ${golden.taps.size} values inside that could be compared agree.`;
}

function failedRow(
  context: GpuContext,
  { file, stage, model }: Pick<Golden, 'file' | 'stage' | 'model'>,
  output: string,
  seconds: number,
  note: string,
): CheckRow {
  return { file, stage, model, output, ...INFINITELY_FAR, pass: false, seconds, adapter: adapterOf(context), note };
}

const adapterOf = ({ device }: GpuContext) => device.machine.adapter;

/** What stops one file. A cancel, or a device that is gone, stops all of them. */
function noteOf(failure: unknown): string {
  if (failure instanceof AppError && (failure.code === 'cancelled' || failure.code === 'device-lost')) throw failure;
  return failure instanceof Error ? failure.message : String(failure);
}
