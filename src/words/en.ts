import { chart } from './charts_en';
import { compare } from './compare_en';
import { comparison } from './comparison_en';
import { generate } from './generate_en';
import { live } from './live_en';
import { remarks } from './remarks_en';
import { report } from './report_en';
import { runs } from './runs_en';
import { type NumberWords, UNITS } from './units';
import { weights } from './weights_en';

/**
 * Every word the page shows, in English. `zh.ts` has the same shape; the compiler
 * sees to that. Text between ** is emphasised where it is shown.
 */
export const en = {
  language: { name: 'English', code: 'en', other: '中文', otherCode: 'zh', switch: '切换到中文' },
  skip: 'Skip to content',
  units: UNITS.en as NumberWords['units'],
  nav: { label: 'Views', benchmark: 'Benchmark', generate: 'Generate', weights: 'Weights', compare: 'Compare' },
  scheme: {
    system: 'System',
    dark: 'Dark',
    light: 'Light',
    label: (now: string, next: string) => `Colours: ${now}. Change to ${next}.`,
  },
  footer: {
    privacy: 'Everything runs in this browser. Nothing is uploaded.',
    sources: 'Published runs: zysno1/Wan2.2-Enhanced, raw files.',
    report: 'What WebGPU offers here: webgpureport.org',
  },

  kinds: {
    measured: 'measured',
    sampled: 'sampled',
    derived: 'derived',
    published: 'published',
    legend: 'what this means',
    explain: {
      measured: 'timed on this machine, in this run',
      sampled: 'a slice of the real-size work timed here, scaled by its share',
      derived: 'computed from other figures',
      published: 'measured and published by others',
    },
  },
  stages: {
    init: 'Prepare',
    roofs: 'Roofs',
    load: 'Load',
    encode: 'Text',
    image: 'First frame',
    denoise: 'Denoise',
    decode: 'Decode',
    sample: 'Sample',
    cases: 'Cases',
    verify: 'Check',
    total: 'Whole run',
  },
  compared: {
    init: 'Prepare (host)',
    encode: 'Text, both prompts',
    step: 'One guided step',
    decode: 'Decode the video',
    total: (steps: number) => `Text, ${steps} steps, decode`,
  },

  benchmark: {
    title: 'Your GPU, on Wan2.2',
    lead: 'Every stage of the 5-billion-parameter video model, timed in this browser and set beside published runs on an L40S and an RTX PRO 6000 Blackwell.',
  },
  machine: {
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
  },

  quick: {
    name: 'Quick',
    tag: 'no download',
    what: 'Runs the real kernels at real shapes on made-up weights: text encoder, guided steps, video decoder. Then samples the reference size, so that the comparison is like with like.',
    options: 'Options',
    preset: 'Size',
    auto: 'Largest under half a minute',
    presetLine: (size: string, frames: number, patches: string, time: string) =>
      `${size}, ${frames} frames · ${patches} patches · ${time}`,
    steps: 'Steps',
    start: 'Start',
    again: 'Start again',
    stop: 'Stop',
    stopping: 'Stopping …',
    estimate: (range: string) => `about ${range}`,
    download: '0 B to download',
    memory: (bytes: string) => `${bytes} of GPU memory`,
    slicesOnly: 'Too slow here for a whole clip: slices of the real work are sampled instead.',
    hint: 'Keep this tab in front while it runs.',
  },
  progress: {
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
  },
  stopped: {
    heading: 'Stopped',
    after: (what: string, time: string) => `Stopped at ${what}, ${time} in. Nothing was kept.`,
    early: (time: string) => `Stopped after ${time}. Nothing was kept.`,
  },

  result: {
    heading: 'Result',
    last: (date: string) => `From your last run, ${date}`,
    headline: {
      would: (own: string) => `One guided step of the 161-frame 720p reference would take **${own}** here`,
      takes: (own: string) => `One guided step of the 161-frame 720p reference takes **${own}** here`,
      faster: (card: string, time: string, ratio: string) => `an ${card} takes ${time}: **${ratio} faster**`,
      slower: (card: string, time: string, ratio: string) =>
        `an ${card} takes ${time}: this GPU is **${ratio} faster**`,
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
        `${kernel} takes ${percent} % of the kernel time, at ${roof} % of what this GPU can do.`,
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
  },
  remarks,

  unsupported: {
    heading: 'This browser has no WebGPU',
    insecure: 'WebGPU needs https or localhost, and this page came over plain http.',
    missing: 'The page looked for navigator.gpu and did not find it.',
    where: 'Browsers that have it',
    browsers: [
      'Chrome and Edge 113 and later on Windows, macOS and ChromeOS; 121 on Android; 144 on Linux with Intel graphics of the 12th generation or later',
      'Safari 26 and later on macOS, iOS and visionOS',
      'Firefox 141 and later on Windows, 145 on Macs with Apple silicon',
    ],
    still: 'Compare works without it: published runs, and results saved elsewhere.',
    compare: 'Go to Compare',
  },
  failure: {
    heading: 'The run did not finish',
    headingMachine: 'This GPU cannot be used',
    tryAgain: 'Try again',
    smallest: 'Choose the smallest size',
    detail: 'What was reported',
    advice: {
      'webgpu-missing': 'This browser has no WebGPU. Chrome, Edge, Safari 26 and Firefox 141 have it.',
      'adapter-refused':
        'The browser has WebGPU but gave no adapter. Check that hardware acceleration is on; chrome://gpu says what is blocked, and why.',
      'limit-too-low': 'This GPU’s limits are too small for the chosen size. The smallest size needs the least.',
      'device-lost':
        'The GPU was taken away: a driver reset, another program, or too little memory. A new start gets a new device; a smaller size is gentler.',
      'out-of-memory':
        'The GPU ran out of memory. Close other tabs and programs that use it, or choose a smaller size.',
      'gpu-failed': 'The GPU refused a command, so nothing it returned was used. Please report it with the text below.',
      'shader-invalid':
        'The browser’s shader compiler refused a kernel. That is our mistake or the browser’s: please report it with the text below.',
      'shape-mismatch':
        'Two parts of the network did not fit together. That is our mistake: please report it with the text below.',
      'not-finite':
        'A result held NaN or infinity, so the run was ended rather than timed. Please report it with the text below.',
      'weights-missing': 'Weights are missing. The text below says which, and where they were looked for.',
      'file-invalid': 'A file is not what it should be, or could not be read. The text below says which, and why.',
      'network-failed':
        'The server could not be reached, or does not let other sites read its files. What has arrived is kept; try again, or download the file and open it from your disk.',
      'cors-refused':
        'The server is there but does not let this page read its answers (CORS). It has to be started so that it allows this page’s address.',
      'mixed-content':
        'This page came over https, and a browser lets it talk only to https servers, or to http on this same machine.',
      'access-denied':
        'The server wants to know who asks. Use weights that are open to everyone, or download the file and open it from your disk.',
      'rate-limited': 'The server asks for a pause. What has arrived is kept; go on later.',
      'timed-out':
        'The server did not answer in time. It may be loading its model, or be busy; the text below says how long was waited.',
      'storage-full':
        'This browser’s storage is full. Delete a model you no longer need, or free disk space. What has arrived is kept.',
      'storage-busy': 'This model is in use in another tab. Close that tab, then try again.',
      'storage-failed':
        'This browser’s storage could not be used: it may be blocked, as in private windows. Files on your disk can be opened without it.',
      'checksum-wrong':
        'The file that arrived is not the one the server says it has. It was not used; delete it and download it again.',
      'job-failed': 'The server took the request and then failed. The text below is what it says.',
      'input-invalid': 'The choice was not accepted. Choose another size.',
      cancelled: 'The run was stopped.',
      unknown: 'Something failed that the page has no advice for. The text below says what was reported.',
    },
  },

  check: {
    heading: 'Self-check',
    what: 'Runs small pieces of every network and compares them with outputs of the published model.',
    start: 'Self-check',
    running: 'Checking …',
    passed: (count: number) => `All ${count} outputs agree with the published model.`,
    failed: (failed: number, count: number) =>
      `${failed} of ${count} outputs differ from the published model. Do not trust timings of this run.`,
    none: 'There was nothing to check.',
    file: 'File',
    output: 'Output',
    relative: 'Relative error',
    largest: 'Largest difference',
    time: 'Time',
    verdict: 'Verdict',
    pass: 'pass',
    fail: 'fail',
  },

  compare,
  chart,
  comparison,
  generate,
  report,
  live,
  runs,
  weights,
};

export type Words = typeof en;
