/**
 * Results of version 1 as version 2 has them. What version 1 did not tell stays
 * untold: no matrix roof, no checks, cases or timeline. Its remarks were English
 * sentences; they stay in the file as `text`, and their values come from the
 * numbers they were made of.
 */
import { extent } from '../core/extent';

type Json = Readonly<Record<string, unknown>>;

/** Of anything; what is missing or wrong in it is found by the schema of version 2. */
export function convertFromVersion1(old: Json): Json {
  const projection = fieldsOf(old.projection);
  return {
    ...old,
    version: 2,
    name: '',
    roofs: { ...fieldsOf(old.roofs), matrixFlopsPerSecond: null },
    key: withBatch(old.key),
    projection: { ...projection, key: withBatch(projection.key) },
    checks: [],
    cases: [],
    timeline: [],
    memory: { limitBytes: null, samples: [] },
    remarks: Array.isArray(old.remarks) ? old.remarks.map((remark) => withValues(fieldsOf(remark), old)) : old.remarks,
  };
}

const withBatch = (key: unknown): Json => ({ ...fieldsOf(key), batch: 1 });

function withValues(remark: Json, result: Json): Json {
  const { adapter, limits } = fieldsOf(result.machine);
  const { samples } = fieldsOf(fieldsOf(result.stages).step);
  const steps: readonly unknown[] = Array.isArray(samples) ? samples : [];
  const times = steps.filter((each) => typeof each === 'number');
  const { min: shortestSeconds, max: longestSeconds } = extent(times);
  const values: Record<string, Json> = {
    'software-adapter': { adapter },
    'default-limits': { bindingBytes: fieldsOf(limits).maxStorageBufferBindingSize },
    throttled: { firstSeconds: times.at(0), lastSeconds: times.at(-1) },
    contended: { shortestSeconds, longestSeconds },
    'no-previews': { reason: remark.text },
  };
  const { code, text, ...others } = remark;
  const kept = typeof text === 'string' ? { text } : {};
  return {
    code,
    ...kept,
    ...others,
    values: typeof code === 'string' && Object.hasOwn(values, code) ? values[code] : {},
  };
}

const fieldsOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
