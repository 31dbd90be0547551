/**
 * Gives a network's weights their memory: by a plan (src/weights/plan.ts) from
 * how much there may be of it, and what the recorded programs read when.
 *
 * The main programs run again and again, so some of their tiles may stay. Other
 * programs, run once a prompt, find theirs in the same slots as they pass.
 */
import type { GpuContext } from '../gpu/context';
import type { Program } from '../gpu/program';
import { externalTensor, type Tensor, tensorBytes } from '../gpu/tensor';
import type { WeightTile } from '../gpu/weight_tree';
import { assignSlots, type TileUse } from '../weights/plan';
import { inParallel, submitting } from './in_parallel';
import type { ComputeOptions } from './options';
import { type Planted, planWeights, tileUses } from './weight_plan';
import type { Piece, WeightSource } from './weight_source';
import { WeightStream } from './weight_stream';

export interface PlacedWeights {
  /** Brings what passes through; run the main programs with it as feed, after `begin`. */
  readonly stream: WeightStream;
  /** What stays, and what passes in each run of the main programs. */
  readonly residentBytes: number;
  readonly streamedBytes: number;
  /** A stream for programs that run once: all their tiles pass through the slots. */
  streamFor(programs: readonly Program[]): WeightStream;
  destroy(): void;
}

/**
 * `besidesBytes`: GPU memory that all else takes, of `options.memoryBytes`. `others`: programs to come, where they
 * can be recorded already. Resolves when everything that stays is there.
 */
export async function placeWeights(
  context: GpuContext,
  source: WeightSource,
  { tensors, tiles }: Planted,
  main: readonly Program[],
  others: readonly (readonly Program[])[],
  besidesBytes: number,
  options: Pick<ComputeOptions, 'residency' | 'memoryBytes' | 'signal' | 'onLoad'>,
): Promise<PlacedWeights> {
  const { memory } = context;
  const { signal, onLoad = () => {} } = options;
  if (options.residency === 'one-block') return placeOneBlock(context, source, { tensors, tiles }, signal);

  const small = [...tensors.values()];
  const plan = planWeights({ tensors, tiles }, main, others, besidesBytes, options);
  const slots = Array.from({ length: plan.slotCount }, (_, i) =>
    externalTensor(`weight slot ${i}`, [plan.slotBytes / 4], 'f32'),
  );
  const resident = plan.resident.map(({ tile }) => tile);
  const own = [...small, ...slots, ...resident.map(({ tensor }) => tensor)];
  const guests: Tensor[] = [];
  await memory.allocate(own);
  const streams: WeightStream[] = [];
  const streamOf = (uses: readonly TileUse<WeightTile>[], programs: readonly Program[]) => {
    const loads = assignSlots(uses, plan.slotCount);
    for (const { slot, tile } of loads) {
      memory.share(slots[slot]!, [tile.tensor]);
      guests.push(tile.tensor);
    }
    const stream = new WeightStream(loads, commandCount(programs), source.pieces, context.uploader.inFlight);
    streams.push(stream);
    return stream;
  };
  const destroy = () => {
    for (const stream of streams) stream.stop();
    memory.free([...guests, ...own]);
  };
  try {
    let loaded = 0;
    const total = plan.smallBytes + plan.residentBytes;
    const onBytes = (bytes: number) => onLoad((loaded += bytes), total);
    await source.fill(tensors, { signal, onBytes });
    await bringAll(
      context,
      resident.flatMap((tile) => source.pieces(tile)),
      { signal, onBytes },
    );
    onLoad(total, total); // small tensors are counted as they are stored
    return {
      stream: streamOf(plan.streamed, main),
      residentBytes: plan.residentBytes,
      streamedBytes: plan.streamedBytes,
      streamFor(programs) {
        const stays = new Set(resident);
        return streamOf(
          tileUses(programs, tiles).filter(({ tile }) => !stays.has(tile)),
          programs,
        );
      },
      destroy,
    };
  } catch (failure) {
    destroy();
    throw failure;
  }
}

/** Two blocks' weights stand for all: right for timing, not for results. */
async function placeOneBlock(
  context: GpuContext,
  source: WeightSource,
  { tensors, tiles }: Planted,
  signal: AbortSignal | undefined,
): Promise<PlacedWeights> {
  const { memory } = context;
  const owners = new Map<string, WeightTile>();
  const guests: [owner: Tensor, guest: Tensor][] = [];
  for (const tile of tiles) {
    const role = `${tile.name.replace(/^blocks\.(\d+)\./, (_, block) => `blocks.${Number(block) % 2}.`)} ${tile.start}`;
    const owner = owners.get(role);
    if (owner) guests.push([owner.tensor, tile.tensor]);
    else owners.set(role, tile);
  }
  const own = [...tensors.values(), ...[...owners.values()].map(({ tensor }) => tensor)];
  await memory.allocate(own);
  const destroy = () => memory.free([...guests.map(([, guest]) => guest), ...own]);
  const nothing = () => new WeightStream([], 0, source.pieces, 0);
  try {
    for (const [owner, guest] of guests) memory.share(owner, [guest]);
    await source.fill(tensors, { signal });
    await bringAll(
      context,
      [...owners.values()].flatMap((tile) => source.pieces(tile)),
      { signal, onBytes: () => {} },
    );
    const residentBytes = own.reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
    return { stream: nothing(), residentBytes, streamedBytes: 0, streamFor: nothing, destroy };
  } catch (failure) {
    destroy();
    throw failure;
  }
}

const commandCount = (programs: readonly Program[]) => programs.reduce((sum, { commands }) => sum + commands.length, 0);

/** Tiles that stay, many pieces at once. */
async function bringAll(
  { device: { device }, uploader }: GpuContext,
  pieces: readonly Piece[],
  { signal, onBytes }: { signal: AbortSignal | undefined; onBytes: (bytes: number) => void },
): Promise<void> {
  const written = submitting(device);
  await inParallel(pieces, uploader.inFlight, signal, async (piece, stop) => {
    await piece.bring(stop);
    onBytes(piece.bytes);
    await written(piece.bytes);
  });
}
