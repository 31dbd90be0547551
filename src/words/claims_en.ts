/** The claims of the source report and what its raw runs say, in English: a statement, and what was found. */
import type { ClaimId, ClaimNumbers, Verdict } from '../core/claim';
import { byteCount, comparableDuration, grouped, percent, size, THIN, times } from './format';
import { UNITS } from './units';

const EN = { units: UNITS.en };
const t = (seconds: number) => comparableDuration(seconds, EN);
const x = (ratio: number) => times(ratio, EN);
const p = (share: number) => `${percent(share).replace('<', 'under ')}${THIN}%`;
const b = byteCount;
const xs = (low: number, high: number) => (x(low) === x(high) ? x(low) : `${low.toFixed(2)}–${high.toFixed(2)}×`);
const runs = (count: number) => `${count} run${count === 1 ? '' : 's'}`;
const pairs = (count: number) => `${count} pair${count === 1 ? '' : 's'} of runs`;

type Ratio = Readonly<ClaimNumbers['step']>;

const ratio =
  (what: string) =>
  ({ stated, found }: Ratio): readonly [string, string] => [
    `${what}: ${t(stated.l40sSeconds)} on the L40S, ${t(stated.blackwellSeconds)} on the Blackwell, ${x(stated.ratio)}`,
    `medians ${t(found.l40sSeconds)} and ${t(found.blackwellSeconds)}; **${xs(found.low, found.high)}** over ${pairs(found.pairs)}`,
  ];

export type ClaimWords = {
  readonly [Id in ClaimId]: (numbers: Readonly<ClaimNumbers[Id]>) => readonly [claim: string, found: string];
};

export const claims: ClaimWords = {
  frames: ({ stated, found }) => [
    `The report names no number of frames; a reader takes the model’s ${stated.frames}`,
    `**${found.frames} frames**, ${grouped(found.tokens)} tokens: a step is ${x(found.work)} the work`,
  ],
  'named-480p': ({ stated, found }) => [
    `One case is called ${stated.height}p`,
    `${runs(found.runs)} of that name, all at **${size(found)}**`,
  ],
  step: ratio('One step'),
  'end-to-end': ({ stated, found }) => [
    `End to end the Blackwell is ${stated.low.toFixed(1)}–${stated.high.toFixed(1)}× as fast`,
    `**${xs(found.low, found.high)}** over ${pairs(found.pairs)}${found.unlike > 0 ? `, of which ${found.unlike} put an offloaded run beside a resident one` : ''}`,
  ],
  init: ratio('Loading the model'),
  text: ratio('Text encoding'),
  decode: ratio('Decoding'),
  'text-on-cpu': ({ found }) => [
    'The text encoder runs on the CPU when offloading',
    `on the CPU in ${runs(found.onCpu)}, **${found.onCpuResident} of them without offload**: a setting of its own.${found.gpuSeconds === null ? '' : ` ${t(found.cpuSeconds)} there, ${t(found.gpuSeconds)} on the GPU`}`,
  ],
  'sm-activity': ({ stated, found }) => [
    `SM activity of the steps: ${stated.l40s}${THIN}% and ${stated.blackwell}${THIN}%`,
    `medians of **${found.l40s.toFixed(1)}${THIN}%** and **${found.blackwell.toFixed(1)}${THIN}%**; it counts time in which a kernel ran, not arithmetic`,
  ],
  'compute-bound': ({ stated, found }) => [
    `Loaded to nearly ${p(stated.share)}, no bandwidth bottleneck: compute-bound`,
    `**${p(found.l40sOfPeak)}** and ${found.blackwellAtLeast ? 'at least ' : ''}**${p(found.blackwellOfPeak)}** of the bf16 peaks${found.l40sOfMeasured === null || found.blackwellOfMeasured === null ? '' : `, ${p(found.l40sOfMeasured)} and ${p(found.blackwellOfMeasured)} of a measured matrix product`}`,
  ],
  'scales-with-compute': ({ stated, found }) => [
    `Steps scale linearly with the cards’ arithmetic (${x(stated.ratio)})`,
    `steps ${x(found.ratio)}; peaks ${x(found.peak)}${found.measured === null ? '' : `, matrix products ${x(found.measured)}`}, **bandwidth ${x(found.bandwidth)}**${found.watts === null ? '' : `, power ${x(found.watts)}`}`,
  ],
  'peak-memory': ({ stated, found }) => [
    `At its peak a 720p video needs ${stated.gib} GB`,
    `**${b(found.residentBytes)}** resident, ${b(found.offloadedBytes)} offloaded`,
  ],
  'out-of-memory': ({ stated, found }) => [
    `Without offload the ${stated.cardGb} GB of the L40S run out`,
    `${b(found.needBytes)} needed of ${b(found.cardBytes)}; ${found.residentRuns === 0 ? 'no file of such a run exists' : `${runs(found.residentRuns)} of that kind went well`}. With bf16 weights it would be **${b(found.bf16Bytes)}**`,
  ],
  'no-offload-saves': ({ stated, found }) => [
    `On the Blackwell no offload saves about ${stated.seconds}${THIN}s, mostly in text and VAE stages`,
    `${t(found.seconds)} between two runs: loading ${t(found.init)}, text ${t(found.text)}, steps ${t(found.steps)}, decoding ${t(found.decode)}, between stages ${t(found.rest)}. Over ${runs(found.offloadedRuns + found.residentRuns)} offloading costs **${t(found.offload)}, once a video**`,
  ],
  prefetch: ({ found }) => [
    'Weights are swapped during the steps, which prefetching hides in part',
    `loading within steps takes ${t(found.loadingSeconds)} of a run, ${found.loadingShare < 0.01 ? '' : 'at most '}**${p(found.loadingShare)}** of its steps${found.offloadedStep === null || found.residentStep === null ? '' : `; a step takes ${t(found.offloadedStep)} offloaded, ${t(found.residentStep)} resident`}. Networks move once, between stages`,
  ],
  'long-videos': ({ stated, found }) => [
    `The large card suits videos of ${stated.frames} frames and more`,
    `most frames: **${found.l40sFrames}** on the L40S, **${found.blackwellFrames}** on the Blackwell`,
  ],
};

export const verdicts: Readonly<Record<Verdict, string>> = {
  confirmed: '✓ confirmed',
  partly: '◐ partly',
  'not-supported': '✗ not supported',
  unproven: '? unproven',
};
