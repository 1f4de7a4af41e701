/** Reads contents and vectors of the few memories of an answer: from the log's end, else from storage. */

import type { MemoryState } from '../memory/operation.ts';
import type { Storage } from '../storage/storage.ts';
import { contentKey, decodeContent, decodeVector, vectorKey } from './layout.ts';

/** The contents in order; undefined where the memory was deleted meanwhile. */
export async function readContents(
  storage: Storage,
  states: readonly MemoryState[],
): Promise<readonly (string | undefined)[]> {
  return readParts(storage, states, (state) => state.content, contentKey, decodeContent);
}

/** The vectors in order; undefined where a memory has none. */
export async function readVectors(
  storage: Storage,
  states: readonly MemoryState[],
): Promise<readonly (Float32Array | undefined)[]> {
  // A copy: the caller may transfer it away.
  return readParts(storage, states, (state) => state.vector?.slice(), vectorKey, decodeVector);
}

async function readParts<T>(
  storage: Storage,
  states: readonly MemoryState[],
  held: (state: MemoryState) => T | undefined,
  keyOf: (ordinal: number) => string,
  decode: (bytes: Uint8Array) => T,
): Promise<readonly (T | undefined)[]> {
  const parts = states.map(held);
  const missing = states.filter((_, index) => parts[index] === undefined);
  if (missing.length === 0) return parts;
  const rows = await storage.getMany(missing.map(({ ordinal }) => keyOf(ordinal)));
  const read = rows.values();
  return parts.map((part) => {
    if (part !== undefined) return part;
    const { value } = read.next();
    return value === undefined ? undefined : decode(value);
  });
}
