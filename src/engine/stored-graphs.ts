/**
 * Takes over the graphs that are stored, once a namespace is open: they only make searches faster, and until
 * they are there every row is scanned, so that the first search need not wait for them.
 */

import type { Storage } from '../storage/storage.ts';
import { type BlockStore, graphPrefix } from './blocks/block-store.ts';
import type { StoredSpace } from './blocks/manifest.ts';
import type { Damage } from './health.ts';
import { StoredReader } from './stored-reader.ts';
import type { VectorSpaces } from './vector-spaces.ts';

export interface StoredGraphsParts {
  readonly storage: Storage;
  readonly blocks: BlockStore;
  readonly spaces: VectorSpaces;
  /** Gets a graph that is broken: another is built. */
  readonly damage: Damage;
}

export class StoredGraphs {
  readonly #parts: StoredGraphsParts;
  /** The spaces whose graphs have not been taken over yet. */
  readonly #waiting: StoredSpace[];

  constructor(parts: StoredGraphsParts) {
    this.#parts = parts;
    const { manifest } = parts.blocks;
    const isStored = (space: StoredSpace) => this.#refsOf(space).length > 0;
    this.#waiting = manifest.spaces.filter(isStored);
    // Closed before its graph was: once built, it is stored whether or not rows come or go.
    for (const stored of manifest.spaces) if (!isStored(stored)) parts.spaces.setGraphDue(stored.space);
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * Takes over the next of them.
   *
   * @throws LociError what storage throws; the next call tries again.
   */
  async takeNext(): Promise<void> {
    const { storage, blocks, spaces } = this.#parts;
    const [next] = this.#waiting;
    if (next === undefined) return;
    const refs = this.#refsOf(next);
    const found = new Map<number, Uint8Array>();
    const prefix = graphPrefix(next.number);
    await new StoredReader(storage, blocks, [prefix]).eachPiece(prefix, ({ id }, bytes) => {
      if (bytes !== undefined) found.set(id, bytes);
    });
    this.#waiting.shift();
    // A space that has lost all its vectors meanwhile has let go of its graph too.
    if (this.#refsOf(next).length === 0) return;
    const pieces = refs.flatMap(({ id }) => found.get(id) ?? []);
    const state = pieces.length === refs.length ? spaces.takeGraph(next.space, pieces) : 'broken';
    // One of rows that were all replaced is out of date, and no damage.
    if (state === 'broken') this.#noteBroken(next);
  }

  /** Does without all that have not been taken over. */
  giveUp(): void {
    for (const space of this.#waiting.splice(0)) this.#noteBroken(space);
  }

  #noteBroken({ space }: StoredSpace): void {
    this.#parts.spaces.setGraphDue(space);
    this.#parts.damage.graphs += 1;
  }

  #refsOf({ number }: StoredSpace) {
    return this.#parts.blocks.series(graphPrefix(number)).refs;
  }
}
