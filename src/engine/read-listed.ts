/** Reads the memories of a list, and tells of those whose contents are lost. */

import type { MemoryState } from '../memory/operation.ts';
import type { BlockStore } from './blocks/block-store.ts';
import { type ReadMemory, readMemories, type VectorReader } from './rows.ts';
import type { EngineState } from './state.ts';

export interface ReadListedParts {
  readonly state: EngineState;
  readonly blocks: BlockStore;
  /** Told of memories whose contents were not in storage. */
  readonly onMissing: (memories: readonly MemoryState[]) => Promise<void>;
  /** The stored vectors in order; tells of those that are gone. */
  readonly readVectors: VectorReader;
}

/** A memory whose content is there. */
export type ReadContent = ReadMemory & { readonly content: string };

/** By ordinal those that are there; deleted and lost ones are not among them. */
export async function readListed(
  { state, blocks, onMissing, readVectors }: ReadListedParts,
  ordinals: readonly number[],
  includeVector = false,
): Promise<ReadonlyMap<number, ReadContent>> {
  const states = ordinals.flatMap((ordinal) => state.table.at(ordinal) ?? []);
  const read = await readMemories(blocks, state.table, states, includeVector ? readVectors : undefined);
  await onMissing(read.filter(({ content }) => content === undefined).map((each) => each.state));
  return new Map(read.filter(isRead).map((each) => [each.state.ordinal, each]));
}

function isRead(read: ReadMemory): read is ReadContent {
  return read.content !== undefined;
}
