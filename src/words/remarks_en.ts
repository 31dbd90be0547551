/** What a result's conditions mean, in English; `remarks_zh.ts` has the same shape. */
import type { Remark, RemarkValues, ServerRemark, ServerRemarkValues, ServerSetting } from '../core/events';
import { byteCount, duration, grouped } from './format';
import { UNITS } from './units';

const EN = { units: UNITS.en };

const SETTINGS: Readonly<Record<ServerSetting, string>> = {
  solver: 'the solver',
  schedule: 'the schedule of steps',
  shift: 'the shift',
  decoder: 'the tiny decoder',
  image: 'the first frame',
};
const named = (settings: readonly ServerSetting[]) => settings.map((setting) => SETTINGS[setting]).join(', ');

type Values = RemarkValues & ServerRemarkValues;

export type RemarkWords = { readonly [Code in keyof Values]: (values: Values[Code]) => string };

export const remarks: RemarkWords = {
  'software-adapter': ({ adapter }) => `A software adapter did the work, ${adapter}: not a GPU’s numbers.`,
  'no-timestamps': () => 'No GPU timestamps: kernels could not be timed one by one.',
  'default-limits': ({ bindingBytes }) =>
    `The browser offered default limits only, ${byteCount(bindingBytes)} in one binding; more passes were needed.`,
  'hidden-tab': () => 'The tab was hidden for part of the run; browsers slow hidden tabs down.',
  throttled: ({ firstSeconds, lastSeconds }) =>
    `The last step took ${duration(lastSeconds, EN)}, the first ${duration(firstSeconds, EN)}: the GPU got hot, or its power was limited.`,
  contended: ({ shortestSeconds, longestSeconds }) =>
    `Steps took from ${duration(shortestSeconds, EN)} to ${duration(longestSeconds, EN)}: something else used the GPU.`,
  'busy-before': ({ shortestSeconds, longestSeconds }) =>
    `Before the run one small kernel took from ${duration(shortestSeconds, EN)} to ${duration(longestSeconds, EN)}: the GPU was busy with something else.`,
  'block-at-fewer-tokens': ({ tokens, referenceTokens }) =>
    `A whole block ran with ${grouped(tokens)} tokens; with the reference’s ${grouped(referenceTokens)} it would have taken too long.`,
  sampled: () => 'The reference size was sampled, not run in full.',
  'one-block-of-weights': () =>
    'One block of weights stood for all thirty; the arithmetic is the same, the memory need is not.',
  'no-previews': () =>
    'No previews: there is no memory for them, or they could not be computed. The video itself is as it would be.',
  'less-memory': ({ memoryBytes }) =>
    `The GPU refused memory that was planned with. The video goes on after its last step within ${byteCount(memoryBytes)}: weights pass through the GPU, and frames are decoded in tiles where they must. That takes longer; the picture is the same.`,
  'other-noise': () =>
    'Another engine draws other noise from the same seed: times can be compared, the pictures will not match.',
  'not-taken': ({ settings }) => `The server could not be told ${named(settings)}, and used its own.`,
  'perhaps-ignored': ({ settings }) =>
    `The server was told ${named(settings)}; older builds ignore that, and it does not say what it used.`,
  'poll-bias': ({ seconds }) =>
    `The server was asked from time to time, so the wall time is about ${duration(seconds, EN)} too long on average.`,
  'cold-start': ({ seconds }) =>
    `The server loaded its models during this run, for ${duration(seconds, EN)}; the next run will be faster.`,
  queued: ({ seconds }) =>
    `It waited ${duration(seconds, EN)} behind others in the server’s queue; the wall time leaves that out.`,
  'no-stage-times': () => 'The server tells no times of single stages.',
  'no-video': ({ reason }) =>
    `The video did not come; what the server has of it was left there, and the times are complete. ${reason}`,
  shortened: ({ spans, memorySamples }) =>
    `Its timeline (${spans} spans) and the course of its memory (${memorySamples} samples) did not fit into the link. They are in the saved file.`,
};

export const remarkText = (remark: Remark | ServerRemark, words: { readonly remarks: RemarkWords }): string =>
  (words.remarks[remark.code] as (values: (Remark | ServerRemark)['values']) => string)(remark.values);
