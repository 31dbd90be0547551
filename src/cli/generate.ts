/** `generate`: a video from a prompt, in Node. */
import type { ClipSettings } from '../core/clip';
import { CLIP_OPTIONS, clipLine, readClipWords } from '../core/clip_line';
import type { ClipPlan, ClipResult } from '../core/clip_run';
import { AppError } from '../core/errors';
import { checkWish, openRun } from '../generate/generate';
import { makeVideo } from '../generate/make_video';
import { clipSettings, type OpenedModel } from '../generate/model';
import { planWish } from '../generate/plan';
import { readPrompt } from '../generate/prompt';
import type { Unfinished } from '../generate/unfinished';
import { wholeFrames } from '../generate/whole_frames';
import { ratesOf } from '../gpu/rates';
import type { LoraUse } from '../pipeline/lora_source';
import { readLora } from '../weights/lora';
import { en } from '../words/en';
import { aboutDuration, byteCount } from '../words/format';
import { memoryLines } from '../words/memory_lines';
import { byteOption, type Command, complain, oneOf, parseOptions, say, UsageError } from './command';
import { jsonFile } from './json_file';
import { openNodeContext } from './node_context';
import { openCheckpoint } from './open_checkpoint';
import { openModel } from './open_model';
import { clearLine, progressLine } from './progress_line';
import { readPicture } from './read_picture';
import { openUnfinished, removeUnfinished, saveUnfinished, unfinishedPath } from './unfinished_file';
import { freePath, openVideoFile } from './video_file';

const HELP = `wanscope generate: a video from a prompt

Usage: wanscope generate --prompt TEXT [OPTIONS]
       wanscope generate [OPTIONS]         with the demo model: its first example is the prompt

  --model demo|PATH|URL|owner/repo   the tiny model that comes with the program (demo), or Wan2.2 TI2V-5B; several
                                     times for text encoder, transformer, VAE and tokenizer from different places
  --out FILE                         .mp4 and .webm through ffmpeg, .y4m, .png (numbered), or a folder
                                     (unless given: wanscope.mp4, or wanscope-2.mp4 where that is there, and so on)
  --lora PATH[:STRENGTH]             adds a LoRA; several are added up
  --image FILE                       the first frame, PNG or JPEG
  --size 832x480  --frames 33        multiples of 32; 4n + 1
  --steps N  --guidance X            the more the better, and the slower; how closely the prompt is kept to, 1 for not
  --negative TEXT  --seed N          what is not to be seen; another seed is another video
  --solver unipc|dpm++|euler         --shift X            --schedule even|fastwan|turbo
  --noise torch-cpu|cuda-132         whose random numbers the seed means: PyTorch's on a CPU or on a card
  --decoder vae|tiny                 tiny is rough and fast, and needs taew2_2.safetensors as one more --model
  --tokenizer fast|sentencepiece     how prompts become tokens: as in Wan2.2, or as in ComfyUI
  --offload resident|stream          keep all weights in GPU memory, or bring them as their turn comes
                                     (unless given: stream for a transformer of more than 2 GiB)
  --memory 2GiB                      GPU memory that may be taken in all: what fits stays, the rest is streamed
  --precision f32|f16                arithmetic of the activations (f16 where it is fast and not emulated)
  --int8                             round what the transformer's linear layers multiply to 8 bits: faster on most
                                     GPUs, and half the memory of bf16 weights, for an error of about 1 %
  --json FILE                        write what it took
  --plan                             only say how long it may take, and how much GPU memory each stage takes
  --fresh                            begin anew, though a stopped run could go on

What is not given is as the model is used. Ctrl-C stops and keeps what is done in FILE.unfinished; the same command goes
on from there. The last line names all settings, and is taken as it is; the model, a first frame and LoRAs are not in it.`;

const LARGE_BYTES = 2 * 2 ** 30;
const TEXT = { type: 'string' } as const;

export const generate: Command = {
  summary: 'make a video from a prompt, and from a first frame',
  help: HELP,

  async run(args) {
    const { values, positionals } = parseOptions(args, {
      ...Object.fromEntries(CLIP_OPTIONS.map((option) => [option, TEXT])),
      model: { type: 'string', multiple: true, default: ['demo'] },
      out: TEXT,
      lora: { type: 'string', multiple: true, default: [] },
      image: TEXT,
      offload: TEXT,
      memory: TEXT,
      precision: TEXT,
      int8: { type: 'boolean', default: false },
      json: TEXT,
      plan: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
    });
    if (positionals.length > 0) throw new UsageError(`generate takes no "${positionals[0]}"; is the prompt in quotes?`);
    const { fresh } = values;
    const out = values.out ?? (await freePath('wanscope'));
    const memoryBytes = values.memory === undefined ? undefined : byteOption('memory', values.memory);
    const offload = values.offload === undefined ? undefined : oneOf('offload', values.offload, ['resident', 'stream']);
    const precision = values.precision === undefined ? undefined : oneOf('precision', values.precision, ['f32', 'f16']);
    const given = readClipWords(
      CLIP_OPTIONS.flatMap((option) => {
        const value = (values as Record<string, unknown>)[option];
        return value === undefined ? [] : [`--${option}`, String(value)];
      }),
    );

    const writeJson = await jsonFile(values.json);
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    const model = await openModel(values.model, stop.signal);
    const image = values.image === undefined ? null : await readPicture(values.image);
    const settings = clipSettings(model, given, image);
    if (settings.prompt === '' && given.prompt === undefined) throw new UsageError('generate needs a --prompt.');
    checkWish(model, { settings, image });
    for (const remark of promptRemarks(model, settings)) complain(remark);
    const loras = await Promise.all(values.lora.map((word) => openLora(word, stop.signal)));
    const resume = fresh ? null : await openUnfinished(out);
    const context = await openNodeContext();
    const wish = {
      settings,
      image,
      loras,
      residency: offload ?? (memoryBytes !== undefined || isLarge(model) ? 'stream' : 'resident'),
      memoryBytes,
      activation: precision ?? (context.device.tier === 'C' || context.device.machine.software ? 'f32' : 'f16'),
      products: values.int8 ? 'int8' : 'exact',
      previewEvery: 0,
    } as const;
    const goingOn =
      resume && `Going on after step ${resume.state.done} of ${resume.clip.steps} (${unfinishedPath(out)}).`;
    if (values.plan) {
      if (resume)
        await openRun(model, wish, resume, stop.signal).catch((failure) => {
          throw withUnfinished(failure, resume, out);
        });
      if (goingOn) complain(goingOn);
      for (const line of planLines(planWish(context, model, wish, ratesOf(context), { resume: resume?.state })))
        say(line);
      return 0;
    }

    let last: Unfinished | null = resume;
    const result = await writeVideo(out, model, settings, (onFrames) =>
      makeVideo(context, model, wish, {
        signal: stop.signal,
        emit(event) {
          if (event.type === 'run-begin' && goingOn) complain(goingOn);
          progressLine(event);
        },
        onFrames,
        resume: resume ?? undefined,
        async onState(unfinished) {
          last = unfinished;
          await saveUnfinished(out, unfinished);
        },
      }),
    ).catch((failure) => {
      clearLine();
      throw withUnfinished(failure, last, out);
    });
    await removeUnfinished(out);
    for (const line of summary(result)) say(line);
    try {
      await writeJson(result);
    } finally {
      say(clipLine(settings)); // the last line, which scripts read, whatever became of the file
    }
    return 0;
  },
};

/** Runs `make` with a video file open for its frames, which is there only if all of them came. */
async function writeVideo(
  out: string,
  { info }: OpenedModel,
  settings: ClipSettings,
  make: (onFrames: ReturnType<typeof wholeFrames>['add']) => Promise<ClipResult>,
): Promise<ClipResult> {
  const { framesPerSecond } = info;
  const file = await openVideoFile(out, { ...settings, framesPerSecond, comment: clipLine(settings) });
  if (file.remark) complain(file.remark);
  try {
    const frames = wholeFrames(settings, file.write);
    const result = await make(frames.add);
    frames.end();
    await file.close();
    clearLine();
    say(`Written to ${file.path}.`);
    return result;
  } catch (failure) {
    await file.discard();
    throw failure;
  }
}

/** Says how to go on, where something is there to go on from. */
function withUnfinished(failure: unknown, last: Unfinished | null, out: string): unknown {
  if (!(failure instanceof AppError)) return failure;
  if (!last)
    return failure.code === 'cancelled' ? new AppError('cancelled', 'Stopped before the first step.') : failure;
  const { state, clip } = last;
  const kept = `${unfinishedPath(out)} keeps what was done until step ${state.done} of ${clip.steps}`;
  const how = failure.code === 'input-invalid' ? '' : 'The same command goes on from there; ';
  const what = failure.code === 'cancelled' ? 'Stopped.' : failure.message;
  return new AppError(failure.code, `${what} ${kept}. ${how}--fresh begins anew.`, { cause: failure });
}

/** What of the prompts the model does not read. */
function promptRemarks(model: OpenedModel, { prompt, negativePrompt, guidance, tokenizer }: ClipSettings): string[] {
  return (guidance === 1 ? [prompt] : [prompt, negativePrompt]).flatMap((text) => {
    const { cut, unknown } = readPrompt(model, text, tokenizer);
    const most = model.info.mostPromptTokens;
    return [
      ...(cut ? [`The prompt has more than the ${most} tokens that are read. This end is not: "${cut}"`] : []),
      ...(unknown.length > 0 ? [`Not in the vocabulary of ${model.info.label}: ${unknown.join(', ')}`] : []),
    ];
  });
}

/** `PATH:0.8`; without a number it is as strong as trained. */
async function openLora(word: string, signal: AbortSignal): Promise<LoraUse> {
  const [, path = word, strength = '1'] = /^(.+):([+-]?(?:\d+\.?\d*|\.\d+))$/.exec(word) ?? [];
  const lora = readLora(await openCheckpoint(path, signal));
  if (!lora) throw new AppError('weights-missing', `${path} has no tensor that is named as one of a LoRA.`);
  return { lora, strength: Number(strength) };
}

function isLarge({ checkpoint }: OpenedModel): boolean {
  const own = checkpoint.parts
    .filter(({ network }) => network === 'dit')
    .flatMap(({ file, originals }) => {
      return [...originals.keys()].map((name) => file.tensors.get(name)!);
    });
  return own.reduce((sum, { beginByte, endByte }) => sum + endByte - beginByte, 0) > LARGE_BYTES;
}

/** Throws AppError out-of-memory, with both numbers, where it cannot be made. */
function planLines({
  size: { width, height, frames },
  tokens,
  steps,
  seconds,
  peakBytes,
  ...plan
}: ClipPlan): string[] {
  if (plan.impossible !== null) throw new AppError('out-of-memory', plan.impossible);
  const passing = plan.streamedBytesPerStep > 0 ? `; ${byteCount(plan.streamedBytesPerStep)} pass in each step` : '';
  return [
    `${frames} frames of ${width} × ${height}, ${tokens} tokens, ${steps} steps: ${aboutDuration(seconds, en)}, ${byteCount(peakBytes)} of GPU memory${passing}`,
    ...(plan.memory ? memoryLines(plan.memory, en) : []),
  ];
}

function summary({ settings, machine, stages, activations, offload, peakGpuBytes, model }: ClipResult): string[] {
  const { width, height, frames } = settings;
  const seconds = (figure: { seconds: number } | null) => (figure ? `${figure.seconds.toPrecision(3)} s` : 'kept');
  const { load, encode, image, step, decode, total } = stages;
  return [
    `${frames} frames of ${width} × ${height} by ${model} in ${seconds(total)} on ${machine.adapter}`,
    `load ${seconds(load)}, text ${seconds(encode)},${image ? ` first frame ${seconds(image)},` : ''} a step ${seconds(step)}, decode ${seconds(decode)}; activations ${activations}, weights ${offload}, peak GPU memory ${(peakGpuBytes / 2 ** 20).toFixed(0)} MiB`,
  ];
}
