/** A statement of the source report beside what its raw runs say; sentences are made of the numbers elsewhere. */

export type Verdict = 'confirmed' | 'partly' | 'not-supported' | 'unproven';

/** Seconds on either card, and how many times faster the second is: over the pairs of runs that are named alike. */
interface Pairwise {
  readonly l40sSeconds: number;
  readonly blackwellSeconds: number;
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
}

interface StatedRatio {
  readonly l40sSeconds: number;
  readonly blackwellSeconds: number;
  readonly ratio: number;
}

/** What is stated and what is found, by claim. Null: not among the runs. */
export interface ClaimNumbers {
  /** It names no number of frames; a reader takes the model's default. `work`: of a step, over that of the default. */
  frames: { stated: { frames: number }; found: { frames: number; tokens: number; work: number } };
  'named-480p': { stated: { height: number }; found: { width: number; height: number; runs: number } };
  step: { stated: StatedRatio; found: Pairwise };
  'end-to-end': {
    stated: { low: number; high: number };
    found: {
      low: number;
      high: number;
      pairs: number /** Of those, with weights elsewhere on one card only. */;
      unlike: number;
    };
  };
  init: { stated: StatedRatio; found: Pairwise };
  text: { stated: StatedRatio; found: Pairwise };
  decode: { stated: StatedRatio; found: Pairwise };
  /** "On the CPU, in offload mode": in how many runs, and in how many that did not offload. */
  'text-on-cpu': {
    stated: { offloadedOnly: number };
    found: {
      onCpu: number;
      onCpuResident: number;
      cpuSeconds: number /** Of a run with it on the GPU. */;
      gpuSeconds: number | null;
    };
  };
  /** Per cent of the steps' time. */
  'sm-activity': { stated: { l40s: number; blackwell: number }; found: { l40s: number; blackwell: number } };
  /** Shares of what the cards could do; stated are all of it. `AtLeast`: the peak is an upper bound. */
  'compute-bound': {
    stated: { share: number };
    found: {
      l40sOfPeak: number;
      blackwellOfPeak: number;
      blackwellAtLeast: number;
      l40sOfMeasured: number | null;
      blackwellOfMeasured: number | null;
    };
  };
  /** Does a step get faster as the cards' arithmetic does? */
  'scales-with-compute': {
    stated: { ratio: number };
    found: { ratio: number; peak: number; measured: number | null; bandwidth: number; watts: number | null };
  };
  'peak-memory': { stated: { gib: number }; found: { residentBytes: number; offloadedBytes: number } };
  /** Stated as GB of the card, and that a run without offload ended there. `bf16Bytes`: the need with the transformer in bf16. */
  'out-of-memory': {
    stated: { cardGb: number };
    found: { needBytes: number; cardBytes: number; bf16Bytes: number; residentRuns: number };
  };
  /** Of one pair of runs, by stage; `rest` is what no stage accounts for. `offload`: the rest's medians apart, over all runs. */
  'no-offload-saves': {
    stated: { seconds: number };
    found: {
      seconds: number;
      init: number;
      text: number;
      steps: number;
      decode: number;
      rest: number;
      offload: number;
      offloadedRuns: number;
      residentRuns: number;
    };
  };
  /** Weights change places during the steps: what loading takes of them, and what a step takes with and without offload. */
  prefetch: {
    stated: { loadingShare: number };
    found: { loadingSeconds: number; loadingShare: number; offloadedStep: number | null; residentStep: number | null };
  };
  /** "Above 5 s" is for the large card: what either ran. */
  'long-videos': { stated: { frames: number }; found: { l40sFrames: number; blackwellFrames: number } };
}

export type ClaimId = keyof ClaimNumbers;

export type Claim = {
  [Id in ClaimId]: {
    readonly id: Id;
    readonly stated: Readonly<ClaimNumbers[Id]['stated']>;
    readonly found: Readonly<ClaimNumbers[Id]['found']>;
    readonly verdict: Verdict;
  };
}[ClaimId];

export function claim<Id extends ClaimId>(id: Id, numbers: ClaimNumbers[Id], verdict: Verdict): Claim[] {
  return [{ id, ...numbers, verdict } as Claim];
}
