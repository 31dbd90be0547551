/** What a report was made from, for programs: findings with their numbers, claims, and the runs as they are. */
import type { Report } from './report';

export const REPORT_SCHEMA = 'wanscope-report';

export function reportJson({ analysis: { runs, claims, findings } }: Report): string {
  return `${JSON.stringify({ schema: REPORT_SCHEMA, version: 1, findings, claims, runs }, null, 2)}\n`;
}
