/** The engine's side of a snapshot: reads all its memories page by page, and writes back those it lacks. */
import { LociError, toLociError } from '../errors.ts';
import { EXPORT_PAGE, IMPORT_BATCH } from '../limits.ts';
import type { Filter, Memory, MemoryEngine } from '../types.ts';
import { linesOfChunks } from './chunks.ts';
import { EntryWriter, type NumberedEntry, type Refusal, type WritableEngine } from './import-write.ts';
import { decodeSnapshot, type SnapshotEntry } from './snapshot.ts';

/** How far a backup or a restore has got: `upload`, `check` and `write` count memories, `download` chunks. */
export interface SnapshotProgress {
  readonly phase: 'upload' | 'download' | 'check' | 'write';
  readonly done: number;
  readonly total: number;
}

/** What a restore did. */
export interface RestoreCounts {
  /** Memories written. */
  readonly restored: number;
  /** Memories whose id was there already; they are left as they are. */
  readonly skipped: number;
  /** Memories against the limits of the engine. */
  readonly refused: number;
  /** The first 20 of these, and why. */
  readonly refusals: readonly Refusal[];
}

/** The verbs that reading all memories needs. */
export type ReadableEngine = Pick<MemoryEngine, 'list' | 'history'>;

/** How far a reading of all memories has got. */
export interface ReadCounts {
  /** Memories given. */
  count: number;
  /** Memories there were when it began. */
  total: number;
  /** Memories left out so far because their contents are lost. */
  unreadable: number;
}

/**
 * All memories that are there when the reading begins, oldest first, with their vectors. Oldest first,
 * because new memories then change only the end of a snapshot. What is added meanwhile is left out,
 * what is deleted before its page is read is missing, and what is changed comes as it is then. A memory
 * whose content is lost is left out and counted.
 *
 * @param read is kept up to date.
 */
export async function* readMemories(
  engine: ReadableEngine,
  read: ReadCounts,
  filter?: Filter,
): AsyncGenerator<Memory> {
  const end = await endOf(engine, filter, read);
  let cursor: string | undefined;
  let isPastEnd = end === undefined;
  while (end !== undefined && !isPastEnd) {
    const page = await engine.list({
      order: 'oldest',
      includeVector: true,
      limit: EXPORT_PAGE,
      cursor,
      filter,
    });
    for (const id of page.unreadable ?? []) if (await isAddedUpTo(engine, id, end)) read.unreadable += 1;
    const cut = await cutAfter(engine, page.memories, end);
    for (const memory of cut.memories) {
      read.count += 1;
      yield memory;
    }
    cursor = page.nextCursor;
    isPastEnd = cut.isPastEnd || cursor === undefined;
  }
}

/** Place in the log of the newest memory's addition, whether or not it can be read; undefined where there is none. */
async function endOf(
  engine: ReadableEngine,
  filter: Filter | undefined,
  read: { total: number },
): Promise<number | undefined> {
  for (;;) {
    const page = await engine.list({ order: 'newest', limit: 1, filter });
    read.total = page.total;
    const newest = page.memories[0]?.id ?? page.unreadable?.[0];
    // One whose deletion was under way came on no page: others may be there.
    if (newest === undefined && page.nextCursor === undefined) return undefined;
    const end = newest === undefined ? undefined : await addedAt(engine, newest);
    if (end !== undefined) return end; // else it was deleted just now
  }
}

/** Those of a page, oldest first, that were added up to a place in the log; one of 200 is asked for, as a rule. */
async function cutAfter(
  engine: ReadableEngine,
  page: readonly Memory[],
  end: number,
): Promise<{ readonly memories: readonly Memory[]; readonly isPastEnd: boolean }> {
  let isPastEnd = false;
  for (let count = page.length; count > 0; count--) {
    const last = page[count - 1];
    const seq = last && (await addedAt(engine, last.id));
    if (seq !== undefined && seq <= end) return { memories: page.slice(0, count), isPastEnd };
    // One that was deleted since its page was read says nothing of where the end is.
    if (seq !== undefined) isPastEnd = true;
  }
  return { memories: [], isPastEnd };
}

async function isAddedUpTo(engine: ReadableEngine, id: string, end: number): Promise<boolean> {
  const seq = await addedAt(engine, id);
  return seq !== undefined && seq <= end;
}

async function addedAt(engine: ReadableEngine, id: string): Promise<number | undefined> {
  const history = await engine.history(id);
  return history.findLast(({ type }) => type === 'add')?.seq;
}

/**
 * Reads every line and keeps nothing: after it, a restore fails no more for what the snapshot says.
 *
 * @throws LociError IMPORT_INVALID or NEWER_FORMAT of the lines, or where the manifest's count differs.
 */
export function countMemories(
  chunks: readonly Uint8Array[],
  expected: number,
  onProgress: (progress: SnapshotProgress) => void,
): void {
  let count = 0;
  for (const _entry of decodeSnapshot(linesOfChunks(chunks))) count += 1;
  if (count !== expected) {
    throw new LociError('IMPORT_INVALID', `The manifest names ${expected} memories and ${count} are there`, {
      hint: 'Nothing was changed. Restore an earlier snapshot.',
    });
  }
  onProgress({ phase: 'check', done: count, total: expected });
}

/** Writes the memories whose ids the engine does not hold, in batches. */
export async function writeMemories(
  engine: WritableEngine,
  chunks: readonly Uint8Array[],
  total: number,
  onProgress: (progress: SnapshotProgress) => void,
): Promise<RestoreCounts> {
  const writer = new EntryWriter(engine);
  const counts = () => {
    const { added: restored, skipped, refused, refusals } = writer.counts;
    return { restored, skipped, refused, refusals };
  };
  try {
    for (const batch of batches(numbered(decodeSnapshot(linesOfChunks(chunks))), IMPORT_BATCH)) {
      await writer.write(batch);
      const { restored, skipped, refused } = counts();
      onProgress({ phase: 'write', done: restored + skipped + refused, total });
    }
    return counts();
  } catch (error) {
    throw toLociError(error).with({ details: counts() });
  }
}

/** The first line is the header. */
function* numbered(entries: Iterable<SnapshotEntry>): Generator<NumberedEntry> {
  let line = 2;
  for (const entry of entries) yield { ...entry, line: line++ };
}

/** Items in lists of a size; the last may be shorter. */
function* batches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
