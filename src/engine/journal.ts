/**
 * The one way anything changes: operations are committed to the log with the answer of their call,
 * then applied to memory. When idle, the fold moves them into blocks.
 */

import { COMMIT_BYTES, FOLD_BATCH, FOLD_BYTES } from '../limits.ts';
import type { Operation } from '../memory/operation.ts';
import type { Commit, Row, Storage } from '../storage/storage.ts';
import type { Durability } from '../types.ts';
import type { Answers } from './answers.ts';
import {
  type BlockStore,
  graphPrefix,
  type Pieces,
  type PrepareOptions,
  WORDS,
} from './blocks/block-store.ts';
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
import type { EngineState } from './state.ts';

/** Operations of one commit, in one row of the log. */
export interface Batch {
  readonly key: string;
  readonly operations: readonly Operation[];
  readonly bytes: number;
}

/** Operations that were acknowledged and are not in the log any more, or damaged in it. */
export interface LostOperations {
  /** The number of the first of them. */
  readonly seq: number;
  readonly count: number;
  /** The row that holds what is left of them. */
  readonly key?: string;
}

/** Runs work under the write lock. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** For work whose caller holds the lock. */
const atOnce: Turn = (work) => work();

/** The operations of a call, and what it answers. */
export interface Entry {
  readonly operations: readonly Operation[];
  readonly opId: string;
  readonly answer?: StoredAnswer | undefined;
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
  readonly lostOperations: readonly LostOperations[];
  /** Told of memories whose vectors turned out to be gone while their blocks were written anew. */
  readonly onVectorsLost: (ordinals: readonly number[]) => void;
}

export class Journal {
  readonly #parts: JournalParts;
  readonly #committer: Committer;
  readonly #batches: Batch[];
  #lost: readonly LostOperations[];
  /** The last operation that the log held, or may have held, when it was opened. */
  readonly #loadedSeq: number;
  /** Pieces that are being written, and that no manifest names yet. */
  readonly #ahead = new Set<string>();
  #nextSeq: number;
  #pending: number;
  #bytes: number;

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#committer = new Committer(parts);
    this.#batches = [...parts.batches];
    this.#lost = parts.lostOperations;
    this.#loadedSeq = parts.state.seq;
    this.#nextSeq = parts.state.seq + 1;
    this.#pending = countOf(parts.batches);
    this.#bytes = bytesOf(parts.batches);
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
    return this.#pending;
  }

  /** Bytes of the log. */
  get bytes(): number {
    return this.#bytes;
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
    return this.#batches.flatMap(({ operations }) => operations.filter((operation) => operation.id === id));
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
    for (const { key, value, operations } of rows)
      this.#batches.push({ key, operations, bytes: value.byteLength });
    this.#bytes += rows.reduce((sum, { value }) => sum + value.byteLength, 0);
    for (const { opId, answer, row } of answered) answers.set(opId, answer, row.value.byteLength);
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
    const pieces = [{ prefix: graphPrefix(stored.number), wanted }];
    await this.#withPieces(pieces, turn, (written) => this.#commitBlocks({ pieces, written }));
  }

  /** Stores the word index as it is now. */
  async storeWords(): Promise<void> {
    const { lexical } = this.#parts.state;
    lexical.seal();
    const pieces = [{ prefix: WORDS, wanted: lexical.segments }];
    await this.#withPieces(pieces, atOnce, (written) => this.#commitBlocks({ pieces, written }));
  }

  /** What is known of pieces that no manifest names yet and that are to stay. */
  get ahead(): ReadonlySet<string> {
    return this.#ahead;
  }

  /** Writes both manifests anew. */
  async storeManifest(): Promise<void> {
    await this.#commitBlocks({});
  }

  /**
   * Takes what damage left behind the end of the log out of it, and writes down that it was lost. Answers whether
   * that is done: what was in the log on opening is folded first.
   */
  async clearLost(): Promise<boolean> {
    const first = this.#batches[0]?.operations[0];
    if (this.#lost.length === 0) return true;
    if (first !== undefined && first.seq <= this.#loadedSeq) return false;
    const foldedSeq = Math.max(this.#parts.blocks.manifest.foldedSeq, this.#loadedSeq);
    const lost = this.#lostUpTo(foldedSeq);
    await this.#commitBlocks({ patch: { foldedSeq, ...lost.patch }, deletes: lost.keys });
    this.#lost = lost.left;
    return true;
  }

  /** Takes what is stored of memories that are lost to damage out of the blocks, and counts those that still had a record. */
  async foldLost(ordinals: readonly number[], turn: Turn): Promise<void> {
    const { state, blocks } = this.#parts;
    for (const part of partsOf(ordinals, blocks))
      await turn(async () => {
        const lost = part.filter((ordinal) => !state.table.has(ordinal));
        if (lost.length > 0) await this.#foldPart(lost, [], {}, {}, { areLost: true });
      });
  }

  /** Folds the oldest batches; answers whether there are more. */
  async foldSome(): Promise<boolean> {
    let count = 0;
    let batches = 0;
    let size = 0;
    for (const { operations, bytes } of this.#batches) {
      count += operations.length;
      size += bytes;
      if (batches > 0 && (count > FOLD_BATCH || size > FOLD_BYTES)) break;
      batches += 1;
    }
    if (batches > 0) await this.#fold(this.#batches.slice(0, batches));
    return this.#batches.length > 0;
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
    const lost = this.#lostUpTo(foldedSeq);
    const pieces = [{ prefix: WORDS, wanted: lexical.segments }];
    for (const [i, part] of parts.entries()) {
      const isLast = i === parts.length - 1;
      const beside = isLast
        ? { puts: history.puts, deleteRanges: [...history.deleteRanges, logRowsUpTo(foldedSeq)] }
        : {};
      const patch = isLast ? { foldedSeq, ...lost.patch } : {};
      if (i > 0) await this.#foldPart(part, [], beside, patch);
      else
        await this.#withPieces(pieces, atOnce, (written) =>
          this.#foldPart(part, pieces, beside, patch, { written }),
        );
    }
    this.#lost = lost.left;
    this.#batches.splice(0, batches.length);
    this.#pending -= operations.length;
    this.#bytes -= bytesOf(batches);
  }

  async #foldPart(
    ordinals: readonly number[],
    pieces: readonly Pieces[],
    beside: Pick<Commit, 'puts' | 'deletes' | 'deleteRanges'>,
    patch: { readonly foldedSeq?: number; readonly lostOperations?: number } = {},
    options: PrepareOptions = {},
  ): Promise<void> {
    const { state, blocks } = this.#parts;
    const { table } = state;
    const changes = changesOf(ordinals, table, blocks);
    const isNewer = ordinals.some((ordinal) => hasNewFields(table, ordinal));
    const reader = isNewer ? ({ reader: NEW_FIELDS_SINCE } as const) : {};
    const full = { ...patch, ...reader, nextOrdinal: table.nextOrdinal };
    const hasMemory = (ordinal: number) => table.has(ordinal);
    const prepared = await blocks.prepare(changes, pieces, full, { ...options, hasMemory });
    const commit = {
      puts: [...(beside.puts ?? []), ...prepared.puts],
      deletes: [...(beside.deletes ?? []), ...prepared.deletes],
      deleteRanges: beside.deleteRanges,
      durability: 'journaled',
    } as const;
    await blocks.change(prepared, () => this.#committer.commit(commit, prepared.proof));
    for (const ordinal of ordinals) table.setStored(ordinal);
    const lost = vectorsLostBy(prepared, changes, table);
    if (lost.length > 0) this.#parts.onVectorsLost(lost);
  }

  async #commitBlocks({
    pieces = [],
    patch = {},
    written,
    deletes: others = [],
  }: {
    readonly pieces?: readonly Pieces[];
    readonly patch?: { readonly foldedSeq?: number; readonly lostOperations?: number };
    readonly written?: ReadonlySet<string>;
    readonly deletes?: readonly string[];
  }): Promise<void> {
    const { blocks } = this.#parts;
    const none = { records: new Map(), contents: new Map(), vectors: new Map() };
    const prepared = await blocks.prepare(none, pieces, patch, { written });
    const { puts, proof } = prepared;
    const commit = { puts, deletes: [...others, ...prepared.deletes], durability: 'journaled' } as const;
    await blocks.change(prepared, () => this.#committer.commit(commit, proof));
  }

  /**
   * Writes pieces in transactions of bounded bytes, all but the last of them: those go along with the manifest
   * that names them all, in what `commit` does. A try that is cut off leaves pieces that nothing names.
   */
  async #withPieces(
    pieces: readonly Pieces[],
    turn: Turn,
    commit: (written: ReadonlySet<string>) => Promise<void>,
  ): Promise<void> {
    const runs = runsOf(this.#parts.blocks.freshPieces(pieces));
    const written = new Set<string>();
    try {
      for (const puts of runs.slice(0, -1)) {
        for (const { key } of puts) {
          written.add(key);
          this.#ahead.add(key);
        }
        await turn(() => this.#committer.commit({ puts, durability: 'journaled' }, puts.at(-1)));
      }
      await turn(() => commit(written));
    } catch (error) {
      if (written.size > 0) await turn(() => this.#drop(written));
      throw error;
    } finally {
      for (const key of written) this.#ahead.delete(key);
    }
  }

  async #drop(written: ReadonlySet<string>): Promise<void> {
    try {
      await this.#committer.commit({ deletes: [...written], durability: 'journaled' });
    } catch {
      // The failure before is the one to be told. What stays is found after the next opening: nothing names it.
    }
  }

  /** What of the lost operations is passed over with a fold up to a number. */
  #lostUpTo(foldedSeq: number) {
    const passed = this.#lost.filter(({ seq }) => seq <= foldedSeq);
    const before = this.#parts.blocks.manifest.lostOperations;
    return {
      left: this.#lost.filter(({ seq }) => seq > foldedSeq),
      keys: passed.flatMap(({ key }) => key ?? []),
      patch: { lostOperations: passed.reduce((sum, { count }) => sum + count, before) },
    };
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

/** Rows in runs of bounded bytes. */
function runsOf(rows: readonly Row[]): readonly (readonly Row[])[] {
  const runs: Row[][] = [];
  let room = 0;
  for (const row of rows) {
    if (runs.length === 0 || row.value.byteLength > room) {
      runs.push([]);
      room = COMMIT_BYTES;
    }
    runs.at(-1)?.push(row);
    room -= row.value.byteLength;
  }
  return runs;
}

function bytesOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { bytes }) => sum + bytes, 0);
}

function countOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { operations }) => sum + operations.length, 0);
}
