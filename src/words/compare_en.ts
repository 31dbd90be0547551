/** The Compare view in English; `compare_zh.ts` has the same shape. Text between ** is emphasised where it is shown. */
import { counted } from './counted_en';
import { THIN } from './format';

export const compare = {
  title: 'Compare',
  lead: 'Your runs beside published ones, runs from files, and live servers. Figures of different work are scaled, and say so.',
  /** A clip's size, where two are told apart. */
  frames: (count: number) => `${count} frames`,
  clip: (size: string, frames: number) => `${size}, ${frames} frames`,
  join: '; ',
  list: ', ',

  sentence: {
    clip: (steps: number, parts: string) => `For a clip of ${steps} steps, ${parts}.`,
    step: (parts: string) => `For one guided step, ${parts}.`,
    faster: (card: string, ratio: string) => `the ${card} is **${ratio} faster**`,
    ownFaster: (card: string, ratio: string, own: string) => `${own} is **${ratio} faster** than the ${card}`,
    equal: (card: string, own: string) => `the ${card} is **about as fast** as ${own}`,
    gap: (card: string, stage: string, percent: number) =>
      `**${percent}${THIN}%** of the gap to the ${card} is ${stage}.`,
    stages: { encode: 'encoding the text', denoise: 'the steps', decode: 'decoding' },
    footing: (basis: string) => `Figures: ${basis}.`,
    between: (fast: string, slow: string, ratio: string, work: string, steps: number) =>
      `At ${work} and ${steps} steps, the ${fast} is **${ratio}** as fast as the ${slow}.`,
    ownNone: 'Run the benchmark, or open a saved result, to set this GPU beside them.',
    goBenchmark: 'Go to Benchmark',
    noCommon: 'None of these rows did work that can be compared with this run.',
  },
  thisGpu: 'this GPU',
  thisRun: 'this run',
  /** Of a run and others beside it, by what it is called. */
  pair: (own: string, steps: number) => ({
    differences: 'Not the same on both sides',
    difference: (field: string, ownValue: string, other: string) => `${field}: ${own} ${ownValue}, the other ${other}`,
    alignedSteps: `totals are taken at ${steps} steps`,
  }),

  controls: {
    label: 'What is compared',
    own: 'Compared run',
    ownNone: 'none yet',
    here: 'Made here',
    elsewhere: 'From files, links and servers',
    published: 'Published',
    rowsShown: (shown: string, all: string) =>
      `${shown} of ${all} rows are shown: of the runs that were opened, only the first. Choose one card, or hide a group.`,
    foreign: 'This run was not made in this browser: its numbers are its sender’s. It is read-only.',
    metric: 'Measure',
    metrics: { step: 'a step', clip: 'a clip', second: 'a second of video', cost: 'cost' },
    steps: 'Steps',
    scale: 'Bars in',
    seconds: 'seconds',
    percent: '100 %',
    rows: 'Rows',
    groups: { own: 'kept here', published: 'published', imported: 'opened', servers: 'servers' },
    counted: (what: string, count: number) => `${what} (${count})`,
    contended: 'contended',
    all: 'every published run, not one a card',
    card: 'Card',
    allCards: 'all cards',
    price: (card: string) => `${card}, an hour`,
    prices: 'Prices',
    priceWhy: 'In any currency, the same for all. Prices stay in memory until this page is closed.',
  },

  ratio: {
    headings: {
      step: 'How far apart: a step',
      clip: 'How far apart: a clip',
      second: 'How far apart: a second of video',
      cost: 'How far apart: cost',
    },
    time: (own: string) => ({
      slower: `← slower than ${own}`,
      faster: `faster than ${own} →`,
      head: `Against ${own}`,
      ratio: {
        faster: (ratio: string) => `${ratio} faster`,
        ownFaster: (ratio: string) => `${own} ${ratio} faster`,
        equal: 'about as fast',
      },
      fastestAndNearest: (fastest: string, nearest: string) => `Fastest: ${fastest}. Nearest to ${own}: ${nearest}.`,
      nearest: (nearest: string) => `Nearest to ${own}: ${nearest}.`,
    }),
    cost: (own: string) => ({
      slower: `← dearer than ${own}`,
      faster: `cheaper than ${own} →`,
      head: `Against ${own}`,
      ratio: {
        faster: (ratio: string) => `${ratio} cheaper`,
        ownFaster: (ratio: string) => `${own} ${ratio} cheaper`,
        equal: 'about as dear',
      },
      fastestAndNearest: (fastest: string, nearest: string) => `Cheapest: ${fastest}. Nearest to ${own}: ${nearest}.`,
      nearest: (nearest: string) => `Nearest to ${own}: ${nearest}.`,
    }),
    without: 'No ratio',
    one: (name: string, why: string) => `${name}: ${why}`,
    noPrice: 'no price given',
  },
  /** From one work to another: clips with their frames, and what else differs, '' where nothing does. */
  change: ([from, fromMore]: readonly [string, string], [to, toMore]: readonly [string, string]) =>
    `from ${from} to ${to}${fromMore || toMore ? ` (${fromMore} to ${toMore})` : ''}`,
  /** Beside every figure that is not of what its run did. */
  basis: {
    run: 'same work',
    projected: (change: string) => `projected ${change}`,
    scaled: (factor: string, change: string) => `scaled by ${factor} ${change}`,
    none: 'work not stated',
    ownProjected: (change: string) => `own, projected ${change}`,
    ownScaled: (factor: string, change: string) => `own, scaled by ${factor} ${change}`,
    /** Ends a caption. */
    caption: (items: readonly string[]) => `Not all of this ran: ${items.join('; ')}.`,
    item: (name: string, basis: string) => `${name} ${basis}`,
  },

  bars: {
    heading: 'Where the time goes',
    axis: (work: string, steps: number) => `All rows at ${work}, ${counted(steps, 'step')}.`,
    alone: (name: string, work: string, steps: number) => `${name}, by itself: ${work}, ${counted(steps, 'step')}.`,
    finding: (stage: string, percent: number, name: string) => `${stage} takes ${percent} % of the time on ${name}.`,
    left: (names: string) => `Not on this axis, because their work or their times are not stated: ${names}.`,
    none: 'No row tells its stages.',
    derivedSteps: 'A run with another number of steps is derived from its own median step.',
  },
  roofline: {
    heading: (own: string) => `Why is ${own} as fast as it is?`,
    note: 'Solid roofs were measured just before the run, by our own loops. Dashed ones are what data sheets promise for matrix units, which WGSL reaches only in part.',
    none: 'This run has no times of single kernels, so there is no roofline. Benchmarks on adapters with timestamps have them.',
    sheet: 'Data sheet of',
    noSheet: 'no card',
  },

  table: {
    heading: 'All rows',
    caption: (work: string, steps: number) => `Every row at ${work}, ${counted(steps, 'step')}, with its source.`,
    captionNone: 'Every row as its source tells it.',
    sort: 'Sort by',
    order: 'Order',
    ascending: 'ascending',
    descending: 'descending',
    run: 'Run',
    step: 'A step',
    encode: 'Text',
    decode: 'Decode',
    total: (steps: number) => `Clip, ${counted(steps, 'step')}`,
    second: 'A second of video',
    cost: 'A clip costs',
    memory: 'Peak memory',
    ran: 'What ran',
    source: 'Source',
    ratio: 'Ratio',
    notPublished: 'not published',
    notTold: 'not told',
    otherWork: 'not scaled',
    mine: 'compared run',
    notMine: 'not made in this browser',
    contended: 'contended',
    software: 'software adapter',
    resumed: (steps: number) => `went on after step ${steps}`,
    unnamed: 'unnamed card',
    case: 'Case',
    onCpu: 'on the CPU',
    here: 'this browser',
    sender: 'its sender',
    confidence: { high: 'high confidence', medium: 'medium confidence', low: 'low confidence' },
    key: {
      steps: (count: number) => counted(count, 'step'),
      guided: 'guided',
      unguided: 'no guidance',
      batch: (count: number) => `${count} videos at once`,
      gpus: (count: number) => `${count} GPUs`,
      unknown: 'size not stated',
    },
    pair: 'Stage by stage, and what differs',
  },

  claims: {
    heading: 'The source report, checked',
  },
  report: {
    heading: 'Report',
    note: 'Every sentence of it is computed: from the rows above, and from all other runs of their cards.',
    write: 'Write the report',
    tooMany: (chosen: string, limit: string) =>
      `${chosen} runs are chosen, and a report is on ${limit} at most. Choose one card, or hide a group, above.`,
    close: 'Close the report',
    ready: 'The report is written.',
    saveAs: 'Save as',
    print: 'Print',
  },

  add: {
    heading: 'Add runs',
    open: 'Open files …',
    paste: 'Paste',
    clipboard: 'clipboard',
    drop: 'Or drop files anywhere on this page, or press Ctrl+V. Known are results of this page and the command line, Wan2.2-Enhanced, vLLM-Omni, SGLang and mstar.',
    pasteFailed: 'The browser did not give the clipboard. Press Ctrl+V (⌘V) anywhere outside a field.',
    address: 'Address',
    addressLike: 'https://…/result.json',
    addressWhy: 'https, of a JSON file whose server lets other pages read it.',
    fetch: 'Fetch',
    stop: 'Stop',
    progress: 'Fetching',
    stopped: 'Stopped. Nothing was added.',
    failed: 'Nothing was added.',
    cors: 'The server does not let this page read the file (CORS). Download it, then open it from your disk.',
    added: (name: string, runs: number) =>
      runs === 1 ? `${name}: one run was added.` : `${name}: ${runs} runs were added.`,
    close: 'Close this note',
    nothingNew: (name: string) => `${name}: all of it is here already.`,
    runs: (count: number) => (count === 1 ? 'one run' : `${count} runs`),
    from: (name: string, why: string) => `${name} · ${why}`,
  },
  dropNow: 'Drop to open',
  remove: (name: string) => `Remove ${name}`,
  refused: (name: string) => `${name} was not opened.`,
  reasons: {
    unreadable: 'The browser cannot read it: it is a folder, or it was moved or changed. Choose the file again.',
    'too-large': (have: string, limit: string) => `It has ${have}; a file of results has ${limit} at most.`,
    'not-json': 'It is not JSON.',
    'too-deep': (levels: number) => `Its fields are nested more than ${levels} levels deep.`,
    'too-many-values': (have: string, limit: string) =>
      `It holds ${have} values, and at most ${limit} are read. Divide it into several files.`,
    'too-many-names': (have: string, limit: string) =>
      `An object in it has ${have} fields, and at most ${limit} are read. Leave out what tells of no run.`,
    'other-schema': (found: string) =>
      found && found !== '[]'
        ? `Its schema is “${found}”, which no format that this page reads has.`
        : 'Nothing in it tells of a known format: results of this page or the command line, Wan2.2-Enhanced, vLLM-Omni, SGLang or mstar.',
    'other-version': (found: string, known: number) => `It is version ${found}; this page reads version ${known}.`,
    field: (path: string, expected: string, received: string) =>
      `Its field ${path} should be ${expected} and is ${received}.`,
    missing: (path: string) => `Its field ${path} is missing.`,
    'link-too-long': (characters: string, limit: string) =>
      `It has ${characters} characters; a link that was made here has at most ${limit}.`,
    'link-damaged': 'Part of it is missing or was changed on its way. Ask for it again, or for the saved file.',
    'link-unpacks': (limit: string) => `It unpacks to more than ${limit}, which no result does.`,
  },
  loading: 'Loading published runs …',
  failed: 'The published runs could not be loaded.',
};
