/** The page's way to servers. */
import type { ClipSettings } from '../core/clip';
import { generateOn, wishOf } from '../servers/generate_on';
import { type Probed, probe } from '../servers/probe';
import {
  type Server,
  type ServerKind,
  type ServerRun,
  type ServerRunOptions,
  type ServerWish,
  serverUrl,
} from '../servers/server';

export interface Errand {
  readonly address: string;
  /** Null: to be found out. */
  readonly kind: ServerKind | null;
  readonly token: string;
  readonly card: string;
  readonly settings: ClipSettings;
  readonly more: Pick<ServerWish, 'framesPerSecond' | 'steps' | 'hasImage'>;
  readonly onFound: (found: Probed) => void;
}

/** Throws input-invalid for settings or an address that cannot be, and what `probe` and `generateOn` throw. */
export async function runErrand(errand: Errand, options: ServerRunOptions): Promise<ServerRun> {
  const { address, token, card, settings, more, onFound } = errand;
  const wish = wishOf(settings, more);
  const server: Omit<Server, 'kind'> = {
    url: serverUrl(address),
    token: token.trim() || null,
    card: card.trim() || null,
  };
  const kind = errand.kind ?? (await find());
  return generateOn({ ...server, kind }, wish, options);

  async function find(): Promise<ServerKind> {
    const found = await probe(server, options);
    onFound(found);
    return found.kind;
  }
}
