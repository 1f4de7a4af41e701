/** The life of a namespace whose space two models share: before, in the middle of and after the change. */
import { describe, expect, it } from 'vitest';
import type { PairScores } from '../embedding/calibration.ts';
import type { Embedder, EmbedderLoader } from '../embedding/embedder.ts';
import { createHashingEmbedder } from '../embedding/hashing.ts';
import { FOLD_IDLE_MS, REEMBED_BATCH } from '../limits.ts';
import { createTestEnvironment, settle } from '../testing/environment.ts';
import type { SearchResult } from '../types.ts';
import { normalize } from '../vector/vectors.ts';
import { createLastingStorage, NOW, openTestEngine, until } from './engine-test-util.ts';

const SPACE = 'shared';
const DAY_MS = 24 * 60 * 60 * 1_000;
const { embed, dimensions } = createHashingEmbedder();
/** How much of each of the table's vectors is one common direction: all its cosines lie near this high. */
const COMMON = 0.7;
/** As they are by that: the table's questions find the table's documents .7 nearer than those of the other. */
const SCORES: readonly PairScores[] = [
  { space: SPACE, query: 'table', document: 'table', mean: COMMON, deviation: 0.02 },
  { space: SPACE, query: 'table', document: 'better', mean: 0, deviation: 0.05 },
  { space: SPACE, query: 'better', document: 'better', mean: 0, deviation: 0.07 },
  { space: SPACE, query: 'better', document: 'table', mean: 0, deviation: 0.05 },
];

const CITIES = ['Lisbon', 'Oslo', 'Quito', 'Hanoi', 'Accra', 'Perth', 'Turin', 'Osaka'];
/** What a question calls a city: no word is shared, the models know. */
const aliasOf = (city: string) => [...city].reverse().join('');

/** Words hashed, and an axis for each city; the first is for what all of the table's vectors have in common. */
async function plain(texts: readonly string[]): Promise<readonly Float32Array[]> {
  const vectors = await embed(texts);
  return vectors.map((hashed, i) => {
    const vector = hashed.slice();
    vector[0] = 0;
    CITIES.forEach((city, place) => {
      const isMeant = [city, aliasOf(city)].some((name) => texts[i]?.includes(name));
      vector[1 + place] = isMeant ? 1 : 0;
    });
    return normalize(vector, dimensions);
  });
}

const table = (): Embedder => ({
  id: 'table',
  space: SPACE,
  dimensions,
  embed: async (texts) =>
    (await plain(texts)).map((vector) => {
      const raised = vector.map((value) => value * Math.sqrt(1 - COMMON));
      raised[0] = Math.sqrt(COMMON);
      return raised;
    }),
  close: async () => undefined,
});

/** The model wanted: it embeds so many texts, then waits; it may fail, or give no vector. */
function createBetter(allowed = Number.POSITIVE_INFINITY) {
  const documents: string[] = [];
  const behaviour = { allowed, isBroken: false, isUseless: false };
  let go: () => void = () => undefined;
  const embedder: Embedder = {
    id: 'better',
    space: SPACE,
    dimensions,
    embed: async (texts) => {
      if (behaviour.isBroken) throw new Error('the model broke');
      if (behaviour.isUseless) return texts.map(() => new Float32Array(dimensions).fill(Number.NaN));
      const isQuery = texts.length === 1 && texts[0]?.endsWith('?');
      if (!isQuery) {
        if (documents.length >= behaviour.allowed) await new Promise<void>((resolve) => (go = resolve));
        documents.push(...texts);
      }
      return plain(texts);
    },
    close: async () => go(),
  };
  const loader: EmbedderLoader = { id: 'better', space: SPACE, dimensions, load: async () => embedder };
  return {
    loader,
    documents,
    behaviour,
    release: () => {
      behaviour.allowed = Number.POSITIVE_INFINITY;
      go();
    },
  };
}

const MEMORIES = Array.from({ length: 4 * REEMBED_BATCH }, (_, i) => {
  // Half of the cities at either end: each model has embedded some of them in the middle of the change.
  const fromEnd = i - 4 * REEMBED_BATCH + CITIES.length;
  const city = i < CITIES.length / 2 ? CITIES[i] : fromEnd >= CITIES.length / 2 ? CITIES[fromEnd] : undefined;
  return { content: city === undefined ? `entry${i} memo` : `${city} journey` };
});

/** A namespace that the table has embedded, and a part of it by the model wanted since. */
async function halfChanged(parts: Partial<Parameters<typeof openTestEngine>[0]> = {}) {
  const storage = createLastingStorage();
  const first = await openTestEngine({ storage, builtin: table(), scores: SCORES });
  await first.addMany(MEMORIES);
  await first.close();
  const better = createBetter(2 * REEMBED_BATCH);
  const engine = await openTestEngine({
    storage,
    builtin: table(),
    preferred: better.loader,
    scores: SCORES,
    ...parts,
  });
  await until(async () => (await engine.stats()).byModel.better === 2 * REEMBED_BATCH);
  return { storage, engine, better };
}

const firstOf = ({ hits }: SearchResult) => hits[0]?.memory.content;

describe('a search in the middle of the change', () => {
  it('finds what either model’s documents hold, whoever asks, and says so', async () => {
    const { engine, better } = await halfChanged();
    for (const queryEmbedder of ['builtin', 'preferred', 'auto'] as const)
      for (const city of CITIES) {
        const result = await engine.search(`${aliasOf(city)}?`, { queryEmbedder });
        expect(firstOf(result)).toBe(`${city} journey`);
        expect(result.plan.spaces).toEqual([SPACE]);
        expect(result.plan.degraded).toBeUndefined();
        expect(result.plan.queries).toEqual([
          {
            space: SPACE,
            modelId: queryEmbedder === 'builtin' ? 'table' : 'better',
            why: queryEmbedder === 'auto' ? 'auto' : 'set',
            mixture: { table: 0.5, better: 0.5 },
          },
        ]);
      }
    expect((await engine.status()).embedder).toMatchObject({ activeId: 'better', state: 'ready' });
    better.release();
    await until(async () => (await engine.stats()).byModel.better === MEMORIES.length);
    const after = await engine.search('olsO?');
    expect(firstOf(after)).toBe('Oslo journey');
    expect(after.plan.queries).toEqual([{ space: SPACE, modelId: 'better', why: 'auto' }]);
    expect(after.hits[0]?.why.vector?.calibrated).toBeUndefined();
  });

  it('would not find those of one model without calibration: they stand behind all of the other', async () => {
    const { engine } = await halfChanged({ scores: [] });
    const { byModel } = await engine.stats();
    expect(byModel).toEqual({ table: 2 * REEMBED_BATCH, better: 2 * REEMBED_BATCH });
    const all = await Promise.all(
      CITIES.map((city) => engine.search(`${aliasOf(city)}?`, { queryEmbedder: 'builtin' })),
    );
    const found = all.filter((result, i) => firstOf(result) === `${CITIES[i]} journey`);
    expect(found.length).toBeLessThan(CITIES.length);
  });

  it('tells the cosine, and what it was brought to', async () => {
    const { engine } = await halfChanged();
    const { memories } = await engine.list({ limit: 200 });
    const changed = memories.filter(({ embedding }) => embedding?.modelId === 'better');
    expect(changed.map(({ content }) => content)).toContain('Osaka journey');
    const { hits } = await engine.search('akasO?', { queryEmbedder: 'builtin', limit: 50 });
    for (const { memory, why } of hits)
      expect(why.vector?.calibrated !== undefined).toBe(memory.embedding?.modelId === 'better');
    expect(hits.some(({ memory }) => memory.embedding?.modelId === 'better')).toBe(true);
  });

  it('goes on after a restart with what is left, in one index', async () => {
    const { engine, storage, better } = await halfChanged();
    better.behaviour.isBroken = true;
    const closing = engine.close();
    better.release();
    await closing;
    const second = createBetter();
    const again = await openTestEngine({
      storage,
      builtin: table(),
      preferred: second.loader,
      scores: SCORES,
    });
    await until(async () => (await again.stats()).byModel.better === MEMORIES.length);
    expect(second.documents.length).toBeLessThanOrEqual(2 * REEMBED_BATCH);
    expect(new Set([...better.documents, ...second.documents]).size).toBe(MEMORIES.length);
    expect((await again.search('niruT?')).plan.spaces).toEqual([SPACE]);
  });
});

describe('embedding anew within a space', () => {
  it('begins with what was read or added lately, and ends with the oldest and least used', async () => {
    const storage = createLastingStorage();
    const environment = createTestEnvironment({ seed: 77, now: NOW });
    const first = await openTestEngine({ storage, builtin: table(), scores: SCORES, environment });
    const old = await first.addMany([
      { content: 'old' },
      { content: 'old, read often' },
      { content: 'older' },
    ]);
    await environment.advance(60 * DAY_MS);
    await first.addMany([{ content: 'new' }, { content: 'newest' }]);
    for (let i = 0; i < 5; i++) await first.get(old.ids[1] ?? '');
    await first.flush();
    await first.close();
    const better = createBetter();
    const later = createTestEnvironment({ seed: 78, now: NOW + 61 * DAY_MS });
    const engine = await openTestEngine({
      storage,
      builtin: table(),
      preferred: better.loader,
      scores: SCORES,
      environment: later,
    });
    await until(async () => (await engine.stats()).byModel.better === 5);
    expect(better.documents).toEqual(['old, read often', 'newest', 'new', 'older', 'old']);
  });

  it('leaves what the better model has embedded to it, where only the built-in one is there', async () => {
    const { engine, storage, better } = await halfChanged();
    better.behaviour.isBroken = true;
    const closing = engine.close();
    better.release();
    await closing;
    const environment = createTestEnvironment({ seed: 79, now: NOW });
    const alone = await openTestEngine({ storage, builtin: table(), scores: SCORES, environment });
    const { byModel } = await alone.stats();
    await alone.add({ content: 'one more' });
    await environment.advance(FOLD_IDLE_MS);
    expect((await alone.stats()).byModel).toEqual({
      better: byModel.better,
      table: (byModel.table ?? 0) + 1,
    });
    expect(byModel.better).toBeGreaterThanOrEqual(2 * REEMBED_BATCH);
    expect((await alone.status()).reembedding).toEqual({ done: 0, total: 0 });
    const result = await alone.search('nobsiL?', { queryEmbedder: 'preferred' });
    expect(firstOf(result)).toBe('Lisbon journey');
    expect(result.plan.queries).toMatchObject([{ modelId: 'table', why: 'only' }]);
  });
});

it('embeds anew what a model embedded in another space than it has now: nothing asks that any more', async () => {
  const storage = createLastingStorage();
  const inSpace = (space: string) => {
    const { loader } = createBetter();
    const load = async () => ({ ...(await loader.load(() => undefined)), space });
    return { ...loader, space, load };
  };
  const first = await openTestEngine({ storage, builtin: table(), preferred: inSpace('better@1') });
  await until(async () => (await first.status()).embedder.state === 'ready');
  await first.add({ content: 'Lisbon journey' });
  await first.close();
  const engine = await openTestEngine({ storage, builtin: table(), preferred: inSpace(SPACE) });
  await until(async () => (await engine.status()).reembedding.done === 1);
  const result = await engine.search('nobsiL?');
  expect(result.plan).toMatchObject({ spaces: [SPACE] });
  expect(result.plan.degraded).toBeUndefined();
  await engine.close();
});

describe('the model wanted that fails in the middle of the change', () => {
  it('leaves what another has embedded in its space: the built-in one takes the place of none', async () => {
    const storage = createLastingStorage();
    const { loader } = createBetter();
    const first = await openTestEngine({ storage, builtin: table(), preferred: loader, scores: SCORES });
    await until(async () => (await first.status()).embedder.state === 'ready');
    await first.addMany([{ content: 'Lisbon journey' }, { content: 'Oslo journey' }]);
    await first.close();

    const finer = createBetter();
    finer.behaviour.isBroken = true;
    const load = async () => ({ ...(await finer.loader.load(() => undefined)), id: 'finer' });
    const engine = await openTestEngine({
      storage,
      builtin: table(),
      preferred: { ...finer.loader, id: 'finer', load },
      scores: SCORES,
    });
    await until(async () => (await engine.status()).embedder.state === 'failed');
    await settle();
    expect((await engine.stats()).byModel).toEqual({ better: 2 });
    expect(firstOf(await engine.search('olsO?'))).toBe('Oslo journey');
    await engine.close();
  });

  it('at a query lets the built-in one answer, which plan and status say', async () => {
    const { engine, better } = await halfChanged();
    better.behaviour.isBroken = true;
    const result = await engine.search('otiuQ?', { queryEmbedder: 'preferred' });
    expect(firstOf(result)).toBe('Quito journey');
    expect(result.plan.queries).toMatchObject([{ modelId: 'table', why: 'failed' }]);
    expect(result.plan.degraded).toContain('the model broke');
    expect((await engine.status()).embedder).toMatchObject({
      activeId: 'table',
      state: 'failed',
      error: expect.stringContaining('the model broke'),
    });
    const next = await engine.search('otiuQ?');
    expect(next.plan.queries).toMatchObject([{ modelId: 'table', why: 'only' }]);
    expect(next.plan.degraded).toBeUndefined();
  });

  it('at one text only goes on serving others', async () => {
    const { engine, better } = await halfChanged();
    better.behaviour.isUseless = true;
    const result = await engine.search('ionaH?');
    expect(firstOf(result)).toBe('Hanoi journey');
    expect(result.plan.degraded).toContain('the model better gave a vector of NaN');
    expect((await engine.status()).embedder).toMatchObject({ activeId: 'better', state: 'ready' });
    expect((await engine.status()).embedder.error).toContain('NaN');
    better.behaviour.isUseless = false;
    expect((await engine.search('ionaH?')).plan.queries).toMatchObject([{ modelId: 'better' }]);
  });
});

describe('the setting of the query’s model', () => {
  it('is refused where it is none of the three', async () => {
    const refusal = { code: 'INVALID_INPUT', hint: expect.stringContaining('Leave it out') };
    const engine = await openTestEngine({ builtin: table() });
    for (const queryEmbedder of ['minilm', '', null, 1] as never[])
      await expect(engine.search('x', { queryEmbedder })).rejects.toMatchObject(refusal);
    await expect(openTestEngine({ queryEmbedder: 'best' as never })).rejects.toMatchObject(refusal);
  });

  it('holds for all searches of an engine that name none', async () => {
    const { engine } = await halfChanged({ queryEmbedder: 'builtin' });
    expect((await engine.search('arccA?')).plan.queries).toMatchObject([{ modelId: 'table' }]);
    const one = await engine.search('arccA?', { queryEmbedder: 'preferred' });
    expect(one.plan.queries).toMatchObject([{ modelId: 'better', why: 'set' }]);
  });
});
