/** Orama: its vector search, which compares every row. */

import { asEngine, type Engine, type EngineSpec } from '../engine.ts';
import { rowOf } from '../matrix.ts';

type Database = object;

interface Module {
  create(options: { readonly schema: Readonly<Record<string, string>> }): Database;
  insert(database: Database, document: Readonly<Record<string, unknown>>): unknown;
  remove(database: Database, id: string): unknown;
  searchVector(database: Database, options: Readonly<Record<string, unknown>>): unknown;
  save(database: Database): unknown;
  load(database: Database, raw: unknown): unknown;
}

interface Answer {
  readonly hits: readonly { readonly id: string }[];
}

export const orama: EngineSpec = {
  name: 'orama',
  runtimes: ['node', 'chromium'],
  maxRows: 20_000,
  ladder: [null],
  about:
    '@orama/orama 3.1.18, searchVector with similarity 0 and without returned vectors: exact; memory is the growth of the JavaScript heap; ' +
    'its file is JSON of save(); filters are not measured, for members would have to be stored as properties',
  create: async (platform, dimensions) => {
    const module = (await platform.importRival('@orama/orama')) as Module;
    const make = () => module.create({ schema: { vector: `vector[${dimensions}]` } });
    return oramaEngine(module, make(), make);
  },
};

function oramaEngine(module: Module, database: Database, make: () => Database): Engine {
  const add = async (ordinal: number, vector: Float32Array) => {
    await module.insert(database, { id: `${ordinal}`, vector: Array.from(vector) });
  };
  const remove = async (ordinal: number) => {
    await module.remove(database, `${ordinal}`);
  };
  return asEngine<number[], Answer>({
    build: async (rows) => {
      for (let row = 0; row < rows.count; row++) await add(row, rowOf(rows, row));
    },
    prepare: (query) => Array.from(query),
    search: (value, k) =>
      module.searchVector(database, {
        vector: { value, property: 'vector' },
        similarity: 0,
        limit: k,
      }) as Promise<Answer>,
    ordinalsOf: ({ hits }) => hits.map(({ id }) => Number(id)),
    delete: remove,
    add,
    update: async (ordinal, vector) => {
      await remove(ordinal);
      await add(ordinal, vector);
    },
    save: async () => {
      const text = JSON.stringify(await module.save(database));
      return {
        bytes: text.length,
        load: async () => {
          const loaded = make();
          await module.load(loaded, JSON.parse(text));
          return oramaEngine(module, loaded, make);
        },
      };
    },
    memoryBytes: () => null,
  });
}
