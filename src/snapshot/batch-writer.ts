/** Writes memories in batches, each memory once, and keeps count of what is there, whatever fails. */
import { v4 as uuidV4 } from 'uuid';
import { isLociError, type LociError } from '../errors.ts';
import { IMPORT_WRITE_ATTEMPTS } from '../limits.ts';
import type { AddManyResult, Durability, MemoryEngine, NewMemory } from '../types.ts';

/** Told of a memory that the engine does not take; what it throws ends the writing. */
export type OnRefused = (error: LociError, index: number) => void;

export class BatchWriter {
  readonly #engine: Pick<MemoryEngine, 'addMany'>;
  // Not made of the content: who forgets all and imports the same again would be answered from memory.
  readonly #runId = `import-${uuidV4()}`;
  #batches = 0;
  #added = 0;
  #skipped = 0;
  #durability: Durability | undefined;

  constructor(engine: Pick<MemoryEngine, 'addMany'>) {
    this.#engine = engine;
  }

  /** Memories that were written so far. */
  get added(): number {
    return this.#added;
  }

  /** Memories that turned out to be there, by id. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The level the last batch reached; undefined where nothing was written. */
  get durability(): Durability | undefined {
    return this.#durability;
  }

  /**
   * Writes a batch; one that holds a memory which is refused is halved until that one is alone.
   *
   * @throws LociError what `addMany` throws, where it is about no single memory. What was written before is
   * in the counts; of a batch that ended in `OUTCOME_UNKNOWN` with every attempt nobody knows.
   */
  async write(memories: readonly NewMemory[], onRefused: OnRefused, from = 0): Promise<void> {
    if (memories.length === 0) return;
    try {
      const { durability } = await this.#addOnce(memories);
      this.#added += memories.length;
      this.#durability = durability;
    } catch (error) {
      if (!isLociError(error) || !isOfOneMemory(error)) throw error;
      const half = memories.length >> 1;
      if (half > 0) {
        await this.write(memories.slice(0, half), onRefused, from);
        await this.write(memories.slice(half), onRefused, from + half);
        // A list leaves out what has expired and is not swept yet: whoever looked there did not see it.
      } else if (error.code === 'ALREADY_EXISTS') this.#skipped += 1;
      else onRefused(error, from);
    }
  }

  /** With one operation id for all attempts: a batch whose outcome is unknown is written once. */
  async #addOnce(memories: readonly NewMemory[]): Promise<AddManyResult> {
    this.#batches += 1;
    const opId = `${this.#runId}-${this.#batches}`;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#engine.addMany(memories, { opId });
      } catch (error) {
        if (!isLociError(error) || !error.retryable || attempt === IMPORT_WRITE_ATTEMPTS) throw error;
      }
    }
  }
}

function isOfOneMemory({ code }: LociError): boolean {
  return code === 'INVALID_INPUT' || code === 'INVALID_VECTOR' || code === 'ALREADY_EXISTS';
}
