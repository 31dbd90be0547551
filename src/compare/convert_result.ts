/**
 * Results of version 1 as version 2 has them. What version 1 did not tell stays
 * untold: no matrix roof, no checks, cases or timeline. Its remarks were English
 * sentences; they stay in the file as `text`, and their values come from the
 * numbers they were made of.
 */
import { extent } from '../core/extent';
import { MOST } from './result_schema';

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
    remarks: remarksOf(old),
  };
}

/** With the values that were in their sentences. Of more than a result may have, none: the schema refuses them. */
function remarksOf(old: Json): unknown {
  const { remarks } = old;
  if (!Array.isArray(remarks) || remarks.length > MOST.remarks) return remarks;
  const values = valuesOf(old);
  return remarks.map((remark) => withValues(fieldsOf(remark), values));
}

const withBatch = (key: unknown): Json => ({ ...fieldsOf(key), batch: 1 });

type Values = Readonly<Record<string, Json>>;

/** By the remark's code. */
function valuesOf(result: Json): Values {
  const { adapter, limits } = fieldsOf(result.machine);
  const { samples } = fieldsOf(fieldsOf(result.stages).step);
  const steps: readonly unknown[] = Array.isArray(samples) ? samples : [];
  const times = steps.filter((each) => typeof each === 'number');
  const { min: shortestSeconds, max: longestSeconds } = extent(times);
  return {
    'software-adapter': { adapter },
    'default-limits': { bindingBytes: fieldsOf(limits).maxStorageBufferBindingSize },
    throttled: { firstSeconds: times.at(0), lastSeconds: times.at(-1) },
    contended: { shortestSeconds, longestSeconds },
  };
}

function withValues({ code, text, ...others }: Json, ofCodes: Values): Json {
  const kept = typeof text === 'string' ? { text } : {};
  const values =
    code === 'no-previews'
      ? { reason: text }
      : typeof code === 'string' && Object.hasOwn(ofCodes, code)
        ? ofCodes[code]
        : {};
  return { code, ...kept, ...others, values };
}

const fieldsOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
