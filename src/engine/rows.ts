/** Reads contents and vectors of the few memories of an answer: from the log's end, else from their blocks. */

import type { MemoryState } from '../memory/operation.ts';
import { packVector, unpackVector } from '../vector/packed-vector.ts';
import type { BlockStore } from './blocks/block-store.ts';
import type { MemoryTable } from './table/memory-table.ts';

/** A memory with what was read of it. */
export interface ReadMemory {
  readonly state: MemoryState;
  /** Undefined where it is lost. */
  readonly content: string | undefined;
  readonly vector: Float32Array | undefined;
}

/**
 * Memories with their contents, in order. One that is changed while its blocks are read is read again, so that
 * old fields never come with a new content; one that is deleted meanwhile is left out.
 *
 * @param readAlso reads their vectors, where these are wanted.
 */
export async function readMemories(
  blocks: BlockStore,
  table: MemoryTable,
  states: readonly MemoryState[],
  readAlso?: (states: readonly MemoryState[]) => Promise<readonly (Float32Array | undefined)[]>,
): Promise<readonly ReadMemory[]> {
  const read = new Map<number, ReadMemory>();
  for (let wanted = states; wanted.length > 0; ) {
    const contents = await readContents(blocks, wanted);
    const vectors = (await readAlso?.(wanted)) ?? [];
    const changed: MemoryState[] = [];
    wanted.forEach((state, i) => {
      const isCurrent = table.seqOf(state.ordinal) === state.seq;
      if (isCurrent) read.set(state.ordinal, { state, content: contents[i], vector: vectors[i] });
      else changed.push(state);
    });
    wanted = changed.flatMap(({ ordinal }) => table.at(ordinal) ?? []);
  }
  return states.flatMap(({ ordinal }) => read.get(ordinal) ?? []);
}

/** The contents in order; undefined where the memory was deleted meanwhile, or its content is lost. */
export async function readContents(
  blocks: BlockStore,
  states: readonly MemoryState[],
): Promise<readonly (string | undefined)[]> {
  const missing = states.filter(({ content }) => content === undefined);
  if (missing.length === 0) return states.map(({ content }) => content);
  const read = (await blocks.readContents(missing.map(({ ordinal }) => ordinal))).values();
  return states.map(({ content }) => content ?? read.next().value);
}

/** The vectors in order; undefined where a memory has none. */
export async function readVectors(
  blocks: BlockStore,
  states: readonly MemoryState[],
): Promise<readonly (Float32Array | undefined)[]> {
  const missing = states.filter(({ vector }) => vector === undefined);
  const wanted = missing.map(({ ordinal, record }) => ({ ordinal, space: record.embedding?.space }));
  const read = (await blocks.readVectors(wanted)).values();
  // As it will be read once it is stored: a fold changes nothing that can be seen.
  return states.map(({ ordinal, vector }) =>
    vector === undefined ? read.next().value : unpackVector(packVector(ordinal, vector), vector.length),
  );
}
