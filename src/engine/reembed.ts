/** Embeds anew, in the background, what an earlier model embedded; search stays available all the while. */

import { EVICTION_SCAN, REEMBED_BATCH, REEMBED_RETRY_MAX_MS, REEMBED_RETRY_MS } from '../limits.ts';
import type { EmbedOperation, MemoryState } from '../memory/operation.ts';
import type { BlockStore } from './blocks/block-store.ts';
import type { EmbeddingService } from './embedding-service.ts';
import type { Environment } from './environment.ts';
import { ReembedOrder } from './reembed-order.ts';
import { readContents } from './rows.ts';
import { pauseIn } from './slices.ts';
import type { EngineState } from './state.ts';

export interface ReembedParts {
  readonly state: EngineState;
  readonly blocks: BlockStore;
  readonly embeddings: EmbeddingService;
  /** Commits the operations made by the callback, which runs under the write lock. */
  readonly write: (build: (nextSeq: number) => readonly EmbedOperation[]) => Promise<void>;
  /** Called when progress was made. */
  readonly changed: () => void;
  readonly environment: Pick<Environment, 'now' | 'schedule'>;
  /** Told how a run ended: an error, after which another follows, or undefined. */
  readonly onResult: (error: unknown) => void;
  readonly newOpId: () => string;
}

export class Reembedder {
  readonly #parts: ReembedParts;
  #running: Promise<void> | undefined;
  #isClosed = false;
  /** Whether it was started once more while it ran: what it had found done may not be. */
  #isAskedAgain = false;
  /** Runs that failed since one batch was written. */
  #failures = 0;
  #cancelRetry: (() => void) | undefined;
  /** Memories whose contents could not be read, or that the model has no vector for: another try would end as the first. */
  readonly #hopeless = new Set<number>();
  #done = 0;
  #total = 0;

  constructor(parts: ReembedParts) {
    this.#parts = parts;
  }

  get progress(): { readonly done: number; readonly total: number } {
    return { done: this.#done, total: this.#total };
  }

  /** Starts, unless it runs already; where it fails it starts again after a while. */
  start(): void {
    this.#isAskedAgain = this.#running !== undefined;
    if (this.#isClosed || this.#running !== undefined) return;
    this.#cancelRetry?.();
    this.#running = this.#run().then((hasSucceeded) => {
      this.#running = undefined;
      if (hasSucceeded && this.#isAskedAgain && this.#hasOutdated()) this.start();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    await this.#running;
  }

  /** Whether it came to its end; where it failed, another run follows. */
  async #run(): Promise<boolean> {
    const { environment, onResult } = this.#parts;
    try {
      await this.#all();
      onResult(undefined);
      return true;
    } catch (error) {
      onResult(error);
      if (this.#isClosed) return false;
      const pauseMs = Math.min(REEMBED_RETRY_MS * 2 ** this.#failures, REEMBED_RETRY_MAX_MS);
      this.#failures += 1;
      this.#cancelRetry = environment.schedule(pauseMs, () => this.start());
      return false;
    }
  }

  async #all(): Promise<void> {
    this.#done = 0;
    this.#total = 0;
    // What is written meanwhile may have been embedded by another model: it is looked for until there is none.
    while (this.#mayGoOn) {
      const ordinals = await this.#inOrder();
      if (ordinals.length === 0) return;
      this.#total = this.#done + ordinals.length;
      this.#parts.changed();
      await this.#allOf(ordinals);
    }
  }

  async #allOf(ordinals: Uint32Array): Promise<void> {
    const { table } = this.#parts.state;
    for (let at = 0; at < ordinals.length && this.#mayGoOn; ) {
      const batch: MemoryState[] = [];
      for (; at < ordinals.length && batch.length < REEMBED_BATCH; at++) {
        const ordinal = ordinals[at] ?? 0;
        const memory = this.#isOutdated(ordinal) ? table.at(ordinal) : undefined;
        if (memory !== undefined) batch.push(memory);
      }
      if (batch.length > 0) await this.#embed(batch);
      this.#failures = 0;
      this.#done = this.#total - (ordinals.length - at);
      this.#parts.changed();
    }
  }

  get #mayGoOn(): boolean {
    return !this.#isClosed && this.#parts.embeddings.canEmbedAnew;
  }

  /** What is to be embedded anew; the order is made once, in turns as short as those of an eviction. */
  async #inOrder(): Promise<Uint32Array> {
    const { state, environment } = this.#parts;
    const order = new ReembedOrder(state, environment.now());
    const end = state.table.nextOrdinal;
    for (let ordinal = 0; ordinal < end; ordinal++) {
      if (ordinal % EVICTION_SCAN === EVICTION_SCAN - 1) await pauseIn(this.#parts.environment);
      if (this.#isOutdated(ordinal)) order.offer(ordinal);
    }
    return order.sorted();
  }

  #hasOutdated(): boolean {
    for (const ordinal of this.#parts.state.table.ordinalsDown()) if (this.#isOutdated(ordinal)) return true;
    return false;
  }

  /** Whether a memory has no vector, or one that the engine made with another model than the active one. */
  #isOutdated(ordinal: number): boolean {
    const { state, embeddings } = this.#parts;
    if (!state.table.has(ordinal) || this.#hopeless.has(ordinal)) return false;
    return embeddings.isOutdated(state.table.embeddingOf(ordinal));
  }

  async #embed(batch: readonly MemoryState[]): Promise<void> {
    const { state, blocks, embeddings } = this.#parts;
    const wanted = embeddings.active.id;
    const contents = await readContents(blocks, batch);
    batch.forEach(({ ordinal }, index) => {
      if (contents[index] === undefined) this.#hopeless.add(ordinal);
    });
    const known = batch.filter((_, index) => contents[index] !== undefined);
    const embedded = await embeddings.embedDocuments(contents.filter((content) => content !== undefined));
    // Where the model failed for all of them, it is asked again when it is back.
    if (embeddings.active.id === wanted)
      known.forEach(({ ordinal }, index) => {
        if (embedded[index]?.info.modelId !== wanted) this.#hopeless.add(ordinal);
      });
    await this.#parts.write((nextSeq) => {
      let seq = nextSeq;
      return known.flatMap((memory, index): EmbedOperation[] => {
        const made = embedded[index];
        // Changed or deleted meanwhile: its vector would be that of an old text.
        const isCurrent = state.table.get(memory.record.id)?.record.revision === memory.record.revision;
        const { id, embedding } = memory.record;
        if (made === undefined || !isCurrent || !embeddings.mayReplace(embedding, made.info)) return [];
        const { environment, newOpId } = this.#parts;
        return [
          {
            type: 'embed',
            id,
            seq: seq++,
            at: environment.now(),
            opId: newOpId(),
            embedding: made.info,
            vector: made.vector,
          },
        ];
      });
    });
  }
}
