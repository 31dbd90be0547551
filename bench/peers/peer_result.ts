/** What a run of `peers` on one adapter gave, as it is kept in docs/results/. */
import type { Machine, Roofs } from '../../src/core/result';
import type { EngineName } from './engine';
import type { PeerTimes } from './measure';

export interface PeerResult {
  readonly format: 'wanscope-peers/1';
  /** As --adapter names it. */
  readonly adapter: string;
  readonly commit: string;
  /** YYYY-MM-DD */
  readonly date: string;
  readonly rounds: number;
  /** Processes that wanted a core in the minute before: others beside it widen the whiskers. */
  readonly load: number;
  readonly versions: Readonly<Partial<Record<EngineName, string>>>;
  readonly machine: Machine;
  readonly roofs: Roofs;
  readonly cases: readonly PeerTimes[];
}

export const PEERS = ['ort', 'tfjs', 'naive'] as const;

export const PEER_NAMES: Readonly<Record<(typeof PEERS)[number], string>> = {
  ort: 'ORT',
  tfjs: 'tfjs',
  naive: 'naive',
};

/** The shapes of all results, in order, each once. */
export function titlesOf(results: readonly PeerResult[]): string[] {
  return [...new Set(results.flatMap(({ cases }) => cases.map(({ title }) => title)))];
}

/** Results of the same shapes, to be shown beside each other: software adapters together, each GPU by itself. */
export function sideBySide(results: readonly PeerResult[]): PeerResult[][] {
  const software = results.filter(({ machine }) => machine.software);
  const gpus = results.filter(({ machine }) => !machine.software).map((result) => [result]);
  return [...(software.length > 0 ? [software] : []), ...gpus];
}
