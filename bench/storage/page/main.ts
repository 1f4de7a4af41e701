/** The benchmark's page: what the driver calls, and what is timed, on the page's own clock. */

import { type BenchMemory, Dataset } from '../dataset.ts';
import { type ContestantName, HITS, type Level, type Store } from '../store.ts';
import { openLoci } from './loci.ts';
import { openRival } from './rivals.ts';

export interface AddTask {
  readonly contestant: ContestantName;
  readonly database: string;
  readonly level: Level;
  /** Memories of a call; 1 is `add`. */
  readonly batch: number;
  /** Calls that are not waited for one by one. */
  readonly inFlight: number;
  /** Memories in all. */
  readonly count: number;
  readonly seed: number;
}

export interface FillTask {
  readonly contestant: ContestantName;
  readonly database: string;
  readonly from: number;
  readonly count: number;
  /** Memories that share the clusters. */
  readonly total: number;
  readonly seed: number;
}

export interface SearchTask {
  readonly contestant: ContestantName;
  readonly database: string;
  readonly total: number;
  readonly seed: number;
  /** Which memory is asked for. */
  readonly place: number;
}

/** Memories added before the clock starts: code is compiled, connections are open. */
const WARM_UP = 200;
/** Memories made at once while a database is filled; making them is not timed. */
const FILL_BLOCK = 5_000;
/** Memories of a call while a database is filled. */
const FILL_BATCH = 1_000;

/** The store that was opened last; it stays until it is closed, or the page is. */
let current: { readonly store: Store; readonly name: ContestantName } | undefined;

function open(name: ContestantName, database: string): Promise<Store> {
  return name === 'loci' ? openLoci(database) : openRival(name, database);
}

const bench = {
  /** Memories a second, in a database of their own that is deleted after it. */
  adds: async ({ contestant, database, level, batch, inFlight, count, seed }: AddTask): Promise<number> => {
    const dataset = new Dataset(seed, count + WARM_UP);
    const store = await open(contestant, database);
    await addAll(store, dataset.memories(count, WARM_UP), level, batch, inFlight);
    const memories = dataset.memories(0, count);
    const from = performance.now();
    await addAll(store, memories, level, batch, inFlight);
    const ms = performance.now() - from;
    await store.close();
    await bench.remove(database);
    return (count / ms) * 1_000;
  },

  /** Adds memories and waits until the store is at rest; answers memories a second, the rest not counted. */
  fill: async ({ contestant, database, from, count, total, seed }: FillTask): Promise<number> => {
    const dataset = new Dataset(seed, total);
    const store = await open(contestant, database);
    let ms = 0;
    for (let done = 0; done < count; done += FILL_BLOCK) {
      const block = dataset.memories(from + done, Math.min(FILL_BLOCK, count - done));
      const begun = performance.now();
      await addAll(store, block, 'journaled', FILL_BATCH, 1);
      ms += performance.now() - begun;
      console.info(`${contestant}: ${done + block.length} of ${count}`);
    }
    await store.settle();
    await store.close();
    return (count / ms) * 1_000;
  },

  /** Adds memories and leaves the store as it is then: open, with what it has not tidied up. */
  addAndLeave: async ({ contestant, database, from, count, total, seed }: FillTask): Promise<void> => {
    const memories = new Dataset(seed, total).memories(from, count);
    const store = await open(contestant, database);
    await addAll(store, memories, 'journaled', FILL_BATCH, 1);
  },

  /** From opening to the first answer with ten full records, ms. The store stays open. */
  firstSearch: async ({ contestant, database, total, seed, place }: SearchTask) => {
    const { text, vector, wanted } = new Dataset(seed, total).query(place);
    const from = performance.now();
    const store = await open(contestant, database);
    const openedAt = performance.now();
    const found = await store.search(text, vector);
    const ms = performance.now() - from;
    current = { store, name: contestant };
    if (found.length !== HITS || found.some(({ content }) => content === ''))
      throw new Error(`${found.length} of ${HITS} full records were found`);
    if (!found.some(({ id }) => id === wanted)) throw new Error('the memory asked for was not found');
    return { ms, openMs: openedAt - from };
  },

  /** Of memories that were not read since opening: ten got at once by id, and searches, ms each. */
  coldReads: async ({ total, seed }: SearchTask, samples: number) => {
    const { store } = opened();
    const dataset = new Dataset(seed, total);
    const step = Math.floor(total / (samples * (HITS + 1)));
    const records: number[] = [];
    const searches: number[] = [];
    for (let sample = 0; sample < samples; sample++) {
      // Far from one another: neighbours may lie in the same page.
      const places = Array.from({ length: HITS }, (_, i) => (sample + i * samples) * step);
      const ids = places.map((place) => dataset.memory(place).id);
      let from = performance.now();
      const got = await Promise.all(ids.map((id) => store.get(id)));
      records.push(performance.now() - from);
      if (got.some((each) => each === null)) throw new Error('a memory is missing');
      const { text, vector } = dataset.query((sample + HITS * samples) * step);
      from = performance.now();
      await store.search(text, vector);
      searches.push(performance.now() - from);
    }
    return { records, searches };
  },

  bytesByKind: () => opened().store.bytesByKind(),
  settle: () => opened().store.settle(),
  usageBytes: async () => (await navigator.storage.estimate()).usage ?? null,
  close: async () => {
    await current?.store.close();
    current = undefined;
  },

  /** Deletes what a contestant stored under a name. */
  remove: async (database: string): Promise<void> => {
    const all = await indexedDB.databases();
    const names = all.flatMap(({ name }) => (name?.includes(database) === true ? [name] : []));
    await Promise.all(names.map(deleteDatabase));
  },

  /** What the browser says of this page and its workers, by script. */
  userAgentMemory: async (): Promise<unknown> => {
    const measure = (performance as unknown as { measureUserAgentSpecificMemory?: () => Promise<unknown> })
      .measureUserAgentSpecificMemory;
    return measure === undefined || !crossOriginIsolated ? null : measure.call(performance);
  },
};

function opened() {
  if (current === undefined) throw new Error('nothing is open');
  return current;
}

async function addAll(
  store: Store,
  memories: readonly BenchMemory[],
  level: Level,
  batch: number,
  inFlight: number,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < memories.length) {
      const from = next;
      next += batch;
      const [first] = memories.slice(from, from + 1);
      if (batch > 1) await store.addMany(memories.slice(from, from + batch), level);
      else if (first !== undefined) await store.add(first, level);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
}

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error ?? new Error(`${name} cannot be deleted`));
  });
}

export type StorageBench = typeof bench;

declare global {
  interface Window {
    storageBench: StorageBench;
  }
}

window.storageBench = bench;
