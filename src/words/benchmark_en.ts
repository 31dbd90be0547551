/** The Benchmark view in English: what will run, how it goes, and its result; `benchmark_zh.ts` has the same shape. */
export const benchmark = {
  title: 'Your GPU, on Wan2.2',
  lead: 'Every stage of the 5-billion-parameter video model, timed in this browser and set beside published runs on an L40S and an RTX PRO 6000 Blackwell.',
};

export const machine = {
  heading: 'This machine',
  checking: 'Looking at this GPU …',
  tier: {
    A: 'tier A: matrix units',
    B: 'tier B: f16 and subgroups',
    C: 'tier C: plain shaders',
  },
  timestamps: 'timestamps',
  noTimestamps: 'no timestamps',
  details: 'Details',
  adapter: 'Adapter',
  vendor: 'Vendor',
  architecture: 'Architecture',
  driver: 'Driver',
  backend: 'Backend',
  runtime: 'Runs in',
  features: 'Features',
  limits: 'Limits',
  limit: 'Limit',
  value: 'Value',
  unknown: 'not told',
  copy: 'Copy details',
  software: 'This is a software adapter: the CPU does the GPU’s work.',
  softwareWhy:
    'Everything below works, but the numbers say nothing about a graphics card. Check that hardware acceleration is on in the browser’s settings; chrome://gpu says what is blocked. Chrome on Linux falls back without a word on many machines.',
};

export const startRow = {
  start: 'Start',
  again: 'Start again',
  stop: 'Stop',
  stopping: 'Stopping …',
  busy: 'Another run is using the GPU. Wait for it, or stop it.',
  estimate: (range: string) => `about ${range}`,
  download: '0 B to download',
  memory: (bytes: string) => `${bytes} of GPU memory`,
  hint: 'Keep this tab in front while it runs.',
};

export const modes = {
  legend: 'What to run',
  what: {
    quick: 'Measures what this GPU can do at best, a slice of every stage, and a small clip if there is time for one.',
    standard: 'Measures whole blocks of the transformer at the published runs’ size, then a larger clip.',
    full: 'Measures one clip from its first token to its last frame, with all weights in their place.',
  },
  projects: {
    quick: 'Projects the published runs’ clip from the slices.',
    standard: 'Projects the published runs’ clip from those blocks, and checks slices against what it measured.',
    full: 'Projects nothing of that clip; the published runs’ clip only where another was chosen.',
  },
  clip: (size: string, frames: number, steps: number) => `Whole clip: ${size}, ${frames} frames, ${steps} steps.`,
  tuning: (atMost: string) => `Up to ${atMost} of that goes to tuning the kernels for this GPU, once.`,
  assumed: 'A guess: this GPU is only measured as the run begins. A faster one takes less time, or a larger clip.',
  slicesOnly: 'Too slow here for a whole clip: slices alone.',
  planning: 'Estimating …',
  tooLarge: (needed: string, bound: string) =>
    `Not possible here: it needs ${needed} in one buffer, and this GPU binds at most ${bound}.`,
  tooLittle: (needed: string) => `needs ${needed} at least`,
  options: 'Options',
  preset: 'Size',
  auto: {
    quick: 'Largest under half a minute',
    standard: 'Largest that takes minutes',
    full: 'Largest that its time allows',
  },
  presetLine: (size: string, frames: number, patches: string, time: string) =>
    `${size}, ${frames} frames · ${patches} patches · ${time}`,
  steps: 'Steps',
  usualSteps: (count: number) => `${count}, as usual`,
  memory: 'GPU memory',
  allMemory: 'as much as there is',
  atMost: (gib: number) => `at most ${gib} GiB`,
  memoryWhy: 'Weights that do not fit pass through GPU memory in every step.',
};

export const progress = {
  label: 'Progress of the run',
  count: (done: number, total: number) => `${done} of ${total}`,
  each: (time: string) => `${time} each`,
  left: (time: string) => `about ${time} left`,
  nearly: 'nearly done',
  begin: 'Starting …',
  milestone: (percent: number) => `${percent} percent`,
  stage: (stage: string) => `Now: ${stage}`,
  done: 'Benchmark finished.',
  stopped: 'Benchmark stopped.',
  failed: 'Benchmark failed.',
  confirm: 'Stop the run?',
  keep: 'Keep running',
  elsewhere: (percent: number) => `Benchmark running: ${percent} %`,
};

export const stopped = {
  heading: 'Stopped',
  after: (what: string, time: string) => `Stopped at ${what}, ${time} in. Nothing was kept.`,
  early: (time: string) => `Stopped after ${time}. Nothing was kept.`,
};

export const result = {
  heading: 'Result',
  name: 'Name of this run',
  compare: 'Compare',
  second: {
    would: (size: string, time: string, spread: string) =>
      `One second of ${size} video would take **${time}**${spread} here.`,
    takes: (size: string, time: string, spread: string) =>
      `One second of ${size} video takes **${time}**${spread} here.`,
    spread: (plusMinus: string) => ` ${plusMinus}`,
    basis: (frames: number, steps: number) => `${frames} frames in ${steps} guided steps, 24 of them a second`,
  },
  headings: {
    why: 'Why',
    when: 'What happened when',
    steady: 'Is it steady, and repeatable?',
    memory: 'GPU memory over time',
    checks: 'How far to trust the projection',
  },
  showChart: (heading: string) => `Show the chart: ${heading}`,
  hideChart: (heading: string) => `Hide the chart: ${heading}`,
  show: 'Show the chart',
  hide: 'Hide the chart',
  referenceStep: 'A step of the published clip, projected',
  checks: {
    finding: (percent: string) => `Where this run measured and projected the same thing, they differ by ${percent}.`,
    findingOf: (percent: string, count: number) =>
      `Where this run measured and projected the same thing, ${count} times, they differ by ${percent} at most.`,
    stray:
      'The headline’s ± is the larger of two: how far samples of the step scatter, and how far a projected step or block was off here.',
    none: 'This run measured nothing that it also projected, so how far its projection is off is not known. Standard and Full measure it.',
    what: 'Stage',
    stages: { encode: 'Text', step: 'One guided step', decode: 'Decode', block: 'One block' },
    measured: 'Measured',
    projected: 'From slices',
    difference: 'Difference',
  },
  last: (date: string, adapter: string) => `From your last run, ${date}, on ${adapter}`,
  headline: {
    would: (own: string) => `One guided step of the 161-frame 720p reference would take **${own}** here`,
    takes: (own: string) => `One guided step of the 161-frame 720p reference takes **${own}** here`,
    faster: (card: string, time: string, ratio: string) => `an ${card} takes ${time}: **${ratio} faster**`,
    slower: (card: string, time: string, ratio: string) => `an ${card} takes ${time}: this GPU is **${ratio} faster**`,
    equal: (card: string, time: string) => `an ${card} takes ${time}: **about as fast**`,
    end: '.',
    join: '; ',
  },
  ratio: {
    faster: (ratio: string) => `${ratio} faster`,
    ownFaster: (ratio: string) => `this GPU ${ratio} faster`,
    equal: 'about as fast',
  },
  thisGpu: 'This GPU',
  notRun: 'not run yet',
  here: {
    heading: 'What ran here',
    sliced: 'The smallest size, from the same slices',
    line: (size: string, frames: number, patches: string, steps: number) =>
      `${size}, ${frames} frames, ${patches} patches, as a clip of ${steps} guided steps`,
    finding: (stage: string, percent: number) => `${stage} takes ${percent} % of the time.`,
  },
  beside: {
    heading: 'Beside published runs',
    finding: (steps: number, own: string, card: string, time: string) =>
      `With ${steps} steps, 161 frames at 1280×704 would take ${own} here and took ${time} on an ${card}.`,
    empty: 'Start the benchmark to put this GPU on the chart.',
    emptyFinding: (steps: number) => `161 frames at 1280×704, ${steps} steps: what the published runs took.`,
    projected:
      'This GPU ran a smaller video; its figures for the reference size are sampled or derived, and marked so.',
    sliced: 'This GPU ran slices of the real work; its figures are scaled up from them.',
    otherWork: 'No ratio: the work is not the same.',
  },
  differences: 'Not the same as the published runs',
  alignedSteps: 'totals are taken at the steps of the published run',
  difference: (field: string, own: string, reference: string) => `${field}: ${own} here, ${reference} there`,
  hostStages:
    'Preparing is host work and not the same work: here buffers are filled with made-up weights, there a checkpoint was read from disk. The published text encoder ran on the host’s CPU.',
  yes: 'yes',
  no: 'no',
  kernels: {
    heading: 'Kernels',
    finding: (kernel: string, percent: number, roof: number) =>
      `${kernel} takes ${percent} % of the kernel time, at ${roof} % of its roof.`,
    kernel: 'Kernel',
    calls: 'Calls',
    time: 'Time',
    share: 'Share',
    flops: 'Arithmetic',
    bytes: 'Memory traffic',
    roof: '% of roof',
    bound: 'Waits for',
    arithmetic: 'arithmetic',
    memory: 'memory',
    none: 'No timestamps, no times of single kernels.',
  },
  roofs: {
    heading: 'Roofs, measured just before the run',
    fp32: 'f32 arithmetic',
    f16: 'f16 arithmetic',
    matrix: 'f16 on matrix units',
    bytes: 'Memory',
    upload: 'Upload',
    none: 'not offered',
  },
  counts: {
    heading: 'Counts',
    busy: 'GPU busy',
    busyWhy: 'sum of timed passes over wall time',
    dispatches: 'Dispatches per step',
    moved: 'Memory traffic per step',
    movedWhy: 'computed: every byte that has to move, once',
    peak: 'Peak GPU memory',
    unknown: 'not known without timestamps',
  },
  spread: (low: string, high: string, count: number, sliced: boolean) =>
    `${low} to ${high}, ${count} ${sliced ? 'repeats' : 'steps'}`,
  median: 'median step here',
  medianSliced: 'a step of the smallest size',
  remarks: 'Remarks',
  how: 'How measured',
  howText: (options: { timestamps: boolean; sliced: boolean; count: number; version: string; runtime: string }) =>
    `One warm-up apart, then ${options.count} ${options.sliced ? 'repeats of each slice' : 'guided steps'}; the median counts, all samples are in the file. ${
      options.timestamps
        ? 'Kernels are timed by GPU timestamps, stages by the wall clock around finished work.'
        : 'This adapter offers no timestamps: stages are timed by the wall clock around finished work.'
    } A guided step is two forwards of the transformer. WanScope ${options.version}, ${options.runtime}.`,
  save: 'Save JSON',
  copy: 'Copy as text',
  copied: 'Copied',
  copyFailed: 'The browser did not allow copying.',
  table: 'As a table',
  stage: 'Stage',
  seconds: 'Time',
  kind: 'Kind',
};
