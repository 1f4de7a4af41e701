/**
 * Takes away what damage and cut-off attempts have left in storage, some time after opening: broken rows, what is
 * stored of memories whose records are lost, and blocks that no manifest names; and what is told of memories that
 * were deleted long ago. What was lost stays counted in the manifest.
 */

import { LOAD_BATCH, TIDY_AFTER_MS, TIDY_BATCH, TIDY_RETRY_MS, TOMBSTONE_RETENTION_MS } from '../limits.ts';
import { decodeFrame } from '../storage/codec.ts';
import { prefixRange, type Storage } from '../storage/storage.ts';
import { BLOCK_PREFIXES, type BlockStore, CONTENTS, RECORDS, vectorsPrefix } from './blocks/block-store.ts';
import { decodeManifest, MANIFEST_KEYS } from './blocks/manifest.ts';
import type { Environment } from './environment.ts';
import type { Damage } from './health.ts';
import type { Journal } from './journal.ts';
import { decodeHistoryEntry, HISTORY_ROWS, historyRows, idOfHistoryKey } from './layout.ts';
import type { Turn } from './mutex.ts';
import { eachRow, isCorrupt } from './read-rows.ts';
import type { EngineState } from './state.ts';
import type { MemoryTable } from './table/memory-table.ts';

export interface TidyingParts {
  readonly storage: Storage;
  readonly state: EngineState;
  readonly blocks: BlockStore;
  readonly journal: Journal;
  readonly environment: Environment;
  readonly damage: Damage;
  /** Keys of answers and access times that were broken on opening. */
  readonly brokenRows: readonly string[];
  /** Runs work under the write lock. */
  readonly turn: Turn;
  /** Told how a try ended: an error, after which another follows, or undefined. */
  readonly onResult: (error: unknown) => void;
}

export class Tidying {
  readonly #parts: TidyingParts;
  #brokenRows: readonly string[];
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(parts: TidyingParts) {
    this.#parts = parts;
    this.#brokenRows = parts.brokenRows;
  }

  start(): void {
    this.#schedule(TIDY_AFTER_MS);
  }

  /** Ends it where it is: what is left is found on the next opening. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#running;
  }

  #schedule(ms: number): void {
    this.#cancel = this.#parts.environment.schedule(ms, () => {
      this.#running = this.#run();
    });
  }

  async #run(): Promise<void> {
    let isDone = false;
    try {
      isDone = await this.#tidy();
      if (isDone) this.#parts.onResult(undefined);
    } catch (error) {
      this.#parts.onResult(error);
    }
    if (!isDone && !this.#isClosed) this.#schedule(TIDY_RETRY_MS);
  }

  /** Answers whether nothing is left to do. */
  async #tidy(): Promise<boolean> {
    const { journal, turn } = this.#parts;
    // On a full disk the namespace is for reading.
    if (!journal.isClaimed) return false;
    await this.#removeBrokenRows();
    const isCleared = await turn(() => journal.clearLost());
    const isFolded = await this.#removeLostMemories();
    await this.#removeTombstones();
    await this.#mendManifest();
    for (const prefix of BLOCK_PREFIXES) {
      if (this.#isClosed) return false;
      await turn(() => this.#collect(prefix));
    }
    return isCleared && isFolded;
  }

  async #removeBrokenRows(): Promise<void> {
    const { journal, turn, storage } = this.#parts;
    const keys = this.#brokenRows;
    if (keys.length === 0) return;
    await turn(async () => {
      const found = await storage.getMany(keys);
      // Written anew meanwhile, as access times are, or read wrongly before: then it stays.
      const broken = keys.filter((_, i) => isBroken(found[i]));
      if (broken.length > 0) await journal.commitAside({ deletes: broken }, 'journaled');
    });
    this.#brokenRows = [];
  }

  /** Blocks and table are compared when nothing waits to be folded; answers whether they were. */
  async #removeLostMemories(): Promise<boolean> {
    const { journal, turn, blocks, state, damage } = this.#parts;
    const strays = await turn(async () =>
      journal.pendingOperations === 0 ? strayOrdinals(blocks, state.table) : undefined,
    );
    if (strays === undefined) return false;
    if (strays.length > 0) {
      await journal.foldLost(strays, turn);
      // Their words, which were left out of the index on opening.
      await turn(() => journal.storeWords());
    }
    if (damage.unrecoverable > 0) await this.#removeLostHistories();
    return true;
  }

  /** Of a memory that is not there the one entry that says it was deleted may be left. */
  async #removeLostHistories(): Promise<void> {
    const { storage, state, journal, turn } = this.#parts;
    for await (const keys of historyKeys(storage)) {
      const ids = new Set(keys.map(idOfHistoryKey));
      for (const id of ids)
        await turn(async () => {
          if (state.table.ordinalOf(id) !== undefined || journal.pendingOf(id).length > 0) return;
          const deletes = await this.#traces(id);
          if (deletes.length > 0) await journal.commitAside({ deletes }, 'journaled');
        });
    }
  }

  /** That a memory was deleted is forgotten in the end: of what is gone nothing is to grow for ever. */
  async #removeTombstones(): Promise<void> {
    const { storage, state, journal, turn, environment } = this.#parts;
    const until = environment.now() - TOMBSTONE_RETENTION_MS;
    for await (const keys of historyKeys(storage)) {
      if (this.#isClosed) return;
      const gone = keys.filter((key) => state.table.ordinalOf(idOfHistoryKey(key)) === undefined);
      const values = await storage.getMany(gone);
      const deletes = gone.filter((_, i) => isTombstoneBefore(values[i], until));
      if (deletes.length > 0) await turn(() => journal.commitAside({ deletes }, 'journaled'));
    }
  }

  async #traces(id: string): Promise<readonly string[]> {
    const traces: string[] = [];
    await eachRow(
      this.#parts.storage,
      historyRows(id),
      ({ key, value }) => {
        if (decodeHistoryEntry(value).type !== 'delete') traces.push(key);
      },
      (key) => traces.push(key),
    );
    return traces;
  }

  /** A manifest that is missing or broken is written again from the other. */
  async #mendManifest(): Promise<void> {
    const { storage, journal, turn } = this.#parts;
    await turn(async () => {
      const copies = await storage.getMany(MANIFEST_KEYS);
      if (copies.some((bytes) => bytes === undefined || manifestOf(bytes) === undefined))
        await journal.storeManifest();
    });
  }

  /** Takes away the rows of a kind that neither manifest names, and that nobody is about to name. */
  async #collect(prefix: string): Promise<void> {
    const { storage, blocks, journal } = this.#parts;
    const copies = await storage.getMany(MANIFEST_KEYS);
    const stored = copies.flatMap((bytes) => (bytes && manifestOf(bytes)) ?? []);
    // One that cannot be read may name anything.
    if (stored.length < MANIFEST_KEYS.length) return;
    const named = new Set([blocks.manifest, ...stored].flatMap((manifest) => blocks.keys(manifest)));
    const keys = await storage.getKeys(prefixRange(prefix));
    const orphans = keys.filter((key) => !named.has(key) && !journal.ahead.has(key));
    for (let at = 0; at < orphans.length; at += TIDY_BATCH)
      await journal.commitAside({ deletes: orphans.slice(at, at + TIDY_BATCH) }, 'journaled');
  }
}

/** The keys of all entries of histories, page by page. */
async function* historyKeys(storage: Storage): AsyncGenerator<readonly string[]> {
  for (let from: string | undefined = HISTORY_ROWS.from; from !== undefined; ) {
    const keys: readonly string[] = await storage.getKeys(
      { from, to: HISTORY_ROWS.to },
      { limit: LOAD_BATCH },
    );
    const last = keys.at(-1);
    from = last === undefined || keys.length < LOAD_BATCH ? undefined : `${last}\u0000`;
    yield keys;
  }
}

/** Whether a row of history says that a memory was deleted before a time; of one that cannot be read nobody knows. */
function isTombstoneBefore(bytes: Uint8Array | undefined, time: number): boolean {
  if (bytes === undefined || isBroken(bytes)) return false;
  const { type, at } = decodeHistoryEntry(bytes);
  return type === 'delete' && at < time;
}

/** Of a row that is a frame. */
function isBroken(bytes: Uint8Array | undefined): boolean {
  try {
    if (bytes !== undefined) decodeFrame(bytes);
    return false;
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return true;
  }
}

function manifestOf(bytes: Uint8Array) {
  try {
    return decodeManifest(bytes);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return undefined;
  }
}

/** The ordinals of memories that are not there, in the blocks that hold more rows than memories: theirs are among them. */
function strayOrdinals(blocks: BlockStore, table: MemoryTable): readonly number[] {
  const strays = new Set<number>();
  const look = (prefix: string, isThere: (ordinal: number) => boolean) => {
    for (const { first, last, rows } of blocks.series(prefix).refs) {
      const missing: number[] = [];
      let known = 0;
      for (let ordinal = first; ordinal <= last; ordinal++) {
        if (!table.has(ordinal)) missing.push(ordinal);
        else if (isThere(ordinal)) known += 1;
      }
      if (known < rows) for (const ordinal of missing) strays.add(ordinal);
    }
  };
  look(RECORDS, () => true);
  look(CONTENTS, () => true);
  for (const { number, space, dimensions } of blocks.manifest.spaces)
    look(vectorsPrefix(number), (ordinal) => {
      const embedding = table.embeddingOf(ordinal);
      return embedding?.space === space && embedding.dimensions === dimensions;
    });
  return [...strays].sort((a, b) => a - b);
}
