import { describe, expect, it } from 'vitest';
import type { Embedder } from '../embedding/embedder.ts';
import { LociError } from '../errors.ts';
import { GRAPH_READ_ATTEMPTS, GRAPHS_AFTER_MS, INDEX_RETRY_MS } from '../limits.ts';
import { prefixRange, type Storage } from '../storage/storage.ts';
import { flipBit } from '../testing/damage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { clusteredVectors } from '../testing/vector-data.ts';
import { createExactIndex } from '../vector/exact.ts';
import { createKernelIndex } from '../vector/kernel-index.ts';
import { createLastingStorage, openTestEngine, until } from './engine-test-util.ts';

/** Thousands of rows take their time where others work beside. */
const SLOW = { timeout: 60_000 };

const ROWS = clusteredVectors({ count: 3_000, dimensions: 32, seed: 51 });
const memories = ROWS.map((vector, i) => ({
  content: `note ${i}`,
  embedding: { modelId: 'host', space: 'host', vector },
}));

it(
  'builds the graph in the background, and searches find every memory before, meanwhile and after',
  SLOW,
  async () => {
    const environment = createTestEnvironment();
    const engine = await openTestEngine({
      environment,
      createIndex: (dimensions) => createKernelIndex(dimensions, { graphFromRows: 0 }),
    });
    for (let at = 0; at < memories.length; at += 1_000) await engine.addMany(memories.slice(at, at + 1_000));
    const ask = async (i: number) => {
      const vector = ROWS[i] ?? new Float32Array();
      const { hits, plan } = await engine.search('', {
        embedding: { space: 'host', vector },
        ef: 64,
        limit: 1,
      });
      expect(hits[0]?.memory.content).toBe(`note ${i}`);
      return plan.vector?.[0];
    };
    expect((await ask(2_999))?.pending).toBe(3_000);
    let slices = 0;
    while (((await ask((slices * 37) % 3_000))?.pending ?? 0) > 0) {
      await environment.advance(1);
      if (slices++ > 10_000) throw new Error('the graph is never done');
    }
    expect(slices).toBeGreaterThan(3);
    expect(await ask(0)).toMatchObject({ space: 'host', plan: 'graph', ef: 100, pending: 0 });
    await engine.close();
  },
);

it('shows a slice that failed in the status, and goes on searching', async () => {
  const environment = createTestEnvironment();
  const engine = await openTestEngine({
    environment,
    createIndex: async (dimensions) => {
      const index = createExactIndex(dimensions);
      index.maintain = () => {
        throw new Error('the graph is broken');
      };
      return index;
    },
  });
  await engine.addMany(memories.slice(0, 3));
  await environment.advance(5);
  expect((await engine.status()).backgroundError).toContain('the graph is broken');
  expect((await engine.search('note')).hits.length).toBe(3);
  await engine.close();
});

it(
  'keeps memories that the index has no room for, counts them, finds them by words, and opens again',
  SLOW,
  async () => {
    const storage = createLastingStorage();
    const parts = {
      storage,
      createIndex: (dimensions: number) =>
        createKernelIndex(dimensions, { maxBytes: 2_500_000, graphFromRows: 0 }),
    };
    const engine = await openTestEngine(parts);
    for (let round = 0; round < 6; round++)
      await engine.addMany(
        memories.slice(0, 1_000).map((memory, i) => ({ ...memory, content: `round ${round} note ${i}` })),
      );
    const { unindexed } = await engine.status();
    expect(unindexed).toBeGreaterThan(100);
    const count = 6_000;
    expect((await engine.stats()).count).toBe(count);
    const last = await engine.search('round 5 note 999', { limit: 1 });
    expect(last.hits[0]?.memory.content).toBe('round 5 note 999');
    await engine.close();
    const again = await openTestEngine(parts);
    expect((await again.stats()).count).toBe(count);
    expect((await again.status()).unindexed).toBe(unindexed);
    await again.close();
  },
);

describe('a stored graph', () => {
  const createIndex = (dimensions: number) => createKernelIndex(dimensions, { graphFromRows: 0 });
  const [first = new Float32Array()] = ROWS;

  async function storeGraph() {
    const storage = createLastingStorage();
    const environment = createTestEnvironment();
    const engine = await openTestEngine({ storage, environment, createIndex });
    for (let at = 0; at < memories.length; at += 1_000) await engine.addMany(memories.slice(at, at + 1_000));
    await environment.advance(60_000);
    await engine.close();
    return storage;
  }

  async function open(storage: Storage) {
    const environment = createTestEnvironment({ seed: 9 });
    const engine = await openTestEngine({ storage, environment, createIndex });
    const ask = async (vector = first, content = 'note 0') => {
      const { hits, plan } = await engine.search('x', { embedding: { space: 'host', vector }, ef: 64 });
      expect(hits[0]?.memory.content).toBe(content);
      return plan.vector?.[0];
    };
    return { engine, environment, ask };
  }

  it('is taken over after the first search, and not built again', SLOW, async () => {
    const { engine, environment, ask } = await open(await storeGraph());
    expect(await ask()).toMatchObject({ pending: 3_000 });
    expect((await engine.stats()).bytesByKind.graph).toBeGreaterThan(0);
    await environment.advance(GRAPHS_AFTER_MS);
    expect(await ask()).toMatchObject({ plan: 'graph', pending: 0 });
    expect(await engine.health()).toMatchObject({ state: 'ok', repaired: 0 });
    await engine.close();
  });

  it('takes in what was written and deleted before it came', SLOW, async () => {
    const { engine, environment, ask } = await open(await storeGraph());
    const vector = Float32Array.from(first, (value, i) => value + (i % 2 === 0 ? 1 : -1));
    await engine.add({ content: 'new', embedding: { modelId: 'host', space: 'host', vector } });
    const { id = '' } = (await engine.search('note 7', { limit: 1 })).hits[0] ?? {};
    await engine.delete(id);
    await environment.advance(GRAPHS_AFTER_MS + 60_000);
    expect(await ask(vector, 'new')).toMatchObject({ plan: 'graph', pending: 0, members: 3_000 });
    await ask();
    await engine.close();
  });

  it(
    'that was never stored is stored once it is built, though nothing is written any more',
    SLOW,
    async () => {
      const storage = createLastingStorage();
      const hasty = await openTestEngine({ storage, createIndex });
      for (let at = 0; at < memories.length; at += 1_000) await hasty.addMany(memories.slice(at, at + 1_000));
      await hasty.close();
      expect(await storage.getKeys(prefixRange('graph/'))).toEqual([]);
      const { engine, environment, ask } = await open(storage);
      await environment.advance(60_000);
      expect(await ask()).toMatchObject({ plan: 'graph', pending: 0 });
      expect(await storage.getKeys(prefixRange('graph/'))).not.toEqual([]);
      await engine.close();
    },
  );

  it(
    'whose rows another model has all replaced since is no damage: another is built and stored',
    SLOW,
    async () => {
      const storage = createLastingStorage();
      /** Two models of one space, whose vectors of a text lie far apart. */
      const model = (id: string, first: number): Embedder => ({
        id,
        space: 'shared',
        dimensions: 32,
        embed: async (texts) =>
          texts.map((text) => ROWS[(first + Number(text.slice(5))) % 3_000] ?? new Float32Array()),
        close: async () => undefined,
      });
      const builtin = model('table', 0);
      const better = model('better', 1_500);
      const preferred = { ...better, load: async () => better };
      const openWith = async (parts: object) => {
        const environment = createTestEnvironment({ seed: 10 });
        return { environment, engine: await openTestEngine({ storage, environment, createIndex, ...parts }) };
      };
      const before = await openWith({ builtin });
      for (let at = 0; at < memories.length; at += 1_000)
        await before.engine.addMany(memories.slice(at, at + 1_000).map(({ content }) => ({ content })));
      await before.environment.advance(60_000);
      await before.engine.close();
      const hasty = await openWith({ builtin, preferred });
      await until(async () => (await hasty.engine.stats()).byModel.better === 3_000);
      await hasty.engine.close();

      const former = (await storage.getKeys(prefixRange('graph/'))).join();
      expect(former).not.toBe('');
      const { engine, environment } = await openWith({ builtin, preferred });
      await environment.advance(GRAPHS_AFTER_MS);
      expect(await engine.health()).toMatchObject({ state: 'ok', repaired: 0 });
      await environment.advance(60_000);
      expect((await storage.getKeys(prefixRange('graph/'))).join()).not.toBe(former);
      await engine.close();
    },
  );

  it('that is damaged is counted, and another is built', SLOW, async () => {
    const storage = await storeGraph();
    const [row] = await storage.getRange(prefixRange('graph/'));
    flipBit([row?.value], 4_711);
    await storage.commit({
      expectEpoch: await storage.epoch(),
      puts: row === undefined ? [] : [row],
      durability: 'journaled',
    });
    const { engine, environment, ask } = await open(storage);
    await environment.advance(GRAPHS_AFTER_MS);
    expect(await engine.health()).toMatchObject({ repaired: 1 });
    await environment.advance(60_000);
    expect(await ask()).toMatchObject({ plan: 'graph', pending: 0 });
    await engine.close();
  });

  /** Storage whose graphs cannot be read until it is told that they can. */
  async function failingStorage() {
    const storage = await storeGraph();
    const behaviour = { isFailing: true };
    const refuse = (keys: readonly string[]) => {
      if (behaviour.isFailing && keys.some((key) => key.startsWith('graph/')))
        throw new LociError('STORAGE_FAILED', 'no answer');
    };
    const failing: Storage = {
      ...storage,
      get: async (key) => {
        refuse([key]);
        return storage.get(key);
      },
      getMany: async (keys) => {
        refuse(keys);
        return storage.getMany(keys);
      },
    };
    return { failing, behaviour };
  }

  it('that cannot be read is asked for again, and searches go on meanwhile', SLOW, async () => {
    const { failing, behaviour } = await failingStorage();
    const { engine, environment, ask } = await open(failing);
    await environment.advance(GRAPHS_AFTER_MS);
    expect((await engine.status()).backgroundError).toMatch(/indexing vectors failed/);
    expect(await ask()).toMatchObject({ pending: 3_000 });
    behaviour.isFailing = false;
    await environment.advance(INDEX_RETRY_MS);
    await until(async () => (await ask())?.pending === 0);
    expect(await engine.status()).not.toHaveProperty('backgroundError');
    await engine.close();
  });

  it(
    'that is never read is built anew, so that the indexes’ other work does not wait for ever',
    SLOW,
    async () => {
      const { failing } = await failingStorage();
      const { engine, environment, ask } = await open(failing);
      await environment.advance(GRAPHS_AFTER_MS + GRAPH_READ_ATTEMPTS * INDEX_RETRY_MS + 60_000);
      expect(await ask()).toMatchObject({ plan: 'graph', pending: 0 });
      expect(await engine.health()).toMatchObject({ repaired: 1 });
      expect(await engine.status()).not.toHaveProperty('backgroundError');
      await engine.close();
    },
  );
});
