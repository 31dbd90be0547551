/** What it cost to keep weights out of GPU memory, as the Weights view and `bench --offload` save it: a case of one clip. */

import * as v from 'valibot';
import { weightsName } from '../../core/products';
import type { CaseResult, Offload } from '../../core/result';
import { WAN22 } from '../../core/wan22_name';
import { figure, machine } from '../result_schema';
import { runOfMachine } from '../run_of';
import { amount, orNull, text, time } from '../schema_parts';
import { UNKNOWN_KEY, UNKNOWN_STAGES } from '../unknown_run';
import { importer, isObject } from './importer';

const streamingResult = v.looseObject({
  schema: v.literal('wanscope-streaming'),
  version: v.literal(1),
  createdAt: time,
  engineVersion: text,
  machine,
  preset: v.pipe(v.string(), v.regex(/^\d{1,5}x\d{1,5}x\d{1,4}$/)),
  tokens: amount,
  activations: text,
  weights: text,
  residency: v.picklist(['resident', 'partial', 'stream']),
  memoryBytes: orNull(amount),
  residentBytes: amount,
  streamedBytes: amount,
  peakGpuBytes: amount,
  step: figure,
  brought: orNull(v.looseObject({ bytes: amount, exposedSeconds: amount, hiddenSeconds: amount })),
  loadSeconds: amount,
});

/** The file does not say: src/bench/guided_steps.ts takes the benchmark's two prompts. */
const PROMPT_TOKENS = 160;

type StreamingFile = v.InferOutput<typeof streamingResult>;

/** What came of it: of what was to be streamed all may have stayed, within the memory allowed. */
function offloadOf({ residentBytes, streamedBytes }: StreamingFile): Offload {
  if (streamedBytes === 0) return 'resident';
  return residentBytes > 0 ? 'partial' : 'stream';
}

/** Made-up weights as results name them (the label is src/pipeline/memory_source.ts's); of a checkpoint only its files are told. */
function typesOf(label: string): string {
  const [, type, rounded] = /^synthetic (\w+) from memory(, linear layers as q8_0)?$/.exec(label) ?? [];
  return type ? weightsName(type, rounded ? 'int8' : 'exact') : label;
}

export const streaming = importer(
  'wanscope-streaming',
  (json) => isObject(json) && json.schema === 'wanscope-streaming',
  streamingResult,
  (file, from) => {
    const { preset, tokens, activations, memoryBytes, peakGpuBytes, step, brought } = file;
    const [width = 0, height = 0, frames = 0] = preset.split('x').map(Number);
    const shared = {
      width,
      height,
      frames,
      tokens,
      guidance: true,
      batch: 1,
      promptTokens: PROMPT_TOKENS,
      activations,
      weights: typesOf(file.weights),
      offload: offloadOf(file),
    };
    // The transformer alone ran, so there is no whole whose steps could be counted.
    const ran: CaseResult = {
      key: { ...shared, preset, steps: 1, attention: '' },
      memoryBytes,
      step,
      peakGpuBytes,
      streamedBytesPerStep: brought?.bytes ?? 0,
      exposedSeconds: brought?.exposedSeconds ?? 0,
      hiddenSeconds: brought?.hiddenSeconds ?? 0,
      failure: null,
    };
    return [
      {
        ...runOfMachine(file),
        id: from.id,
        origin: 'own',
        name: from.name,
        key: { ...UNKNOWN_KEY, ...shared, model: WAN22, gpus: 1 },
        stages: { ...UNKNOWN_STAGES, init: { kind: 'measured', seconds: file.loadSeconds, samples: [] }, step },
        peakMemoryBytes: peakGpuBytes,
        cases: [ran],
        memory: { limitBytes: memoryBytes, samples: [] },
        extra: { residentBytes: file.residentBytes, streamedBytes: file.streamedBytes, brought },
      },
    ];
  },
);
