/**
 * Weights that pass through GPU memory while programs run: brings each tile into
 * its slot as soon as the slot is free, as far ahead as there are slots, and
 * tells the runner when what it needs next is there (`Feed`).
 *
 * The queue keeps the order: a write issued after the submit of the commands
 * that read the slot's last tile happens after them. So nothing here waits for
 * the GPU, only for submits and for bytes.
 */
import { nowMs } from '../core/clock';
import { AppError } from '../core/errors';
import type { Feed, FeedTime } from '../gpu/run';
import type { WeightTile } from '../gpu/weight_tree';
import type { Load } from '../weights/plan';
import type { Piece } from './weight_source';

export class WeightStream implements Feed {
  /** How many loads the commands up to a position need. */
  private readonly neededAt: Uint32Array;
  private round = -1;
  /** Loads are counted on over the rounds: how many may begin, have begun, and have arrived with all before them. */
  private wanted = 0;
  private begun = 0;
  private arrived = 0;
  private readonly early = new Set<number>();
  /** All commands before this position, counted on over the rounds, are submitted. */
  private reached = 0;
  private waiting: { pieces: readonly Piece[]; next: number; left: number; load: number } | null = null;
  private workers = 0;
  private listeners: (() => void)[] = [];
  private failure: unknown = null;
  private readonly stopped = new AbortController();
  private signal: AbortSignal = this.stopped.signal;

  private bytes = 0;
  private tiles = 0;
  private onTheirWay = 0;
  private activeSince = 0;
  private activeMs = 0;

  /** `commands`: how many a round has. `piecesOf` brings a tile into its slot; `inFlight` pieces at once. */
  constructor(
    private readonly loads: readonly Load<WeightTile>[],
    private readonly commands: number,
    private readonly piecesOf: (tile: WeightTile) => readonly Piece[],
    private readonly inFlight: number,
  ) {
    this.neededAt = new Uint32Array(commands + 1);
    for (const { first } of loads) this.neededAt[first]! += 1;
    for (let at = 1; at <= commands; at++) this.neededAt[at]! += this.neededAt[at - 1]!;
  }

  /** Before each run of all the commands. `again`: another will follow, so its first tiles may come during this one. */
  begin({ signal, again = false }: { signal?: AbortSignal | undefined; again?: boolean } = {}): void {
    this.round += 1;
    this.signal = signal ? AbortSignal.any([signal, this.stopped.signal]) : this.stopped.signal;
    this.wanted = (this.round + (again ? 2 : 1)) * this.loads.length;
    while (this.workers < this.inFlight) {
      this.workers += 1;
      void this.work();
    }
  }

  get empty(): boolean {
    return this.loads.length === 0;
  }

  /** Tiles of the next round are in their slots, or on their way: nothing else may use the slots now. */
  get ahead(): boolean {
    return this.begun > (this.round + 1) * this.loads.length;
  }

  ready(position: number): Promise<void> | undefined {
    if (this.loads.length === 0) return undefined;
    const needed = this.round * this.loads.length + this.neededAt[position]!;
    if (this.arrived >= needed && this.failure === null) return undefined;
    return this.until(() => this.arrived >= needed);
  }

  submitted(position: number): void {
    this.reached = this.round * this.commands + position;
    this.wake();
  }

  takeTime(): FeedTime {
    const now = nowMs();
    const activeMs = this.activeMs + (this.onTheirWay > 0 ? now - this.activeSince : 0);
    const time = { bytes: this.bytes, tiles: this.tiles, activeSeconds: activeMs / 1000 };
    this.bytes = 0;
    this.tiles = 0;
    this.activeMs = 0;
    this.activeSince = now;
    return time;
  }

  stop(): void {
    this.stopped.abort();
    this.wake();
  }

  private readonly busy = (more: 1 | -1) => {
    if (this.onTheirWay === 0) this.activeSince = nowMs();
    this.onTheirWay += more;
    if (this.onTheirWay === 0) this.activeMs += nowMs() - this.activeSince;
  };

  private async work(): Promise<void> {
    try {
      for (let job = await this.next(); job; job = await this.next()) {
        await job.piece.bring(this.signal, this.busy);
        this.bytes += job.piece.bytes;
        if (--job.of.left === 0) this.arrive(job.of.load);
      }
    } catch (failure) {
      this.failure ??= failure;
      this.stopped.abort(); // the other pieces are of no use now
    }
    this.workers -= 1;
    this.wake();
  }

  /** The next piece to bring, when its slot is free; null when all that is wanted has begun. */
  private async next() {
    for (;;) {
      const of = this.waiting;
      if (of && of.next < of.pieces.length) return { piece: of.pieces[of.next++]!, of };
      if (this.begun >= this.wanted || this.stopped.signal.aborted) return null;
      if (!this.isFree(this.begun)) {
        await this.until(() => this.isFree(this.begun) || this.begun >= this.wanted);
        continue;
      }
      const load = this.begun++;
      const pieces = this.piecesOf(this.loads[load % this.loads.length]!.tile);
      this.waiting = { pieces, next: 0, left: pieces.length, load };
      this.tiles += 1;
    }
  }

  /** Has every command that reads the slot's present tile been submitted? */
  private isFree(load: number): boolean {
    const count = this.loads.length;
    const round = Math.floor(load / count);
    const { before } = this.loads[load % count]!;
    const holderRound = before.sameRound ? round : round - 1;
    if (holderRound < 0) return true;
    return holderRound * this.commands + this.loads[before.load]!.last < this.reached;
  }

  private arrive(load: number): void {
    this.early.add(load);
    while (this.early.delete(this.arrived)) this.arrived += 1;
    this.wake();
  }

  private async until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (this.failure !== null) throw this.failure;
      if (condition()) return;
      if (!this.stopped.signal.aborted) await new Promise<void>((resolve) => this.listeners.push(resolve));
      if (this.stopped.signal.aborted) this.failure ??= new AppError('cancelled', 'The weights are no longer wanted.');
    }
  }

  private wake(): void {
    const { listeners } = this;
    this.listeners = [];
    for (const listener of listeners) listener();
  }
}
