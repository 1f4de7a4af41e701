/** Reads contents and vectors of the few memories of an answer: from the log's end, else from their blocks. */

import type { MemoryState } from '../memory/operation.ts';
import { packVector, unpackVector } from '../vector/packed-vector.ts';
import type { BlockStore } from './blocks/block-store.ts';

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
