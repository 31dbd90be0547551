/** `inspect`: what a checkpoint holds, told from its headers; no weight is read and no GPU needed. */
import { isDeepStrictEqual } from 'node:util';
import { expectedTensors, inferSizes, type Sizes, WAN22_SIZES } from '../pipeline/expected_tensors';
import {
  type Inspection,
  inspect as inspectCheckpoint,
  type LoraInspection,
  type NetworkInspection,
  type TypeCount,
} from '../weights/inspection';
import type { LoraDialect } from '../weights/lora_names';
import type { Network } from '../weights/tensor_names';
import { type Command, parseOptions, say, UsageError } from './command';
import { openCheckpoint } from './open_checkpoint';

const HELP = `wanscope inspect: what a checkpoint or a LoRA holds

Usage: wanscope inspect PATH|URL [--json]

  --json   print an object instead of lines, with all names

PATH is a file (safetensors, GGUF, .pth), an index of shards, or a folder with one file or
set of shards for each network. Reads headers only. Tensors are named as in the original checkpoints.`;

const NAMES: Readonly<Record<Network, string>> = {
  text: 'text encoder',
  dit: 'transformer',
  vae: 'VAE',
  tiny: 'tiny decoder',
};
/** So many names fit a line or two; --json gives all. */
const NAMES_SHOWN = 4;

export const inspect: Command = {
  summary: 'tell what a checkpoint holds, and what it lacks',
  help: HELP,

  async run(args) {
    const { values, positionals } = parseOptions(args, { json: { type: 'boolean', default: false } });
    const [location, more] = positionals;
    if (location === undefined || more !== undefined) throw new UsageError('inspect needs one path or address.');
    const checkpoint = await openCheckpoint(location);
    const sizes = inferSizes(checkpoint);
    const inspection = inspectCheckpoint(checkpoint, expectedTensors(sizes));
    if (values.json) {
      const networks = inspection.networks.map((network) => ({
        ...network,
        published: isPublished(sizes, network.network),
        sizes: sizesOf(sizes, network.network),
      }));
      say(JSON.stringify({ ...inspection, networks }, null, 2));
    } else say(describe(inspection, sizes));
    return 0;
  },
};

/** Sizes that no shape tells: not to be shown as if they had been found. */
const UNTOLD: readonly string[] = ['num_heads of dit', 'text_len of dit', 'eps of dit', 'max_distance of text'];

const sizesOf = (sizes: Sizes, network: Network) =>
  Object.fromEntries(Object.entries(sizes[network]).filter(([size]) => !UNTOLD.includes(`${size} of ${network}`)));

const isPublished = (sizes: Sizes, network: Network) => isDeepStrictEqual(sizes[network], WAN22_SIZES[network]);

function describe({ networks, lora, tokenizer, others, fileBytes, label }: Inspection, sizes: Sizes): string {
  const rest: Row[] = [
    ['files', inUnits(fileBytes, 'B')],
    ['tokenizer', tokenizer && `in ${tokenizer}`],
    [
      'others',
      others.length > 0 &&
        some(
          others.map(({ name }) => name),
          'tensors of no known network',
        ),
    ],
  ];
  if (networks.length === 0 && !lora) return `${label}: none of the networks of Wan2.2 TI2V-5B.\n${table(rest)}`;
  return [
    ...networks.map((network) => describeNetwork(network, sizes)),
    ...(lora ? [describeLora(lora)] : []),
    table(rest),
  ].join('\n\n');
}

const DIALECTS: Readonly<Record<LoraDialect, string>> = {
  original: 'original names, as ComfyUI and lightx2v write them',
  diffusers: 'diffusers names',
  kohya: 'kohya names',
};

function describeLora({
  dialect,
  layers,
  ranks,
  differences,
  bytes,
  types,
  textEncoder,
  unknown,
  trouble,
}: LoraInspection): string {
  return [
    `LoRA for the transformer: ${layers} layers${layers > 0 ? ` of rank ${ranks.join(', ')}` : ''}, ${inUnits(bytes, 'B')}`,
    table([
      ['names', DIALECTS[dialect]],
      ...types.map(typeRow),
      ['adds', differences > 0 && `to ${differences} tensors themselves`],
      ['not used', textEncoder.length > 0 && some(textEncoder, 'tensors for the text encoder')],
      ['unknown', unknown.length > 0 && some(unknown)],
      ['fits', trouble === null && 'the transformer of these sizes'],
      ['trouble', trouble],
    ]),
  ].join('\n');
}

function describeNetwork(inspected: NetworkInspection, sizes: Sizes): string {
  const { network, files, tensors, parameters, bytes, types, scaled, missing, unexpected, differing } = inspected;
  const complete = missing.length === 0 && differing.length === 0;
  return [
    `${NAMES[network]}: ${inUnits(parameters, 'parameters')} in ${tensors} tensors, ${inUnits(bytes, 'B')}`,
    table([
      ...files.map(
        ({ name, format, scheme, prefix }): Row => [
          'file',
          `${name} (${format}, ${scheme} names${prefix && ` behind ${prefix}`})`,
        ],
      ),
      ...types.map(typeRow),
      ['scales', scaled > 0 && `${scaled} tensors`],
      [
        'model',
        isPublished(sizes, network) ? 'of the sizes of Wan2.2 TI2V-5B' : `of other sizes: ${sizeWords(sizes, network)}`,
      ],
      ['complete', complete && 'all tensors that the network asks for'],
      ['missing', missing.length > 0 && some(missing)],
      [
        'differing',
        differing.length > 0 &&
          some(
            differing.map(
              ({ name, shape, expected }) => `${name} [${shape.join(', ')}], expected [${expected.join(', ')}]`,
            ),
          ),
      ],
      ['unexpected', unexpected.length > 0 && some(unexpected)],
    ]),
  ].join('\n');
}

const sizeWords = (sizes: Sizes, network: Network) =>
  Object.entries(sizesOf(sizes, network))
    .map(([size, value]) => `${size} ${Array.isArray(value) ? `[${value.join(', ')}]` : value}`)
    .join(', ');

type Row = readonly [name: string, value: string | false | null];

const typeRow = ({ dtype, type, tensors, bytes }: TypeCount): Row => [
  'type',
  `${dtype.padEnd(8)} ${String(tensors).padStart(4)} tensors, ${inUnits(bytes, 'B')}${type ? '' : ', which no kernel decodes'}`,
];

const table = (rows: readonly Row[]) =>
  rows.flatMap(([name, value]) => (value ? [`  ${name.padEnd(10)} ${value}`] : [])).join('\n');

function some(names: readonly string[], what = 'tensors'): string {
  const more = names.length - NAMES_SHOWN;
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  return `${names.length} ${what}: ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Decimal, three figures: '10.0 GB', '5.00 G parameters'. */
function inUnits(value: number, unit: string): string {
  const power = value < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(value) / 3));
  const figures = power === 0 ? String(value) : (value / 1000 ** power).toPrecision(3);
  const prefix = ['', 'k', 'M', 'G', 'T'][power]!;
  return unit === 'B' ? `${figures} ${prefix}B` : `${figures}${prefix && ` ${prefix}`} ${unit}`;
}
