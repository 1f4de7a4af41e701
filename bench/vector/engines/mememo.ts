/** MeMemo: HNSW in JavaScript. */

import { asEngine, type Engine, type EngineSpec } from '../engine.ts';
import { type Matrix, rowOf } from '../matrix.ts';

interface Index {
  bulkInsert(keys: readonly string[], values: readonly number[][]): Promise<void>;
  bulkInsertSkipIndex(keys: readonly string[], values: readonly number[][]): Promise<void>;
  insert(key: string, value: number[]): Promise<void>;
  markDeleted(key: string): Promise<void>;
  query(value: number[], k: number, ef: number): Promise<{ readonly keys: string[] }>;
  exportIndex(): object;
  loadIndex(index: unknown): void;
}

interface Module {
  readonly HNSW: new (config: Readonly<Record<string, unknown>>) => Index;
}

export const mememo: EngineSpec = {
  name: 'mememo',
  runtimes: ['node', 'chromium'],
  maxRows: 5_000,
  ladder: [64, 128, 256, 512],
  about:
    'mememo 0.1.0, m 16, efConstruction 200, cosine of unit vectors, in memory; memory is the growth of the JavaScript heap; ' +
    'its file is JSON of graph and vectors; it has no filters, and a key can be used once',
  create: async (platform) => {
    const { HNSW } = (await platform.importRival('mememo')) as Module;
    const make = () =>
      new HNSW({
        distanceFunction: 'cosine-normalized',
        useIndexedDB: false,
        m: 16,
        efConstruction: 200,
        seed: 1,
      });
    return mememoEngine(make(), make);
  },
};

function mememoEngine(index: Index, make: () => Index, keyed?: Keys): Engine {
  const keys = keyed ?? createKeys();
  const remove = (ordinal: number) => index.markDeleted(keys.of(ordinal));
  const add = (ordinal: number, vector: Float32Array) => {
    const key = keys.fresh(ordinal);
    return index.insert(key, Array.from(vector));
  };
  let vectors: Matrix | undefined;
  return asEngine<number[], { readonly keys: string[] }>({
    build: (rows) => {
      vectors = rows;
      const ordinals = Array.from({ length: rows.count }, (_, i) => i);
      return index.bulkInsert(
        ordinals.map(keys.fresh),
        ordinals.map((i) => Array.from(rowOf(rows, i))),
      );
    },
    prepare: (query) => Array.from(query),
    search: (query, k, ef) => index.query(query, k, ef ?? 64),
    ordinalsOf: (found) => found.keys.map(keys.ordinalOf),
    delete: remove,
    add,
    update: async (ordinal, vector) => {
      await remove(ordinal);
      await add(ordinal, vector);
    },
    save: () => {
      const rows = vectors;
      const values = Array.from({ length: rows?.count ?? 0 }, (_, i) =>
        rows ? Array.from(rowOf(rows, i)) : [],
      );
      const text = JSON.stringify({ graph: index.exportIndex(), values });
      return {
        bytes: text.length,
        load: async () => {
          const saved = JSON.parse(text) as { graph: unknown; values: number[][] };
          const loaded = make();
          loaded.loadIndex(saved.graph);
          await loaded.bulkInsertSkipIndex(
            saved.values.map((_, i) => keys.of(i)),
            saved.values,
          );
          return mememoEngine(loaded, make, keys);
        },
      };
    },
    memoryBytes: () => null,
  });
}

type Keys = ReturnType<typeof createKeys>;

/** A key for every vector that an ordinal ever had. */
function createKeys() {
  const current: string[] = [];
  let made = 0;
  return {
    fresh: (ordinal: number) => {
      const key = `${ordinal}.${made++}`;
      current[ordinal] = key;
      return key;
    },
    of: (ordinal: number) => current[ordinal] ?? '',
    ordinalOf: (key: string) => Number.parseInt(key, 10),
  };
}
