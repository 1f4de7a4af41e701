/**
 * The one way anything changes: operations are committed to the log with the answer of their call,
 * then applied to memory. When idle, the fold moves them into rows of the memories' own.
 */

import { isLociError, LociError } from '../errors.ts';
import { FOLD_BATCH } from '../limits.ts';
import { historyEntryOf, type MemoryState, type Operation } from '../memory/operation.ts';
import type { Commit, KeyRange, Row, Storage } from '../storage/storage.ts';
import type { Durability } from '../types.ts';
import type { Answers } from './answers.ts';
import {
  contentKey,
  encodeAnswer,
  encodeBatch,
  encodeHistoryEntry,
  encodeManifest,
  encodeState,
  historyRows,
  logKey,
  type Manifest,
  metaKey,
  opKey,
  type StoredAnswer,
  vectorKey,
} from './layout.ts';
import type { EngineState } from './state.ts';

/** The operations of one commit, still in the log. */
export interface Batch {
  readonly key: string;
  readonly operations: readonly Operation[];
}

/** Operations to be committed, and what their call answers. */
export interface Entry {
  readonly operations: readonly Operation[];
  readonly opId: string;
  readonly answer?: StoredAnswer | undefined;
  readonly durability: 'journaled' | 'flushed';
}

export interface JournalParts {
  readonly storage: Storage;
  readonly state: EngineState;
  readonly answers: Answers;
  readonly epoch: number;
  readonly manifest: Manifest;
  /** What the log held when it was opened. */
  readonly batches: readonly Batch[];
}

export class Journal {
  readonly #parts: JournalParts;
  readonly #batches: Batch[];
  #manifest: Manifest;
  #nextSeq: number;
  #pending: number;
  /** Why nothing may be written any more: a newer owner writes. */
  #fenced: LociError | undefined;

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#batches = [...parts.batches];
    this.#manifest = parts.manifest;
    this.#nextSeq = parts.state.seq + 1;
    this.#pending = countOf(parts.batches);
  }

  /** The sequence number the next operation gets. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  get nextOrdinal(): number {
    return this.#parts.state.table.nextOrdinal;
  }

  /** Operations waiting to be folded. */
  get pendingOperations(): number {
    return this.#pending;
  }

  /** The operations of a memory that are not folded yet. */
  pendingOf(id: string): readonly Operation[] {
    return this.#batches.flatMap(({ operations }) => operations.filter((operation) => operation.id === id));
  }

  /**
   * Commits operations, then applies them. If it rejects, nothing changed.
   * Only one call at a time: the caller holds the write lock.
   */
  async append({ operations, opId, answer, durability }: Entry): Promise<Durability> {
    const [first] = operations;
    const { state, answers } = this.#parts;
    await state.prepare(operations);
    const key = logKey(first?.seq ?? this.#nextSeq);
    const puts: Row[] = [];
    if (first !== undefined) puts.push({ key, value: encodeBatch(operations) });
    if (answer !== undefined) puts.push(encodeAnswer(opId, answer));
    const reached = await this.#commit({ puts, durability }, answer === undefined ? key : opKey(opId));
    this.#apply(operations);
    if (first !== undefined) this.#batches.push({ key, operations });
    if (answer !== undefined) answers.set(opId, answer);
    this.#nextSeq += operations.length;
    this.#pending += operations.length;
    return reached;
  }

  /** Writes rows that are no operations (answers that are outdated, access times), or only flushes. */
  async commitAside(
    change: Pick<Commit, 'puts' | 'deletes'>,
    durability: 'journaled' | 'flushed',
  ): Promise<Durability> {
    const puts = [...(change.puts ?? []), encodeManifest(this.#manifest)];
    return this.#commit({ ...change, puts, durability });
  }

  /** Folds the oldest batches in one transaction; answers whether there are more. */
  async foldSome(): Promise<boolean> {
    let count = 0;
    let batches = 0;
    for (const { operations } of this.#batches) {
      if (batches > 0 && count + operations.length > FOLD_BATCH) break;
      count += operations.length;
      batches += 1;
    }
    if (batches > 0) await this.#fold(this.#batches.slice(0, batches));
    return this.#batches.length > 0;
  }

  async #fold(batches: readonly Batch[]): Promise<void> {
    const { table } = this.#parts.state;
    const operations = batches.flatMap((batch) => batch.operations);
    const last = operations.at(-1)?.seq ?? this.#manifest.foldedSeq;
    const manifest = { ...this.#manifest, foldedSeq: last, nextOrdinal: table.nextOrdinal };
    const folded = new Map<string, MemoryState>();
    const puts: Row[] = [];
    const deletes = batches.map(({ key }) => key);
    const deleteRanges: KeyRange[] = [];
    for (const id of new Set(operations.map((operation) => operation.id))) {
      const own = operations.filter((operation) => operation.id === id);
      const state = table.get(id);
      if (state === undefined) {
        deletes.push(...deletedRows(own));
        deleteRanges.push(historyRows(id));
      } else {
        folded.set(id, state);
        puts.push(...encodeState(state));
      }
      puts.push(...historyOf(id, own, state === undefined));
    }
    await this.#commit({
      puts: [...puts, encodeManifest(manifest)],
      deletes,
      deleteRanges,
      durability: 'journaled',
    });
    this.#manifest = manifest;
    this.#batches.splice(0, batches.length);
    this.#pending -= operations.length;
    for (const state of folded.values()) table.set({ ...state, content: undefined, vector: undefined });
  }

  /** What is committed must be in memory too: where it cannot be, the log is ahead, and nothing may follow. */
  #apply(operations: readonly Operation[]): void {
    try {
      for (const operation of operations) this.#parts.state.apply(operation);
    } catch (cause) {
      this.#fenced = new LociError(
        'OUTCOME_UNKNOWN',
        'the write landed, and could not be taken into memory',
        {
          hint: 'Open the namespace again and repeat the call with the same operation id.',
          retryable: true,
          cause,
        },
      );
      throw this.#fenced;
    }
  }

  async #commit(commit: Omit<Commit, 'expectEpoch'>, proofKey?: string): Promise<Durability> {
    if (this.#fenced !== undefined) throw this.#fenced;
    try {
      return await this.#parts.storage.commit({ ...commit, expectEpoch: this.#parts.epoch });
    } catch (error) {
      if (isLociError(error) && error.code === 'STALE_EPOCH') this.#fenced = error;
      if (!isLociError(error) || error.code !== 'OUTCOME_UNKNOWN' || proofKey === undefined) throw error;
      return this.#settle(proofKey, commit.durability, error);
    }
  }

  /** A commit of unknown outcome, asked for: the log goes on only from what is known. */
  async #settle(
    proofKey: string,
    durability: 'journaled' | 'flushed',
    cause: LociError,
  ): Promise<Durability> {
    try {
      if ((await this.#parts.storage.get(proofKey)) !== undefined) return durability;
    } catch (error) {
      this.#fenced = new LociError(
        'OUTCOME_UNKNOWN',
        'a write may or may not have landed, and storage does not answer',
        {
          hint: 'Open the namespace again and repeat the call with the same operation id.',
          retryable: true,
          cause: error,
        },
      );
      throw this.#fenced;
    }
    throw new LociError('STORAGE_FAILED', 'the write did not land', {
      hint: 'Nothing was changed: repeat the call.',
      retryable: true,
      cause,
    });
  }
}

function countOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { operations }) => sum + operations.length, 0);
}

/** The rows of a memory that is gone: where it was added and deleted within the log, they never were. */
function deletedRows(operations: readonly Operation[]): readonly string[] {
  return operations.flatMap((operation) =>
    operation.type === 'delete'
      ? [metaKey(operation.ordinal), contentKey(operation.ordinal), vectorKey(operation.ordinal)]
      : [],
  );
}

/** The history rows of a memory's operations: of a deleted one only the deletion stays. */
function historyOf(id: string, operations: readonly Operation[], isDeleted: boolean): readonly Row[] {
  return operations.flatMap((operation) => {
    // What was added is the memory itself, and when is written in its state.
    if (operation.type === 'add' || (isDeleted && operation.type !== 'delete')) return [];
    const entry = historyEntryOf(operation);
    return entry === undefined ? [] : [encodeHistoryEntry(id, entry)];
  });
}
