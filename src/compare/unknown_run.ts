/** A run of which nothing is known: what every row begins as, so that null is what nobody told. */
import type { Run, RunKey, RunStages } from '../core/run';

export const UNKNOWN_KEY: RunKey = {
  model: null,
  width: null,
  height: null,
  frames: null,
  tokens: null,
  steps: null,
  guidance: null,
  promptTokens: null,
  batch: null,
  activations: null,
  weights: null,
  attention: null,
  offload: null,
  textEncoderOn: null,
  decoder: null,
  gpus: null,
};

export const UNKNOWN_STAGES: RunStages = {
  init: null,
  encode: null,
  image: null,
  step: null,
  decode: null,
  total: null,
  wall: null,
};

export const UNKNOWN_RUN: Omit<Run, 'id' | 'origin' | 'name' | 'device'> = {
  software: '',
  date: null,
  source: { text: '', url: null },
  confidence: null,
  contended: false,
  key: UNKNOWN_KEY,
  stages: UNKNOWN_STAGES,
  projection: null,
  checks: [],
  timingBoundary: null,
  peakMemoryBytes: null,
  gpuBusy: null,
  roofs: null,
  kernels: [],
  cases: [],
  timeline: [],
  memory: { limitBytes: null, samples: [] },
  remarks: [],
  extra: {},
};
