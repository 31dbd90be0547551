/** The words of the Weights view, in English. `weights_zh.ts` has the same shape. */
import { counted } from './counted_en';

export const weights = {
  title: 'Weights',
  lead: 'What this browser has of Wan2.2 TI2V-5B, and what it costs your GPU to run a model that does not fit into its memory.',

  networks: {
    dit: { name: 'Transformer', what: 'makes the video, step by step' },
    text: { name: 'Text encoder', what: 'reads the prompt' },
    vae: { name: 'Video VAE', what: 'turns numbers into pictures' },
    tiny: { name: 'Tiny decoder', what: 'turns numbers into rough pictures, fast' },
  },
  schemes: {
    original: 'the original names',
    diffusers: 'Diffusers’ names',
    transformers: 'Transformers’ names',
    'llama.cpp': 'llama.cpp’s names',
  },
  formats: { safetensors: 'safetensors', gguf: 'GGUF', pth: 'PyTorch' },

  /** Largest first. */
  large: [
    { of: 1e9, word: ' billion' },
    { of: 1e6, word: ' million' },
  ],

  /** Between the items of a list. */
  comma: ', ',

  models: {
    heading: 'Your models',
    what: 'The benchmark and the demo work without a model. With text encoder, transformer and video VAE here, Generate makes videos with Wan2.2 itself.',
    list: 'Models here',
    none: 'No model yet.',
    reading: 'Looking into this browser’s storage …',
    storeFailed: 'Stored models cannot be shown.',
    storage: (used: string, free: string) => `${used} used in this browser; it reports ${free} free.`,
    persisted: 'The browser promised not to take it away.',
    local: 'on your disk, read in place until this page closes',
    stored: 'kept in this browser',
    looking: 'Looking …',
    from: (host: string) => `from ${host}`,
    close: 'Close',
    closeNamed: (name: string) => `Close ${name}`,
    delete: 'Delete …',
    deleteNamed: (name: string) => `Delete ${name} …`,
    sure: (name: string, bytes: string) => `Delete ${name} and free ${bytes}?`,
    yes: 'Delete',
    no: 'Keep it',
    details: 'What is in it',
    status: {
      complete: 'complete',
      interrupted: 'interrupted',
      evicted: 'incomplete',
      wrong: 'wrong bytes',
      unusable: 'unreadable',
    },
    statusWhy: {
      interrupted: (present: string, wanted: string) => `${present} of ${wanted} are here.`,
      evicted: (present: string, wanted: string) =>
        `The browser took some of it away to make room: ${present} of ${wanted} are here.`,
      wrong: 'The bytes that arrived are not those its origin tells of. They are set aside.',
      unusable: 'Its record cannot be read; it can only be deleted.',
    },
    proof: {
      sum: 'checked: its sha256 is the one its origin tells',
      'no-sum': 'its origin tells no checksum to compare with',
      partial: 'a part of a file has no checksum to compare with',
    },
    continue: 'Continue',
    fetchAgain: 'Download again',
    leftOut: (bytes: string) => `${bytes} of embeddings left out; rows are fetched as a prompt needs them.`,
  },

  download: {
    label: (name: string) => `Download of ${name}`,
    amount: (done: string, total: string) => `${done} of ${total}`,
    left: (time: string) => `about ${time} left`,
    begin: 'Starting …',
    pausing: 'Pausing …',
    resuming: 'Going on …',
    paused: 'Paused',
    checking: 'Checking the sum',
    waiting: {
      'rate-limited': (seconds: number) => `The server asks for a pause: going on in ${seconds} s`,
      failed: (seconds: number) => `The connection failed: trying again in ${seconds} s`,
      stalled: (seconds: number) => `Nothing came for too long: trying again in ${seconds} s`,
    },
    pause: 'Pause',
    resume: 'Resume',
    cancel: 'Cancel',
    kept: 'What has arrived is kept when you cancel or close the page.',
    milestone: (name: string, percent: number) => `${name}: ${percent} percent`,
    said: {
      done: (name: string) => `${name} is here and checked.`,
      stopped: (name: string) => `The download of ${name} was stopped. What has arrived is kept.`,
      failed: (name: string) => `The download of ${name} failed.`,
      deleted: (name: string) => `${name} was deleted.`,
    },
    elsewhere: (percent: number) => `Downloading a model: ${percent} %`,
    needs: (needed: string, free: string) => `Still needed: ${needed}. The browser reports ${free} free.`,
  },

  add: {
    heading: 'Add a model',
    field: 'Repository, page of a hub, or address of a file',
    example: 'QuantStack/Wan2.2-TI2V-5B-GGUF',
    find: 'Look',
    advanced: 'Another hub',
    base: 'Address of a mirror',
    baseWhy: 'Names such as owner/repository are looked up there, in place of huggingface.co.',
    files: 'Open files …',
    folder: 'Open folder …',
    drop: 'Or drop files or a folder here. Files on your disk are read where they are: nothing is copied or uploaded.',
    dropNow: 'Drop to open',
    looking: (what: string) => `Looking at ${what} …`,
    opening: 'Opening …',
    choices: (count: number) => `${count} sets of weights are there. Which one?`,
    moreChoices: (count: number) => `And ${count} more. To open one of those, give the address of its file.`,
    shards: (count: number) => `${count} files`,
    back: 'All choices',
    discard: 'Discard',
    failed: 'That did not work',
    openFailed: 'That could not be opened',
    notAnAddress: 'Give a repository as owner/name, the address of its page, or the https address of a file.',
    notThere: 'There are no weights at that address. Check the spelling, or give the address of the repository’s page.',
    mayBePrivate:
      'There is no repository of this name, or it is not open to everyone. Check the name; or download the file elsewhere and open it from your disk.',
  },

  card: {
    none: 'This is none of the networks of Wan2.2 TI2V-5B.',
    noneWhy: (count: number) =>
      `It holds ${counted(count, 'tensor')}, and no names that belong to the model. Choose another file.`,
    lora: {
      name: 'LoRA for the transformer',
      layers: (count: number, ranks: string) => `${counted(count, 'layer')}${ranks && `, rank ${ranks}`}`,
      dialects: {
        original: 'ComfyUI’s and lightx2v’s names',
        diffusers: 'Diffusers’ names',
        kohya: 'kohya’s names',
      },
      differences: (count: number) => (count === 1 ? 'adds to 1 tensor itself' : `adds to ${count} tensors themselves`),
      unfit: 'It cannot be used:',
      fits: 'It fits the transformer of Wan2.2 TI2V-5B.',
      textEncoder: (count: number) =>
        count === 1
          ? '1 tensor is for the text encoder and is not used.'
          : `${count} tensors are for the text encoder and are not used.`,
    },
    unreadable: 'The file cannot be read as weights.',
    size: (parameters: string, bytes: string) => `${parameters} parameters in ${bytes}`,
    file: (format: string, scheme: string) => `${format} with ${scheme}`,
    types: 'Stored as',
    type: (dtype: string, bytes: string) => `${dtype} (${bytes})`,
    scaled: (count: number) => `${count} of them with a scale`,
    complete: 'Complete: every tensor that the network asks for is there.',
    missing: (count: number, names: string) =>
      `Not complete: ${counted(count, 'tensor')} ${count === 1 ? 'is' : 'are'} missing (${names}).`,
    missingShards: (count: number) => `${count} of its files ${count === 1 ? 'is' : 'are'} missing.`,
    differing: (count: number, names: string) =>
      `${counted(count, 'tensor')} ${count === 1 ? 'has another shape' : 'have other shapes'} than the network asks for (${names}).`,
    unexpected: (count: number, names: string) =>
      `${counted(count, 'tensor')} ${count === 1 ? 'is' : 'are'} not used (${names}).`,
    more: (count: number) => `and ${count} more`,
    unsupported: (types: string) =>
      `It cannot be run here: no kernel decodes ${types}. Choose F16, BF16, F32, F8, Q8_0 or one of Q2_K to Q6_K.`,
    use: {
      stream: 'Its transformer can be chosen in Generate, and measured below, under “What streaming costs here”.',
      generate: 'It is a part of what makes videos: choose it in Generate, together with the others.',
      nothing: 'Nothing here can run it as it is.',
    },
    consent: (bytes: string, exact: string) => `Download ${bytes} (${exact} bytes)?`,
    keeps: 'It is kept in this browser until you delete it. Nothing is uploaded.',
    leavesOut: (bytes: string) =>
      `Its embedding table (${bytes}) is left out: of that, only the rows of a prompt are fetched, when they are needed.`,
    free: (free: string) => `The browser reports ${free} free.`,
    tooLarge: (needed: string, free: string) =>
      `The browser reports ${free} free, and ${needed} are needed. Delete a model or free disk space first; browsers guess, so it may work all the same.`,
    download: 'Download',
    isHere: 'It is among your models already.',
  },

  streaming: {
    heading: 'What streaming costs here',
    what: 'Weights that do not fit into GPU memory can pass through it in every step. While one layer is computed, the next is on its way, and often that costs nothing. This measures it with guided steps of the real transformer.',
    options: 'What to measure',
    size: 'Size',
    sizeLine: (size: string, frames: number, patches: string) => `${size}, ${frames} frames · ${patches} patches`,
    weights: 'Weights',
    madeUp: (type: string) => `made up, of the real sizes: ${type}`,
    residency: 'Where they live',
    residencies: {
      resident: 'All in GPU memory',
      stream: 'Stream what does not fit',
      all: 'Stream everything',
    },
    memory: 'GPU memory for the transformer',
    memoryUnit: 'GiB',
    memorySlider: 'GPU memory for the transformer, as a slider',
    probe: 'Find out how much memory there is',
    probing: 'Trying …',
    probed: (bytes: string, most: boolean) =>
      `${bytes} could be had${most ? ', as much as was tried' : ''}. A tenth is left to the screen and to other programs.`,
    notProbed: 'Browsers do not tell how much there is: 4 GiB is a guess.',
    steps: 'Steps',
    measure: 'Measure',
    again: 'Measure again',
    stop: 'Stop',
    stopping: 'Stopping …',
    noGpu: 'Measuring needs WebGPU, and there is none here:',
    planning: 'Working out what that means …',
    notPossible: 'That does not work out:',
    tooLittle: 'Allow more memory, choose a smaller size, or stream the weights.',
    notTransformer: 'Choose weights that hold a transformer.',
    load: (done: string, total: string) => `Load · ${done} of ${total}`,
    step: (step: number, total: number) => `Step ${step} of ${total}`,
    prepare: 'Preparing kernels …',
    warmUp: 'Warm-up step',
    elsewhere: (percent: number) => `Measuring streaming: ${percent} %`,
    stopped: 'Stopped. Nothing was kept.',
    failed: 'The measurement did not finish',
    said: { load: 'Loading weights', denoise: 'Running steps', done: 'Measured.' },
    result: {
      heading: 'Result',
      stays: (time: string) => `One guided step takes **${time}**. No weights are brought during it.`,
      hidden: (time: string, bytes: string) =>
        `One guided step takes **${time}**. Bringing ${bytes} of weights stays hidden behind computing.`,
      exposed: (time: string, wait: string, percent: string) =>
        `One guided step takes **${time}**; for **${wait}** of it (${percent} %) the GPU waits for weights.`,
      spread: (low: string, high: string, steps: number) => `median of ${steps} steps, ${low} to ${high}`,
      one: 'a single step',
      bars: { step: 'One guided step', bring: 'Bringing weights' },
      parts: { exposed: 'exposed', hidden: 'hidden', computing: 'computing' },
      explain:
        'Exposed: the GPU computed nothing, because weights were being waited for or copied. Hidden: at least so long weights were read and copied while it computed.',
      table: 'As a table',
      what: 'What',
      value: 'Value',
      rows: {
        step: 'One guided step',
        brought: 'Brought in a step',
        rate: 'Rate while under way',
        hidden: 'Hidden, at least',
        exposed: 'Exposed',
        resident: 'Weights that stay',
        streamed: 'Weights that pass through',
        load: 'Loading before the first step',
        peak: 'Peak GPU memory',
        size: 'Size',
        weights: 'Weights',
        residency: 'Where they live',
        budget: 'GPU memory allowed',
        machine: 'Machine',
      },
      noBudget: 'no limit',
      with: (weights: string, activations: string) => `${weights}, activations in ${activations}`,
      median: (time: string, spread: string) => `${time} (${spread})`,
    },
    consequence: {
      total: (bytes: string) => `In all that takes ${bytes} of GPU memory.`,
      stays: (weights: string, time: string) =>
        `All ${weights} of weights that a step reads stay in GPU memory; nothing is brought during a step. Computing one takes about ${time}.`,
      fits: (weights: string, time: string) =>
        `All ${weights} of weights that a step reads fit, so they stay and nothing is brought during a step. Computing one takes about ${time}.`,
      small: (time: string) =>
        `All weights of this model are small; they stay, and nothing is brought during a step. Computing one takes about ${time}.`,
      passes: (weights: string, stay: string, pass: string) =>
        `Of the ${weights} of weights that a step reads, ${stay} stay and ${pass} pass through every time.`,
      allPass: (weights: string) => `All ${weights} of weights that a step reads pass through every time.`,
      takes: (rate: string, time: string, step: string) =>
        `At the measured ${rate} that takes ${time}; computing a step takes about ${step}`,
      line: (passes: string, takes: string, shows: string) => `${passes} ${takes}${shows}`,
      hidden: ', so it should stay hidden.',
      exposed: (time: string) => `, so the GPU will wait for about ${time} of it.`,
      disk: 'These weights come from storage, which may be slower than that.',
    },
  },
};
