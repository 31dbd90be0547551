/** Tells from the names of tensors alone which network they belong to and in which scheme they are written. */
import { type Naming, NETWORKS, type Network, namings, type Scheme, vaeStageBlocks } from './tensor_names';

/** What others put before the names; the longer of two that fit comes first. ComfyUI's, and those of common wrappers. */
const PREFIXES: readonly string[] = [
  'text_encoders.umt5xxl.transformer.',
  'model.diffusion_model.',
  'diffusion_model.',
  'first_stage_model.',
  'model.',
  'vae.',
  'net.',
];

/** The tensors of one network in one file. */
export interface NamedPart {
  readonly network: Network;
  readonly scheme: Scheme;
  /** Before each name in the file; mostly empty. */
  readonly prefix: string;
  /** The original names, by those in the file. */
  readonly originals: ReadonlyMap<string, string>;
}

/**
 * The networks in each of the files, given the names in each. Names that belong to none are left out.
 *
 * A few names mean different tensors in different schemes (`blocks.0.norm2.weight` is one of the text encoder
 * or, in Diffusers, one of the transformer), so a file's scheme is the one that explains most of its names;
 * where two explain as many, as in a shard with a single such name, the other files decide.
 */
export function recogniseNames(files: readonly Iterable<string>[]): NamedPart[][] {
  const groups = files.map((names) => byPrefix(names));
  const bare = groups.flatMap((group) => [...group].flatMap(([prefix, names]) => strip(prefix, names)));
  // Each name once: shards, and files that are alternatives, have most of theirs in common.
  const distinct = [...new Set(bare)];
  const known = namings(vaeStageBlocks(distinct)).map((naming) => ({ ...naming, originals: read(naming, distinct) }));
  const totals = known.map((naming) => explained(naming, bare));

  return groups.map((group) => [...group].flatMap(([prefix, names]) => parts(prefix, names)));

  function parts(prefix: string, names: readonly string[]): NamedPart[] {
    const here = strip(prefix, names);
    const ranked = known
      .map((naming, i) => ({ naming, count: explained(naming, here), total: totals[i]! }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || b.total - a.total);
    const best = NETWORKS.flatMap((network) => ranked.find(({ naming }) => naming.network === network) ?? []);
    const order = ranked.filter((candidate) => best.includes(candidate)).map(({ naming }) => naming);
    const found = new Map(order.map((naming) => [naming, new Map<string, string>()]));
    here.forEach((name, i) => {
      for (const [naming, originals] of found) {
        const original = naming.originals.get(name);
        if (original === undefined) continue;
        originals.set(names[i]!, original);
        break;
      }
    });
    return [...found].flatMap(([{ network, scheme }, originals]) =>
      originals.size > 0 ? { network, scheme, prefix, originals } : [],
    );
  }
}

function byPrefix(names: Iterable<string>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const prefix = PREFIXES.find((known) => name.startsWith(known)) ?? '';
    const group = groups.get(prefix);
    if (group) group.push(name);
    else groups.set(prefix, [name]);
  }
  return groups;
}

const strip = (prefix: string, names: readonly string[]) => names.map((name) => name.slice(prefix.length));

/** The original names, of those names that the naming has. */
function read({ toOriginal }: Naming, names: readonly string[]): ReadonlyMap<string, string> {
  const originals = new Map<string, string>();
  for (const name of names) {
    const original = toOriginal(name);
    if (original !== null) originals.set(name, original);
  }
  return originals;
}

const explained = ({ originals }: { readonly originals: ReadonlyMap<string, string> }, names: readonly string[]) =>
  names.reduce((count, name) => count + (originals.has(name) ? 1 : 0), 0);
