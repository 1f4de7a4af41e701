/** A dataset as files that a worker fetches: numbers as they are in memory, and a description. */

import { Bitset } from '../../src/vector/bitset.ts';
import type { Dataset } from './dataset.ts';
import type { Matrix } from './matrix.ts';

export const TRIAL_URL = '/data/trial.wasm';
const DESCRIPTION_URL = '/data/description.json';
const ROWS_URL = '/data/rows.f32';
const QUERIES_URL = '/data/queries.f32';

interface Description {
  readonly kind: Dataset['kind'];
  readonly seed: number;
  readonly dimensions: number;
  readonly rows: number;
  readonly queries: number;
  readonly neighbours: readonly (readonly number[])[];
  readonly filtered: readonly {
    readonly share: number;
    readonly words: readonly number[];
    readonly neighbours: readonly (readonly number[])[];
  }[];
}

/** The files, by their paths. */
export function filesOf({
  kind,
  seed,
  rows,
  queries,
  neighbours,
  filtered,
}: Dataset): ReadonlyMap<string, Uint8Array> {
  const lists = (all: readonly Uint32Array[]) => all.map((each) => [...each]);
  const description: Description = {
    kind,
    seed,
    dimensions: rows.dimensions,
    rows: rows.count,
    queries: queries.count,
    neighbours: lists(neighbours),
    filtered: filtered.map(({ share, filter, neighbours: some }) => ({
      share,
      words: [...filter.words],
      neighbours: lists(some),
    })),
  };
  return new Map([
    [DESCRIPTION_URL, new TextEncoder().encode(JSON.stringify(description))],
    [ROWS_URL, bytesOf(rows)],
    [QUERIES_URL, bytesOf(queries)],
  ]);
}

export async function fetchDataset(base: URL, get: typeof fetch = fetch): Promise<Dataset> {
  const read = async (path: string) => {
    const response = await get(new URL(path, base));
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response;
  };
  const { kind, seed, dimensions, rows, queries, neighbours, filtered } = (await (
    await read(DESCRIPTION_URL)
  ).json()) as Description;
  const matrix = async (path: string, count: number): Promise<Matrix> => ({
    count,
    dimensions,
    values: new Float32Array(await (await read(path)).arrayBuffer()),
  });
  const arrays = (all: readonly (readonly number[])[]) => all.map((each) => Uint32Array.from(each));
  return {
    kind,
    seed,
    rows: await matrix(ROWS_URL, rows),
    queries: await matrix(QUERIES_URL, queries),
    neighbours: arrays(neighbours),
    filtered: filtered.map(({ share, words, neighbours: some }) => ({
      share,
      filter: bitsetOf(words),
      neighbours: arrays(some),
    })),
  };
}

function bytesOf({ values }: Matrix): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function bitsetOf(words: readonly number[]): Bitset {
  const set = new Bitset(32 * words.length);
  set.words.set(words);
  return set;
}
