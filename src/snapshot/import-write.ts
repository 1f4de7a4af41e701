/** Writes what an exported file or a snapshot holds, and says which memories the engine does not take. */
import { type ErrorCode, type LociError, toLociError } from '../errors.ts';
import { MAX_NAME_CHARS, MAX_REFUSALS_NAMED } from '../limits.ts';
import { parseNewMemory } from '../memory/record.ts';
import type { Durability, MemoryEngine, NewMemory } from '../types.ts';
import { normalize } from '../vector/vectors.ts';
import { BatchWriter } from './batch-writer.ts';
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

/** What has become of the memories so far. */
export interface WriteCounts {
  readonly added: number;
  /** There already, by id. */
  readonly skipped: number;
  readonly refused: number;
  /** The first of these. */
  readonly refusals: readonly Refusal[];
  readonly durability?: Durability | undefined;
}

/** The verbs that an import needs. */
export type WritableEngine = Pick<MemoryEngine, 'list' | 'addMany' | 'status'>;

/** Writes those of a file's memories whose ids the engine does not hold. */
export class EntryWriter {
  readonly #engine: WritableEngine;
  readonly #isDryRun: boolean;
  readonly #writer: BatchWriter;
  #wasEmpty: Promise<boolean> | undefined;
  #space: Promise<string | undefined> | undefined;
  #skipped = 0;
  /** Counted by a dry run. */
  #wanted = 0;
  #refused = 0;
  readonly #refusals: Refusal[] = [];

  constructor(engine: WritableEngine, isDryRun = false) {
    this.#engine = engine;
    this.#isDryRun = isDryRun;
    this.#writer = new BatchWriter(engine);
  }

  /** Right at any time, also after an error. */
  get counts(): WriteCounts {
    const { added, skipped, durability } = this.#writer;
    return {
      added: added + this.#wanted,
      skipped: skipped + this.#skipped,
      refused: this.#refused,
      refusals: [...this.#refusals],
      ...(durability === undefined ? {} : { durability }),
    };
  }

  /** @throws LociError what `list` and `addMany` throw. */
  async write(entries: readonly NumberedEntry[]): Promise<void> {
    const sound = entries.filter((entry) => this.#isSound(entry));
    const missing = await this.#missing(sound);
    this.#skipped += sound.length - missing.length;
    if (this.#isDryRun) this.#wanted += missing.length;
    else
      await this.#writer.write(await this.#toNew(missing), (error, index) =>
        this.#refuse(error, missing[index]),
      );
  }

  /** Each look-up compares all memories; an engine that had none need not be asked, for a file holds each once. */
  async #missing(entries: readonly NumberedEntry[]): Promise<readonly NumberedEntry[]> {
    this.#wasEmpty ??= this.#engine.list({ limit: 1 }).then(({ total }) => total === 0);
    if (await this.#wasEmpty) return entries;
    const held = await heldIds(this.#engine, entries);
    return entries.filter(({ memory }) => !held.has(memory.id));
  }

  async #toNew(entries: readonly NumberedEntry[]): Promise<readonly NewMemory[]> {
    this.#space ??= lastingSpace(this.#engine);
    const space = await this.#space;
    return entries.map((entry) => toNewMemory(entry, space));
  }

  /** Whether the engine would take a memory, as far as that can be told without it. */
  #isSound(entry: NumberedEntry): boolean {
    try {
      parseNewMemory(entry.memory, 0);
      if (entry.memory.embedding !== undefined) normalize(entry.memory.embedding.vector);
      return true;
    } catch (error) {
      this.#refuse(toLociError(error), entry);
      return false;
    }
  }

  #refuse({ code, message }: LociError, entry: NumberedEntry | undefined): void {
    this.#refused += 1;
    if (entry === undefined || this.#refusals.length === MAX_REFUSALS_NAMED) return;
    // Of a broken one any text may come, and this is shown.
    const id = entry.memory.id.slice(0, MAX_NAME_CHARS);
    this.#refusals.push({ line: entry.line, id, code, message });
  }
}

/** The ids of those that the engine holds; listed and not got, for that would count as an access. */
async function heldIds(
  engine: Pick<MemoryEngine, 'list'>,
  entries: readonly SnapshotEntry[],
): Promise<ReadonlySet<string>> {
  const ids = entries.map(({ memory }) => memory.id);
  if (ids.length === 0) return new Set();
  const { memories, unreadable } = await engine.list({ filter: { id: { $in: ids } }, limit: ids.length });
  return new Set([...memories.map(({ id }) => id), ...(unreadable ?? [])]);
}

/** The space that the engine embeds in and will go on embedding in, if it has settled on one. */
async function lastingSpace(engine: Pick<MemoryEngine, 'status'>): Promise<string | undefined> {
  const { embedder } = await engine.status();
  return embedder.activeId === embedder.preferredId ? embedder.space : undefined;
}

/**
 * A memory comes as it was: its text is not read for what it contradicts.
 *
 * A vector given by a caller is never made anew. So one that an engine had made comes along only
 * where it is in this engine's own space; else the engine embeds the content again, and finds it.
 */
function toNewMemory({ memory: given, vectorOrigin }: SnapshotEntry, space: string | undefined): NewMemory {
  const memory = { ...given, contradicts: given.contradicts ?? [] };
  if (vectorOrigin !== 'engine' || memory.embedding?.space === space) return memory;
  const { embedding: _dropped, ...rest } = memory;
  return rest;
}
