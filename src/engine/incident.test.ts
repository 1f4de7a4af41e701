import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBuiltinEmbedder } from '../embedding/builtin/encoder.ts';
import { readBuiltinTable } from '../embedding/builtin/table.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import type { MemoryEngine, SearchOptions } from '../types.ts';
import { openTestEngine } from './engine-test-util.ts';
import { ASKED_AT, EARLIER_BY_HOURS, makeMonth, WINDOW_MS } from './incident-test-util.ts';

const TABLE = new URL('../embedding/builtin/table.bin', import.meta.url);
const QUESTION = 'What happened around the null rate anomaly of orders-ingest in the last 48 hours?';
/** Room for what else the window has of that pipeline, and for others to push in; a tenth of the window. */
const LIMIT = 30;
const FROM = ASKED_AT - WINDOW_MS;
const SINCE = { createdAt: { $gte: FROM } };

const month = makeMonth();
const plantedIds = month.planted.map(({ id }) => id).sort();
const plantedTags = [...new Set(month.planted.flatMap(({ tags = [] }) => tags))];
const stoppedIds = month.stopped.map(({ id }) => id).sort();
let engine: MemoryEngine;

beforeAll(async () => {
  engine = await openTestEngine({
    builtin: createBuiltinEmbedder(readBuiltinTable(readFileSync(TABLE))),
    environment: createTestEnvironment({ seed: 5, now: ASKED_AT }),
  });
  for (let from = 0; from < month.records.length; from += 1_000)
    await engine.addMany(month.records.slice(from, from + 1_000));
}, 60_000);
afterAll(() => engine.close());

const ask = async (options: SearchOptions & { readonly now?: number } = {}, question = QUESTION) =>
  (await engine.search(question, { limit: LIMIT, ...options })).hits.map(({ memory }) => memory);
/** The wanted ones among those found. */
const among = (found: readonly { readonly id: string }[], wanted: readonly string[]) =>
  found
    .map(({ id }) => id)
    .filter((id) => wanted.includes(id))
    .sort();
const oldest = (found: readonly { readonly createdAt: number }[]) =>
  Math.min(...found.map(({ createdAt }) => createdAt));

describe('a month of 5,000 jobs with an anomaly', () => {
  it('has in the window hundreds of jobs besides, and out of it incidents of the same words', async () => {
    expect((await engine.stats()).count).toBe(5_000);
    const within = await engine.list({ filter: SINCE, limit: 1 });
    expect(within.total).toBeGreaterThan(250);
    expect(month.earlier.filter(({ createdAt }) => createdAt >= FROM)).toEqual([]);
    const anyTime = await ask({}, 'the null rate anomaly of orders-ingest');
    expect(
      among(
        anyTime,
        month.earlier.map(({ id }) => id),
      ).length,
    ).toBeGreaterThan(3);
  });
});

describe('what happened around the anomaly in the last 48 hours', () => {
  it('is found by a filter of time: what speaks of it with all its tags, and nothing older', async () => {
    const found = await ask({ filter: SINCE });
    expect(among(found, plantedIds)).toEqual(plantedIds);
    expect(found.flatMap(({ tags }) => tags)).toEqual(expect.arrayContaining(plantedTags));
    expect(oldest(found)).toBeGreaterThanOrEqual(FROM);
  });

  it('is found by the words of the question, against a date of reference', async () => {
    const found = await ask({ now: ASKED_AT });
    expect(among(found, plantedIds)).toEqual(plantedIds);
    expect(oldest(found)).toBeGreaterThanOrEqual(FROM);
  });

  it('is found against the clock where no date is given', async () => {
    const found = await ask();
    expect(among(found, plantedIds)).toEqual(plantedIds);
    expect(oldest(found)).toBeGreaterThanOrEqual(FROM);
  });

  it('brings the jobs that it stopped, which do not speak of it and are linked with it', async () => {
    expect(among(await ask({ now: ASKED_AT }), stoppedIds)).toEqual(stoppedIds);
  });

  it('was another incident five days before, of which later ones tell nothing', async () => {
    const [, earlierByHours] = EARLIER_BY_HOURS;
    const then = ASKED_AT - earlierByHours * 3_600_000;
    const found = await ask({ now: then });
    expect(oldest(found)).toBeGreaterThanOrEqual(then - WINDOW_MS);
    expect(Math.max(...found.map(({ createdAt }) => createdAt))).toBeLessThanOrEqual(then);
    const same = month.earlier.filter(
      ({ createdAt, content }) =>
        createdAt > then - WINDOW_MS && createdAt <= then && !content.startsWith('Job'),
    );
    expect(same).toHaveLength(plantedIds.length);
    const ids = same.map(({ id }) => id).sort();
    expect(among(found, ids)).toEqual(ids);
  });
});
