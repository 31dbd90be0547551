/** What a report was made from, for programs: findings with their numbers, claims, and the runs, without what was private in them. */
import type { Run } from '../core/run';
import type { Report } from './report';

export const REPORT_SCHEMA = 'wanscope-report';

export function reportJson({ analysis: { runs, claims, findings } }: Report): string {
  const file = { schema: REPORT_SCHEMA, version: 1, findings, claims, runs: runs.map(shared) };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** A report is passed on: prompts stay behind, and of a server's answer, which may repeat them, all but the model's name. */
function shared(run: Run): Run {
  const { extra, origin } = run;
  if (origin !== 'server') return { ...run, extra: withoutPrompts(extra) as Run['extra'] };
  return { ...run, extra: typeof extra.model === 'string' ? { model: extra.model } : {} };
}

/** Of this page and of other programs: `prompt`, `negativePrompt`, `negative_prompt`, `prompts`. Counts of prompts stay. */
const PROMPT = /prompts?$/i;

function withoutPrompts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrompts);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name, each]) => typeof each === 'number' || !PROMPT.test(name));
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutPrompts(each)]));
}
