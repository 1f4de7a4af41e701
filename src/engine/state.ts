/** All that an engine holds in memory of a namespace, changed by operations only. */

import { endOfLife } from '../memory/expiry.ts';
import { momentOf } from '../memory/fact.ts';
import { compileFilter } from '../memory/filter.ts';
import type { MemoryState, Operation } from '../memory/operation.ts';
import { SpreadingActivation } from '../retrieval/association/index.ts';
import type { TextLanguage } from '../text/language.ts';
import { LexicalIndex } from '../text/lexical-index.ts';
import type { EmbeddingInfo, Filter } from '../types.ts';
import { Bitset } from '../vector/bitset.ts';
import type { VectorIndexFactory } from '../vector/vector-index.ts';
import { isVector } from '../vector/vectors.ts';
import { AccessLog } from './access-log.ts';
import { Facts } from './facts.ts';
import { LearntLog } from './learnt-log.ts';
import { LossyPages } from './lossy-pages.ts';
import { edgesAtHand } from './network.ts';
import { Preferences } from './preferences.ts';
import { SessionIndex } from './session-index.ts';
import { SpeakerNames } from './speaker-names.ts';
import { type Change, fieldReader, MemoryTable } from './table/memory-table.ts';
import { VectorSpaces } from './vector-spaces.ts';

/** Fields beside the content whose words are indexed. */
const WORD_FIELDS = ['speaker', 'tags', 'createdAt'] as const;

/** Reads the stored contents of memories; undefined where there is none. */
export type ContentReader = (ordinals: readonly number[]) => Promise<readonly (string | undefined)[]>;

export class EngineState {
  readonly table = new MemoryTable();
  readonly lexical: LexicalIndex;
  readonly access = new AccessLog();
  readonly sessions = new SessionIndex(this.table);
  readonly speakers = new SpeakerNames(this.table);
  /** Which facts others took the place of. */
  readonly facts = new Facts(this.table);
  /** What feedback tells of memories that have none themselves. */
  readonly preferences = new Preferences(this.table);
  readonly learnt = new LearntLog();
  /** What is written when idle, and may be lost. */
  readonly lossy = new LossyPages([this.access, this.learnt]);
  /** What leads from one memory to others without a search. */
  readonly network = new SpreadingActivation(edgesAtHand(this));
  readonly spaces: VectorSpaces;
  /** The last operation that is in it. */
  seq = 0;
  /** No memory ends before this time, ms since the epoch: then nothing has to be looked through. */
  #nextEndOfLife = Number.POSITIVE_INFINITY;
  /** Memories whose vectors storage has lost, and that have no other yet. */
  readonly #vectorless = new Set<number>();
  /** Contents of memories whose words are about to be indexed anew though the content stays. */
  readonly #contents = new Map<string, string>();

  /** @param language of the texts' words. Default: English. */
  constructor(createIndex: VectorIndexFactory, language?: TextLanguage) {
    this.lexical = new LexicalIndex(language);
    this.spaces = new VectorSpaces(createIndex);
  }

  /**
   * Makes ready what operations will need, so that they are applied without waiting: indexes, and the contents
   * of memories whose tags, speaker or time change. To be awaited before they are committed.
   */
  async prepare(operations: readonly Operation[], read: ContentReader): Promise<void> {
    await this.spaces.prepareAll(operations.flatMap((operation) => embeddingOf(operation) ?? []));
    await this.#prepareContents(operations, read);
  }

  /**
   * Applies operations that storage holds. One whose vector no index takes is applied without it: nothing that is
   * stored may keep all else from being read. Answers how many memories lost their vector so.
   */
  async replay(operations: readonly Operation[], read: ContentReader): Promise<number> {
    let lost = 0;
    await this.#prepareContents(operations, read);
    for (const operation of operations) {
      if (operation.type === 'delete' || (await this.#isIndexable(operation))) {
        this.apply(operation);
        continue;
      }
      this.seq = Math.max(this.seq, operation.seq);
      // The memory keeps the vector that it has, and is embedded anew.
      if (operation.type === 'embed') continue;
      const { before, after } = this.apply({ ...operation, vector: undefined });
      if (after !== undefined && after !== before && this.loseVector(after.ordinal)) lost += 1;
    }
    return lost;
  }

  async #isIndexable(operation: Operation): Promise<boolean> {
    const embedding = embeddingOf(operation);
    if (embedding === undefined || !('vector' in operation) || operation.vector === undefined) return true;
    if (!isVector(operation.vector, embedding.dimensions)) return false;
    return this.spaces.canPrepare(embedding.space, embedding.dimensions);
  }

  async #prepareContents(operations: readonly Operation[], read: ContentReader): Promise<void> {
    const retagged = operations.filter(isRetagging).flatMap(({ id }) => this.table.get(id) ?? []);
    const folded = retagged.filter(({ content }) => content === undefined);
    const contents = folded.length === 0 ? [] : await read(folded.map(({ ordinal }) => ordinal));
    this.#contents.clear();
    contents.forEach((content, i) => {
      const id = folded[i]?.record.id;
      if (id !== undefined && content !== undefined) this.#contents.set(id, content);
    });
  }

  /** Applies an operation to the table and the indexes, at once. */
  apply(operation: Operation): Change {
    const change = this.table.apply(operation);
    const { before, after } = change;
    this.seq = Math.max(this.seq, operation.seq);
    if (before === after) return change;
    this.#replace(before, after);
    this.facts.changed(before, after);
    this.preferences.changed(before, after);
    if (after === undefined) {
      if (before !== undefined) this.#forget(before);
      return change;
    }
    const content = after.content ?? this.#contents.get(operation.id);
    const isReindexed = before === undefined || after.content !== before.content || isRetagging(operation);
    if (isReindexed && content !== undefined) this.indexWords(after, content);
    if (after.vector !== before?.vector && after.vector !== undefined)
      this.indexVector(after, after.vector, before);
    this.watchEndOfLife(after.ordinal);
    return change;
  }

  /** Brings the indexes up to date that are made of the table's fields. */
  #replace(before: MemoryState | undefined, after: MemoryState | undefined): void {
    if (before !== undefined && after !== undefined && !isMoved(before, after)) return;
    if (before !== undefined) {
      this.sessions.remove(before.ordinal, before.record.sessionId);
      this.speakers.remove(before.record.speaker);
    }
    if (after === undefined) return;
    this.sessions.add(after.ordinal);
    this.speakers.add(after.record.speaker);
  }

  indexWords({ ordinal, record }: MemoryState, content: string): void {
    const { speaker, tags, createdAt } = record;
    this.lexical.set(ordinal, { content, speaker, tags, createdAt });
  }

  indexVector({ ordinal, record }: MemoryState, vector: Float32Array, before?: MemoryState): void {
    const old = before?.record.embedding?.space;
    if (record.embedding === undefined) return;
    if (old !== undefined && old !== record.embedding.space) this.spaces.remove(ordinal, old);
    this.#vectorless.delete(ordinal);
    this.spaces.set(ordinal, record.embedding.space, vector);
  }

  /**
   * Storage has lost the vector of a memory: one that the engine made is made anew. Answers whether that was not
   * known yet.
   */
  loseVector(ordinal: number): boolean {
    const embedding = this.table.embeddingOf(ordinal);
    if (embedding === undefined || this.#vectorless.has(ordinal)) return false;
    this.#vectorless.add(ordinal);
    if (embedding.origin !== 'engine') return true;
    this.spaces.remove(ordinal, embedding.space);
    this.table.loseVector(ordinal);
    return true;
  }

  watchEndOfLife(ordinal: number): void {
    this.#nextEndOfLife = Math.min(this.#nextEndOfLife, endOfLife(this.table.lifetime(ordinal)));
  }

  /** The memories that have come to their end. */
  expired(now: number): readonly MemoryState[] {
    if (now < this.#nextEndOfLife) return [];
    const expired: MemoryState[] = [];
    this.#nextEndOfLife = Number.POSITIVE_INFINITY;
    for (const ordinal of this.table.ordinals()) {
      const state = endOfLife(this.table.lifetime(ordinal)) <= now ? this.table.at(ordinal) : undefined;
      if (state !== undefined) expired.push(state);
      else this.watchEndOfLife(ordinal);
    }
    // They are looked for again until they are gone.
    if (expired.length > 0) this.#nextEndOfLife = now;
    return expired;
  }

  /**
   * Whether the memory with an ordinal is meant and not at its end; undefined where all are.
   *
   * @param asOf the moment that `validity` in the filter is judged by. Default now.
   */
  predicate(
    filter: Filter | undefined,
    now: number,
    asOf?: number,
  ): ((ordinal: number) => boolean) | undefined {
    const isMeant = filter === undefined ? undefined : compileFilter<number>(filter, this.#reader(now, asOf));
    if (now < this.#nextEndOfLife) return isMeant;
    return (ordinal) => endOfLife(this.table.lifetime(ordinal)) > now && (isMeant?.(ordinal) ?? true);
  }

  #reader(now: number, asOf: number | undefined): (ordinal: number, field: string) => unknown {
    const read = fieldReader(this.table, this.access);
    const moment = momentOf(asOf, now);
    return (ordinal, field) =>
      field === 'validity' ? this.facts.validityOf(ordinal, moment).state : read(ordinal, field);
  }

  /** The ordinals of the memories that meet a predicate. */
  select(predicate: (ordinal: number) => boolean): { readonly members: Bitset; readonly count: number } {
    const members = new Bitset(this.table.nextOrdinal);
    let count = 0;
    for (const ordinal of this.table.ordinals()) {
      if (!predicate(ordinal)) continue;
      members.add(ordinal);
      count += 1;
    }
    return { members, count };
  }

  #forget({ ordinal, record }: MemoryState): void {
    this.lexical.remove(ordinal);
    this.access.clear(ordinal);
    this.learnt.clear(ordinal);
    this.#vectorless.delete(ordinal);
    if (record.embedding !== undefined) this.spaces.remove(ordinal, record.embedding.space);
  }
}

/** Whether a memory's place in its session, or its speaker, is another. */
function isMoved({ record: before }: MemoryState, { record: after }: MemoryState): boolean {
  return (['sessionId', 'position', 'createdAt', 'speaker'] as const).some(
    (field) => before[field] !== after[field],
  );
}

function embeddingOf(operation: Operation): EmbeddingInfo | undefined {
  return 'embedding' in operation ? operation.embedding : undefined;
}

/** Whether words change that are kept beside the content. */
function isRetagging(operation: Operation): boolean {
  return operation.type === 'update' && WORD_FIELDS.some((field) => field in operation.after);
}
