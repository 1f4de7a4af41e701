/** Commits changes of blocks, each with the manifest that names them, and pieces too large for one transaction before it. */

import { COMMIT_BYTES } from '../limits.ts';
import type { Commit, Row } from '../storage/storage.ts';
import type { BlockStore, FoldChanges, Pieces, Prepared, PrepareOptions } from './blocks/block-store.ts';
import type { Committer } from './committer.ts';
import type { Turn } from './mutex.ts';

/** A change of blocks, and what is committed with it. */
export interface BlockChange {
  readonly changes?: FoldChanges;
  readonly pieces?: readonly Pieces[];
  /** Fields of the manifest. */
  readonly patch?: Parameters<BlockStore['prepare']>[2];
  readonly options?: PrepareOptions;
  /** Rows that are no blocks. */
  readonly beside?: Pick<Commit, 'puts' | 'deletes' | 'deleteRanges'>;
}

const NO_CHANGES: FoldChanges = { records: new Map(), contents: new Map(), vectors: new Map() };

export class BlockWriter {
  readonly #blocks: BlockStore;
  readonly #committer: Committer;
  /** Pieces that are being written, and that no manifest names yet. */
  readonly #ahead = new Set<string>();

  constructor(blocks: BlockStore, committer: Committer) {
    this.#blocks = blocks;
    this.#committer = committer;
  }

  /** Keys of pieces that no manifest names yet and that are to stay. */
  get ahead(): ReadonlySet<string> {
    return this.#ahead;
  }

  /** One transaction; without a change it writes both manifests anew. */
  async commit(change: BlockChange): Promise<Prepared> {
    const { changes = NO_CHANGES, pieces = [], patch = {}, options, beside = {} } = change;
    const prepared = await this.#blocks.prepare(changes, pieces, patch, options);
    const commit = {
      puts: [...(beside.puts ?? []), ...prepared.puts],
      deletes: [...(beside.deletes ?? []), ...prepared.deletes],
      deleteRanges: beside.deleteRanges,
      durability: 'journaled',
    } as const;
    await this.#blocks.change(prepared, () => this.#committer.commit(commit, prepared.proof));
    return prepared;
  }

  /**
   * Writes pieces in transactions of bounded bytes, all but the last of them: those go along with the manifest
   * that names them all, in what `commit` does. A try that is cut off leaves pieces that nothing names.
   */
  async withPieces(
    pieces: readonly Pieces[],
    turn: Turn,
    commit: (written: ReadonlySet<string>) => Promise<unknown>,
  ): Promise<void> {
    const runs = runsOf(this.#blocks.freshPieces(pieces));
    const written = new Set<string>();
    try {
      for (const puts of runs.slice(0, -1)) {
        for (const { key } of puts) {
          written.add(key);
          this.#ahead.add(key);
        }
        await turn(() => this.#committer.commit({ puts, durability: 'journaled' }, puts.at(-1)));
      }
      await turn(() => commit(written));
    } catch (error) {
      if (written.size > 0) await turn(() => this.#drop(written));
      throw error;
    } finally {
      for (const key of written) this.#ahead.delete(key);
    }
  }

  async #drop(written: ReadonlySet<string>): Promise<void> {
    try {
      await this.#committer.commit({ deletes: [...written], durability: 'journaled' });
    } catch {
      // The failure before is the one to be told. What stays is found after the next opening: nothing names it.
    }
  }
}

/** Rows in runs of bounded bytes. */
function runsOf(rows: readonly Row[]): readonly (readonly Row[])[] {
  const runs: Row[][] = [];
  let room = 0;
  for (const row of rows) {
    if (runs.length === 0 || row.value.byteLength > room) {
      runs.push([]);
      room = COMMIT_BYTES;
    }
    runs.at(-1)?.push(row);
    room -= row.value.byteLength;
  }
  return runs;
}
