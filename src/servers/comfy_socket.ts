/** What a ComfyUI tells while it works: messages over a WebSocket that is opened again when it breaks. */
import { nowMs } from '../core/clock';
import { AppError } from '../core/errors';
import { isDeeper, textExtent } from '../core/nesting';
import { type Line, pause } from './exchange';
import { hostOf } from './server';
import { stopped, unreachable } from './server_failures';

export interface ComfyMessage {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly atMs: number;
}

/** Ours have some hundred characters, an error's with its inputs some thousand, and four levels. */
const MOST_CHARACTERS = 2 ** 16;
const MOST_LEVELS = 16;
/** Lists, objects and what is in them: an error's traceback and inputs have some hundred. */
const MOST_VALUES = 2 ** 12;
/** Not yet looked at: as many come while a question is answered slowly. */
const MOST_WAITING = 1000;
const MOST_WAITING_CHARACTERS = 2 ** 22;

/** Null for what is no message of ComfyUI's. */
export function messageOf(text: string, atMs: number): ComfyMessage | null {
  if (text.length > MOST_CHARACTERS || textExtent(text).values > MOST_VALUES) return null;
  try {
    const { type, data } = JSON.parse(text);
    const isMessage =
      typeof type === 'string' && typeof data === 'object' && data !== null && !isDeeper(data, MOST_LEVELS);
    return isMessage ? { type, data, atMs } : null;
  } catch {
    return null;
  }
}

export class ComfySocket {
  /** When messages may have been lost. */
  readonly gaps: number[] = [];
  private readonly waiting: { readonly message: ComfyMessage; readonly characters: number }[] = [];
  private waitingCharacters = 0;
  private socket: WebSocket | null = null;
  private wake: () => void = () => undefined;
  private lost = false;
  /** Before the connection is opened again. */
  private pauseSeconds = 0;
  /** More had come than can wait: what comes until all of those are looked at is lost, as where the connection breaks. */
  private full = false;

  /** `client`: the same after a break, so that the server goes on telling this one. */
  constructor(
    private readonly line: Line,
    private readonly client: string,
    private readonly make: typeof WebSocket | undefined,
  ) {}

  /** Throws network-failed, input-invalid where there are no WebSockets, and cancelled. */
  async open(): Promise<void> {
    const { server, patience, signal } = this.line;
    if (!this.make)
      throw new AppError(
        'input-invalid',
        'ComfyUI tells its progress over a WebSocket, which Node has from version 22 on. Use that, or the page.',
      );
    const address = `${server.url.replace(/^http/, 'ws')}/ws?clientId=${this.client}`;
    const seconds = patience.stallSeconds;
    let socket: WebSocket;
    try {
      socket = new this.make(address);
    } catch (cause) {
      // A page over https may not even make one to http.
      throw await unreachable(server, cause);
    }
    await new Promise<void>((resolve, reject) => {
      const settle = (failure?: string) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', leave);
        if (failure === undefined) return resolve();
        socket.onerror = () => undefined; // closing one that is not open yet is an error, too
        socket.close();
        reject(signal?.aborted ? stopped(server) : new AppError('network-failed', failure));
      };
      const leave = () => settle('');
      const timer = setTimeout(
        () =>
          settle(
            `The WebSocket of ${hostOf(server)} did not open within ${seconds} s. A proxy before it may not pass WebSockets on.`,
          ),
        seconds * 1000,
      );
      signal?.addEventListener('abort', leave, { once: true });
      socket.onopen = () => settle();
      socket.onerror = () =>
        settle(
          `The WebSocket of ${hostOf(server)} (/ws) was refused. Start ComfyUI with --enable-cors-header, and let a proxy before it pass WebSockets on; a browser sends no token with them.`,
        );
    });
    this.socket = socket;
    this.lost = false;
    this.pauseSeconds = patience.pauseSeconds;
    socket.onmessage = ({ data }) => this.take(data);
    socket.onclose = socket.onerror = () => this.lose(socket);
  }

  /**
   * The next message; null after `seconds` without one, and where the connection was lost and cannot be opened again yet:
   * each call tries once.
   */
  async next(seconds: number): Promise<ComfyMessage | null> {
    if (this.waiting.length === 0) this.full = false;
    if (this.waiting.length === 0 && this.lost) await this.reopen();
    if (this.waiting.length === 0 && !this.lost) await this.arrival(seconds);
    const first = this.waiting.shift();
    this.waitingCharacters -= first?.characters ?? 0;
    return first?.message ?? null;
  }

  close(): void {
    const { socket } = this;
    this.socket = null;
    if (socket) socket.onmessage = socket.onclose = socket.onerror = null;
    socket?.close();
  }

  /** Pictures come as bytes; they are not asked for, and custom nodes send what they like. */
  private take(data: unknown): void {
    if (this.full || typeof data !== 'string') return;
    const message = messageOf(data, nowMs());
    if (!message) return;
    const characters = this.waitingCharacters + data.length;
    if (this.waiting.length === MOST_WAITING || characters > MOST_WAITING_CHARACTERS) {
      this.full = true;
      this.gaps.push(message.atMs);
      return;
    }
    this.waiting.push({ message, characters: data.length });
    this.waitingCharacters = characters;
    this.wake();
  }

  private lose(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.gaps.push(nowMs());
    this.lost = true;
    this.wake();
  }

  private async reopen(): Promise<void> {
    await pause(this.line, Math.min(this.pauseSeconds, this.line.patience.longestPollSeconds));
    try {
      await this.open();
      this.gaps.push(nowMs());
    } catch (failure) {
      if ((failure as AppError).code === 'cancelled') throw failure;
      this.pauseSeconds *= 2;
    }
  }

  private async arrival(seconds: number): Promise<void> {
    const { signal, server } = this.line;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        this.wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(done, seconds * 1000);
      this.wake = done;
      if (signal?.aborted) done();
      else signal?.addEventListener('abort', done, { once: true });
    });
    if (signal?.aborted) throw stopped(server);
  }
}
