/**
 * Which model embeds: the one wanted once it is loaded, the built-in one until then and whenever it fails, and
 * where that cannot be had one that needs nothing.
 */

import type { Embedder, EmbedderIdentity, EmbedderLoader, TextPurpose } from '../embedding/embedder.ts';
import { isLociError, LociError, toLociError } from '../errors.ts';
import { EMBED_BATCH, TABLE_DOCUMENT_WAIT_MS, TABLE_QUERY_WAIT_MS } from '../limits.ts';
import type { EmbeddingInfo, Status } from '../types.ts';
import { isVector, normalize } from '../vector/vectors.ts';
import { closeAll } from './close-all.ts';
import type { Environment } from './environment.ts';
import { LoadingModel, type ModelChange } from './loading-model.ts';

/** A built-in model that has to be loaded. */
export interface BuiltinParts {
  /** Loaded when something has to be embedded first; what has to be embedded waits for it, within bounds. */
  readonly loader: EmbedderLoader;
  /** The same in other spaces, which memories may be of: it asks them until these are embedded anew. Default: none. */
  readonly others?: readonly EmbedderLoader[] | undefined;
  /** Embeds where that cannot be loaded; it always works. */
  readonly fallback: Embedder;
  /** Whether it is loaded as soon as the engine is open. Default false. */
  readonly preload?: boolean | undefined;
}

/** A vector with what made it. */
export interface Embedded {
  readonly info: EmbeddingInfo;
  readonly vector: Float32Array;
}

export class EmbeddingService {
  /** Needs no loading, and always works. */
  readonly #last: Embedder;
  readonly #builtin: LoadingModel | undefined;
  readonly #wanted: LoadingModel | undefined;
  readonly #preload: boolean;
  /** The built-in model in other spaces: for queries only. */
  readonly #others: readonly LoadingModel[];

  /** @param changed called whenever `status` has changed. */
  constructor(
    builtin: Embedder | BuiltinParts,
    wanted: EmbedderLoader | undefined,
    environment: Environment,
    changed: (what: ModelChange) => void,
  ) {
    const isLoaded = !('loader' in builtin);
    this.#last = isLoaded ? builtin : builtin.fallback;
    this.#builtin = isLoaded ? undefined : new LoadingModel(builtin.loader, environment, changed);
    const others = isLoaded ? [] : (builtin.others ?? []);
    this.#others = others.map((loader) => new LoadingModel(loader, environment, changed));
    this.#preload = !isLoaded && builtin.preload === true;
    this.#wanted = wanted && new LoadingModel(wanted, environment, changed);
  }

  /** The model that embeds now; the built-in one also before it is loaded, as long as it is waited for. */
  get active(): EmbedderIdentity {
    const builtin = this.#builtin?.isExpected === true ? this.#builtin.identity : undefined;
    return this.#wanted?.loaded ?? builtin ?? this.#last;
  }

  /** Whether the model wanted is the one that embeds. */
  get isPreferred(): boolean {
    return this.active.id === this.#preferredId;
  }

  get #preferredId(): string {
    return (this.#wanted ?? this.#builtin)?.identity.id ?? this.#last.id;
  }

  /** Whether a model is one of the engine's, loaded or not. */
  isOwn(modelId: string): boolean {
    const models = [this.#wanted?.identity, this.#builtin?.identity, this.#last];
    return models.some((model) => model?.id === modelId);
  }

  /**
   * Whether a vector that was made anew is to take the place of another. One that a stand-in made, for want of the
   * model that was asked, is not where the former can be asked as well, and hashed words never are.
   */
  mayReplace(former: EmbeddingInfo | undefined, { modelId, space }: EmbeddingInfo): boolean {
    if (former === undefined) return true;
    if (modelId === this.#preferredId) return modelId !== former.modelId || space !== former.space;
    const isHashed = this.#builtin !== undefined && modelId === this.#last.id;
    return space !== former.space && !isHashed;
  }

  /** Whether the active model embeds anything anew: not where it only stands in for another. */
  get canEmbedAnew(): boolean {
    return this.active !== this.#last || this.isPreferred;
  }

  /** Whether the active model is to embed anew what has this vector, or none. */
  isOutdated(embedding: EmbeddingInfo | undefined): boolean {
    const { active } = this;
    if (!this.canEmbedAnew) return false;
    if (embedding === undefined) return true;
    if (embedding.origin !== 'engine') return false;
    // The space too: a host may give a model another one, and nothing asks the former then.
    if (embedding.modelId === active.id && embedding.space === active.space) return false;
    // The built-in model finds what another one embedded in its space, and would not embed it better.
    if (active !== this.#wanted?.loaded && embedding.space === active.space) return false;
    return this.isPreferred || embedding.modelId === this.#last.id || this.#isStranded(embedding);
  }

  /** Whether nothing will ask a vector in this session: of a model replaced by one that cannot be had. */
  #isStranded({ space }: EmbeddingInfo): boolean {
    const wanted = this.#wanted;
    // What the model wanted made itself it can ask again once it is back.
    if (wanted === undefined || !wanted.hasFailedForGood || space === wanted.identity.space) return false;
    return this.forSpace(space).length === 0;
  }

  get status(): Status['embedder'] {
    const preferred = this.#wanted ?? this.#builtin;
    const { id, space } = this.active;
    return {
      activeId: id,
      space,
      preferredId: this.#preferredId,
      // One that is loaded when it is needed keeps nobody waiting before.
      state: preferred === undefined || preferred.state === 'idle' ? 'ready' : preferred.state,
      progress: preferred?.progress ?? 1,
      ...(preferred?.error === undefined ? {} : { error: preferred.error }),
      ...(this.#builtin === undefined ? {} : { builtin: builtinStatus(this.#builtin) }),
    };
  }

  /** Starts loading the model wanted; nothing waits for it. */
  start(): void {
    this.#wanted?.start();
    if (this.#preload) this.#builtin?.start();
  }

  /** The models that can embed a query for a space: the one wanted before the built-in one, which is loaded for it. */
  forSpace(space: string): readonly Embedder[] {
    const builtin = this.#builtins.find(({ identity }) => identity.space === space);
    const isThere = builtin?.loaded !== undefined || builtin?.isExpected === true;
    const models = [this.#wanted?.loaded, isThere ? waitingFor(builtin) : undefined, this.#last];
    const able = models.flatMap((embedder) => (embedder?.space === space ? [embedder] : []));
    // Where no other can ask, it says why it cannot.
    return able.length === 0 && builtin !== undefined ? [waitingFor(builtin)] : able;
  }

  /** What is to be said of what a model finds that only stands in for the built-in one. */
  problemOf(embedder: Embedder): string | undefined {
    if (this.#builtin === undefined || embedder !== this.#last) return undefined;
    return `the built-in model is not there: of ${embedder.space} only what shares words with the query is found`;
  }

  get #builtins(): readonly LoadingModel[] {
    return this.#builtin === undefined ? [] : [this.#builtin, ...this.#others];
  }

  /** A query that another model took over: one that failed is loaded anew later, as where it embeds documents. */
  takeFailure(embedder: Embedder, error: unknown): void {
    if (embedder !== this.#wanted?.loaded) return;
    if (isUseless(error)) this.#wanted.note(toLociError(error).message);
    else this.#wanted.broke(embedder, error);
  }

  /**
   * Embeds documents with the active model, or with the next one where that fails: all of them, or those that it
   * gave no usable vector for. Answers one for each text.
   *
   * @throws LociError what the last model throws, `MODEL_UNAVAILABLE` where its vectors are of no use.
   */
  async embedDocuments(texts: readonly string[]): Promise<readonly Embedded[]> {
    if (texts.length === 0) return [];
    this.#wanted?.startLate();
    const byWanted = await this.#tryToEmbed(this.#wanted, this.#wanted?.loaded, texts);
    const left = texts.filter((_, i) => byWanted[i] === undefined);
    const others = (await this.#embedBuiltin(left)).values();
    return texts.flatMap((_, i) => byWanted[i] ?? others.next().value ?? []);
  }

  /**
   * The query's vector by a model that {@link forSpace} named.
   *
   * @throws LociError what the model throws, `MODEL_UNAVAILABLE` where its vector is of no use.
   */
  async embedQuery(embedder: Embedder, query: string): Promise<Float32Array> {
    const [embedded] = await this.#embedWith(embedder, [query], 'query');
    if (embedded === undefined) throw uselessError(embedder, NO_VECTOR);
    this.#wanted?.served(embedder);
    return embedded.vector;
  }

  /** Whoever waits for the built-in model goes on without it. */
  stopWaiting(): void {
    for (const model of this.#builtins) model.stopWaiting();
  }

  async close(): Promise<void> {
    const models = [...(this.#wanted === undefined ? [] : [this.#wanted]), ...this.#builtins, this.#last];
    await closeAll(models.map((model) => () => model.close()));
  }

  /** What a model that may not be there makes of texts; where it fails, nothing, and another takes its place. */
  async #tryToEmbed(
    model: LoadingModel | undefined,
    embedder: Embedder | undefined,
    texts: readonly string[],
  ): Promise<readonly (Embedded | undefined)[]> {
    if (model === undefined || embedder === undefined) return [];
    try {
      const embedded = await this.#embedWith(embedder, texts);
      if (embedded.some((each) => each !== undefined)) model.served(embedder);
      if (embedded.includes(undefined))
        model.note(
          `the model ${embedder.id} gave ${NO_VECTOR}: the built-in one took its place for that text`,
        );
      return embedded;
    } catch (error) {
      model.broke(embedder, error);
      return [];
    }
  }

  async #embedBuiltin(texts: readonly string[]): Promise<readonly Embedded[]> {
    if (texts.length === 0) return [];
    this.#builtin?.startLate();
    const loaded = await this.#builtin?.wait(TABLE_DOCUMENT_WAIT_MS);
    const byTable = await this.#tryToEmbed(this.#builtin, loaded, texts);
    const left = texts.filter((_, i) => byTable[i] === undefined);
    const others = (await this.#embedWith(this.#last, left)).map((each) => {
      if (each === undefined) throw uselessError(this.#last, NO_VECTOR);
      return each;
    });
    const rest = others.values();
    return texts.flatMap((_, i) => byTable[i] ?? rest.next().value ?? []);
  }

  /**
   * What a model makes of texts, in order; undefined where that is no vector of its space. A model may be wrong
   * about one text (in half precision), or about all of them (out of memory).
   */
  async #embedWith(
    embedder: Embedder,
    texts: readonly string[],
    purpose: TextPurpose = 'document',
  ): Promise<readonly (Embedded | undefined)[]> {
    const { id: modelId, space, dimensions } = embedder;
    const info: EmbeddingInfo = { modelId, space, dimensions, origin: 'engine' };
    const embedded: (Embedded | undefined)[] = [];
    for (let at = 0; at < texts.length; at += EMBED_BATCH) {
      const batch = texts.slice(at, at + EMBED_BATCH);
      const vectors = await embedder.embed(batch, purpose);
      if (vectors.length !== batch.length)
        throw uselessError(embedder, `${vectors.length} vectors for ${batch.length} texts`);
      for (const vector of vectors)
        embedded.push(
          isVector(vector, dimensions) ? { info, vector: normalize(vector, dimensions) } : undefined,
        );
    }
    return embedded;
  }
}

const NO_VECTOR = 'a vector of NaN, of zeros or of a wrong length';

/** The built-in model for a query: it is loaded for it, and waited for. */
function waitingFor(model: LoadingModel): Embedder {
  const { id, space, dimensions } = model.identity;
  return {
    id,
    space,
    dimensions,
    embed: async (texts, purpose) => {
      const loaded = await model.wait(TABLE_QUERY_WAIT_MS);
      if (loaded === undefined)
        throw new LociError('MODEL_UNAVAILABLE', model.error ?? `the model ${id} is not loaded yet`, {
          retryable: true,
          hint: 'Memories are found by their words meanwhile.',
        });
      return loaded.embed(texts, purpose);
    },
    close: () => model.close(),
  };
}

function builtinStatus(model: LoadingModel): NonNullable<Status['embedder']['builtin']> {
  const { state, progress, error, isExpected } = model;
  return {
    id: model.identity.id,
    state: isExpected && state !== 'failed' ? state : 'fallback',
    progress,
    ...(error === undefined ? {} : { error }),
  };
}

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
