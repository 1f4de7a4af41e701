/**
 * Reads what the manifest names when a namespace is opened: many at once, and some before their turn, so that
 * storage works while what came before is decoded. What comes out broken is read again by itself.
 */

import { FIRST_LOAD_BYTES, LOAD_BLOCKS, LOAD_BYTES, READ_ATTEMPTS, READS_AHEAD } from '../limits.ts';
import type { Storage } from '../storage/storage.ts';
import type { Block, BlockRow } from './blocks/block.ts';
import { type BlockStore, isPiece } from './blocks/block-store.ts';
import { type BlockRef, openBlock, rowsOf, type Series } from './blocks/series.ts';

export class StoredReader {
  readonly #storage: Storage;
  readonly #blocks: BlockStore;
  /** Keys to be read at once and not asked for yet, and reads under way; both in order. */
  readonly #wanted: (readonly string[])[];
  readonly #reading: Promise<readonly (Uint8Array | undefined)[]>[] = [];

  /** @param prefixes the series that will be read, in the order in which they will be. */
  constructor(storage: Storage, blocks: BlockStore, prefixes: readonly string[]) {
    this.#storage = storage;
    this.#blocks = blocks;
    this.#wanted = prefixes.flatMap((prefix) => {
      const series = blocks.series(prefix);
      return runsOf(series).map((run) => run.map((ref) => series.keyOf(ref)));
    });
    this.#fill();
  }

  /** Takes in each block with its whole rows; a broken one as far as it can be read, a missing one as undefined. */
  async eachBlock(
    prefix: string,
    take: (ref: BlockRef, block: Block | undefined, rows: readonly BlockRow[]) => void,
  ): Promise<void> {
    const suspects = await this.#each(prefix, (ref, bytes) => {
      const block = openBlock(bytes, ref);
      const rows = rowsOf(block);
      if (block === undefined || rows.length < block.count) return false;
      take(ref, block, rows);
      return true;
    });
    for (const ref of suspects) {
      let best: Block | undefined;
      const isWhole = () => best !== undefined && rowsOf(best).length === best.count;
      for (let attempt = 1; attempt < READ_ATTEMPTS && !isWhole(); attempt++)
        best = openBlock(await this.#readAgain(prefix, ref), ref) ?? best;
      take(ref, best, rowsOf(best));
    }
  }

  /** Takes in each piece; undefined for one that is missing or stays broken. */
  async eachPiece(
    prefix: string,
    take: (ref: BlockRef, bytes: Uint8Array | undefined) => void,
  ): Promise<void> {
    const suspects = await this.#each(prefix, (ref, bytes) => {
      if (!isPiece(bytes, ref)) return false;
      take(ref, bytes);
      return true;
    });
    for (const ref of suspects) {
      let bytes: Uint8Array | undefined;
      for (let attempt = 1; attempt < READ_ATTEMPTS && !isPiece(bytes, ref); attempt++)
        bytes = await this.#readAgain(prefix, ref);
      take(ref, isPiece(bytes, ref) ? bytes : undefined);
    }
  }

  /** Takes in what is stored of a series; answers what was missing or not taken. */
  async #each(
    prefix: string,
    take: (ref: BlockRef, bytes: Uint8Array) => boolean,
  ): Promise<readonly BlockRef[]> {
    const suspects: BlockRef[] = [];
    for (const run of runsOf(this.#blocks.series(prefix))) {
      const values = await this.#next();
      run.forEach((ref, i) => {
        const bytes = values[i];
        if (bytes === undefined || !take(ref, bytes)) suspects.push(ref);
      });
    }
    return suspects;
  }

  #readAgain(prefix: string, ref: BlockRef): Promise<Uint8Array | undefined> {
    return this.#storage.get(this.#blocks.series(prefix).keyOf(ref));
  }

  async #next(): Promise<readonly (Uint8Array | undefined)[]> {
    const values = await (this.#reading.shift() ?? []);
    this.#fill();
    return values;
  }

  #fill(): void {
    while (this.#reading.length < READS_AHEAD) {
      const keys = this.#wanted.shift();
      if (keys === undefined) return;
      const reading = this.#storage.getMany(keys);
      // A failure is met when its turn comes.
      reading.catch(() => undefined);
      this.#reading.push(reading);
    }
  }
}

/** What of a series is read at once, each of bounded size, in the order of the series. */
function runsOf({ refs }: Series): readonly (readonly BlockRef[])[] {
  const runs: BlockRef[][] = [];
  let room = 0;
  for (const ref of refs) {
    const run = runs.at(-1);
    if (run === undefined || run.length === LOAD_BLOCKS || ref.bytes > room) {
      // The first are short: there is nothing to decode before the first of them is there.
      room = Math.min(LOAD_BYTES, FIRST_LOAD_BYTES * 2 ** runs.length) - ref.bytes;
      runs.push([ref]);
    } else {
      run.push(ref);
      room -= ref.bytes;
    }
  }
  return runs;
}
