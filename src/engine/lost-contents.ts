/** Memories whose contents are gone from storage, until they get another one or are deleted. */

import type { Operation } from '../memory/operation.ts';
import type { BlockStore } from './blocks/block-store.ts';
import type { MemoryTable } from './table/memory-table.ts';

export class LostContents {
  readonly #table: MemoryTable;
  readonly #blocks: Pick<BlockStore, 'manifest'>;
  /** Ordinals of those found missing while they were read; the manifest has those found before. */
  readonly #found = new Set<number>();

  constructor(table: MemoryTable, blocks: Pick<BlockStore, 'manifest'>) {
    this.#table = table;
    this.#blocks = blocks;
  }

  /** Takes in what was found missing; answers whether any of it is news. */
  note(ordinals: readonly number[]): boolean {
    const before = this.#found.size;
    for (const ordinal of ordinals) this.#found.add(ordinal);
    return this.#found.size > before;
  }

  /** A memory that gets another content has lost none. */
  onCommit(operations: readonly Operation[]): void {
    for (const operation of operations)
      if (operation.type === 'update' && operation.after.content !== undefined)
        this.#found.delete(this.#table.ordinalOf(operation.id) ?? -1);
  }

  get ids(): readonly string[] {
    const table = this.#table;
    const ordinals = new Set([...this.#blocks.manifest.lostContents, ...this.#found]);
    const isLost = (ordinal: number) =>
      table.has(ordinal) && table.unstoredOf(ordinal)?.content === undefined;
    return [...ordinals].filter(isLost).map((ordinal) => String(table.field(ordinal, 'id')));
  }
}
