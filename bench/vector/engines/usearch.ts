/** usearch: HNSW in C++ as a native addon, with its own SIMD kernels. */

import { asEngine, type Engine, type EngineSpec, type Platform } from '../engine.ts';

interface Index {
  add(keys: bigint | BigUint64Array, vectors: Float32Array, threads: number): void;
  search(query: Float32Array, k: number, threads: number): { readonly keys: BigUint64Array };
  remove(key: bigint): unknown;
  save(path: string): void;
  load(path: string): void;
  size(): number;
}

interface Module {
  readonly Index: new (config: Readonly<Record<string, unknown>>) => Index;
}

const CONFIG = { metric: 'ip', quantization: 'f32', connectivity: 16, expansion_add: 200, multi: false };
/** Rows handed over at once. */
const BATCH = 1_000;
/** Its width is chosen when it is made, so an index made of the same file serves each. */
const LADDER = [64, 128, 192, 256, 384, 512] as const;
const FIRST = 192;

export const usearch: EngineSpec = {
  name: 'usearch',
  runtimes: ['node'],
  maxRows: 1_000_000,
  ladder: LADDER,
  about:
    'usearch 2.26.2, connectivity 16, expansion_add 200, float32, inner product, one thread; its addon as published; ' +
    'an index of each width is loaded from the built one’s file; memory is its file’s size (it keeps what it writes)',
  create: async (platform, dimensions) => {
    const module = (await platform.importRival('usearch')) as Module;
    return usearchEngine(module, dimensions, platform, () => open(module, dimensions, FIRST));
  },
};

function open({ Index }: Module, dimensions: number, ef: number): Index {
  return new Index({ ...CONFIG, dimensions, expansion_search: ef });
}

function usearchEngine(module: Module, dimensions: number, platform: Platform, make: () => Index): Engine {
  const built = make();
  const widths = new Map<number, Index>([[FIRST, built]]);
  let fileBytes: number | null = null;
  const write = (path: string) => {
    built.save(path);
    fileBytes = platform.files?.sizeOf(path) ?? null;
  };
  const widthOf = (ef: number) => {
    const known = widths.get(ef);
    if (known !== undefined) return known;
    const index = open(module, dimensions, ef);
    withFile(platform, (path) => {
      write(path);
      index.load(path);
    });
    widths.set(ef, index);
    return index;
  };
  /** Changes go to all widths that remain; before them only the one searched after is kept. */
  let last = FIRST;
  const change = (apply: (index: Index) => void) => {
    for (const [ef, index] of widths)
      if (ef === last) apply(index);
      else widths.delete(ef);
  };
  const add = (ordinal: number, vector: Float32Array) =>
    change((index) => index.add(BigInt(ordinal), vector, 1));
  const remove = (ordinal: number) => change((index) => void index.remove(BigInt(ordinal)));
  return asEngine<Float32Array, { readonly keys: BigUint64Array }>({
    build: (rows) => {
      for (let row = 0; row < rows.count; row += BATCH) {
        const end = Math.min(row + BATCH, rows.count);
        const keys = BigUint64Array.from({ length: end - row }, (_, i) => BigInt(row + i));
        built.add(keys, rows.values.subarray(row * dimensions, end * dimensions), 1);
      }
    },
    prepare: (query) => query,
    search: (query, k, ef) => {
      last = ef ?? FIRST;
      return widthOf(last).search(query, k, 1);
    },
    ordinalsOf: ({ keys }) => Array.from(keys, Number),
    delete: remove,
    add,
    update: (ordinal, vector) => {
      remove(ordinal);
      add(ordinal, vector);
    },
    save: () => {
      const { files } = platform;
      if (files === null) throw new Error('usearch saves to files, and there are none');
      const path = files.path();
      write(path);
      return {
        bytes: files.sizeOf(path),
        load: () =>
          usearchEngine(module, dimensions, platform, () => {
            const index = open(module, dimensions, FIRST);
            index.load(path);
            return index;
          }),
        discard: () => files.remove(path),
      };
    },
    memoryBytes: () => {
      if (fileBytes === null) withFile(platform, write);
      return fileBytes;
    },
  });
}

function withFile({ files }: Platform, use: (path: string) => void): void {
  if (files === null) throw new Error('usearch needs files');
  const path = files.path();
  use(path);
  files.remove(path);
}
