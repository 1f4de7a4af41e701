/**
 * The one way anything changes: operations are committed to the log with the answer of their call,
 * then applied to memory. When idle, the fold moves them into blocks.
 */

import { isLociError, LociError } from '../errors.ts';
import { COMMIT_ATTEMPTS, FOLD_BATCH, READ_ATTEMPTS } from '../limits.ts';
import type { Operation } from '../memory/operation.ts';
import { staleEpochError } from '../storage/refusals.ts';
import type { Commit, Row, Storage } from '../storage/storage.ts';
import type { Durability } from '../types.ts';
import type { Answers } from './answers.ts';
import { type BlockStore, graphPrefix, type Pieces, WORDS } from './blocks/block-store.ts';
import { changesOf, historyOf, partsOf, touchedBy, vectorsLostBy } from './fold.ts';
import { encodeAnswer, encodeBatch, FLUSH_ROW, logKey, type StoredAnswer } from './layout.ts';
import type { EngineState } from './state.ts';

/** The operations of one commit, still in the log. */
export interface Batch {
  readonly key: string;
  readonly operations: readonly Operation[];
  readonly bytes: number;
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
  readonly blocks: BlockStore;
  readonly epoch: number;
  /** Whether the epoch is the writer's own; else nothing is written. */
  readonly isClaimed: boolean;
  /** What the log held when it was opened. */
  readonly batches: readonly Batch[];
  /** Told of memories whose vectors turned out to be gone while their blocks were written anew. */
  readonly onVectorsLost: (ordinals: readonly number[]) => void;
}

export class Journal {
  readonly #parts: JournalParts;
  readonly #batches: Batch[];
  #nextSeq: number;
  #pending: number;
  /** Why nothing may be written any more: a newer owner writes. */
  #fenced: LociError | undefined;

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#batches = [...parts.batches];
    this.#nextSeq = parts.state.seq + 1;
    this.#pending = countOf(parts.batches);
  }

  /** Whether storage has taken this writer's claim: until it has room for that, nothing could be written. */
  get isClaimed(): boolean {
    return this.#parts.isClaimed;
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

  /** Bytes of the log. */
  get bytes(): number {
    return this.#batches.reduce((sum, { bytes }) => sum + bytes, 0);
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
    const { state, answers, blocks } = this.#parts;
    await state.prepare(operations, (ordinals) => blocks.readContents(ordinals));
    const key = logKey(first?.seq ?? this.#nextSeq);
    const puts: Row[] = [];
    const value = first === undefined ? undefined : encodeBatch(operations);
    if (value !== undefined) puts.push({ key, value });
    const answerRow = answer && encodeAnswer(opId, answer);
    if (answerRow !== undefined) puts.push(answerRow);
    const reached = await this.#commit({ puts, durability }, puts.at(-1));
    this.#apply(operations);
    if (value !== undefined) this.#batches.push({ key, operations, bytes: value.byteLength });
    if (answer !== undefined) answers.set(opId, answer, answerRow?.value.byteLength ?? 0);
    this.#nextSeq += operations.length;
    this.#pending += operations.length;
    return reached;
  }

  /** Writes rows that are no operations (answers that are outdated, access times), or only flushes. */
  async commitAside(
    change: Pick<Commit, 'puts' | 'deletes'>,
    durability: 'journaled' | 'flushed',
  ): Promise<Durability> {
    const puts = durability === 'flushed' ? [...(change.puts ?? []), FLUSH_ROW] : change.puts;
    return this.#commit({ ...change, puts, durability });
  }

  /** Stores a space's graph in pieces, in place of the one before. */
  async storeGraph(space: string, pieces: readonly Uint8Array[]): Promise<void> {
    const { blocks } = this.#parts;
    const stored = blocks.space(space);
    const isNone = pieces.length === 0 && blocks.bytesOf(graphPrefix(stored?.number ?? -1)) === 0;
    if (stored === undefined || isNone) return;
    const first = blocks.manifest.nextBlock;
    const wanted = new Map(pieces.map((piece, i) => [first + i, piece]));
    await this.#commitBlocks([{ prefix: graphPrefix(stored.number), wanted }], first + pieces.length);
  }

  /** Stores the word index as it is now. */
  async storeWords(): Promise<void> {
    const { lexical } = this.#parts.state;
    lexical.seal();
    await this.#commitBlocks([{ prefix: WORDS, wanted: lexical.segments }]);
  }

  /** Folds the oldest batches; answers whether there are more. */
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

  /**
   * Writes the blocks that the batches touch, in transactions of bounded size; the last one takes the batches
   * from the log. A crash between two leaves operations in the log that the blocks have already, and those
   * are not applied again.
   */
  async #fold(batches: readonly Batch[]): Promise<void> {
    const { state, blocks } = this.#parts;
    const { table, lexical } = state;
    const operations = batches.flatMap((batch) => batch.operations);
    const parts = partsOf(touchedBy(operations, table), blocks);
    const last = parts.pop() ?? [];
    for (const part of parts) await this.#foldPart(part, [], {});
    lexical.seal();
    const { puts, deleteRanges } = historyOf(operations, table);
    await this.#foldPart(
      last,
      [{ prefix: WORDS, wanted: lexical.segments }],
      { puts, deleteRanges, deletes: batches.map(({ key }) => key) },
      { foldedSeq: operations.at(-1)?.seq ?? blocks.manifest.foldedSeq },
    );
    this.#batches.splice(0, batches.length);
    this.#pending -= operations.length;
  }

  async #foldPart(
    ordinals: readonly number[],
    pieces: readonly Pieces[],
    beside: Pick<Commit, 'puts' | 'deletes' | 'deleteRanges'>,
    patch: { readonly foldedSeq?: number } = {},
  ): Promise<void> {
    const { state, blocks } = this.#parts;
    const { table } = state;
    const changes = changesOf(ordinals, table, blocks);
    const prepared = await blocks.prepare(changes, pieces, { ...patch, nextOrdinal: table.nextOrdinal });
    const commit = {
      puts: [...(beside.puts ?? []), ...prepared.puts],
      deletes: [...(beside.deletes ?? []), ...prepared.deletes],
      deleteRanges: beside.deleteRanges,
      durability: 'journaled',
    } as const;
    await blocks.change(prepared, () => this.#commit(commit, prepared.proof));
    for (const ordinal of ordinals) table.setStored(ordinal);
    const lost = vectorsLostBy(prepared, changes, table);
    if (lost.length > 0) this.#parts.onVectorsLost(lost);
  }

  async #commitBlocks(pieces: readonly Pieces[], nextBlock?: number): Promise<void> {
    const { blocks } = this.#parts;
    const none = { records: new Map(), contents: new Map(), vectors: new Map() };
    const prepared = await blocks.prepare(none, pieces, nextBlock === undefined ? {} : { nextBlock });
    const { puts, deletes, proof } = prepared;
    const commit = { puts, deletes, durability: 'journaled' } as const;
    await blocks.change(prepared, () => this.#commit(commit, proof));
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

  /** @param proof a row of the commit that no other writes so: where the outcome is unknown, it tells. */
  async #commit(commit: Omit<Commit, 'expectEpoch'>, proof?: Row): Promise<Durability> {
    for (let attempt = 1; ; attempt++) {
      if (this.#fenced !== undefined) throw this.#fenced;
      if (!this.#parts.isClaimed) throw await this.#claim();
      try {
        return await this.#parts.storage.commit({ ...commit, expectEpoch: this.#parts.epoch });
      } catch (error) {
        if (isLociError(error) && error.code === 'STALE_EPOCH') this.#fenced = error;
        if (!isLociError(error) || error.code !== 'OUTCOME_UNKNOWN' || proof === undefined) throw error;
        if (await this.#hasLanded(proof)) return commit.durability;
        if (attempt === COMMIT_ATTEMPTS)
          throw new LociError('STORAGE_FAILED', 'the write did not land', {
            hint: 'Nothing was changed: repeat the call.',
            retryable: true,
            cause: error,
          });
      }
    }
  }

  /**
   * To be asked where something stored is not where it should be, before that counts as lost: another owner
   * may have moved it, or an own fold whose outcome nobody knows.
   *
   * @throws LociError `STALE_EPOCH` or `OUTCOME_UNKNOWN`: the engine is to be opened anew.
   */
  async assertCurrent(): Promise<void> {
    const { storage, epoch } = this.#parts;
    if (this.#fenced !== undefined) throw this.#fenced;
    const found = await storage.epoch();
    if (found === epoch) return;
    this.#fenced = staleEpochError(epoch, found);
    throw this.#fenced;
  }

  /**
   * Takes the epoch that there was no room for on opening. Another owner may have written meanwhile, so that
   * what is in memory counts for nothing: the engine is to be opened anew.
   */
  async #claim(): Promise<LociError> {
    const { storage, epoch } = this.#parts;
    await storage.commit({ expectEpoch: epoch, nextEpoch: epoch + 1, durability: 'journaled' });
    this.#fenced = new LociError('STALE_EPOCH', 'storage has room again', {
      hint: 'Open the namespace again and repeat the call with the same operation id.',
      retryable: true,
    });
    return this.#fenced;
  }

  /** Whether a commit of unknown outcome is there: the log goes on only from what is known. */
  async #hasLanded({ key, value }: Row): Promise<boolean> {
    try {
      // A reading that differs may have gone wrong itself: what landed is read as it is sooner or later.
      for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        const stored = await this.#parts.storage.get(key);
        if (stored === undefined) return false;
        if (stored.length === value.length && value.every((byte, i) => byte === stored[i])) return true;
      }
      return false;
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
  }
}

function countOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { operations }) => sum + operations.length, 0);
}
