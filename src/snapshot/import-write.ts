/** Writes what an exported file holds, in batches, each memory once, and says which the engine does not take. */
import { v4 as uuidV4 } from 'uuid';
import { type ErrorCode, isLociError, type LociError, toLociError } from '../errors.ts';
import { IMPORT_WRITE_ATTEMPTS, MAX_NAME_CHARS } from '../limits.ts';
import { parseNewMemory } from '../memory/record.ts';
import type { AddManyResult, Durability, MemoryEngine, NewMemory } from '../types.ts';
import { normalize } from '../vector/vectors.ts';
import { heldIds, lastingSpace, toNewMemory } from './memories.ts';
import type { SnapshotEntry } from './snapshot.ts';

/** A memory of a file, and its line there. */
export interface NumberedEntry extends SnapshotEntry {
  readonly line: number;
}

/** A memory that the engine does not take, and why. */
export interface Refusal {
  readonly line: number;
  readonly id: string;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface Written {
  readonly added: number;
  /** There already, by id. */
  readonly skipped: number;
  readonly refusals: readonly Refusal[];
  readonly durability?: Durability | undefined;
}

/** The verbs that an import needs. */
export type WritableEngine = Pick<MemoryEngine, 'list' | 'addMany' | 'status'>;

/** Why the engine would not take a memory, as far as that can be told without it. */
export function refusalOf({ memory, line }: NumberedEntry): Refusal | undefined {
  try {
    parseNewMemory(memory, 0);
    if (memory.embedding !== undefined) normalize(memory.embedding.vector);
    return undefined;
  } catch (error) {
    return refusal(toLociError(error), memory.id, line);
  }
}

/** Writes batches to one engine. */
export class BatchWriter {
  readonly #engine: WritableEngine;
  readonly #isDryRun: boolean;
  // Not made of the content: who forgets all and imports the same file again would be answered from memory.
  readonly #runId = `import-${uuidV4()}`;
  #batches = 0;
  #wasEmpty: Promise<boolean> | undefined;
  #space: Promise<string | undefined> | undefined;

  constructor(engine: WritableEngine, isDryRun: boolean) {
    this.#engine = engine;
    this.#isDryRun = isDryRun;
  }

  /** Writes those that are not there, all or, where it throws, none that it had not reported. */
  async write(entries: readonly NumberedEntry[]): Promise<Written> {
    const missing = await this.#missing(entries);
    const known = { added: 0, skipped: entries.length - missing.length, refusals: [] };
    if (missing.length === 0) return known;
    if (this.#isDryRun) return { ...known, added: missing.length };
    return sum(known, await this.#add(missing));
  }

  /** Each look-up compares all memories; an engine that had none need not be asked, for a file holds each once. */
  async #missing(entries: readonly NumberedEntry[]): Promise<readonly NumberedEntry[]> {
    this.#wasEmpty ??= this.#engine.list({ limit: 1 }).then(({ total }) => total === 0);
    if (await this.#wasEmpty) return entries;
    const held = await heldIds(this.#engine, entries);
    return entries.filter(({ memory }) => !held.has(memory.id));
  }

  /** Halves a batch that holds a memory which is refused, until that one is alone. */
  async #add(entries: readonly NumberedEntry[]): Promise<Written> {
    try {
      const { durability } = await this.#addOnce(await this.#toNew(entries));
      return { added: entries.length, skipped: 0, refusals: [], durability };
    } catch (error) {
      if (!isLociError(error) || !isOfOneMemory(error)) throw error;
      const [first, ...rest] = entries;
      if (first === undefined || rest.length > 0) {
        const half = entries.length >> 1;
        return sum(await this.#add(entries.slice(0, half)), await this.#add(entries.slice(half)));
      }
      // The list leaves out what has expired and is not swept yet.
      if (error.code === 'ALREADY_EXISTS') return { added: 0, skipped: 1, refusals: [] };
      return { added: 0, skipped: 0, refusals: [refusal(error, first.memory.id, first.line)] };
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

  async #toNew(entries: readonly NumberedEntry[]): Promise<readonly NewMemory[]> {
    this.#space ??= lastingSpace(this.#engine);
    const space = await this.#space;
    return entries.map((entry) => toNewMemory(entry, space));
  }
}

function isOfOneMemory({ code }: LociError): boolean {
  return code === 'INVALID_INPUT' || code === 'INVALID_VECTOR' || code === 'ALREADY_EXISTS';
}

function refusal({ code, message }: LociError, id: string, line: number): Refusal {
  // Of a broken one any text may come, and this is shown.
  return { line, id: id.slice(0, MAX_NAME_CHARS), code, message };
}

function sum(one: Written, other: Written): Written {
  return {
    added: one.added + other.added,
    skipped: one.skipped + other.skipped,
    refusals: [...one.refusals, ...other.refusals],
    durability: other.durability ?? one.durability,
  };
}
