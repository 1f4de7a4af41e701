/** Embeds anew, in the background, what an earlier model embedded; search stays available all the while. */

import { REEMBED_BATCH } from '../limits.ts';
import type { EmbedOperation, MemoryState } from '../memory/operation.ts';
import type { BlockStore } from './blocks/block-store.ts';
import type { EmbeddingService } from './embedding-service.ts';
import { readContents } from './rows.ts';
import type { EngineState } from './state.ts';

export interface ReembedParts {
  readonly state: EngineState;
  readonly blocks: BlockStore;
  readonly embeddings: EmbeddingService;
  /** Commits the operations made by the callback, which runs under the write lock. */
  readonly write: (build: (nextSeq: number) => readonly EmbedOperation[]) => Promise<void>;
  /** Called when progress was made. */
  readonly changed: () => void;
  readonly now: () => number;
  readonly newOpId: () => string;
}

export class Reembedder {
  readonly #parts: ReembedParts;
  #running: Promise<void> | undefined;
  #isClosed = false;
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

  /** Starts, unless it runs already; a failure is the caller's to show. */
  run(): Promise<void> {
    this.#running ??= this.#all().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running?.catch(() => undefined); // shown by whoever started it
  }

  async #all(): Promise<void> {
    this.#done = 0;
    this.#total = 0;
    for (const _ of this.#outdated()) this.#total += 1;
    if (this.#total > 0) this.#parts.changed();
    while (!this.#isClosed && this.#parts.embeddings.isPreferred) {
      const ordinals = take(this.#outdated(), REEMBED_BATCH);
      const batch = ordinals.flatMap((ordinal) => this.#parts.state.table.at(ordinal) ?? []);
      if (batch.length === 0) return;
      await this.#embed(batch);
      this.#done = Math.min(this.#done + batch.length, this.#total);
      this.#parts.changed();
    }
  }

  /** Memories whose vector the engine made with another model than the active one. */
  *#outdated(): IterableIterator<number> {
    const { state, embeddings } = this.#parts;
    const { id } = embeddings.active;
    for (const ordinal of state.table.ordinalsDown()) {
      const embedding = state.table.embeddingOf(ordinal);
      if (embedding !== undefined && (embedding.origin !== 'engine' || embedding.modelId === id)) continue;
      if (!this.#hopeless.has(ordinal)) yield ordinal;
    }
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
        // The built-in model's, which it has already: the one wanted has none for it.
        const isKnown = made?.info.modelId === memory.record.embedding?.modelId;
        if (made === undefined || !isCurrent || isKnown) return [];
        const { id } = memory.record;
        const { now, newOpId } = this.#parts;
        return [
          {
            type: 'embed',
            id,
            seq: seq++,
            at: now(),
            opId: newOpId(),
            embedding: made.info,
            vector: made.vector,
          },
        ];
      });
    });
  }
}

function take<T>(items: Iterable<T>, count: number): readonly T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length === count) break;
    taken.push(item);
  }
  return taken;
}
