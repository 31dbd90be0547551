/** A statement of the source report beside what its raw runs say. */
export interface Claim {
  readonly id: string;
  readonly stated: Readonly<Record<string, unknown>>;
  readonly found: Readonly<Record<string, unknown>>;
  readonly verdict: 'confirmed' | 'partly' | 'not-supported' | 'unproven';
}

export const checkClaims = (_runs: readonly unknown[]): Claim[] => [];
