/** The written report in English: what `report_zh.ts` says in Chinese. Text between ** is emphasised, between ` code. */

import type { Clip, FindingCode, FindingValues, GainCode } from '../core/findings';
import type { Offload } from '../core/result';
import type { RunKey, RunStage } from '../core/run';
import { claims, verdicts } from './claims_en';
import {
  byteCount,
  comparableDuration,
  comparableRange,
  figures,
  grouped,
  percent,
  rate,
  size,
  THIN,
  times,
} from './format';
import { remarks } from './remarks_en';
import { UNITS } from './units';

const EN = { units: UNITS.en };

const t = (seconds: number) => comparableDuration(seconds, EN);
const ts = (low: number, high: number) => comparableRange(low, high, EN);
const x = (ratio: number) => times(ratio, EN);
const p = (share: number) => `${percent(share).replace('<', 'under ')}${THIN}%`;
const b = byteCount;
const flops = (perSecond: number) => rate(perSecond, 'FLOP/s');
const many = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
/** Both ends with the figures that the larger one deserves. */
const xs = (low: number, high: number) => {
  const from = low < 2 && high >= 2 ? low.toFixed(1) : x(low).replace('×', '');
  return x(low) === x(high) ? x(high) : `${from}–${x(high)}`;
};
const ps = (low: number, high: number) => (p(low) === p(high) ? p(low) : `${percent(low)}–${p(high)}`);
const ofWall = (wallSeconds: number | null) => (wallSeconds === null ? '' : ` of ${t(wallSeconds)}`);

const stages: Readonly<Record<RunStage, string>> = {
  init: 'Loading the model',
  encode: 'Text encoding',
  image: 'First frame',
  step: 'One guided step',
  decode: 'Decoding the video',
  total: 'Text, steps and decoding',
  wall: 'Start to finish',
};

const offload: Readonly<Record<NonNullable<RunKey['offload']>, string>> = {
  resident: 'none, all resident',
  'between-stages': 'between stages',
  partial: 'partly streamed',
  stream: 'streamed',
  'one-block': 'one block for all',
};

/** Within a sentence. */
const weightsAre: Readonly<Record<Offload, string>> = {
  resident: 'all weights on the card',
  partial: 'weights partly streamed',
  stream: 'weights streamed',
  'one-block': 'one block of weights for all',
};

const gains: Readonly<Record<GainCode, string>> = {
  'narrower-weights': 'narrower weights, so that nothing is offloaded',
  'keep-resident': 'no offloading',
  'text-on-gpu': 'text encoding on the GPU',
  'keep-embeddings': 'kept embeddings',
};

const clip = ({ width, height, frames }: Clip) =>
  `${width === null || height === null ? 'an unknown size' : size({ width, height })}, ${frames === null ? 'an unknown number of' : frames} frames`;

function footing({ basis, base, factor, ran, from, to }: FindingValues['stage-ratio']): string {
  if (basis === 'scaled')
    return ` Scaled: the seconds of ${base} are of ${clip(from)}, the other’s of ${clip(to)}; the former were multiplied by ${figures(factor ?? Number.NaN)}, the ratio of FLOPs. Derived, not measured.`;
  return basis === 'projection'
    ? ` Projected: ${base} ran ${clip(ran)}; its seconds are what that run foretells of ${clip(to)}.`
    : '';
}

/** Tables say these. */
export type Told = Exclude<FindingCode, 'utilisation' | 'peak'>;

export type FindingWords = { readonly [Code in Told]: (values: FindingValues[Code]) => string };

const findings: FindingWords = {
  saturation: (v) =>
    `The steps reach ${v.about ? 'about ' : ''}**${ps(v.low, v.high)}** of what the data sheets promise in bf16: arithmetic alone does not bound them.`,
  'offload-cost': (v) =>
    `${v.device}: offloading between stages costs about **${t(v.seconds)} once a video**, nothing per step, and frees ${b(v.resident - v.offloaded)} of ${b(v.resident)}.`,
  'best-gain': (v) =>
    `Most to be gained on ${v.device} with the video unchanged: ${gains[v.advice]}, up to **${t(v.savedSeconds)}**${ofWall(v.wallSeconds)}${v.share === null ? '' : ` (${p(v.share)})`}.`,
  'claims-checked': (v) =>
    `Of ${many(v.confirmed + v.partly + v.notSupported + v.unproven, 'claim')} of the source report, ${v.confirmed} are confirmed by the raw runs, ${v.partly} in part, ${v.notSupported} not supported, and ${v.unproven} can be neither proved nor refuted with them.`,
  'stage-ratio': (v) =>
    `${stages[v.stage]} takes **${t(v.fastSeconds)}** on ${v.fast} and **${t(v.slowSeconds)}** on ${v.slow}: ${v.fast} is **${x(v.ratio)}** as fast${x(v.low) === x(v.high) ? '' : ` (${xs(v.low, v.high)} over the pairs of runs)`}.${footing(v)}`,
  'whole-ratio': (v) =>
    `From start to finish ${v.fast} is **${xs(v.low, v.high)}** as fast as ${v.slow}, over ${many(v.pairs, 'pair')} of runs with the same number of steps.`,
  'no-footing': (v) =>
    `No ratio stands between ${v.base} and ${v.others.join(', ')} (${many(v.others.length, 'card')}): how much work was done is not fully known, or the steps were not timed.`,
  spread: (v) =>
    `Steps are timed one by one: the least even are those of ${v.device}, ${ts(v.min, v.max)} over ${many(v.count, 'step')} in ${many(v.runs, 'run')}, ${p(v.apart)} apart.`,
  contended: (v) =>
    `“${v.run}” on ${v.device} shared its card with something else: its steps took ${ts(v.min, v.max)}. It is listed below and used nowhere else.`,
  'not-saturated': (v) =>
    `The steps reach ${v.about ? 'about ' : ''}**${ps(v.low, v.high)}** of the bf16 peaks on the data sheets${v.matmulLow === null || v.matmulHigh === null ? '' : ` and ${ps(v.matmulLow, v.matmulHigh)} of what a plain matrix product reaches on such cards`}. A counter of SM activity near 100${THIN}% does not contradict this: it tells that kernels were running, not that arithmetic was what they waited for.`,
  'ratio-and-peaks': (v) =>
    `The cards’ bf16 peaks differ by ${v.peakAtMost ? 'at most ' : ''}${x(v.peak)}${v.matmul === null ? '' : `, measured matrix products by ${x(v.matmul)}`}, memory bandwidth by ${x(v.bandwidth)}${v.watts === null ? '' : `, power limits by ${x(v.watts)}`}. The ${x(v.ratio)} between their steps lies nearer to ${v.nearest === 'bandwidth' ? 'bandwidth' : 'arithmetic'}. One pair of cards is a hint, not a proof.`,
  roof: (v) =>
    `${v.device}: a step computes ${flops(v.perSecond)}, **${p(v.share)}** of the ${v.type} roof measured beside it (${flops(v.roof)}).`,
  'gpu-busy': (v) => `${v.device}: the GPU computed for ${p(v.share)} of the time (timestamped passes over wall time).`,
  kernel: (v) =>
    `${v.device}: \`${v.kernel}\` takes ${p(v.share)} of the kernels’ time at ${p(v.ofRoof)} of its roof; ${v.waitsFor === 'memory' ? 'memory' : 'arithmetic'} bounds it.`,
  'kernels-wait': (v) =>
    `${v.device}: kernels bounded by arithmetic take ${p(v.arithmetic)} of the time, those bounded by memory ${p(v.memory)}.`,
  'projection-error': (v) =>
    `${v.device}: where a stage was both measured and projected (${many(v.checks, 'check')}), the projection is ${p(Math.abs(v.worst))} too ${v.worst > 0 ? 'long' : 'short'} at worst (${v.stage}).`,
  software: (v) =>
    `${v.device} is a software adapter: the CPU did the GPU’s work, so its times say nothing about a card.`,

  'offload-saves': (v) =>
    `**${v.device} makes a ${v.steps}-step video in ${t(v.residentSeconds)} with everything resident, in ${t(v.offloadedSeconds)} offloaded.** Of these ${t(v.offloadedSeconds - v.residentSeconds)}, ${t(v.init)} are loading and ${t(v.encode)} text on the host, which differ from run to run anyway; ${t(v.denoise)} are steps, ${t(v.decode)} decoding, and ${t(v.gap)} lie between the stages, where networks are moved. Over all its runs that time is ${t(v.offloadedGap)} offloaded (${many(v.offloadedRuns, 'run')}) and ${t(v.residentGap)} resident (${many(v.residentRuns, 'run')}): offloading costs about **${t(v.offloadedGap - v.residentGap)} once a video**.`,
  'steps-unchanged': (v) =>
    `${v.device}: a step takes ${t(v.offloaded)} offloaded and ${t(v.resident)} resident, decoding ${t(v.decodeOffloaded)} and ${t(v.decodeResident)}. Nothing is swapped during either.`,
  'resident-need': (v) =>
    `${v.device}: keeping everything on the card raises the peak from ${b(v.offloaded)} to **${b(v.resident)}**, by ${b(v.resident - v.offloaded)}.`,
  'would-fit': (v) =>
    `${v.device} has ${b(v.memoryBytes)}, and all its runs offload. The same work resident needed ${b(v.need)} on ${v.from}: ${b(v.memoryBytes - v.need)} would be left for the framework’s context and for fragments. That it fails is likely, but no run here shows it.`,
  'would-not-fit': (v) =>
    `${v.device} has ${b(v.memoryBytes)}; the same work resident needed ${b(v.need)} on ${v.from}, ${b(v.need - v.memoryBytes)} more than that. It has to offload.`,
  exposed: (v) =>
    `${v.device}, ${clip(v.clip)}, ${v.weights}, ${weightsAre[v.offload]}, ${many(v.batch, 'video')} at once: of a step’s ${t(v.seconds)} the GPU waited **${t(v.exposed)}** (${p(v.share)}) for weights. ${b(v.streamed)} were brought, and ${t(v.hidden)} of that work was hidden behind computing.`,
  'case-failed': (v) =>
    `${v.device}, ${v.weights}, ${weightsAre[v.offload]}, ${many(v.batch, 'video')} at once: failed (${b(v.peak)} of GPU memory were asked for).`,

  'host-ratio': (v) => {
    const near = Math.abs(Math.log(v.ratio / v.stepRatio)) < 0.12;
    const judgement =
      v.stage === 'init'
        ? `the work of disk and CPU (the cards’ steps differ by ${x(v.stepRatio)})`
        : near
          ? `close to the ${x(v.stepRatio)} between the cards`
          : `while the cards’ steps differ by ${x(v.stepRatio)}: ${v.stage === 'decode' ? 'not the same bound as the steps' : 'this is the host, not the card'}`;
    return `${stages[v.stage]}${v.stage === 'encode' ? ' on the CPU' : ''}: ${t(v.slowSeconds)} with ${v.slow}, ${t(v.fastSeconds)} with ${v.fast}, **${x(v.ratio)}**, ${judgement}.`;
  },
  'host-share': (v) =>
    `${v.device}: of the ${t(v.wall)} of a ${v.steps}-step run, **${t(v.host)} (${p(v.share)})** are neither steps nor decoding: loading ${t(v.init)}${v.encode > 0 ? `, text on the CPU ${t(v.encode)}` : ''}${v.gap === null ? '' : `, between the stages ${t(v.gap)}`}.`,
  'host-varies': (v) =>
    `${stages[v.stage]} with ${v.device} took ${ts(v.min, v.max)} (${p(v.apart)}) from run to run, while steps differ by ${p(v.stepShare)}. It is no measure of the card.`,
  'text-on-cpu': (v) =>
    `${v.device}: the text encoder runs on the CPU at ${flops(v.perSecond)} (${t(v.seconds)}); the card’s steps run at ${flops(v.stepPerSecond)}, ${x(v.ratio)} that.`,
  gap: (v) =>
    `${v.device}: ${ts(v.low, v.high)} of a run (${many(v.runs, 'run')}) belong to no stage: moving networks, saving the video.`,
  idle: (v) =>
    `${v.device}: from the first moment of computing to the last no stage ran for ${t(v.idle)} of ${t(v.whole)} (${p(v.share)}).`,

  'narrower-weights': (v) =>
    `**Store the transformer in ${v.to} and offload nothing.** It lies there in ${v.from}. Resident, the peak would fall from ${b(v.need)} (measured on ${v.needFrom}) to **${b(v.needThen)}** of ${b(v.memoryBytes)}; ${v.to === 'fp8' ? '' : `FP8 (${b(v.needFp8)}) is not needed for that. `}In the published code: \`${v.to === 'bf16' ? '--convert_model_dtype --offload_model False' : '--offload_model False'}\`. Predicted gain: at most ${t(v.savedSeconds)}${ofWall(v.wallSeconds)}, once a video${v.seenSeconds === null ? '' : `; on ${v.needFrom} it was ${t(v.seenSeconds)}`}. Steps do not get faster by it.`,
  'quantise-stream': (v) =>
    `**${v.fits ? 'Quantise, so that the weights stay' : 'Quantise, so that less is brought'}.** In ${v.to} instead of ${v.from} a step brings ${b(v.streamedThen)} instead of ${b(v.streamed)}; all of it resident needs ${b(v.need)}${v.budget === null ? '' : ` of ${b(v.budget)}`}. Predicted gain: ${t(v.savedPerStep)} of a step’s ${t(v.stepSeconds)} (${p(v.share)}), in which the GPU now waits ${t(v.exposed)} for weights.`,
  'resident-step': (v) =>
    `**Keep the weights on the card where they fit.** For ${clip(v.clip)} a step takes ${t(v.resident)} with all of them there and ${t(v.seconds)} with ${weightsAre[v.offload]} (${x(v.ratio)}, measured); it needs ${b(v.need)}.`,
  'keep-resident': (v) =>
    `**Offload nothing.** It needs ${b(v.need)}${v.memoryBytes === null ? '' : ` of ${b(v.memoryBytes)}`} and saves about ${t(v.savedSeconds)}${ofWall(v.wallSeconds)} once a video; steps stay as they are.`,
  'text-on-gpu': (v) =>
    `**Encode the text on the GPU.** The ${t(v.seconds)} on the CPU would be ${v.from === null ? `${t(v.thenSeconds)} at the rate of this card’s steps, plus the time to bring ${b(v.bytes)} of bf16 weights` : `${t(v.thenSeconds)}, as measured in “${v.from}”, bringing the weights included`}; the encoder leaves before the transformer comes. Predicted gain: up to ${t(v.savedSeconds)}${ofWall(v.wallSeconds)} a video.`,
  'keep-embeddings': (v) =>
    `**Keep the embeddings of prompts that come again**, the negative prompt first: up to ${t(v.savedSeconds)}${ofWall(v.wallSeconds)} for a video with both prompts known.`,
  'batch-measured': (v) =>
    v.gain > 0.1
      ? `**Make ${v.batch} videos at once** (${clip(v.clip)}, ${weightsAre[v.offload]}): a step of ${v.batch} takes ${t(v.seconds)}, of one ${t(v.single)}, so ${p(v.gain)} more videos in the same time (measured).`
      : `**Batches do not pay everywhere** (${clip(v.clip)}, ${weightsAre[v.offload]}): a step of ${v.batch} videos takes ${t(v.seconds)}, of one ${t(v.single)} (${p(Math.abs(v.gain))} ${v.gain < 0 ? 'fewer' : 'more'} videos in the same time, measured).`,
  'batch-bound': (v) =>
    `**Do not expect much of batches** (none was measured here). They share the reading of weights, and ${b(v.weightBytes)} a step are ${t(v.weightSeconds)} of ${t(v.stepSeconds)} at the card’s bandwidth: ${v.gain < 0.01 ? '' : 'at most '}${p(v.gain)} more videos in the same time.`,
  'batch-busy': (v) =>
    `**Do not expect much of batches** (none was measured here): the GPU is busy for ${p(v.busy)} of the time, so filling its pauses gives at most ${p(v.gain)}.`,
  'fewer-steps': (v) =>
    `**Fewer steps are worth most.** For ${clip(v.clip)}${v.projected ? ' (projected)' : ''}, text, ${v.steps} guided steps and decoding take ${t(v.seconds)}; ${v.fewer} steps ${t(v.fewerSeconds)} (${x(v.fewerRatio)}), a distilled checkpoint with ${v.few} steps and no guidance ${t(v.fewSeconds)} (${x(v.fewRatio)}). There decoding, ${t(v.decodeSeconds)}, is ${p(v.decodeShare)} of it. Another schedule or checkpoint makes another video; its quality is not measured here.`,
  'matrix-units': (v) =>
    `**Matrix units lie idle.** They reach ${flops(v.matrix)} as measured, the shaders’ roof is ${flops(v.roof)}: up to ${x(v.gain)} for matrix products, once kernels use them.`,
  'flash-in-use': (v) =>
    `**Flash attention is in use already** (${v.runs === 1 ? 'the run' : `all ${v.runs} runs`}): nothing is left to gain there.`,
  'tiled-decode': (v) =>
    `**Decode in tiles:** decoding holds ${b(v.decodePeak)}, everything else ${b(v.otherPeak)} at most. Tiles bring the whole run’s need towards the latter.`,
  longer: (v) =>
    `**Longer videos fit.** A step needs about ${b(v.bytesAToken)} a token besides the weights, so ${b(v.memoryBytes)} hold some ${v.frames.toLocaleString('en')} frames (${figures(v.frames / v.framesPerSecond)} s; ${v.ranFrames} ran), if weights leave between stages. A step would then take ${t(v.stepSeconds)} (scaled by FLOPs). The model was trained on 121 frames; what it makes of more is not measured here.`,
};

export const report = {
  title: (names: string) => `Wan2.2 TI2V-5B: ${names}`,
  lead: (runs: number, devices: number) =>
    `An analysis of ${many(runs, 'run')} on ${many(devices, 'card')}. Every sentence is computed from their numbers; what they do not tell is not said. Seconds are medians unless stated otherwise.`,
  and: ' and ',
  comma: ', ',
  headings: {
    summary: '1. Summary',
    compute: '2. Computing',
    memory: '3. Memory and offload',
    system: '4. Bottlenecks of the system',
    recommendations: '5. Recommendations',
    claims: '6. Claims of the source report, checked',
    runs: '7. The runs',
  },
  none: {
    summary: 'These runs share no work that could be compared.',
    compute: 'No run here times its steps.',
    memory: 'No run here states its memory.',
    system: 'No run here times its host stages.',
    recommendations: 'The runs do not tell enough for a recommendation with a number.',
    claims: 'None of the runs that the source report speaks of is among these.',
  },
  stages,
  offload,
  kinds: { measured: 'measured', sampled: 'sampled', derived: 'derived', published: 'published' },
  unknown: '–',
  yes: 'yes',
  no: 'no',
  shared: 'shared card',
  confidence: { high: 'high', medium: 'medium', low: 'low' },
  fields: {
    model: 'Model',
    width: 'Width',
    height: 'Height',
    frames: 'Frames',
    tokens: 'Tokens',
    steps: 'Steps',
    guidance: 'Guidance',
    promptTokens: 'Prompt tokens',
    batch: 'Batch',
    activations: 'Activations',
    weights: 'Weights',
    attention: 'Attention',
    offload: 'Offload',
    textEncoderOn: 'Text encoder on',
    decoder: 'Decoder',
    gpus: 'Cards',
  } satisfies Record<keyof RunKey, string>,
  remarks,
  claims,
  verdicts,
  findings,
  time: t,
  range: ts,
  times: x,
  percent: p,
  bytes: b,
  flops,
  shortened: (shown: number, all: number) =>
    `The first ${grouped(shown)} of ${grouped(all)}; the JSON has all of them.`,
  tables: {
    steps:
      'Steps and decoding, all runs of a card together; percentages of the data sheet’s dense bf16 peak and of a matrix product measured on such cards (≥: the peak itself is only known as a bound).',
    peaks: 'Largest peak by manner of offloading.',
    cases: 'Measured cases: a guided step of the whole batch.',
    like: 'Like with like: same work, same steps, same manner.',
    stages: 'Every run, stage by stage.',
    runs: 'Where the numbers come from.',
    keys: 'What each run did, and how.',
    differences: 'What differs, beside which the ratios must be read.',
    claims: 'What the source report says, and what its raw runs say.',
  },
  columns: {
    card: 'Card',
    stage: 'Stage',
    count: 'Timed',
    median: 'Median',
    mean: 'Mean',
    range: 'Min–max',
    rate: 'Rate',
    ofPeak: 'Of peak',
    ofMatmul: 'Of matrix product',
    offload: 'Offload',
    peak: 'Peak memory',
    memory: 'Card memory',
    share: 'Share',
    steps: 'Steps',
    ratio: 'Ratio',
    slower: 'Slower',
    faster: 'Faster',
    one: 'One',
    another: 'The other',
    run: 'Run',
    software: 'Software',
    date: 'Date',
    source: 'Source',
    kind: 'Kind',
    confidence: 'Confidence',
    remarks: 'Remarks',
    size: 'Size',
    frames: 'Frames',
    tokens: 'Tokens',
    guidance: 'Guidance',
    precision: 'Activations / weights',
    attention: 'Attention',
    text: 'Text on',
    batch: 'Batch',
    field: 'What',
    work: 'Other work',
    basis: 'Footing',
    init: 'Loading',
    encode: 'Text',
    step: 'Step',
    decode: 'Decoding',
    between: 'Between stages',
    wall: 'In all',
    exposed: 'Waited',
    hidden: 'Hidden',
    streamed: 'Brought',
    claim: 'Claim',
    found: 'Found',
    verdict: 'Verdict',
  },
};
