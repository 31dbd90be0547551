/**
 * Which fault is made to happen where, and what proves that it is survived: the table of docs/reliability.md. A cell
 * names its tests, or says why the fault cannot happen there.
 */

export const STAGES = ['load', 'encode', 'denoise', 'decode', 'benchmark'] as const;
export type FaultStage = (typeof STAGES)[number];

/** `file › name`, as the name stands in the file. */
export type TestName = `test/${string}.ts › ${string}`;

export type Cell = readonly [TestName, ...TestName[]] | { readonly cannot: string };

export interface Fault {
  readonly name: string;
  /** How the tests make it, and what comes of it. */
  readonly made: string;
  readonly ends: string;
  readonly cells: Readonly<Record<FaultStage, Cell>>;
}

const INTERRUPTED = 'test/pipeline/clip_interrupted.test.ts';
const STAGES_TEST = 'test/faults/stages.test.ts';
const LESS = 'test/faults/less_memory.test.ts';
const LIMITS = 'test/faults/low_limits.test.ts';
const BENCHMARK = 'test/faults/benchmark.test.ts';
const PAGE = 'test/faults/page_tells.unit.test.ts';
const CHROMIUM = 'test/browser/faults.test.ts';
const STORE = 'test/browser/store.test.ts';
const KEPT = 'test/workers/kept_runs.unit.test.ts';
const RUNS = 'test/app/own_runs.unit.test.ts';
const RESULTS = 'test/browser/opened_results.test.ts';
const BENCHMARK_PAGE = 'test/browser/benchmark.test.ts';
const WEIGHTS = 'test/browser/weights.test.ts';
const LEAPS = 'test/faults/clock.unit.test.ts';

const lostInStage: TestName = `${INTERRUPTED} › a device lost in each stage is told at once, and the next goes on after the last step`;
const stalled: TestName = `${INTERRUPTED} › in the stage %s, while a weight does not come`;
const unloaded: TestName = `${STAGES_TEST} › while weights are loaded for the stage %s`;
const uncompiled: TestName = `${STAGES_TEST} › a kernel that does not compile is named, with the line`;
const notANumber: TestName = `${STAGES_TEST} › NaN is named and ends the run`;
const tooLittle: TestName = `${STAGES_TEST} › too little memory for the stage %s is told with both numbers`;
const unread: TestName = `${STAGES_TEST} › a read that fails in the stage %s ends the run with its reason`;
const leaps: TestName = `${STAGES_TEST} › a clock that leaps back and forth changes no frame of any stage, and no time is below zero`;
const workerEnded: TestName = `${CHROMIUM} › a worker that is ended in any stage is told, and the video goes on after its last step`;
const quickOnLeast: TestName =
  'test/full/low_limits.test.ts › Quick, of all four kinds of work, has a result that can be read, in f32 and by the wall clock';
const tookAway: TestName = `${CHROMIUM} › steps and embeddings that the browser took away are told to be gone, and made anew`;
const twoTabs: TestName = `${CHROMIUM} › a second tab is told in every stage that the first has a run, which goes on behind it, hidden`;
const published: TestName = `${LIMITS} › %s has the published results`;
const killed: TestName = `${STORE} › a download that is killed three times goes on each time, and loses a chunk at most`;
const noStorage: TestName = `${KEPT} › a browser that keeps nothing ends no run, and prompts are encoded anew`;

const IN_THE_PAGE = 'Finished frames are in the page’s memory.';
const FROM_MEMORY = 'Its weights are made in memory.';

export const FAULTS: readonly Fault[] = [
  {
    name: 'Device lost',
    made: 'The device is destroyed, or Chromium’s GPU process is crashed, in the middle of a stage.',
    ends: 'Told within a second; all memory is given back; the next run goes on after the last finished step, to the same frames bit for bit.',
    cells: {
      load: ['test/gpu/waiting.test.ts › a lost device ends all that waits for it, and all that comes after'],
      encode: [lostInStage],
      denoise: [lostInStage, 'test/browser/generate.test.ts › by the loss of the GPU, it goes on'],
      decode: [lostInStage],
      benchmark: [
        'test/tuning/tuner.test.ts › by the loss of the device, it says so, and the next start does not try the same',
        'test/faults/benchmark_lost.test.ts › in the stage %s',
        'test/faults/benchmark_lost.test.ts › in the cases of a matrix, of which those that were finished stay',
        `${BENCHMARK_PAGE} › when the browser takes the GPU back, Try again opens it anew`,
      ],
    },
  },
  {
    name: 'Worker ended',
    made: 'The worker of the engine, or of the loader, closes itself in the stage, which sends the page no event; for downloads the page or all of Chromium is killed, too.',
    ends: 'The page is told by the lock that the worker held, and offers to go on after the last finished step or chunk in a new worker.',
    cells: {
      load: [`${WEIGHTS} › one whose worker is ended says so, and goes on in the next`, killed],
      encode: [workerEnded],
      denoise: [workerEnded],
      decode: [workerEnded],
      benchmark: [twoTabs],
    },
  },
  {
    name: 'Out of GPU memory',
    made: 'The memory allowed is forced down, below what each stage takes; or the driver refuses a buffer in the middle of a run.',
    ends: 'Smaller tiles, then more weights that pass through, from the last finished step on; where that is not enough, a refusal with both numbers, and the page offers the smallest size.',
    cells: {
      load: ['test/pipeline/streaming.test.ts › says with both numbers when the memory allowed is too little'],
      encode: [tooLittle],
      denoise: [
        tooLittle,
        `${STAGES_TEST} › with less and less memory tiles become smaller, and more of the weights pass through, until it says what is too little`,
        `${LESS} › weights pass where they did not fit`,
        `${PAGE} › may be made in the smallest size there is, unless it is that one`,
      ],
      decode: [
        tooLittle,
        'test/pipeline/tiled_decode.test.ts › comes by itself where the memory allowed is too little for the frame at once',
        `${LESS} › after the last step frames are decoded in tiles`,
      ],
      benchmark: [
        'test/bench/cases.test.ts › every case is measured as planned, and what fails is kept while the others go on',
        `${PAGE} › is answered with the smallest: %s`,
      ],
    },
  },
  {
    name: 'A kernel that does not compile',
    made: 'A line that the adapter’s compiler refuses is added to one kernel of the stage.',
    ends: 'The run ends with the kernel’s name, the line and the compiler’s words; all memory is given back. A tuning that does not compile is left out.',
    cells: {
      load: [unloaded],
      encode: [uncompiled],
      denoise: [uncompiled],
      decode: [uncompiled],
      benchmark: [
        `${BENCHMARK} › a kernel of the stage %s that does not compile ends the benchmark`,
        'test/tuning/tuner.test.ts › that does not compile is left out and named, and the others stay',
      ],
    },
  },
  {
    name: 'NaN',
    made: 'One weight of the stage’s network is NaN, or the numbers overflow.',
    ends: 'The stage is named, the run ends there, and nothing of it is kept: neither embeddings, nor the step, nor a time.',
    cells: {
      load: [
        'test/generate/unfinished.unit.test.ts › with %s is refused',
        'test/generate/embeddings.unit.test.ts › with %s in the store are as if they were not there, and can be kept anew',
      ],
      encode: [notANumber],
      denoise: [
        notANumber,
        'test/pipeline/clip.test.ts › latents that overflow end the run at that step, and are not kept',
      ],
      decode: [notANumber],
      benchmark: [
        `${BENCHMARK} › of all that Quick measures`,
        `${BENCHMARK} › in a slice, of which the weight %s is NaN`,
        `${BENCHMARK} › in a block`,
        'test/bench/cases.test.ts › a case whose numbers are none has no time, and says so',
        'test/tuning/tuner.test.ts › with another result is left out and named: %s',
      ],
    },
  },
  {
    name: 'No timestamps',
    made: 'A device without the feature.',
    ends: 'The same results; times by the wall clock, and a benchmark’s result says so.',
    cells: {
      load: { cannot: 'Loading is timed by the wall clock anyway.' },
      encode: [published],
      denoise: [published],
      decode: [published],
      benchmark: [`${LIMITS} › the benchmark times a slice by the wall clock, and the result says so`, quickOnLeast],
    },
  },
  {
    name: 'Least limits, no f16, no subgroups',
    made: 'A device asked for nothing: bindings of 128 MiB, 256 invocations, 16 KiB a workgroup, no optional feature.',
    ends: 'The published results in f32; what does not fit is refused with both numbers.',
    cells: {
      load: [`${LIMITS} › what needs more is refused with both numbers, and what it needs less of`],
      encode: [published],
      denoise: [published],
      decode: [published, 'test/pipeline/decode_plan.unit.test.ts › binds no buffer that the GPU would refuse'],
      benchmark: [
        `${LIMITS} › the benchmark times a slice by the wall clock, and the result says so`,
        quickOnLeast,
        'test/bench/protocol.unit.test.ts › is refused, with both numbers, where a binding cannot hold it',
      ],
    },
  },
  {
    name: 'Storage full',
    made: 'Chromium’s quota is lowered; the store refuses to write.',
    ends: 'A download says what is needed and what is there, and goes on when there is room; a video goes on without being kept, and so does a result, of which the page says so.',
    cells: {
      load: [`${STORE} › into full storage says what is needed and what is there, and goes on when there is room`],
      encode: [`${KEPT} › a disk that is full keeps the embeddings before, and new ones are made anew each time`],
      denoise: [`${KEPT} › a disk that is full keeps the state before, and ends no run`],
      decode: { cannot: IN_THE_PAGE },
      benchmark: [
        `${RESULTS} › on a full disk a run stays on the page, which says so, and is stored when there is room`,
      ],
    },
  },
  {
    name: 'Storage denied',
    made: 'Every call of the store is refused, as in some private windows.',
    ends: 'Files on the disk are read in place; runs go on, and are not kept.',
    cells: {
      load: [`${STORE} › where the browser stores nothing, that is said, and files on disk are read all the same`],
      encode: [noStorage],
      denoise: [noStorage],
      decode: { cannot: IN_THE_PAGE },
      benchmark: [`${RUNS} › runs stay on the page, newest first, and the page says so`],
    },
  },
  {
    name: 'Storage evicted between runs',
    made: 'Files and entries are deleted behind the page’s back.',
    ends: 'What is gone is noticed, said where someone asks for it, and had again.',
    cells: {
      load: [`${STORE} › files that the browser took away are noticed, and can be had again`],
      encode: [
        tookAway,
        'test/generate/embeddings.unit.test.ts › with %s in the store are as if they were not there, and can be kept anew',
      ],
      denoise: [
        tookAway,
        `${KEPT} › what does not read any more goes, and the one before it is shown; embeddings are no runs`,
      ],
      decode: { cannot: IN_THE_PAGE },
      benchmark: [
        `${BENCHMARK_PAGE} › results and tuning that the browser took away are gone without a fault, and Start tunes anew`,
      ],
    },
  },
  {
    name: 'Network cut',
    made: 'The server cuts, falls silent or ends early; a read fails or never ends.',
    ends: 'Reads go on from the byte they had; what does not come back ends the run with the reason, and can be stopped at once.',
    cells: {
      load: [
        'test/weights/http_source.unit.test.ts › is a connection that is cut: it goes on from there, and no byte comes twice',
        'test/browser/http_source.test.ts › goes on after cuts',
      ],
      encode: [unread, stalled],
      denoise: [
        unread,
        stalled,
        'test/pipeline/streaming.test.ts › stops while weights are on their way, and tells the failure of a read',
      ],
      decode: [unread, stalled],
      benchmark: { cannot: FROM_MEMORY },
    },
  },
  {
    name: 'Tab hidden and throttled',
    made: 'Another tab is in front of it, of a video’s from its first stage to its last: it is hidden, not drawn, and its timers come once a second.',
    ends: 'Work goes on in the workers; a benchmark’s result says that its tab was hidden.',
    cells: {
      load: [`${WEIGHTS} › one goes on while its tab is hidden`],
      encode: [twoTabs],
      denoise: [twoTabs],
      decode: [twoTabs],
      benchmark: [
        `${BENCHMARK_PAGE} › each stage of the result took time, and stands beside the published runs`,
        `${WEIGHTS} › is saved as a file of its own schema`,
        `${PAGE} › is told of, however short it was and whenever`,
      ],
    },
  },
  {
    name: 'Two tabs at once',
    made: 'A second tab downloads the same model, or starts a run.',
    ends: 'The first leads. The second is told, and can begin when the first has ended.',
    cells: {
      load: [`${STORE} › a second tab sees the models, and is told that one is in use`],
      encode: [twoTabs],
      denoise: [twoTabs, `${KEPT} › a run is kept under its own id, as its last step left it and as it was asked for`],
      decode: [twoTabs],
      benchmark: [twoTabs],
    },
  },
  {
    name: 'Reload in the middle',
    made: 'The page is loaded anew, or a copy of the state is all that is left.',
    ends: 'A download goes on from its last chunk, a video after its last step; finished results are there.',
    cells: {
      load: [`${WEIGHTS} › one that a reload interrupts is listed as such`, killed],
      encode: [
        `${CHROMIUM} › a reload while the prompt is read leaves nothing behind`,
        'test/generate/generate.test.ts › embeddings that were kept need no text encoder',
      ],
      denoise: [
        'test/browser/generate.test.ts › by a reload, it goes on, and the frames are those of the run that was not',
      ],
      decode: [
        'test/pipeline/clip.test.ts › stopped after each step, and gone on with from a copy of the state, gives the same frames',
      ],
      benchmark: [`${BENCHMARK_PAGE} › a reload in the middle of a run leaves what was finished`],
    },
  },
  {
    name: 'Clock leaps',
    made: '`performance.now()` leaps an hour forth and back, at every fifth or so of its calls; the date is set back by hours.',
    ends: 'The same frames; no time below zero; no wait that lasts as long as the leap; the newest unfinished video stays the newest.',
    cells: {
      load: [`${LEAPS} › a pause that a server asked for lasts no longer where the clock is set back`],
      encode: [leaps],
      denoise: [
        leaps,
        'test/workers/kept_runs.unit.test.ts › after the date was set back the newest is still the newest: it is offered, and the oldest goes',
      ],
      decode: [leaps],
      benchmark: [
        `${BENCHMARK} › a clock that is set back again and again makes no rate that a result may not hold`,
        `${LEAPS} › a step’s events and time left are numbers that can be shown`,
      ],
    },
  },
];
