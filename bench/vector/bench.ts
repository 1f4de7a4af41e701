/** The measuring itself, the same code in Node and in a browser's worker. */

import { createRandom } from '../../src/testing/environment.ts';
import { type Dataset, K } from './dataset.ts';
import type { Ef, Engine, EngineSpec, Platform } from './engine.ts';
import { rowOf } from './matrix.ts';
import type { EngineFigures, SearchFigures } from './report.ts';
import { countFound, median, percentile } from './stats.ts';

/** What can be asked of a place where engines run: this process, or a worker in a browser. */
export interface Bench {
  /** Builds, times it, warms up, and keeps the engine until `rest`. */
  build(name: string): Promise<BuildFigures>;
  /** All queries at every width, once. */
  round(name: string): Promise<readonly SearchFigures[]>;
  /** Everything that is measured once, at one width; then the engine is let go. */
  rest(name: string, ef: Ef): Promise<RestFigures>;
}

export type BuildFigures = Pick<EngineFigures, 'about' | 'buildPerSecond' | 'memoryBytes'>;
export type RestFigures = Pick<
  EngineFigures,
  'filtered' | 'fileBytes' | 'loadMs' | 'deleteUs' | 'updateUs' | 'recallAfterChurn' | 'churnTimes'
>;

/** A build up to this long is timed three times. */
const SHORT_BUILD_MS = 20_000;
const SHORT_BUILDS = 3;
/** A round of slow searches asks fewer queries, to end in about this time. */
const ROUND_MS = 8_000;
const FEWEST_QUERIES = 30;
const WARM_UP_QUERIES = 40;
const WARM_UP_MS = 500;
/** Deletes and updates that are timed at least, and how many of them together, with the maintenance they cause. */
const CHANGES = 1_000;
const CHANGES_A_BLOCK = 100;
/** Slow rivals have shown enough after this. */
const CHANGES_MS = 20_000;
/** Rows taken out before the first of them comes back with another vector. */
const CHURN_BLOCK = 1_000;
/** No churn takes longer: the share that was replaced is told. */
export const CHURN_MS = 60_000;

interface Running {
  readonly engine: Engine;
  readonly spec: EngineSpec;
  readonly queries: readonly unknown[];
  /** Queries a round, by width. */
  readonly counts: Map<Ef, number>;
}

export function createBench(
  dataset: Dataset,
  specs: readonly EngineSpec[],
  platform: Platform,
  say: (line: string) => void,
): Bench {
  const running = new Map<string, Running>();
  const get = (name: string) => {
    const found = running.get(name);
    if (found === undefined) throw new Error(`${name} is not built`);
    return found;
  };
  return {
    build: async (name) => {
      const spec = specs.find((each) => each.name === name);
      if (spec === undefined) throw new Error(`there is no engine ${name}`);
      const { engine, figures } = await buildEngine(dataset, spec, platform, say);
      const queries = Array.from({ length: dataset.queries.count }, (_, i) =>
        engine.prepare(rowOf(dataset.queries, i)),
      );
      const counts = new Map<Ef, number>();
      for (const ef of spec.ladder) counts.set(ef, await warmUp(engine, queries, ef));
      running.set(name, { engine, spec, queries, counts });
      return figures;
    },
    round: async (name) => {
      const { engine, spec, queries, counts } = get(name);
      const figures: SearchFigures[] = [];
      for (const ef of spec.ladder)
        figures.push(await searchAll(engine, dataset, queries, ef, counts.get(ef) ?? queries.length));
      return figures;
    },
    rest: async (name, ef) => {
      const { engine, queries } = get(name);
      const saved = await measureSaved(engine, queries, ef);
      const filtered = await measureFiltered(engine, dataset, queries, ef);
      const changes = createChanges(dataset, engine);
      const deleteUs = await changes.measureDeletes();
      const updateUs = await changes.measureUpdates();
      const churnTimes = await changes.churn();
      const recallAfterChurn = churnTimes === null ? null : await changes.measureRecall(queries, ef);
      running.delete(name);
      engine.close?.();
      return { ...saved, filtered, deleteUs, updateUs, recallAfterChurn, churnTimes };
    },
  };
}

async function buildEngine(
  dataset: Dataset,
  spec: EngineSpec,
  platform: Platform,
  say: (line: string) => void,
) {
  const { rows } = dataset;
  const times: number[] = [];
  const heapBefore = platform.heapBytes();
  for (;;) {
    const engine = await spec.create(platform, rows.dimensions, rows.count);
    const startMs = performance.now();
    await engine.build(rows);
    times.push(performance.now() - startMs);
    if (times.length < SHORT_BUILDS && median(times) <= SHORT_BUILD_MS) {
      engine.close?.();
      continue;
    }
    const heapAfter = platform.heapBytes();
    const held = heapBefore === null || heapAfter === null ? null : Math.max(0, heapAfter - heapBefore);
    const ms = median(times);
    say(`${spec.name}: built ${rows.count} in ${(ms / 1000).toFixed(2)} s (${times.length} ×)`);
    const figures: BuildFigures = {
      about: spec.about,
      buildPerSecond: (rows.count / ms) * 1000,
      memoryBytes: engine.memoryBytes() ?? held,
    };
    return { engine, figures };
  }
}

/** Lets the engine's code become fast, and tells how many queries fit into a round. */
async function warmUp(engine: Engine, queries: readonly unknown[], ef: Ef): Promise<number> {
  const times: number[] = [];
  const startMs = performance.now();
  for (const query of queries.slice(0, WARM_UP_QUERIES)) {
    const beforeMs = performance.now();
    await engine.search(query, K, ef);
    times.push(performance.now() - beforeMs);
    if (performance.now() - startMs > WARM_UP_MS && times.length >= 3) break;
  }
  const fitting = Math.floor(ROUND_MS / median(times));
  return Math.min(queries.length, Math.max(FEWEST_QUERIES, fitting));
}

/** Each query timed alone. */
async function searchAll(
  engine: Engine,
  dataset: Pick<Dataset, 'neighbours'>,
  queries: readonly unknown[],
  ef: Ef,
  count: number,
  wanted: readonly Uint32Array[] = dataset.neighbours,
): Promise<SearchFigures> {
  const found = await timeSearches(queries.slice(0, count), (query) => engine.search(query, K, ef));
  return {
    ef,
    p50Ms: median(found.times),
    p99Ms: percentile(found.times, 0.99),
    recall: recallOf(engine, found.answers, wanted),
    queries: found.times.length,
  };
}

async function timeSearches(queries: readonly unknown[], search: (query: unknown) => unknown) {
  const times: number[] = [];
  const answers: unknown[] = [];
  for (const query of queries) {
    const beforeMs = performance.now();
    const answer = search(query);
    // A promise only where the rival makes one: an await costs others a microtask.
    const found = answer instanceof Promise ? await answer : answer;
    times.push(performance.now() - beforeMs);
    answers.push(found);
  }
  return { times, answers };
}

function recallOf(engine: Engine, answers: readonly unknown[], wanted: readonly Uint32Array[]): number {
  let [hits, total] = [0, 0];
  answers.forEach((answer, i) => {
    const neighbours = wanted[i] ?? new Uint32Array();
    hits += countFound(engine.ordinalsOf(answer), neighbours);
    total += neighbours.length;
  });
  return total === 0 ? 1 : hits / total;
}

/** The file's size, and the time until an index read from it has answered once, as before. */
async function measureSaved(engine: Engine, queries: readonly unknown[], ef: Ef) {
  const saved = await engine.save?.();
  if (saved === undefined) return { fileBytes: null, loadMs: null };
  const [query] = queries;
  const before = Array.from(engine.ordinalsOf(await engine.search(query, K, ef)));
  const startMs = performance.now();
  const loaded = await saved.load();
  const answer = await loaded.search(query, K, ef);
  const loadMs = performance.now() - startMs;
  const after = Array.from(loaded.ordinalsOf(answer));
  saved.discard?.();
  if (loaded !== engine) loaded.close?.();
  const isSame = countFound(after, before) === before.length;
  return { fileBytes: saved.bytes, loadMs: isSame ? loadMs : null };
}

async function measureFiltered(engine: Engine, dataset: Dataset, queries: readonly unknown[], ef: Ef) {
  const { filteredSearch } = engine;
  if (filteredSearch === undefined) return null;
  const figures: { share: number; p50Ms: number; recall: number; queries: number }[] = [];
  for (const { share, filter, neighbours } of dataset.filtered) {
    const search = (query: unknown) => filteredSearch.call(engine, query, K, ef, filter);
    const warm = await timeSearches(queries.slice(0, 5), search);
    const fitting = Math.max(FEWEST_QUERIES, Math.floor(ROUND_MS / median(warm.times)));
    const { times, answers } = await timeSearches(
      queries.slice(0, Math.min(fitting, neighbours.length)),
      search,
    );
    figures.push({
      share,
      p50Ms: median(times),
      recall: recallOf(engine, answers, neighbours),
      queries: times.length,
    });
  }
  return figures;
}

/**
 * Changes of the index that leave the set of vectors as it was: ordinals exchange their rows, so that
 * the exact neighbours stay known.
 */
function createChanges({ rows, seed, neighbours }: Dataset, engine: Engine) {
  const random = createRandom(seed + 2);
  const rowAt = Uint32Array.from({ length: rows.count }, (_, i) => i);
  const vectorOf = (ordinal: number) => rowOf(rows, rowAt[ordinal] ?? 0);
  const isAble = engine.delete !== undefined && engine.add !== undefined;

  const shuffled = () => {
    const order = Uint32Array.from({ length: rows.count }, (_, i) => i);
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
    }
    return order;
  };
  /** Every ordinal takes the row of the next. */
  const rotate = (ordinals: Uint32Array) => {
    const first = rowAt[ordinals[0] ?? 0] ?? 0;
    ordinals.forEach((ordinal, i) => {
      const next = ordinals[i + 1];
      rowAt[ordinal] = next === undefined ? first : (rowAt[next] ?? 0);
    });
  };
  /** Blocks of distinct ordinals, until there have been enough changes. */
  async function measure(
    change: (ordinal: number) => unknown,
    prepare: (block: Uint32Array) => void,
    restore: (block: Uint32Array) => Promise<void>,
  ) {
    const means: number[] = [];
    let spentMs = 0;
    const size = Math.max(1, Math.min(CHANGES_A_BLOCK, rows.count >>> 2));
    for (let order = shuffled(), at = 0; means.length * size < CHANGES; at += size) {
      if (at + size > order.length) [order, at] = [shuffled(), 0];
      const block = order.subarray(at, at + size);
      prepare(block);
      const beforeMs = performance.now();
      for (const ordinal of block) {
        const changed = change(ordinal);
        if (changed instanceof Promise) await changed;
      }
      await engine.maintain?.();
      // By blocks: a browser's clock is too coarse for one change, and maintenance comes once for many.
      const ms = performance.now() - beforeMs;
      means.push(ms / block.length);
      spentMs += ms;
      await restore(block);
      if (spentMs > CHANGES_MS) break;
    }
    return median(means) * 1000;
  }

  return {
    measureDeletes: async () =>
      isAble
        ? measure(
            (ordinal) => engine.delete?.(ordinal),
            () => undefined,
            async (block) => {
              for (const ordinal of block) await engine.add?.(ordinal, vectorOf(ordinal));
              await engine.maintain?.();
            },
          )
        : null,
    measureUpdates: async () =>
      engine.update === undefined
        ? null
        : measure(
            (ordinal) => engine.update?.(ordinal, vectorOf(ordinal)),
            rotate,
            async () => undefined,
          ),
    /** Replaces every vector twice; says how often each was, or null where the engine cannot. */
    churn: async () => {
      if (!isAble) return null;
      const startMs = performance.now();
      let replaced = 0;
      for (let pass = 0; pass < 2; pass++) {
        const order = shuffled();
        for (let at = 0; at < order.length; at += CHURN_BLOCK) {
          if (performance.now() - startMs > CHURN_MS) return Number((replaced / rows.count).toFixed(3));
          const block = order.subarray(at, at + CHURN_BLOCK);
          for (const ordinal of block) await engine.delete?.(ordinal);
          rotate(block);
          for (const ordinal of block) await engine.add?.(ordinal, vectorOf(ordinal));
          await engine.maintain?.();
          replaced += block.length;
        }
      }
      return 2;
    },
    measureRecall: async (queries: readonly unknown[], ef: Ef) => {
      const ordinalOf = new Uint32Array(rows.count);
      rowAt.forEach((row, ordinal) => {
        ordinalOf[row] = ordinal;
      });
      const wanted = neighbours.map((each) => each.map((row) => ordinalOf[row] ?? 0));
      const count = await warmUp(engine, queries, ef);
      return (await searchAll(engine, { neighbours }, queries, ef, count, wanted)).recall;
    },
  };
}
