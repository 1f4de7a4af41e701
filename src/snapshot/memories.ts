/** The engine's side of a snapshot: reads all its memories page by page, and writes back those it lacks. */
import { LociError } from '../errors.ts';
import { IMPORT_BATCH } from '../limits.ts';
import type { Memory, MemoryEngine, NewMemory } from '../types.ts';
import { linesOfChunks } from './chunks.ts';
import { decodeSnapshot, type SnapshotEntry } from './snapshot.ts';

/** How far a backup or a restore has got: `upload`, `check` and `write` count memories, `download` chunks. */
export interface SnapshotProgress {
  readonly phase: 'upload' | 'download' | 'check' | 'write';
  readonly done: number;
  readonly total: number;
}

/** Memories of one page: with vectors of 4,096 dimensions still below 4 MB. */
const PAGE = 200;

/**
 * All memories, oldest first, with their vectors. Oldest first, because new memories then change
 * only the end of a snapshot.
 *
 * @param read is kept up to date: how many were given, and how many there are.
 */
export async function* readMemories(
  engine: MemoryEngine,
  read: { count: number; total: number },
): AsyncGenerator<Memory> {
  let cursor: string | undefined;
  do {
    const page = await engine.list({ order: 'oldest', includeVector: true, limit: PAGE, cursor });
    read.total = page.total;
    for (const memory of page.memories) {
      read.count += 1;
      yield memory;
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
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
  engine: MemoryEngine,
  chunks: readonly Uint8Array[],
  total: number,
  onProgress: (progress: SnapshotProgress) => void,
): Promise<{ restored: number; skipped: number }> {
  const space = await lastingSpace(engine);
  let restored = 0;
  let skipped = 0;
  for (const batch of batches(decodeSnapshot(linesOfChunks(chunks)), IMPORT_BATCH)) {
    const held = await Promise.all(batch.map(({ memory }) => engine.get(memory.id)));
    const missing = batch.filter((_, i) => held[i] === null).map((entry) => toNewMemory(entry, space));
    if (missing.length > 0) await engine.addMany(missing);
    restored += missing.length;
    skipped += batch.length - missing.length;
    onProgress({ phase: 'write', done: restored + skipped, total });
  }
  return { restored, skipped };
}

/** The space that the engine embeds in and will go on embedding in, if it has settled on one. */
async function lastingSpace(engine: MemoryEngine): Promise<string | undefined> {
  const { embedder } = await engine.status();
  return embedder.activeId === embedder.preferredId ? embedder.space : undefined;
}

/**
 * A vector given by a caller is never made anew. So one that an engine had made comes along only
 * where it is in this engine's own space; else the engine embeds the content again, and finds it.
 */
function toNewMemory({ memory, vectorOrigin }: SnapshotEntry, space: string | undefined): NewMemory {
  if (vectorOrigin !== 'engine' || memory.embedding?.space === space) return memory;
  const { embedding: _dropped, ...rest } = memory;
  return rest;
}

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
