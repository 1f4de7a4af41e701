/** voy: a k-d tree in Rust, compiled to WASM. */

import { asEngine, type Engine, type EngineSpec } from '../engine.ts';
import { rowOf } from '../matrix.ts';

interface Resource {
  readonly embeddings: readonly {
    readonly id: string;
    readonly title: string;
    readonly url: string;
    readonly embeddings: readonly number[];
  }[];
}

interface Index {
  add(resource: Resource): void;
  remove(resource: Resource): void;
  search(query: Float32Array, k: number): { readonly neighbors: readonly { readonly id: string }[] };
  serialize(): string;
  free(): void;
}

interface Module {
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
  readonly Voy: (new (resource: Resource) => Index) & { deserialize(text: string): Index };
}

export const voy: EngineSpec = {
  name: 'voy',
  runtimes: ['node', 'chromium'],
  maxRows: 10_000,
  ladder: [null],
  about:
    'voy-search 0.6.3, a k-d tree on euclidean distance; memory is its WASM heap; it has no filters, ' +
    'and adding and removing build its tree anew, so changes are not measured',
  create: async (platform) => {
    const module = (await platform.importRival('voy-search/voy_search_bg.js')) as Module;
    const compiled = await platform.compileRival('voy-search/voy_search_bg.wasm');
    const { exports } = await WebAssembly.instantiate(compiled, {
      './voy_search_bg.js': module as unknown as WebAssembly.ModuleImports,
    });
    module.__wbg_set_wasm(exports);
    const memory = exports.memory as WebAssembly.Memory;
    return voyEngine(module, memory);
  },
};

function voyEngine(module: Module, memory: WebAssembly.Memory, loaded?: Index): Engine {
  let index = loaded;
  const get = () => {
    if (index === undefined) throw new Error('voy is not built');
    return index;
  };
  return asEngine<Float32Array, { readonly neighbors: readonly { readonly id: string }[] }>({
    build: (rows) => {
      index = new module.Voy({
        embeddings: Array.from({ length: rows.count }, (_, i) => ({
          id: `${i}`,
          title: '',
          url: '',
          embeddings: Array.from(rowOf(rows, i)),
        })),
      });
    },
    prepare: (query) => query,
    search: (query, k) => get().search(query, k),
    ordinalsOf: ({ neighbors }) => neighbors.map(({ id }) => Number(id)),
    save: () => {
      const text = get().serialize();
      return {
        bytes: text.length,
        load: () => voyEngine(module, memory, module.Voy.deserialize(text)),
      };
    },
    memoryBytes: () => memory.buffer.byteLength,
    close: () => index?.free(),
  });
}
