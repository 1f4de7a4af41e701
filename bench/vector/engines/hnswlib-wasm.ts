/** hnswlib-wasm: hnswlib compiled by Emscripten, for browsers only. */

import { asEngine, type EngineSpec } from '../engine.ts';
import { rowOf } from '../matrix.ts';
import { createLabels } from './labels.ts';

interface Graph {
  initIndex(capacity: number, m: number, efConstruction: number, seed: number): void;
  addPoint(vector: Float32Array, label: number, replaceDeleted: boolean): void;
  markDelete(label: number): void;
  resizeIndex(capacity: number): void;
  setEfSearch(ef: number): void;
  searchKnn(
    query: Float32Array,
    k: number,
    filter: ((label: number) => boolean) | undefined,
  ): { readonly neighbors: number[] };
  delete?(): void;
}

interface Module {
  /** Makes an instance. Not the package's loader: that opens a database, and fails where there is none. */
  default(): Promise<{
    readonly HierarchicalNSW: new (space: string, dimensions: number, file: string) => Graph;
    readonly HEAPU8?: Uint8Array;
  }>;
}

const M = 16;
const EF_CONSTRUCTION = 200;
const SEED = 100;

export const hnswlibWasm: EngineSpec = {
  name: 'hnswlib-wasm',
  runtimes: ['chromium'],
  maxRows: 200_000,
  ladder: [64, 96, 128, 192, 256, 320, 384, 512],
  about:
    'hnswlib-wasm 0.8.2, M 16, efConstruction 200, float32, inner product; memory is its WASM heap where it can be seen; ' +
    'replaced rows are new nodes (reuse of slots throws when full), filters are its callback',
  create: async (platform, dimensions, capacity) => {
    const { default: load } = (await platform.importRival('hnswlib-wasm/lib/hnswlib.mjs')) as Module;
    const module = await load();
    // No file name: it would save itself into its file system.
    const graph = new module.HierarchicalNSW('ip', dimensions, '');
    graph.initIndex(capacity, M, EF_CONSTRUCTION, SEED);
    const labels = createLabels();
    let [room, used] = [capacity, 0];
    const add = (ordinal: number, vector: Float32Array) => {
      if (used === room) {
        room *= 2;
        graph.resizeIndex(room);
      }
      used++;
      graph.addPoint(vector, labels.give(ordinal), false);
    };
    const remove = (ordinal: number) => graph.markDelete(labels.take(ordinal));
    return asEngine<Float32Array, { readonly neighbors: number[] }>({
      build: (rows) => {
        for (let row = 0; row < rows.count; row++) add(row, rowOf(rows, row));
      },
      prepare: (query) => query.slice(),
      search: (query, k, ef) => {
        graph.setEfSearch(ef ?? EF_CONSTRUCTION);
        return graph.searchKnn(query, k, undefined);
      },
      filteredSearch: (query, k, ef, filter) => {
        graph.setEfSearch(ef ?? EF_CONSTRUCTION);
        return graph.searchKnn(query, k, (label) => filter.has(labels.ordinalOf(label)));
      },
      ordinalsOf: ({ neighbors }) => neighbors.map(labels.ordinalOf),
      delete: remove,
      add,
      update: (ordinal, vector) => {
        remove(ordinal);
        add(ordinal, vector);
      },
      memoryBytes: () => module.HEAPU8?.byteLength ?? capacity * (4 * dimensions + 4 * (2 * M + 1) + 8),
      close: () => graph.delete?.(),
    });
  },
};
