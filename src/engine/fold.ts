/** The fold's arithmetic: which rows of blocks the operations of the log come to. */

import { BLOCK_ROWS, FOLD_BATCH, FOLD_BLOCKS } from '../limits.ts';
import { historyEntryOf, type Operation } from '../memory/operation.ts';
import type { KeyRange, Row } from '../storage/storage.ts';
import { packVector } from '../vector/packed-vector.ts';
import type { BlockStore, FoldChanges, Prepared } from './blocks/block-store.ts';
import { RECORDS } from './blocks/block-store.ts';
import { encodeRecord } from './blocks/record-row.ts';
import { encodeHistoryEntry, historyRows } from './layout.ts';
import type { MemoryTable } from './table/memory-table.ts';

const encoder = new TextEncoder();

/** The ordinals that operations touched, ascending; of memories that are gone again too. */
export function touchedBy(operations: readonly Operation[], table: MemoryTable): readonly number[] {
  const ordinals = new Set<number>();
  for (const operation of operations) {
    const ordinal = 'ordinal' in operation ? operation.ordinal : table.ordinalOf(operation.id);
    if (ordinal !== undefined) ordinals.add(ordinal);
  }
  return [...ordinals].sort((a, b) => a - b);
}

/** Ordinals in parts that are written in a transaction each: many that follow one another, or fewer that are scattered. */
export function partsOf(ordinals: readonly number[], blocks: BlockStore): number[][] {
  const records = blocks.series(RECORDS);
  const parts: number[][] = [];
  let part: number[] = [];
  let touched = new Set<number>();
  for (const ordinal of ordinals) {
    const block = records.find(ordinal)?.id ?? -1 - Math.floor(ordinal / BLOCK_ROWS);
    const isFull = part.length === FOLD_BATCH || (touched.size === FOLD_BLOCKS && !touched.has(block));
    if (isFull) {
      parts.push(part);
      part = [];
      touched = new Set();
    }
    part.push(ordinal);
    touched.add(block);
  }
  return [...parts, part];
}

/** The rows of memories as they are now; what storage has of them already stays. */
export function changesOf(ordinals: readonly number[], table: MemoryTable, blocks: BlockStore): FoldChanges {
  const records = new Map<number, Uint8Array | null>();
  const contents = new Map<number, Uint8Array | null>();
  const vectors = new Map<string, { dimensions: number; rows: Map<number, Uint8Array | null> }>(
    blocks.manifest.spaces.map(({ space, dimensions }) => [space, { dimensions, rows: new Map() }]),
  );
  for (const ordinal of ordinals) {
    const state = table.at(ordinal);
    records.set(ordinal, state === undefined ? null : encodeRecord(state));
    if (state === undefined) contents.set(ordinal, null);
    else if (state.content !== undefined) contents.set(ordinal, encoder.encode(state.content));
    const { vector, record } = state ?? {};
    // A memory is in one space: what another holds of it is of before.
    if (state === undefined || vector !== undefined)
      for (const { rows } of vectors.values()) rows.set(ordinal, null);
    if (vector === undefined || record?.embedding === undefined) continue;
    const { space, dimensions } = record.embedding;
    const rows = vectors.get(space)?.rows ?? new Map<number, Uint8Array | null>();
    vectors.set(space, { dimensions, rows });
    rows.set(ordinal, packVector(ordinal, vector));
  }
  return { records, contents, vectors };
}

/**
 * The rows of history that operations make: of a memory that was deleted only the deletions stay, also where
 * another has been added under its id since.
 */
export function historyOf(
  operations: readonly Operation[],
  table: MemoryTable,
): { readonly puts: readonly Row[]; readonly deleteRanges: readonly KeyRange[] } {
  const isOfGone = ({ id, seq }: Operation) => seq < (table.addedSeqOf(id) ?? Number.POSITIVE_INFINITY);
  const puts = operations.flatMap((operation) => {
    const { id, type } = operation;
    // What was added is the memory itself, and when is written in its record.
    if (type === 'add' || (type !== 'delete' && isOfGone(operation))) return [];
    const entry = historyEntryOf(operation);
    return entry === undefined ? [] : [encodeHistoryEntry(id, entry)];
  });
  const gone = new Set(operations.filter(isOfGone).map(({ id }) => id));
  return { puts, deleteRanges: [...gone].map(historyRows) };
}

/** The memories whose stored vectors were in a block that was found broken as it was written anew. */
export function vectorsLostBy(
  { brokenVectors }: Pick<Prepared, 'brokenVectors'>,
  changes: FoldChanges,
  table: MemoryTable,
): readonly number[] {
  const lost: number[] = [];
  for (const [space, broken] of brokenVectors) {
    for (const { ref, whole } of broken) {
      for (const ordinal of table.ordinals(ref.first)) {
        if (ordinal > ref.last) break;
        const isStored =
          table.embeddingOf(ordinal)?.space === space && table.at(ordinal)?.vector === undefined;
        const isWritten = changes.vectors.get(space)?.rows.has(ordinal) ?? false;
        if (isStored && !isWritten && !whole.has(ordinal)) lost.push(ordinal);
      }
    }
  }
  return lost;
}
