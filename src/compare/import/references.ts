/** Files of runs in our own shape: the published ones that come with the page, and those that Compare writes. */
import * as v from 'valibot';
import type { Run, RunKey, RunStages } from '../../core/run';
import { evidence, figure, roofs } from '../result_schema';
import { amount, choice, flag, list, object, orNull, text } from '../schema_parts';
import { importer, isObject, isoDate, MOST_RUNS } from './importer';

const key = object<RunKey>({
  model: orNull(text),
  width: orNull(amount),
  height: orNull(amount),
  frames: orNull(amount),
  tokens: orNull(amount),
  steps: orNull(amount),
  guidance: orNull(flag),
  promptTokens: orNull(amount),
  batch: orNull(amount),
  activations: orNull(text),
  weights: orNull(text),
  attention: orNull(text),
  offload: orNull(
    choice<NonNullable<RunKey['offload']>>({
      resident: true,
      partial: true,
      stream: true,
      'one-block': true,
      'between-stages': true,
    }),
  ),
  textEncoderOn: orNull(choice<'gpu' | 'cpu'>({ gpu: true, cpu: true })),
  decoder: orNull(choice<'vae' | 'tiny'>({ vae: true, tiny: true })),
  gpus: orNull(amount),
});

const stages = object<RunStages>({
  init: orNull(figure),
  encode: orNull(figure),
  image: orNull(figure),
  step: orNull(figure),
  decode: orNull(figure),
  total: orNull(figure),
  wall: orNull(figure),
});

/** As the parser of addresses writes it: it reads past line breaks, which would end a line of a report. */
const link = v.pipe(
  text,
  v.url(),
  v.startsWith('https://'),
  v.transform((url) => new URL(url).href),
);

export const runSchema = object<Run>({
  id: text,
  origin: choice<Run['origin']>({ own: true, video: true, published: true, imported: true, server: true }),
  name: text,
  device: object<Run['device']>({ name: text, memoryBytes: orNull(amount), software: flag }),
  software: text,
  date: orNull(
    v.pipe(
      v.string(),
      v.maxLength(40),
      v.check((date) => isoDate(date) !== null, 'YYYY-MM-DD'),
    ),
  ),
  source: object<Run['source']>({ text, url: orNull(link) }),
  confidence: orNull(choice<NonNullable<Run['confidence']>>({ high: true, medium: true, low: true })),
  contended: flag,
  key,
  stages,
  projection: orNull(object<NonNullable<Run['projection']>>({ key, stages })),
  ...evidence,
  timingBoundary: orNull(text),
  peakMemoryBytes: orNull(amount),
  gpuBusy: orNull(amount),
  roofs: orNull(roofs),
  extra: v.record(v.string(), v.unknown()),
});

/** A report on as many Standard results as it can be on has 130,000, and is to be opened again. */
const MOST_REPORT_VALUES = 150_000;

const runsFile = (schema: 'wanscope-references' | 'wanscope-report', version: number) =>
  importer(
    schema,
    (json) => isObject(json) && json.schema === schema,
    v.looseObject({ schema: v.literal(schema), version: v.literal(version), runs: list(runSchema, MOST_RUNS) }),
    ({ runs }) => runs,
    MOST_REPORT_VALUES,
  );

export const references = runsFile('wanscope-references', 2);
/** Of which only the runs are read: all else in it follows from them. */
export const reports = runsFile('wanscope-report', 1);
