/** A run somebody else measured and published: the rows a result is set beside. */
import type { ComparisonKey, StageFigures } from '../core/result';

export interface ReferenceSource {
  /** 'owner/name', the commit the file was read at, and the file's path there. */
  readonly repository: string;
  readonly commit: string;
  readonly path: string;
}

export interface ReferenceRow {
  readonly id: string;
  readonly kind: 'published';
  /** The card as its driver names it. */
  readonly card: string;
  readonly cardMemoryBytes: number;
  /** The publisher's own name for the case. It may be wrong: the "480p" case ran at 1280×704. */
  readonly caseName: string;
  /** ISO 8601 without a zone: the publisher's clock. */
  readonly date: string;
  readonly software: string;
  readonly source: ReferenceSource;
  /** In the numbers themselves, not in how well they compare. */
  readonly confidence: 'high' | 'medium' | 'low';
  /** The card was shared with another job while this ran. */
  readonly contended: boolean;
  readonly key: ComparisonKey;
  readonly settings: ReferenceSettings;
  readonly stages: StageFigures;
  /** Init, stages and everything between them, as the publisher's clock saw it. */
  readonly wallSeconds: number;
  readonly peakMemoryBytes: number;
}

export interface ReferenceSettings {
  readonly solver: string;
  readonly guidanceScale: number;
  readonly shift: number;
  readonly seed: number;
  /** Whole networks leave the GPU between stages. During the steps the transformer is resident either way. */
  readonly offloadBetweenStages: boolean;
  readonly textEncoderOnCpu: boolean;
}

export interface ReferenceFile {
  readonly schema: 'wanscope-references';
  readonly version: 1;
  readonly rows: readonly ReferenceRow[];
}

/** 'NVIDIA RTX PRO 6000 Blackwell Server Edition' → 'RTX PRO 6000 Blackwell'. */
export function cardName(card: string): string {
  return card.replace(/^NVIDIA (GeForce )?/, '').replace(/ (Server|Workstation) Edition$/, '');
}

/**
 * One row a card to put in a sentence: not contended, the most steps, then the latest.
 * The rest stay in the table.
 */
export function representatives(rows: readonly ReferenceRow[]): ReferenceRow[] {
  const best = new Map<string, ReferenceRow>();
  for (const row of rows) {
    if (row.contended) continue;
    const held = best.get(row.card);
    const better =
      !held || row.key.steps > held.key.steps || (row.key.steps === held.key.steps && row.date > held.date);
    if (better) best.set(row.card, row);
  }
  return [...best.values()].sort((a, b) => b.stages.step.seconds - a.stages.step.seconds);
}
