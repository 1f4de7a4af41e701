/**
 * Which model embeds: the one wanted once it is loaded, the built-in one until then and whenever it
 * fails. Loading is tried again a bounded number of times.
 */

import type { Embedder, EmbedderLoader } from '../embedding/embedder.ts';
import { isLociError, toLociError } from '../errors.ts';
import { EMBED_BATCH, MODEL_LOAD_ATTEMPTS, MODEL_RETRY_MS } from '../limits.ts';
import type { EmbeddingInfo, Status } from '../types.ts';
import { closeAll } from './close-all.ts';
import type { Environment } from './environment.ts';

/** A vector with what made it. */
export interface Embedded {
  readonly info: EmbeddingInfo;
  readonly vector: Float32Array;
}

export class EmbeddingService {
  readonly #builtin: Embedder;
  readonly #wanted: EmbedderLoader | undefined;
  readonly #environment: Environment;
  readonly #changed: () => void;
  #loaded: Embedder | undefined;
  #state: Status['embedder']['state'];
  #progress = 0;
  #error: string | undefined;
  #attempts = 0;
  #cancelRetry: (() => void) | undefined;
  #isClosed = false;

  /** @param changed called whenever `status` has changed. */
  constructor(
    builtin: Embedder,
    wanted: EmbedderLoader | undefined,
    environment: Environment,
    changed: () => void,
  ) {
    this.#builtin = builtin;
    this.#wanted = wanted;
    this.#environment = environment;
    this.#changed = changed;
    this.#state = wanted === undefined ? 'ready' : 'loading';
    if (wanted === undefined) this.#progress = 1;
  }

  /** The model that embeds now. */
  get active(): Embedder {
    return this.#loaded ?? this.#builtin;
  }

  /** Whether the model wanted is the one that embeds. */
  get isPreferred(): boolean {
    return this.#wanted === undefined || this.#loaded !== undefined;
  }

  /** Whether a model is one of the engine's, loaded or not. */
  isOwn(modelId: string): boolean {
    return modelId === this.#builtin.id || modelId === this.#wanted?.id;
  }

  get status(): Status['embedder'] {
    return {
      activeId: this.active.id,
      space: this.active.space,
      preferredId: this.#wanted?.id ?? this.#builtin.id,
      state: this.#state,
      progress: this.#progress,
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }

  /** Starts loading the model wanted; nothing waits for it. */
  start(): void {
    if (this.#wanted !== undefined) void this.#load(this.#wanted);
  }

  /** The model that can embed a query for a space, if there is one. */
  forSpace(space: string): Embedder | undefined {
    return [this.#loaded, this.#builtin].find((embedder) => embedder?.space === space);
  }

  /** Embeds documents with the active model, or with the built-in one where that fails. */
  async embedDocuments(texts: readonly string[]): Promise<readonly Embedded[]> {
    const { active } = this;
    try {
      return await this.#embedWith(active, texts);
    } catch (error) {
      if (active === this.#builtin) throw error;
      this.#fail(active, error);
      return this.#embedWith(this.#builtin, texts);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    await closeAll([() => this.#loaded?.close(), () => this.#builtin.close()]);
  }

  async #embedWith(embedder: Embedder, texts: readonly string[]): Promise<readonly Embedded[]> {
    const { id: modelId, space, dimensions } = embedder;
    const info: EmbeddingInfo = { modelId, space, dimensions, origin: 'engine' };
    const embedded: Embedded[] = [];
    for (let at = 0; at < texts.length; at += EMBED_BATCH) {
      const vectors = await embedder.embed(texts.slice(at, at + EMBED_BATCH));
      embedded.push(...vectors.map((vector) => ({ info, vector })));
    }
    return embedded;
  }

  async #load(wanted: EmbedderLoader): Promise<void> {
    this.#attempts += 1;
    this.#state = 'loading';
    this.#changed();
    try {
      const loaded = await wanted.load((fraction) => this.#setProgress(fraction));
      if (this.#isClosed) return await loaded.close();
      this.#loaded = loaded;
      this.#state = 'ready';
      this.#progress = 1;
      this.#error = undefined;
      this.#attempts = 0;
      this.#changed();
    } catch (error) {
      this.#fail(undefined, error);
    }
  }

  #setProgress(fraction: number): void {
    if (this.#state !== 'loading' || fraction <= this.#progress) return;
    this.#progress = Math.min(1, fraction);
    this.#changed();
  }

  #fail(embedder: Embedder | undefined, error: unknown): void {
    if (this.#isClosed || (embedder !== undefined && embedder !== this.#loaded)) return;
    const failure = toLociError(error, 'MODEL_UNAVAILABLE');
    this.#error = failure.hint === undefined ? failure.message : `${failure.message} ${failure.hint}`;
    this.#state = 'failed';
    this.#loaded = undefined;
    if (embedder !== undefined) void embedder.close().catch(() => undefined); // it failed already: nothing to add
    this.#retryLater(error);
    this.#changed();
  }

  #retryLater(error: unknown): void {
    const wanted = this.#wanted;
    const isFinal = isLociError(error) && !error.retryable;
    if (wanted === undefined || isFinal || this.#attempts >= MODEL_LOAD_ATTEMPTS) return;
    const pauseMs = MODEL_RETRY_MS * 2 ** Math.max(0, this.#attempts - 1);
    this.#cancelRetry = this.#environment.schedule(pauseMs, () => void this.#load(wanted));
  }
}
