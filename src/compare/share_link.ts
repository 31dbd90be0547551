/**
 * A whole result in a link: `…#compare?r=2.<base64url(deflate-raw(compact JSON))>`.
 * The part after `#` is never sent to a server. What comes out of a link is a
 * stranger's: its length is checked before anything, it is unpacked up to a
 * bound, and then read as a file is.
 */
import { AppError } from '../core/errors';
import type { BenchmarkResult } from '../core/result';
import { compact, expand, type Json } from './compact_json';
import { DICTIONARY } from './link_dictionary';
import { type ReadResult, readResultJson, refuse } from './read_result';

/** Of the whole link. Mail and chat programs cut longer ones. */
export const LINK_CHARACTERS = 8192;
/** The compact JSON of the largest result that fits a link has a tenth of this. */
export const UNPACKED_BYTES = 128 * 2 ** 10;
/** Of how a link is packed. */
const VERSION = 2;

/**
 * Where the whole does not fit, the timeline and the memory's course stay out, and a remark in the linked result says so.
 * Throws input-invalid where it does not fit without them either.
 *
 * @param pageUrl the page's address; what follows its `?` or `#` is left out: hosts put tokens there
 */
export async function linkOf(result: BenchmarkResult, pageUrl: string): Promise<string> {
  const link = async (each: BenchmarkResult) =>
    `${pageUrl.split(/[?#]/, 1)[0]}#compare?r=${VERSION}.${await pack(each)}`;
  const whole = await link(result);
  if (whole.length <= LINK_CHARACTERS) return whole;
  const shorter = await link(shortened(result));
  if (shorter.length <= LINK_CHARACTERS) return shorter;
  throw new AppError(
    'input-invalid',
    `This result takes a link of ${shorter.length} characters even without its timeline, and a link has at most ${LINK_CHARACTERS}. Save it as a file instead.`,
  );
}

function shortened(result: BenchmarkResult): BenchmarkResult {
  const { timeline, memory, remarks } = result;
  const values = { spans: timeline.length, memorySamples: memory.samples.length };
  return {
    ...result,
    timeline: [],
    memory: { ...memory, samples: [] },
    remarks: [...remarks, { code: 'shortened', values }],
  };
}

/** Is there a result in this address? `fragment` begins with `#` or without. */
export const holdsLink = (fragment: string): boolean => /^#?compare\?(.*&)?r=/.test(fragment);

/** @param fragment what `location.hash` says; any text at all is safe */
export async function readLink(fragment: string): Promise<ReadResult> {
  if (fragment.length > LINK_CHARACTERS)
    return refuse({ reason: 'link-too-long', characters: fragment.length, limit: LINK_CHARACTERS });
  const [, version, packed] = /[?&]r=(\d{1,4})\.([\w-]+)$/.exec(fragment) ?? [];
  if (version === undefined || packed === undefined) return refuse({ reason: 'link-damaged' });
  if (Number(version) !== VERSION) return refuse({ reason: 'other-version', found: version, known: VERSION });
  let json: Json;
  try {
    const unpacked = await unpack(packed);
    if (unpacked === null) return refuse({ reason: 'link-unpacks', limitBytes: UNPACKED_BYTES });
    json = expand(JSON.parse(unpacked), DICTIONARY);
  } catch {
    return refuse({ reason: 'link-damaged' });
  }
  return readResultJson(json);
}

async function pack(result: BenchmarkResult): Promise<string> {
  const json: Json = JSON.parse(JSON.stringify(result));
  const packed = new Blob([JSON.stringify(compact(json, DICTIONARY))])
    .stream()
    .pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');
}

/** Null where it is more than UNPACKED_BYTES; no more than that and a chunk is ever in memory. Throws where it is no such text. */
async function unpack(packed: string): Promise<string | null> {
  const bytes = Uint8Array.from(atob(packed.replace(/-/g, '+').replace(/_/g, '/')), (each) => each.charCodeAt(0));
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > UNPACKED_BYTES) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}
