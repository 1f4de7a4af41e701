/**
 * The one way anything changes: operations are committed to the log with the answer of their call,
 * then applied to memory. When idle, the fold moves them into blocks.
 */

import type { Operation } from '../memory/operation.ts';
import type { Commit, Row, Storage } from '../storage/storage.ts';
import type { Durability } from '../types.ts';
import type { Answers } from './answers.ts';
import { type BlockChange, BlockWriter } from './block-writer.ts';
import { type BlockStore, graphPrefix, type Pieces, WORDS } from './blocks/block-store.ts';
import { Committer } from './committer.ts';
import { changesOf, historyOf, partsOf, touchedBy, vectorsLostBy } from './fold.ts';
import {
  encodeAnswer,
  FLUSH_ROW,
  hasNewFields,
  logRowsOf,
  logRowsUpTo,
  NEW_FIELDS_SINCE,
  type StoredAnswer,
} from './layout.ts';
import { type Batch, type LoadedLog, Log } from './log.ts';
import type { Turn } from './mutex.ts';
import type { EngineState } from './state.ts';

/** For work whose caller holds the lock. */
const atOnce: Turn = (work) => work();

/** The operations of a call, and what it answers. */
export interface Entry {
  readonly operations: readonly Operation[];
  readonly opId: string;
  readonly answer?: StoredAnswer | undefined;
}

export interface JournalParts extends LoadedLog {
  readonly storage: Storage;
  readonly state: EngineState;
  readonly answers: Answers;
  readonly blocks: BlockStore;
  readonly epoch: number;
  /** Whether the epoch is the writer's own; else nothing is written. */
  readonly isClaimed: boolean;
  /** Told of memories whose vectors turned out to be gone while their blocks were written anew. */
  readonly onVectorsLost: (ordinals: readonly number[]) => void;
}

export class Journal {
  readonly #parts: JournalParts;
  readonly #committer: Committer;
  readonly #blockWriter: BlockWriter;
  readonly #log: Log;
  /** The last operation that the log held, or may have held, when it was opened. */
  readonly #loadedSeq: number;
  #nextSeq: number;

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#committer = new Committer(parts);
    this.#blockWriter = new BlockWriter(parts.blocks, this.#committer);
    this.#log = new Log(parts);
    this.#loadedSeq = parts.state.seq;
    this.#nextSeq = parts.state.seq + 1;
  }

  /** Whether storage has taken this writer's claim: until it has room for that, nothing could be written. */
  get isClaimed(): boolean {
    return this.#committer.isClaimed;
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
    return this.#log.operations;
  }

  /** Bytes of the log. */
  get bytes(): number {
    return this.#log.bytes;
  }

  /** Whether something may be written that the disk was not asked to keep; not where nothing can be any more. */
  get isUnflushed(): boolean {
    return this.#committer.isUnflushed;
  }

  /** See {@link Committer.assertCurrent}. */
  assertCurrent(): Promise<void> {
    return this.#committer.assertCurrent();
  }

  /** The operations of a memory that are not folded yet. */
  pendingOf(id: string): readonly Operation[] {
    return this.#log.operationsOf(id);
  }

  /**
   * Commits the operations of one call, or of several that came at the same time, then applies them. If it
   * rejects, nothing changed. Only one call at a time: the caller holds the write lock.
   */
  async append(entries: readonly Entry[], durability: 'journaled' | 'flushed'): Promise<Durability> {
    const { state, answers, blocks } = this.#parts;
    const operations = entries.flatMap((entry) => entry.operations);
    await state.prepare(operations, (ordinals) => blocks.readContents(ordinals));
    const rows = logRowsOf(operations);
    const answered = entries.flatMap(({ opId, answer }) =>
      answer === undefined ? [] : [{ opId, answer, row: encodeAnswer(opId, answer) }],
    );
    const puts: Row[] = [
      ...rows.map(({ key, value }) => ({ key, value })),
      ...answered.map(({ row }) => row),
    ];
    const reached = await this.#committer.commit({ puts, durability }, puts.at(-1));
    this.#apply(operations);
    this.#log.add(rows.map(({ key, value, operations }) => ({ key, operations, bytes: value.byteLength })));
    for (const { opId, answer, row } of answered) answers.set(opId, answer, row.value.byteLength);
    this.#nextSeq += operations.length;
    return reached;
  }

  /** Writes rows that are no operations (answers that are outdated, access times), or only flushes. */
  async commitAside(
    change: Pick<Commit, 'puts' | 'deletes'>,
    durability: 'journaled' | 'flushed',
  ): Promise<Durability> {
    const puts = durability === 'flushed' ? [...(change.puts ?? []), FLUSH_ROW] : change.puts;
    return this.#committer.commit({ ...change, puts, durability });
  }

  /**
   * Stores a space's graph in pieces, in place of the one before. The lock is let go between the transactions;
   * what is stored is the graph as it was given.
   */
  async storeGraph(space: string, graph: readonly Uint8Array[], turn: Turn): Promise<void> {
    const { blocks } = this.#parts;
    const stored = blocks.space(space);
    const isNone = graph.length === 0 && blocks.bytesOf(graphPrefix(stored?.number ?? -1)) === 0;
    if (stored === undefined || isNone) return;
    const first = await turn(async () => blocks.reserve(graph.length));
    const wanted = new Map(graph.map((piece, i) => [first + i, piece]));
    await this.#storePieces({ prefix: graphPrefix(stored.number), wanted }, turn);
  }

  /** Stores the word index as it is now. */
  async storeWords(): Promise<void> {
    const { lexical } = this.#parts.state;
    lexical.seal();
    await this.#storePieces({ prefix: WORDS, wanted: lexical.segments }, atOnce);
  }

  async #storePieces(wanted: Pieces, turn: Turn): Promise<void> {
    const pieces = [wanted];
    await this.#blockWriter.withPieces(pieces, turn, (written) =>
      this.#blockWriter.commit({ pieces, options: { written } }),
    );
  }

  /** See {@link BlockWriter.ahead}. */
  get ahead(): ReadonlySet<string> {
    return this.#blockWriter.ahead;
  }

  /** Writes both manifests anew. */
  async storeManifest(): Promise<void> {
    await this.#blockWriter.commit({});
  }

  /**
   * Takes what damage left behind the end of the log out of it, and writes down that it was lost. Answers whether
   * that is done: what was in the log on opening is folded first.
   */
  async clearLost(): Promise<boolean> {
    if (!this.#log.hasLost) return true;
    const { firstSeq } = this.#log;
    if (firstSeq !== undefined && firstSeq <= this.#loadedSeq) return false;
    const foldedSeq = Math.max(this.#parts.blocks.manifest.foldedSeq, this.#loadedSeq);
    const beside = { deletes: this.#log.lostUpTo(foldedSeq).keys };
    await this.#blockWriter.commit({ patch: this.#foldedTo(foldedSeq), beside });
    this.#log.forgetLostUpTo(foldedSeq);
    return true;
  }

  /** Takes what is stored of memories that are lost to damage out of the blocks, and counts those that still had a record. */
  async foldLost(ordinals: readonly number[], turn: Turn): Promise<void> {
    const { state, blocks } = this.#parts;
    for (const part of partsOf(ordinals, blocks))
      await turn(async () => {
        const lost = part.filter((ordinal) => !state.table.has(ordinal));
        if (lost.length > 0) await this.#foldPart(lost, { options: { areLost: true } });
      });
  }

  /** Folds the oldest batches; answers whether there are more. */
  async foldSome(): Promise<boolean> {
    const batches = this.#log.oldest();
    if (batches.length > 0) await this.#fold(batches);
    return !this.#log.isEmpty;
  }

  /**
   * Writes the blocks that the batches touch, in transactions of bounded size; the last one takes the batches
   * from the log. A crash between two leaves operations in the log that the blocks have already, and those
   * are not applied again: words, which are indexed as operations are applied, go first.
   */
  async #fold(batches: readonly Batch[]): Promise<void> {
    const { state, blocks } = this.#parts;
    const { table, lexical } = state;
    const operations = batches.flatMap((batch) => batch.operations);
    const parts = partsOf(touchedBy(operations, table), blocks);
    lexical.seal();
    const history = historyOf(operations, table);
    const foldedSeq = operations.at(-1)?.seq ?? blocks.manifest.foldedSeq;
    const beside = { puts: history.puts, deleteRanges: [...history.deleteRanges, logRowsUpTo(foldedSeq)] };
    const last = { patch: this.#foldedTo(foldedSeq), beside };
    const pieces = [{ prefix: WORDS, wanted: lexical.segments }];
    for (const [i, part] of parts.entries()) {
      const change = i === parts.length - 1 ? last : {};
      if (i > 0) await this.#foldPart(part, change);
      else
        await this.#blockWriter.withPieces(pieces, atOnce, (written) =>
          this.#foldPart(part, { ...change, pieces, options: { written } }),
        );
    }
    this.#log.forgetLostUpTo(foldedSeq);
    this.#log.drop(batches);
  }

  /** What the manifest says once all operations up to a number are in blocks, or are written down as lost. */
  #foldedTo(foldedSeq: number): { readonly foldedSeq: number; readonly lostOperations: number } {
    const { lostOperations } = this.#parts.blocks.manifest;
    return { foldedSeq, lostOperations: lostOperations + this.#log.lostUpTo(foldedSeq).count };
  }

  /** Brings some memories into blocks as they are now. */
  async #foldPart(ordinals: readonly number[], change: Omit<BlockChange, 'changes'>): Promise<void> {
    const { state, blocks, onVectorsLost } = this.#parts;
    const { table } = state;
    const changes = changesOf(ordinals, table, blocks);
    const isNewer = ordinals.some((ordinal) => hasNewFields(table, ordinal));
    const reader = isNewer ? ({ reader: NEW_FIELDS_SINCE } as const) : {};
    const prepared = await this.#blockWriter.commit({
      ...change,
      changes,
      patch: { ...change.patch, ...reader, nextOrdinal: table.nextOrdinal },
      options: { ...change.options, hasMemory: (ordinal) => table.has(ordinal) },
    });
    for (const ordinal of ordinals) table.setStored(ordinal);
    const lost = vectorsLostBy(prepared, changes, table);
    if (lost.length > 0) onVectorsLost(lost);
  }

  /** What is committed must be in memory too: where it cannot be, the log is ahead, and nothing may follow. */
  #apply(operations: readonly Operation[]): void {
    try {
      for (const operation of operations) this.#parts.state.apply(operation);
    } catch (cause) {
      throw this.#committer.fence('the write landed, and could not be taken into memory', cause);
    }
  }
}
