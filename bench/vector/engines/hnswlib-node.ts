/** hnswlib-node: hnswlib in C++ as a native addon. */

import type { Bitset } from '../../../src/vector/bitset.ts';
import { asEngine, type Engine, type EngineSpec, type Platform } from '../engine.ts';
import { rowOf } from '../matrix.ts';
import { createLabels, type Labels } from './labels.ts';

interface Graph {
  initIndex(options: {
    maxElements: number;
    m: number;
    efConstruction: number;
    randomSeed: number;
    allowReplaceDeleted: boolean;
  }): void;
  addPoint(point: number[], label: number, replaceDeleted?: boolean): void;
  markDelete(label: number): void;
  searchKnn(query: number[], k: number, filter?: (label: number) => boolean): { neighbors: number[] };
  setEf(ef: number): void;
  writeIndexSync(path: string): void;
  readIndexSync(path: string, allowReplaceDeleted: boolean): void;
}

interface Module {
  readonly default: { readonly HierarchicalNSW: new (space: string, dimensions: number) => Graph };
}

const M = 16;
const EF_CONSTRUCTION = 200;
const SEED = 100;
/** Slots beyond the rows: a replaced row needs one until its old slot is found again. */
const HEADROOM = 2_000;

export const hnswlibNode: EngineSpec = {
  name: 'hnswlib-node',
  runtimes: ['node'],
  maxRows: 1_000_000,
  ladder: [64, 96, 128, 192, 256, 320, 384, 512],
  about:
    'hnswlib-node 3.0.0, M 16, efConstruction 200, float32, inner product; built by node-gyp as published ' +
    '(-O3 -std=gnu++17, no -march: hnswlib then uses SSE); memory computed from hnswlib’s own structures',
  create: async (platform, dimensions, capacity) => {
    const module = (await platform.importRival('hnswlib-node')) as Module;
    const graph = new module.default.HierarchicalNSW('ip', dimensions);
    graph.initIndex({
      maxElements: capacity + Math.min(HEADROOM, capacity),
      m: M,
      efConstruction: EF_CONSTRUCTION,
      randomSeed: SEED,
      allowReplaceDeleted: true,
    });
    return nativeEngine(module, graph, createLabels(), platform, dimensions, capacity);
  },
};

function nativeEngine(
  module: Module,
  graph: Graph,
  labels: Labels,
  platform: Platform,
  dimensions: number,
  capacity: number,
): Engine {
  const add = (ordinal: number, vector: Float32Array) =>
    graph.addPoint(Array.from(vector), labels.give(ordinal), labels.hasFree());
  const remove = (ordinal: number) => graph.markDelete(labels.take(ordinal));
  return asEngine<number[], { neighbors: number[] }>({
    build: (rows) => {
      for (let row = 0; row < rows.count; row++) add(row, rowOf(rows, row));
    },
    prepare: (query) => Array.from(query),
    search: (query, k, ef) => {
      graph.setEf(ef ?? EF_CONSTRUCTION);
      return graph.searchKnn(query, k);
    },
    ordinalsOf: ({ neighbors }) => neighbors.map(labels.ordinalOf),
    filteredSearch: (query, k, ef, filter: Bitset) => {
      graph.setEf(ef ?? EF_CONSTRUCTION);
      return graph.searchKnn(query, k, (label) => filter.has(labels.ordinalOf(label)));
    },
    delete: remove,
    add,
    update: (ordinal, vector) => {
      remove(ordinal);
      add(ordinal, vector);
    },
    save: () => {
      const { files } = platform;
      if (files === null) throw new Error('hnswlib-node saves to files, and there are none');
      const path = files.path();
      graph.writeIndexSync(path);
      return {
        bytes: files.sizeOf(path),
        load: () => {
          const loaded = new module.default.HierarchicalNSW('ip', dimensions);
          loaded.readIndexSync(path, true);
          return nativeEngine(module, loaded, labels, platform, dimensions, capacity);
        },
        discard: () => files.remove(path),
      };
    },
    memoryBytes: () => capacity * bytesOfElement(dimensions),
  });
}

/**
 * What hnswlib holds for an element: vector, links of the lowest level, label; its share of the upper
 * levels, a pointer to them, level, visited mark, mutex (40 on Linux) and an entry of the label table.
 */
export function bytesOfElement(dimensions: number): number {
  const lowest = 4 * dimensions + 4 * (2 * M + 1) + 8;
  const upper = (4 * (M + 1)) / (M - 1) + 8;
  return lowest + upper + 4 + 2 + 40 + 40;
}
