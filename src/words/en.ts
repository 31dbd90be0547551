import { benchmark, machine, modes, progress, result, startRow, stopped } from './benchmark_en';
import { cases } from './cases_en';
import { chart } from './charts_en';
import { compare } from './compare_en';
import { comparison } from './comparison_en';
import { generate } from './generate_en';
import { live } from './live_en';
import { memory } from './memory_en';
import { remarks } from './remarks_en';
import { runs } from './runs_en';
import { tuning } from './tuning_en';
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
  nav: {
    label: 'Views',
    benchmark: 'Benchmark',
    generate: 'Generate',
    weights: 'Weights',
    compare: 'Compare',
    arriving: 'Loading …',
    notArrived:
      'This view could not be loaded. The network may be down, or the page has been updated meanwhile: try again, or reload it.',
  },
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
      measured: 'timed in the run itself',
      sampled: 'a slice of the real-size work timed in the run, scaled by its share',
      derived: 'computed from other figures',
      published: 'measured and published by others',
    },
  },
  stages: {
    init: 'Prepare',
    tune: 'Tune',
    roofs: 'Roofs',
    load: 'Load',
    encode: 'Text',
    image: 'First frame',
    denoise: 'Denoise',
    decode: 'Decode',
    sample: 'Sample',
    resample: 'Sample again',
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

  benchmark,
  machine,
  modes,
  startRow,
  cases,
  memory,
  progress,
  stopped,
  result,
  remarks,

  unsupported: {
    heading: 'This browser has no WebGPU',
    insecure: 'WebGPU needs https or localhost, and this page came over plain http.',
    missing: 'The page looked for navigator.gpu, and did not find it or found too early a version of it.',
    where: 'Browsers that have it',
    browsers: [
      'Chrome and Edge 127 and later on Windows, macOS, ChromeOS and Android; 144 on Linux with Intel graphics of the 12th generation or later',
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
      'gpu-busy': 'Another tab of this page uses the GPU. Stop the run there, or let it end, then try again.',
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
        'The server did not answer in time. It may be busy, or, if it makes videos, be loading its model; the text below says how long was waited.',
      'storage-full':
        'This browser’s storage is full. Delete a model you no longer need, or free disk space. What has arrived is kept.',
      'storage-busy':
        'This model is in use, by a run here or by another tab. Let the run end or close that tab, then try again.',
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
  live,
  runs,
  tuning,
  weights,
};

export type Words = typeof en;
