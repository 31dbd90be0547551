/** What a card can do by its data sheet, and what others measured of it: for roofs drawn dashed, and shares of a peak. */

/** Dense, accumulated in f32: half of what is printed for sparse matrices, and on GeForce half of that again. */
export interface Card {
  readonly name: string;
  readonly vendor: 'nvidia' | 'amd' | 'apple';
  readonly memoryBytes: number;
  readonly bytesPerSecond: number;
  readonly bf16FlopsPerSecond: number | null;
  /** Where the sheet could not be read: what it is at most. A share of it is then at least so much. */
  readonly bf16AtMostFlopsPerSecond: number | null;
  readonly tf32FlopsPerSecond: number | null;
  readonly fp8FlopsPerSecond: number | null;
  /** Without matrix units, all that WGSL reaches as a rule. */
  readonly fp32FlopsPerSecond: number | null;
  readonly watts: number | null;
  /** By large matrix products in PyTorch. */
  readonly measured: {
    readonly bf16FlopsPerSecond: number | null;
    readonly fp16FlopsPerSecond: number | null;
    readonly tf32FlopsPerSecond: number | null;
    readonly fp32FlopsPerSecond: number | null;
    readonly source: string;
    readonly note: string;
  } | null;
  readonly note: string;
  readonly source: string;
  readonly confidence: 'high' | 'medium' | 'low';
  /** Names that adapters give it, as `plainName` writes them. */
  readonly names: readonly string[];
}

export interface CardFile {
  readonly schema: 'wanscope-cards';
  readonly version: 1;
  readonly cards: readonly Card[];
}

/**
 * The card that an adapter names, or null: a laptop's or a larger sister's name begins alike ('RTX 4070 Laptop GPU',
 * 'RTX 4070 SUPER'), and a browser may tell no more than the generation ('nvidia lovelace').
 */
export function cardOf(adapter: string, cards: readonly Card[]): Card | null {
  const name = plainName(adapter);
  return cards.find(({ names }) => names.includes(name)) ?? null;
}

/** 'NVIDIA GeForce RTX 4070 (NVK AD104)' → 'rtx 4070': no maker, no family, no memory, nothing in brackets. */
export function plainName(adapter: string): string {
  return adapter
    .toLowerCase()
    .replace(/\([^()]*\)/g, ' ')
    .replace(/[-_,]/g, ' ')
    .replace(/\b(nvidia|geforce|amd|radeon|instinct|apple|graphics|gpu|edition|\d+ ?gb|hbm\de?|sxm\d?)\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** 'NVIDIA RTX PRO 6000 Blackwell Server Edition' → 'RTX PRO 6000 Blackwell'. */
export function cardName(card: string): string {
  return card.replace(/^NVIDIA (GeForce )?/, '').replace(/ (Server|Workstation) Edition$/, '');
}
