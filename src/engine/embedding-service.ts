/**
 * Which model embeds: the one wanted once it is loaded, the built-in one until then and whenever it
 * fails. Loading is tried again a bounded number of times.
 */

import type { Embedder, EmbedderLoader } from '../embedding/embedder.ts';
import { isLociError, LociError, toLociError } from '../errors.ts';
import { EMBED_BATCH, MODEL_LOAD_ATTEMPTS, MODEL_RETRY_MS } from '../limits.ts';
import type { EmbeddingInfo, Status } from '../types.ts';
import { isVector, normalize } from '../vector/vectors.ts';
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

  /** Whether the active model is to embed anew what has this vector, or none. */
  isOutdated(embedding: EmbeddingInfo | undefined): boolean {
    const { active } = this;
    if (embedding === undefined) return true;
    if (embedding.origin !== 'engine' || embedding.modelId === active.id) return false;
    // The built-in model finds what another one embedded in its space, and would not embed it better.
    return active !== this.#builtin || embedding.space !== active.space;
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

  /** The models that can embed a query for a space: the one wanted before the built-in one. */
  forSpace(space: string): readonly Embedder[] {
    return [this.#loaded, this.#builtin].flatMap((embedder) => (embedder?.space === space ? [embedder] : []));
  }

  /** A query that another model took over: one that failed is loaded anew later, as where it embeds documents. */
  takeFailure(embedder: Embedder, error: unknown): void {
    if (this.#isClosed || embedder !== this.#loaded) return;
    if (isUseless(error)) {
      this.#error = toLociError(error).message;
      this.#changed();
    } else this.#fail(embedder, error);
  }

  /**
   * Embeds documents with the active model, or with the built-in one where that fails: all of them, or those
   * that it gave no usable vector for. Answers one for each text.
   *
   * @throws LociError what the built-in model throws, `MODEL_UNAVAILABLE` where its vectors are of no use.
   */
  async embedDocuments(texts: readonly string[]): Promise<readonly Embedded[]> {
    const { active } = this;
    const embedded = active === this.#builtin ? [] : await this.#tryToEmbed(active, texts);
    const left = texts.filter((_, i) => embedded[i] === undefined);
    const others = (await this.#embedBuiltin(left)).values();
    return texts.flatMap((_, i) => embedded[i] ?? others.next().value ?? []);
  }

  /**
   * The query's vector by a model that {@link forSpace} named.
   *
   * @throws LociError what the model throws, `MODEL_UNAVAILABLE` where its vector is of no use.
   */
  async embedQuery(embedder: Embedder, query: string): Promise<Float32Array> {
    const [embedded] = await this.#embedWith(embedder, [query]);
    if (embedded === undefined) throw uselessError(embedder, NO_VECTOR);
    return embedded.vector;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    await closeAll([() => this.#loaded?.close(), () => this.#builtin.close()]);
  }

  /** What the model wanted makes of texts; where it fails, nothing, and another takes its place. */
  async #tryToEmbed(wanted: Embedder, texts: readonly string[]): Promise<readonly (Embedded | undefined)[]> {
    try {
      const embedded = await this.#embedWith(wanted, texts);
      if (embedded.includes(undefined)) {
        this.#error = `the model ${wanted.id} gave ${NO_VECTOR}: the built-in one took its place for that text`;
        this.#changed();
      }
      return embedded;
    } catch (error) {
      this.#fail(wanted, error);
      return [];
    }
  }

  async #embedBuiltin(texts: readonly string[]): Promise<readonly Embedded[]> {
    const embedded = await this.#embedWith(this.#builtin, texts);
    return embedded.map((each) => {
      if (each === undefined) throw uselessError(this.#builtin, NO_VECTOR);
      return each;
    });
  }

  /**
   * What a model makes of texts, in order; undefined where that is no vector of its space. A model may be wrong
   * about one text (in half precision), or about all of them (out of memory).
   */
  async #embedWith(embedder: Embedder, texts: readonly string[]): Promise<readonly (Embedded | undefined)[]> {
    const { id: modelId, space, dimensions } = embedder;
    const info: EmbeddingInfo = { modelId, space, dimensions, origin: 'engine' };
    const embedded: (Embedded | undefined)[] = [];
    for (let at = 0; at < texts.length; at += EMBED_BATCH) {
      const batch = texts.slice(at, at + EMBED_BATCH);
      const vectors = await embedder.embed(batch);
      if (vectors.length !== batch.length)
        throw uselessError(embedder, `${vectors.length} vectors for ${batch.length} texts`);
      for (const vector of vectors)
        embedded.push(
          isVector(vector, dimensions) ? { info, vector: normalize(vector, dimensions) } : undefined,
        );
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

const NO_VECTOR = 'a vector of NaN, of zeros or of a wrong length';

function uselessError({ id }: Embedder, what: string): LociError {
  return new LociError('MODEL_UNAVAILABLE', `the model ${id} gave ${what}`, {
    hint: 'Nothing was changed. Try again, or use another model.',
    retryable: true,
    details: { reason: USELESS_VECTOR },
  });
}

const USELESS_VECTOR = 'useless-vector';

/** Whether a model answered, and what it gave is of no use: it may serve the next text. */
function isUseless(error: unknown): boolean {
  return isLociError(error) && error.details?.reason === USELESS_VECTOR;
}
