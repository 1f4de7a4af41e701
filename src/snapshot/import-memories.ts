/** Imports memories that a host has at hand, such as those of a conversation, in batches. */

import { toLociError } from '../errors.ts';
import { IMPORT_BATCH } from '../limits.ts';
import { parseNewMemory } from '../memory/record.ts';
import type { Durability, MemoryEngine, NewMemory } from '../types.ts';
import { BatchWriter } from './batch-writer.ts';

export interface ImportResult {
  readonly imported: number;
  /** Memories that were there already, by source, session and external id, or by the id given. */
  readonly skipped: number;
  /** The level the last batch reached; absent where nothing was written. */
  readonly durability?: Durability | undefined;
}

/**
 * Imports memories; one whose `externalId` is there already, from the same source and session, is
 * left alone, so that an import that was cut off can be made again. All are checked before the first
 * is written.
 *
 * @param onProgress called with how many are done, and of how many.
 * @throws LociError `INVALID_INPUT` before anything is written; else what `addMany` throws, with
 * `details.imported`, the memories that are there. A batch of unknown outcome is written again with the same
 * operation id, three times in all.
 */
export async function importMemories(
  engine: Pick<MemoryEngine, 'addMany' | 'list'>,
  memories: readonly NewMemory[],
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<ImportResult> {
  for (const memory of memories) parseNewMemory(memory, 0);
  const writer = new BatchWriter(engine);
  onProgress(0, memories.length);
  for (let at = 0; at < memories.length; at += IMPORT_BATCH) {
    const batch = memories.slice(at, at + IMPORT_BATCH);
    try {
      await writer.write(await withoutKnown(engine, batch), (refusal) => {
        throw refusal;
      });
    } catch (error) {
      throw toLociError(error).with({ details: { imported: writer.added } });
    }
    onProgress(at + batch.length, memories.length);
  }
  const { added: imported, durability } = writer;
  return {
    imported,
    skipped: memories.length - imported,
    ...(durability === undefined ? {} : { durability }),
  };
}

async function withoutKnown(
  engine: Pick<MemoryEngine, 'list'>,
  batch: readonly NewMemory[],
): Promise<readonly NewMemory[]> {
  const externalIds = batch.flatMap(({ externalId }) => externalId ?? []);
  if (externalIds.length === 0) return batch;
  const known = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await engine.list({ filter: { externalId: { $in: externalIds } }, limit: 1_000, cursor });
    for (const memory of page.memories) known.add(keyOf(memory));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return batch.filter((memory) => {
    const key = keyOf(memory);
    if (memory.externalId === undefined) return true;
    const isNew = !known.has(key);
    known.add(key); // a file may hold it twice
    return isNew;
  });
}

function keyOf({
  source = 'unknown',
  sessionId,
  externalId,
}: Pick<NewMemory, 'source' | 'sessionId' | 'externalId'>): string {
  return JSON.stringify([source, sessionId ?? null, externalId ?? null]);
}
