import { describe, expect, it } from 'vitest';
import format1 from '../engine/migration/fixtures/format-1.json' with { type: 'json' };
import { databaseName, listFormats, openIndexedDbStorage } from '../storage/indexeddb.ts';
import { createFaultyStorage } from '../testing/faulty-storage.ts';
import { openMemory } from './client.ts';
import { bringOver } from './earlier-format.ts';
import { openBrowserEngine, resolveConfig } from './open-engine.ts';

async function storeFormat1(namespace: string): Promise<void> {
  const storage = await openIndexedDbStorage({ name: databaseName('default', namespace, 1) });
  const puts = format1.rows.map(([key = '', value = '']) => ({
    key,
    value: Uint8Array.from(atob(value), (char) => char.charCodeAt(0)),
  }));
  await storage.commit({ expectEpoch: 0, nextEpoch: format1.epoch, puts, durability: 'journaled' });
  await storage.close();
}

describe('a namespace of an earlier format', () => {
  it('is brought over when it is opened, and the old database is gone', async () => {
    const namespace = crypto.randomUUID();
    await storeFormat1(namespace);
    const createWorker = () => new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
    const memory = await openMemory({ namespace, createWorker });
    // Words are indexed anew and vectors made anew in the background: until then it may stand behind others.
    const first = async () => (await memory.search('Who repairs nets?')).hits[0]?.memory.content;
    await expect.poll(first, { timeout: 10_000 }).toBe('Her brother repairs nets in the spring.');
    expect((await memory.stats()).count).toBe(4);
    expect((await memory.status()).storage.origin).toBe('existing');
    await memory.close();
    expect(await listFormats('default', namespace)).toEqual([2]);
  });

  it('is brought over too where the browser cannot list its databases', async () => {
    const namespace = crypto.randomUUID();
    await storeFormat1(namespace);
    const list = IDBFactory.prototype.databases;
    Reflect.set(IDBFactory.prototype, 'databases', undefined);
    try {
      const config = resolveConfig({ namespace, index: 'exact' });
      const { engine } = await openBrowserEngine(config, {});
      expect((await engine.stats()).count).toBe(4);
      await engine.close();
    } finally {
      Reflect.set(IDBFactory.prototype, 'databases', list);
    }
    expect(await listFormats('default', namespace)).toEqual([2]);
  });

  it('keeps its old database, and says so, where the present one holds other memories', async () => {
    const namespace = crypto.randomUUID();
    const config = resolveConfig({ namespace, index: 'exact' });
    const first = await openBrowserEngine(config, {});
    await first.engine.add({ content: 'written in the present format' });
    await first.engine.close();
    await storeFormat1(namespace);
    for (let round = 0; round < 2; round++) {
      const { engine } = await openBrowserEngine(config, {});
      expect((await engine.list()).total).toBe(1);
      const { state, reasons } = await engine.health();
      expect(state).toBe('degraded');
      expect(reasons).toEqual([expect.objectContaining({ code: 'older-database' })]);
      await engine.close();
      expect(await listFormats('default', namespace)).toEqual([1, 2]);
    }
    const old = await openIndexedDbStorage({ name: databaseName('default', namespace, 1) });
    expect(await old.getKeys({ from: '', to: '\uffff' })).toHaveLength(format1.rows.length);
    await old.close();
  });

  it('goes where it holds nothing', async () => {
    const namespace = crypto.randomUUID();
    const name = databaseName('default', namespace, 1);
    await (await openIndexedDbStorage({ name })).close();
    const { engine } = await openBrowserEngine(resolveConfig({ namespace, index: 'exact' }), {});
    expect((await engine.health()).state).toBe('ok');
    await engine.close();
    expect(await listFormats('default', namespace)).toEqual([2]);
  });

  it('keeps its old database where bringing over fails, and is brought over by the next try', async () => {
    const namespace = crypto.randomUUID();
    await storeFormat1(namespace);
    const name = databaseName('default', namespace, 2);
    const database = await openIndexedDbStorage({ name });
    const failing = createFaultyStorage(database, { failAt: 6, failures: 100 });
    await expect(bringOver({ tenant: 'default', namespace }, [1], failing)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
    });
    expect(await listFormats('default', namespace)).toEqual([1, 2]);
    await bringOver({ tenant: 'default', namespace }, [1, 2], database);
    expect(await listFormats('default', namespace)).toEqual([2]);
    expect(await database.get('manifest')).toBeDefined();
    await database.close();
  });
});
