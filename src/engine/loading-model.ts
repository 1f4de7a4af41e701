/** A model on its way: loaded once it is wanted, tried again a bounded number of times, and waited for no longer than is good. */

import type { Embedder, EmbedderIdentity } from '../embedding/embedder.ts';
import { isLociError, toLociError } from '../errors.ts';
import {
  MODEL_LATE_RETRY_MS,
  MODEL_LOAD_ATTEMPTS,
  MODEL_RETRY_MS,
  TABLE_DOCUMENT_WAIT_MS,
} from '../limits.ts';
import type { Environment } from './environment.ts';

/** `idle`: nothing has asked for it yet. */
export type LoadingState = 'idle' | 'loading' | 'ready' | 'failed';

/** `progress`: it has come nearer, and nothing else. */
export type ModelChange = 'progress' | 'state';

type LoadingEnvironment = Pick<Environment, 'monotonicMs' | 'schedule'>;

/** What a model must let itself be done with. */
interface Closable {
  close(): Promise<void>;
}

interface Loader<M> {
  load(onProgress: (fraction: number) => void): Promise<M>;
}

export class LoadingModel<M extends Closable = Embedder, I extends object = EmbedderIdentity> {
  readonly #loader: I & Loader<M>;
  readonly #environment: LoadingEnvironment;
  readonly #changed: (what: ModelChange) => void;
  #loaded: M | undefined;
  #state: LoadingState = 'idle';
  #progress = 0;
  #error: string | undefined;
  /** Loadings since it last embedded something: one that loads and then fails at every text is not loaded for ever. */
  #attempts = 0;
  #cancelRetry: (() => void) | undefined;
  #startedMs = 0;
  /** Whether documents have waited for this attempt in vain. */
  #isOverdue = false;
  /** Whether the last attempt has failed, and no other is planned. */
  #isGivenUp = false;
  /** Whether the last attempt failed in a way that no other would not. */
  #isFinal = false;
  /** Whether an attempt has failed since the model was there last. */
  #hasFailed = false;
  #isClosed = false;
  readonly #waiting = new Set<() => void>();

  /** @param changed called whenever what it tells of itself has changed. */
  constructor(loader: I & Loader<M>, environment: LoadingEnvironment, changed: (what: ModelChange) => void) {
    this.#loader = loader;
    this.#environment = environment;
    this.#changed = changed;
  }

  get identity(): I {
    return this.#loader;
  }

  get loaded(): M | undefined {
    return this.#loaded;
  }

  get state(): LoadingState {
    return this.#state;
  }

  /** 0–1, never falling. */
  get progress(): number {
    return this.#progress;
  }

  /** What it met last; undefined when all is well. */
  get error(): string | undefined {
    return this.#error;
  }

  /** Whether it is there, or had better be waited for: not asked for yet, or in its first attempt and not long. */
  get isExpected(): boolean {
    if (this.#isClosed || this.#hasFailed) return false;
    if (this.#state !== 'loading') return true;
    return !this.#isOverdue && this.#waitedMs < TABLE_DOCUMENT_WAIT_MS;
  }

  /** Whether it failed, and only a later text or a new start tries it again. */
  get hasFailedForGood(): boolean {
    return this.#state === 'failed' && (this.#isGivenUp || this.#isFinal);
  }

  get #waitedMs(): number {
    return this.#environment.monotonicMs() - this.#startedMs;
  }

  /** Loads it, unless that has begun; nothing waits for it. */
  start(): void {
    if (this.#state === 'idle' && !this.#isClosed) void this.#load();
  }

  /** Loads it where that was given up long ago; nothing waits for it. */
  startLate(): void {
    if (this.#isGivenUp && !this.#isClosed && this.#waitedMs >= MODEL_LATE_RETRY_MS) void this.#load();
  }

  /**
   * The model: at once if it is there, or when its first attempt brings it within so many ms of its beginning.
   * Undefined where it does not come by then.
   */
  async wait(longestMs: number): Promise<M | undefined> {
    this.start();
    const leftMs = longestMs - this.#waitedMs;
    if (this.#loaded !== undefined || !this.isExpected || leftMs <= 0) return this.#loaded;
    await new Promise<void>((resolve) => {
      const end = () => {
        cancel();
        this.#waiting.delete(end);
        resolve();
      };
      const cancel = this.#environment.schedule(leftMs, () => {
        // Not left to the clock, which timers of whole ms are ahead of.
        this.#isOverdue ||= longestMs >= TABLE_DOCUMENT_WAIT_MS;
        end();
        this.#changed('state');
      });
      this.#waiting.add(end);
    });
    return this.#loaded;
  }

  /** The model did its work: its loading has come to something. */
  served(model: M): void {
    if (model === this.#loaded) this.#attempts = 0;
  }

  /** The model broke while it was at work: it is let go of, and loaded again later. */
  broke(model: M, error: unknown): void {
    if (this.#isClosed || model !== this.#loaded) return;
    void model.close().catch(() => undefined); // it failed already: nothing to add
    this.#fail(error);
  }

  /** Says something of the model that serves all the same. */
  note(error: string): void {
    this.#error = error;
    this.#changed('state');
  }

  /** Whoever waits goes on without it. */
  stopWaiting(): void {
    for (const end of [...this.#waiting]) end();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    this.stopWaiting();
    await this.#loaded?.close();
  }

  async #load(): Promise<void> {
    this.#attempts += 1;
    this.#state = 'loading';
    this.#startedMs = this.#environment.monotonicMs();
    this.#isOverdue = false;
    this.#isGivenUp = false;
    this.#changed('state');
    try {
      const loaded = await this.#loader.load((fraction) => this.#setProgress(fraction));
      if (this.#isClosed) return await loaded.close();
      this.#loaded = loaded;
      this.#state = 'ready';
      this.#progress = 1;
      this.#error = undefined;
      this.#hasFailed = false;
      this.#settled();
    } catch (error) {
      this.#fail(error);
    }
  }

  #setProgress(fraction: number): void {
    if (this.#state !== 'loading' || fraction <= this.#progress) return;
    this.#progress = Math.min(1, fraction);
    this.#changed('progress');
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    const failure = toLociError(error, 'MODEL_UNAVAILABLE');
    this.#error = failure.hint === undefined ? failure.message : `${failure.message}. ${failure.hint}`;
    this.#state = 'failed';
    this.#hasFailed = true;
    this.#loaded = undefined;
    this.#retryLater(error);
    this.#settled();
  }

  #retryLater(error: unknown): void {
    this.#isFinal = isLociError(error) && !error.retryable;
    this.#isGivenUp = !this.#isFinal && this.#attempts >= MODEL_LOAD_ATTEMPTS;
    if (this.#isFinal || this.#isGivenUp) return;
    const pauseMs = MODEL_RETRY_MS * 2 ** Math.max(0, this.#attempts - 1);
    this.#cancelRetry = this.#environment.schedule(pauseMs, () => void this.#load());
  }

  /** Nobody has to wait any longer. */
  #settled(): void {
    this.stopWaiting();
    this.#changed('state');
  }
}
