/** The verbs that read: a memory by its id, pages of a list, searches, histories. */

import { DEFAULT_LIST_LIMIT, DEFAULT_SEARCH_LIMIT, READ_ATTEMPTS } from '../limits.ts';
import { historyEntryOf, type MemoryState } from '../memory/operation.ts';
import { checkOptions } from '../memory/options.ts';
import type { Storage } from '../storage/storage.ts';
import type {
  GetOptions,
  HistoryEntry,
  ListOptions,
  ListPage,
  Memory,
  SearchOptions,
  SearchResult,
} from '../types.ts';
import {
  checkAsOf,
  checkId,
  checkLimit,
  checkOrder,
  decodeCursor,
  encodeCursor,
  GET_OPTIONS,
  LIST_OPTIONS,
  SEARCH_OPTIONS,
} from './arguments.ts';
import type { Damage } from './health.ts';
import type { Journal } from './journal.ts';
import { decodeHistoryEntry, historyRows } from './layout.ts';
import { eachRow } from './read-rows.ts';
import { readMemories, readVectors } from './rows.ts';
import { type SearchParts, search } from './search.ts';
import { toMemory } from './table/memory-table.ts';

export interface ReadsParts extends Omit<SearchParts, 'onMissing' | 'readVectors'> {
  readonly storage: Storage;
  readonly damage: Damage;
  readonly journal: Journal;
  /** Told of memories whose contents are gone from storage, whenever they are asked for. */
  readonly onContentsLost: (ordinals: readonly number[]) => void;
  /** Told of memories whose vectors are. */
  readonly onVectorsLost: (ordinals: readonly number[]) => void;
}

export class Reads {
  readonly #parts: ReadsParts;

  constructor(parts: ReadsParts) {
    this.#parts = parts;
  }

  async get(givenId: string, given?: GetOptions): Promise<Memory | null> {
    this.#parts.assertOpen();
    const id = checkId(givenId);
    const options: GetOptions = checkOptions(given, GET_OPTIONS);
    const state = this.find(id);
    if (state === undefined) return null;
    const [memory] = (await this.#read([state], options)).memories;
    if (memory === undefined) return null;
    const now = this.#parts.environment.now();
    this.#parts.state.access.touch(state.ordinal, now);
    this.#parts.state.learnt.used(state.ordinal, now);
    return memory;
  }

  async list(given?: ListOptions): Promise<ListPage> {
    this.#parts.assertOpen();
    const options: ListOptions = checkOptions(given, LIST_OPTIONS);
    checkOrder(options.order);
    checkAsOf(options.asOf);
    const limit = checkLimit(options.limit, DEFAULT_LIST_LIMIT);
    const from = decodeCursor(options.cursor);
    for (let attempt = 1; ; attempt++) {
      const { states, total, next } = this.#page(options, limit, from);
      const { memories, unreadable } = await this.#read(states, options);
      // Where one was deleted while the page was read, the next moves up, and the count is another.
      const isWhole = memories.length + unreadable.length === states.length;
      if (!isWhole && attempt < READ_ATTEMPTS) continue;
      return {
        memories,
        total,
        ...(next === undefined ? {} : { nextCursor: encodeCursor(next) }),
        ...(unreadable.length === 0 ? {} : { unreadable }),
      };
    }
  }

  #page({ filter, order, asOf }: ListOptions, limit: number, from: number | undefined) {
    const { table } = this.#parts.state;
    const predicate = this.#parts.state.predicate(filter, this.#parts.environment.now(), asOf);
    const page: number[] = [];
    for (const ordinal of order === 'oldest' ? table.ordinals(from) : table.ordinalsDown(from)) {
      if (predicate?.(ordinal) === false) continue;
      page.push(ordinal);
      if (page.length > limit) break;
    }
    const next = page.length > limit ? page.pop() : undefined;
    const total = predicate === undefined ? table.size : this.#parts.state.select(predicate).count;
    return { states: page.flatMap((ordinal) => table.at(ordinal) ?? []), total, next };
  }

  /** The memories of these ordinals, by ordinal; those that are gone are not among them. */
  async memoriesAt(ordinals: readonly number[]): Promise<ReadonlyMap<number, Memory>> {
    const states = ordinals.flatMap((ordinal) => this.#parts.state.table.at(ordinal) ?? []);
    const { memories } = await this.#read(states, {});
    const byId = new Map(memories.map((memory) => [memory.id, memory]));
    return new Map(
      states.flatMap(({ ordinal, record }) => {
        const memory = byId.get(record.id);
        return memory === undefined ? [] : [[ordinal, memory] as const];
      }),
    );
  }

  async search(query: string, given?: SearchOptions): Promise<SearchResult> {
    this.#parts.assertOpen();
    const options: SearchOptions = checkOptions(given, SEARCH_OPTIONS);
    const limit = checkLimit(options.limit, DEFAULT_SEARCH_LIMIT);
    checkAsOf(options.asOf);
    const parts = {
      ...this.#parts,
      onMissing: (memories: readonly MemoryState[]) => this.#onMissing(memories),
      readVectors: (memories: readonly MemoryState[]) => this.#readVectors(memories),
    };
    return search(parts, query, limit, options);
  }

  async history(givenId: string): Promise<readonly HistoryEntry[]> {
    this.#parts.assertOpen();
    const id = checkId(givenId);
    const pending = this.#parts.journal.pendingOf(id);
    const folded: HistoryEntry[] = [];
    const { damage, storage } = this.#parts;
    await eachRow(
      storage,
      historyRows(id),
      ({ value }) => folded.push(decodeHistoryEntry(value)),
      () => {
        damage.rows += 1;
      },
    );
    // A fold may have brought some of them meanwhile.
    const seen = new Set(folded.map(({ seq }) => seq));
    const entries = pending.flatMap((operation) => historyEntryOf(operation) ?? []);
    const fresh = entries.filter(({ seq }) => !seen.has(seq));
    const state = this.#parts.state.table.get(id);
    if (state === undefined) return [...folded, ...fresh].filter(({ type }) => type === 'delete');
    const { added } = state;
    const changes = [...folded, ...fresh.filter(({ type }) => type !== 'add')];
    // What was deleted before under the same id has left that it was, and nothing else.
    const ends = changes.filter(({ seq, type }) => seq < added.seq && type === 'delete');
    const own = changes.filter(({ seq }) => seq > added.seq);
    return [...ends, { ...added, type: 'add', changes: {} }, ...own];
  }

  /** The memory of an id, unless it has come to its end: whether it has been swept makes no difference. */
  find(id: string): MemoryState | undefined {
    const state = this.#parts.state.table.get(id);
    const isSeen = this.#parts.state.predicate(undefined, this.#parts.environment.now());
    return state !== undefined && isSeen?.(state.ordinal) !== false ? state : undefined;
  }

  async #read(
    states: readonly MemoryState[],
    { includeVector }: GetOptions,
  ): Promise<{ readonly memories: readonly Memory[]; readonly unreadable: readonly string[] }> {
    const { table, access } = this.#parts.state;
    const vectorsOf =
      includeVector === true ? (wanted: readonly MemoryState[]) => this.#readVectors(wanted) : undefined;
    const read = await readMemories(this.#parts.blocks, table, states, vectorsOf);
    const missing = read.filter(({ content }) => content === undefined).map(({ state }) => state);
    await this.#onMissing(missing);
    this.#parts.assertOpen();
    const memories = read.flatMap(({ state, content, vector }) =>
      content === undefined ? [] : [toMemory(state, content, this.#parts.scope, access, vector)],
    );
    return { memories, unreadable: missing.map(({ record }) => record.id) };
  }

  /** Contents that were not in storage: deleted or changed while they were read, moved by another owner, or else lost. */
  async #onMissing(states: readonly MemoryState[]): Promise<void> {
    const { table } = this.#parts.state;
    const missing = states.filter(({ ordinal, seq }) => table.seqOf(ordinal) === seq);
    if (missing.length === 0) return;
    await this.#parts.journal.assertCurrent();
    this.#parts.onContentsLost(missing.map(({ ordinal }) => ordinal));
  }

  /** Vectors in order; one that a memory says it has and that is not in storage is as a content that is not. */
  async #readVectors(states: readonly MemoryState[]): Promise<readonly (Float32Array | undefined)[]> {
    const vectors = await readVectors(this.#parts.blocks, states);
    const { table } = this.#parts.state;
    const missing = states.filter(
      ({ ordinal, seq, record }, i) =>
        vectors[i] === undefined && record.embedding !== undefined && table.seqOf(ordinal) === seq,
    );
    if (missing.length === 0) return vectors;
    await this.#parts.journal.assertCurrent();
    this.#parts.onVectorsLost(missing.map(({ ordinal }) => ordinal));
    return vectors;
  }
}
