/** EdgeVec: HNSW in Rust, compiled to WASM. */

import { asEngine, type EngineSpec } from '../engine.ts';

interface Config {
  m: number;
  m0: number;
  ef_construction: number;
  ef_search: number;
  metric: string;
}

interface Index {
  insertBatchFlat(vectors: Float32Array, count: number): Uint32Array;
  insert(vector: Float32Array): number;
  search(query: Float32Array, k: number): readonly { readonly id: number }[];
  softDelete(id: number): boolean;
  needsCompaction(): boolean;
  compact(): unknown;
  memoryUsage(): number;
  serializedSize(): number;
  free(): void;
}

interface Module {
  default(input: {
    readonly module_or_path: WebAssembly.Module;
  }): Promise<{ readonly memory: WebAssembly.Memory }>;
  readonly EdgeVecConfig: new (dimensions: number) => Config;
  readonly EdgeVec: new (config: Config) => Index;
}

/** Rows handed over at once. */
const BATCH = 1_000;
/** Its width is chosen when it is made. */
const EF = 256;

export const edgevec: EngineSpec = {
  name: 'edgevec',
  runtimes: ['node', 'chromium'],
  maxRows: 20_000,
  ladder: [EF],
  about:
    'edgevec 0.9.0, m 16, ef_construction 200, euclidean (of unit vectors; its dot product and cosine bring the farthest first), ef fixed when made; memory is its WASM heap; ' +
    'saving needs IndexedDB and filters need metadata, so neither is measured; compaction gives new ids, so it is not called',
  create: async (platform, dimensions) => {
    const module = (await platform.importRival('edgevec')) as Module;
    const { memory } = await module.default({
      module_or_path: await platform.compileRival('edgevec/edgevec_bg.wasm'),
    });
    const config = new module.EdgeVecConfig(dimensions);
    Object.assign(config, { m: 16, m0: 32, ef_construction: 200, ef_search: EF, metric: 'l2' });
    const index = new module.EdgeVec(config);
    const idOf: number[] = [];
    const ordinalOf = new Map<number, number>();
    const name = (ordinal: number, id: number) => {
      idOf[ordinal] = id;
      ordinalOf.set(id, ordinal);
    };
    const add = (ordinal: number, vector: Float32Array) => name(ordinal, index.insert(vector));
    const remove = (ordinal: number) => {
      const id = idOf[ordinal] ?? -1;
      index.softDelete(id);
      ordinalOf.delete(id);
    };
    return asEngine<Float32Array, readonly { readonly id: number }[]>({
      build: ({ values, count }) => {
        for (let row = 0; row < count; row += BATCH) {
          const end = Math.min(row + BATCH, count);
          const ids = index.insertBatchFlat(values.subarray(row * dimensions, end * dimensions), end - row);
          ids.forEach((id, i) => {
            name(row + i, id);
          });
        }
      },
      prepare: (query) => query,
      search: (query, k) => index.search(query, k),
      ordinalsOf: (found) => found.map(({ id }) => ordinalOf.get(id) ?? -1),
      delete: remove,
      add,
      update: (ordinal, vector) => {
        remove(ordinal);
        add(ordinal, vector);
      },
      memoryBytes: () => memory.buffer.byteLength,
      close: () => index.free(),
    });
  },
};
