/** Indexes behind the project's own port, as engines. */

import type { Bitset } from '../../../src/vector/bitset.ts';
import type { NearestOptions, Neighbour, VectorIndex } from '../../../src/vector/vector-index.ts';
import { asEngine, type Ef, type Engine } from '../engine.ts';
import { type Matrix, rowOf } from '../matrix.ts';

/** What the port leaves to implementations, where they have it. */
interface Bulk {
  addMany?(ordinals: ArrayLike<number>, vectors: Float32Array): void;
  maintain?(budgetMs: number): boolean;
}

function effortOf(ef: Ef): NearestOptions {
  if (ef === null) return {};
  return ef < 1 ? { recall: ef } : { ef };
}

/** @param empty makes another index of the same kind, to load into. */
export function portEngine(index: VectorIndex & Bulk, empty: () => Promise<VectorIndex & Bulk>): Engine {
  const maintain = () => {
    while (index.maintain?.(Number.POSITIVE_INFINITY));
  };
  return asEngine<Float32Array, readonly Neighbour[]>({
    build: (rows: Matrix) => {
      if (index.addMany !== undefined)
        index.addMany(
          Uint32Array.from({ length: rows.count }, (_, i) => i),
          rows.values,
        );
      else for (let row = 0; row < rows.count; row++) index.add(row, rowOf(rows, row));
      maintain();
    },
    prepare: (query) => query,
    search: (query, k, ef: Ef) => index.search(query, k, effortOf(ef)),
    ordinalsOf: (found) => found.map(({ ordinal }) => ordinal),
    // Without a width: the port promises its recall under every filter by itself.
    filteredSearch: (query, k, _ef, filter: Bitset) => index.search(query, k, { filter }),
    delete: (ordinal) => void index.remove(ordinal),
    add: (ordinal, vector) => index.add(ordinal, vector),
    update: (ordinal, vector) => index.add(ordinal, vector),
    maintain,
    save: () => {
      const bytes = index.serialize?.() ?? new Uint8Array();
      return {
        bytes: bytes.byteLength,
        load: async () => {
          const loaded = await empty();
          loaded.load?.(bytes);
          return portEngine(loaded, empty);
        },
      };
    },
    memoryBytes: () => index.memoryBytes,
    close: () => index.close(),
  });
}
