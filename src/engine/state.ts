/** All that an engine holds in memory of a namespace, changed by operations only. */

import { endOfLife } from '../memory/expiry.ts';
import { compileFilter } from '../memory/filter.ts';
import type { MemoryState, Operation } from '../memory/operation.ts';
import { LexicalIndex } from '../text/lexical-index.ts';
import type { Filter } from '../types.ts';
import { Bitset } from '../vector/bitset.ts';
import type { VectorIndexFactory } from '../vector/vector-index.ts';
import { AccessLog } from './access-log.ts';
import { fieldReader, MemoryTable } from './memory-table.ts';
import { VectorSpaces } from './vector-spaces.ts';

export class EngineState {
  readonly table = new MemoryTable();
  readonly lexical = new LexicalIndex();
  readonly access = new AccessLog();
  readonly spaces: VectorSpaces;
  /** The last operation that is in it. */
  seq = 0;
  /** No memory ends before this time, ms since the epoch: then nothing has to be looked through. */
  #nextEndOfLife = Number.POSITIVE_INFINITY;

  constructor(createIndex: VectorIndexFactory) {
    this.spaces = new VectorSpaces(createIndex);
  }

  /** Makes the indexes ready that operations will need; to be awaited before they are committed. */
  async prepare(operations: readonly Operation[]): Promise<void> {
    for (const operation of operations) {
      const embedding = 'embedding' in operation ? operation.embedding : undefined;
      if (embedding !== undefined) await this.spaces.prepare(embedding.space, embedding.dimensions);
    }
  }

  /** Applies an operation to the table and the indexes, at once. */
  apply(operation: Operation): void {
    const { before, after } = this.table.apply(operation);
    this.seq = Math.max(this.seq, operation.seq);
    if (before === after) return;
    if (after === undefined) {
      if (before !== undefined) this.#forget(before);
      return;
    }
    const isReindexed = before === undefined || after.content !== before.content || isRetagged(before, after);
    if (isReindexed && after.content !== undefined) this.indexWords(after, after.content);
    if (after.vector !== before?.vector && after.vector !== undefined)
      this.indexVector(after, after.vector, before);
    this.watchEndOfLife(after);
  }

  /** Takes in a folded memory. */
  indexWords({ ordinal, record }: MemoryState, content: string): void {
    this.lexical.set(ordinal, { content, speaker: record.speaker, tags: record.tags });
  }

  indexVector({ ordinal, record }: MemoryState, vector: Float32Array, before?: MemoryState): void {
    const old = before?.record.embedding?.space;
    if (record.embedding === undefined) return;
    if (old !== undefined && old !== record.embedding.space) this.spaces.remove(ordinal, old);
    this.spaces.set(ordinal, record.embedding.space, vector);
  }

  watchEndOfLife({ record }: MemoryState): void {
    this.#nextEndOfLife = Math.min(this.#nextEndOfLife, endOfLife(record));
  }

  /** The memories that have come to their end. */
  expired(now: number): readonly MemoryState[] {
    if (now < this.#nextEndOfLife) return [];
    const expired: MemoryState[] = [];
    this.#nextEndOfLife = Number.POSITIVE_INFINITY;
    for (const state of this.table.ascending()) {
      if (endOfLife(state.record) <= now) expired.push(state);
      else this.watchEndOfLife(state);
    }
    // They are looked for again until they are gone.
    if (expired.length > 0) this.#nextEndOfLife = now;
    return expired;
  }

  /** Whether a memory is meant and not at its end; undefined where all are. */
  predicate(filter: Filter | undefined, now: number): ((state: MemoryState) => boolean) | undefined {
    const isMeant = filter && compileFilter<MemoryState>(filter, fieldReader(this.access));
    if (now < this.#nextEndOfLife) return isMeant;
    return (state) => endOfLife(state.record) > now && (isMeant?.(state) ?? true);
  }

  /** The ordinals of the memories that meet a predicate. */
  select(predicate: (state: MemoryState) => boolean): { readonly members: Bitset; readonly count: number } {
    const members = new Bitset(this.table.nextOrdinal);
    let count = 0;
    for (const state of this.table.ascending()) {
      if (!predicate(state)) continue;
      members.add(state.ordinal);
      count += 1;
    }
    return { members, count };
  }

  #forget({ ordinal, record }: MemoryState): void {
    this.lexical.remove(ordinal);
    this.access.clear(ordinal);
    if (record.embedding !== undefined) this.spaces.remove(ordinal, record.embedding.space);
  }
}

/** Whether words changed that are kept beside the content. */
function isRetagged(before: MemoryState, after: MemoryState): boolean {
  return before.record.speaker !== after.record.speaker || before.record.tags !== after.record.tags;
}
