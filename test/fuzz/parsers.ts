/**
 * Every reader of what strangers write: what it is called, which good inputs the damaged ones are made from, and which errors
 * are an answer. `npm run test:fuzz` runs them for a time each, `found.unit.test.ts` a little.
 */
import { presetOf } from '../../src/bench/presets';
import { byteOption, oneOf, UsageError } from '../../src/cli/command';
import { readJson } from '../../src/cli/open_model';
import { pictureOf } from '../../src/cli/read_picture';
import { checkClaims } from '../../src/compare/claims';
import { importRuns } from '../../src/compare/import_runs';
import { MOST_REPORTED, reportOf } from '../../src/compare/report';
import { reportCsv } from '../../src/compare/report_csv';
import { reportHtml } from '../../src/compare/report_html';
import { reportJson } from '../../src/compare/report_json';
import { reportMarkdown } from '../../src/compare/report_markdown';
import { readLink } from '../../src/compare/share_link';
import { clipProblems } from '../../src/core/clip';
import { CLIP_OPTIONS, readClipLine, readSize } from '../../src/core/clip_line';
import { AppError, type ErrorCode } from '../../src/core/errors';
import { readDescription } from '../../src/generate/model_description';
import { readUnfinished } from '../../src/generate/unfinished';
import { expectedTensors, inferSizes } from '../../src/pipeline/expected_tensors';
import { serverUrl } from '../../src/servers/server';
import { findTokenizer } from '../../src/text/find_tokenizer';
import { encodePrompt, openTokenizer, type Tokenizer } from '../../src/text/tokenizer';
import { readTableText } from '../../src/tuning/table';
import { parseAddress } from '../../src/weights/address';
import { joinFiles, openTensorFile } from '../../src/weights/checkpoint';
import { inspect } from '../../src/weights/inspection';
import { decodeRecord } from '../../src/weights/model_record';
import { readShardIndex } from '../../src/weights/shard_index';
import { cards, published } from '../compare/report_runs';
import { demoFile } from '../support/demo_tokenizer';
import { sparseSource } from '../support/sparse_source';
import { allFinite } from './judge';
import type { Make } from './mutate';
import { fileOf, linesOf, SEEDS } from './seeds';
import * as answers from './server_answers';

export interface Parser {
  readonly name: string;
  /** Ways to make an input; each is as likely. */
  makers(): Promise<readonly Make[]>;
  /** Whether it was taken; `Error` where something came of it that must not. */
  parse(input: Uint8Array): Promise<boolean> | boolean;
  /** What may be thrown, besides nothing. */
  readonly codes: readonly ErrorCode[];
  /** In `npm test`, where two hundred would take too long. */
  readonly inputs?: number;
}

const FILE = ['file-invalid'] as const;
/** The second: a charsmap may make too much of a text. */
const TOKENIZER = ['file-invalid', 'input-invalid'] as const;
const textOf = (input: Uint8Array) => new TextDecoder().decode(input);

/** The tensors, the networks and the LoRA of a file, as `wanscope inspect` tells of them. */
async function inspects(input: Uint8Array): Promise<boolean> {
  const { start, fileBytes } = fileOf(input);
  const file = await openTensorFile(sparseSource('damaged', start, fileBytes));
  for (const { beginByte, endByte, shape } of file.tensors.values()) {
    if (!(beginByte >= 0 && beginByte <= endByte && endByte <= fileBytes)) throw new Error('a tensor outside its file');
    if (!Number.isInteger(beginByte)) throw new Error(`a tensor that begins at byte ${beginByte}`);
    if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) throw new Error(`a shape of [${shape}]`);
  }
  const checkpoint = joinFiles([file]);
  inspect(checkpoint, expectedTensors(inferSizes(checkpoint)));
  return true;
}

const TEXTS = ['a red circle', 'e\u0301 ½ 🦙 </s> ﷺ\u0000\ud800 &amp;', 'a'.repeat(2000)];

function encodes(tokenizer: Tokenizer): boolean {
  const count = tokenizer.vocabulary.pieces.length;
  for (const text of TEXTS)
    for (const mode of ['fast', 'sentencepiece'] as const) {
      const { ids } = tokenizer.encode(text, { mode });
      if (!ids.every((id) => Number.isSafeInteger(id) && id >= 0 && id < count)) throw new Error(`ids ${ids}`);
    }
  return true;
}

const demo = openTokenizer(demoFile('tokenizer.json'), 'tokenizer.json');

/** Runs whose figures could be drawn. What a file had beside them stays as it was. */
function imports(input: Uint8Array): boolean {
  const read = importRuns(textOf(input), { name: 'file.json', url: null });
  for (const { extra: _, ...run } of read.ok ? read.runs : []) allFinite(run);
  return read.ok;
}

/** The report on the runs that were imported, or the first of them, beside a published one. */
function reports(input: Uint8Array): boolean {
  const read = importRuns(textOf(input), { name: 'file.json', url: null });
  if (!read.ok) return false;
  const runs = [...published.slice(0, 1), ...read.runs].slice(0, MOST_REPORTED);
  const claims = checkClaims(runs, cards);
  for (const language of ['en', 'zh'] as const) {
    const report = reportOf(runs, { language, cards, claims });
    // CSV and JSON are of no language.
    for (const write of language === 'en'
      ? [reportHtml, reportMarkdown, reportCsv, reportJson]
      : [reportHtml, reportMarkdown]) {
      const text = write(report);
      const at = text.search(/\bNaN\b|\bInfinity\b|\bundefined\b|\[object /);
      if (at >= 0) throw new Error(`a report says: ${text.slice(Math.max(0, at - 60), at + 50)}`);
    }
  }
  return true;
}

function takesWords(input: Uint8Array): boolean {
  const [line = '', ...others] = textOf(input).split('\n');
  const readers: readonly ((word: string) => unknown)[] = [
    readSize,
    presetOf,
    (word) => allFinite(byteOption('memory', word)),
    (word) => oneOf('solver', word, CLIP_OPTIONS),
    serverUrl,
    parseAddress,
  ];
  for (const word of others)
    for (const read of readers) {
      try {
        read(word);
      } catch (failure) {
        if (!(failure instanceof AppError || failure instanceof UsageError)) throw failure;
      }
    }
  const settings = readClipLine(line);
  clipProblems({ ...SEEDS.settings, ...settings });
  return true;
}

const importer = (name: string, makers: Parser['makers']): Parser => ({ name, makers, parse: imports, codes: [] });

export const PARSERS: readonly Parser[] = [
  { name: 'safetensors', makers: SEEDS.safetensors, parse: inspects, codes: FILE },
  { name: 'gguf', makers: SEEDS.gguf, parse: inspects, codes: FILE },
  { name: 'pth', makers: SEEDS.pth, parse: inspects, codes: FILE },
  { name: 'lora', makers: SEEDS.lora, parse: inspects, codes: FILE },
  {
    name: 'shard-index',
    makers: SEEDS.shardIndex,
    async parse(input) {
      const index = await readShardIndex(sparseSource('m.safetensors.index.json', input, input.length));
      return index.shards.length > 0;
    },
    codes: FILE,
  },
  {
    name: 'tokenizer-json',
    makers: SEEDS.tokenizerJson,
    parse: (input) => encodes(openTokenizer(input, 'tokenizer.json')),
    codes: TOKENIZER,
  },
  {
    name: 'sentencepiece',
    makers: SEEDS.sentencePiece,
    parse: (input) => encodes(openTokenizer(input, 'spiece.model')),
    codes: TOKENIZER,
    inputs: 50,
  },
  {
    name: 'gguf-tokenizer',
    makers: SEEDS.ggufTokenizer,
    async parse(input) {
      const file = await openTensorFile(sparseSource('damaged.gguf', input, input.length));
      return encodes(await findTokenizer(joinFiles([file]), []));
    },
    codes: [...TOKENIZER, 'weights-missing'],
  },
  {
    name: 'prompt',
    makers: SEEDS.prompts,
    parse(input) {
      // As bytes that are read as UTF-8, and as units of UTF-16, whose halves may come alone.
      const units = Array.from(input.subarray(0, 4096), (byte, i) => String.fromCharCode(byte * (i % 3 ? 1 : 257)));
      for (const text of [textOf(input), units.join('')])
        for (const mode of ['fast', 'sentencepiece'] as const) encodePrompt(demo, text, { mode });
      return true;
    },
    codes: ['input-invalid'],
    inputs: 50,
  },
  {
    name: 'unfinished',
    makers: SEEDS.unfinished,
    parse(input) {
      allFinite(readUnfinished(input, 'clip.unfinished').clip);
      return true;
    },
    codes: FILE,
  },
  { name: 'tuning-table', makers: SEEDS.tuningTable, parse: (input) => readTableText(textOf(input)).ok, codes: [] },
  {
    name: 'model-json',
    makers: SEEDS.modelJson,
    async parse(input) {
      allFinite(readDescription(await readJson(sparseSource('model.json', input, input.length)), 'model.json'));
      return true;
    },
    codes: ['file-invalid', 'input-invalid'],
  },
  {
    name: 'model-record',
    makers: SEEDS.modelRecord,
    parse(input) {
      const record = decodeRecord(textOf(input), SEEDS.recordId);
      allFinite(record);
      return record !== null;
    },
    codes: [],
  },
  importer('own-results', SEEDS.ownResults),
  importer('references', SEEDS.references),
  importer('streaming', SEEDS.streaming),
  importer('wan22-enhanced', SEEDS.wan22Enhanced),
  importer('vllm-omni', SEEDS.vllmOmni),
  importer('sglang', SEEDS.sglang),
  importer('mstar', SEEDS.mstar),
  { name: 'report', makers: SEEDS.reported, parse: reports, codes: [], inputs: 20 },
  {
    name: 'share-link',
    makers: SEEDS.shareLink,
    async parse(input) {
      const read = await readLink(textOf(input));
      if (read.ok) allFinite(read.result);
      return read.ok;
    },
    codes: [],
  },
  { name: 'png', makers: SEEDS.png, parse: takesPicture, codes: ['file-invalid', 'input-invalid'] },
  { name: 'jpeg', makers: SEEDS.jpeg, parse: takesPicture, codes: ['file-invalid', 'input-invalid'] },
  { name: 'words', makers: linesOf, parse: takesWords, codes: ['input-invalid'] },
  ...answers.PARSERS,
];

function takesPicture(input: Uint8Array): boolean {
  const { width, height, pixels } = pictureOf(input, 'picture');
  if (pixels.length !== width * height * 4) throw new Error(`${width} × ${height}, but ${pixels.length} bytes`);
  return true;
}
