import { describe, expect, it } from 'vitest';
import { prefixRange, type Storage } from '../../storage/storage.ts';
import { refusalOf } from '../../testing/refusal.ts';
import type { MemoryEngine } from '../../types.ts';
import { createLastingStorage, openTestEngine, until } from '../engine-test-util.ts';
import { LOG_ROWS } from '../layout.ts';
import { CONTENTS, RECORDS } from './block-store.ts';
import { MANIFEST_KEYS } from './manifest.ts';

const COUNT = 600;
const foreign = { modelId: 'theirs', space: 'their-space', vector: Float32Array.of(0.6, 0.8) };

/** A namespace of several blocks and two spaces, with changes and deletions, and a log that is not folded. */
async function fill(storage: Storage): Promise<readonly string[]> {
  const first = await openTestEngine({ storage });
  const { ids } = await first.addMany(
    Array.from({ length: COUNT }, (_, i) => ({
      content: `note number${i} ${'of some length '.repeat(20)}`,
      ...(i % 3 === 0 ? { embedding: foreign } : {}),
    })),
  );
  await first.close();
  const second = await openTestEngine({ storage });
  for (const at of [0, 300, 599]) await second.delete(ids[at] ?? '');
  await second.update(ids[301] ?? '', { content: 'changed once', tags: ['changed'] });
  await second.close();
  const third = await openTestEngine({ storage });
  await third.add({ content: 'in the log' });
  await third.delete(ids[1] ?? '');
  return ids;
}

async function everything(engine: MemoryEngine) {
  const { memories } = await engine.list({ limit: 1_000, order: 'oldest', includeVector: true });
  return memories.map(({ accessCount: _count, lastAccessedAt: _time, ...memory }) => memory);
}

async function change(
  storage: Storage,
  rows: Parameters<Storage['commit']>[0]['puts'],
  deletes: readonly string[] = [],
) {
  const expectEpoch = await storage.epoch();
  await storage.commit({ expectEpoch, puts: rows, deletes, durability: 'journaled' });
}

const broken = MANIFEST_KEYS.map((key) => ({ key, value: new Uint8Array([1, 2, 3]) }));

describe('a store whose manifest is gone', { timeout: 60_000 }, () => {
  it.each(['missing', 'broken'])(
    'with its copy (%s) is served from its blocks and its log, and says so',
    async (how) => {
      const storage = createLastingStorage();
      const ids = await fill(storage);
      const intact = await openTestEngine({ storage });
      const before = await everything(intact);
      const history = await intact.history(ids[301] ?? '');
      await (how === 'missing' ? change(storage, [], MANIFEST_KEYS) : change(storage, broken));

      const engine = await openTestEngine({ storage });
      expect(await engine.health()).toMatchObject({ state: 'degraded' });
      expect((await engine.health()).reasons.map(({ code }) => code)).toContain('manifest-rebuilt');
      expect(await everything(engine)).toEqual(before);
      expect(await engine.history(ids[301] ?? '')).toEqual(history);
      expect((await engine.status()).storage.origin).toBe('existing');
      await until(async () => (await engine.search('changed once')).hits[0]?.why.lexical !== undefined);
      const { id } = await engine.add({ content: 'added afterwards' });
      await engine.close();

      expect(await storage.getKeys(LOG_ROWS)).toEqual([]);
      const again = await openTestEngine({ storage });
      expect((await again.health()).reasons).toEqual([expect.objectContaining({ code: 'manifest-rebuilt' })]);
      const after = await everything(again);
      expect(after.slice(0, -1)).toEqual(before);
      expect(after.at(-1)?.id).toBe(id);
    },
  );

  it('counts the memories of a block of records that is gone too', async () => {
    const storage = createLastingStorage();
    await fill(storage);
    await (await openTestEngine({ storage })).close();
    const all = (await everything(await openTestEngine({ storage }))).length;
    const [key = ''] = await storage.getKeys(prefixRange(RECORDS));
    await change(storage, [], [...MANIFEST_KEYS, key]);
    const engine = await openTestEngine({ storage });
    const left = (await everything(engine)).length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(all);
    expect(await engine.health()).toMatchObject({ state: 'lost' });
    expect((await engine.health()).reasons).toContainEqual(
      expect.objectContaining({ code: 'records-lost', count: all - left }),
    );
  });

  it('does not bring back what an older block holds, where a newer one has its place', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    const { ids } = await first.addMany([
      { content: 'deleted' },
      { content: 'kept' },
      { content: 'deleted too' },
    ]);
    await first.close();
    const old = [
      ...(await storage.getRange(prefixRange(RECORDS))),
      ...(await storage.getRange(prefixRange(CONTENTS))),
    ];
    const second = await openTestEngine({ storage });
    for (const at of [0, 2]) await second.delete(ids[at] ?? '');
    await second.close();
    await change(storage, old, MANIFEST_KEYS);
    const engine = await openTestEngine({ storage });
    expect((await everything(engine)).map(({ content }) => content)).toEqual(['kept']);
  });

  it('is refused where no block can be read, and nothing is written', async () => {
    const storage = createLastingStorage();
    await fill(storage);
    const rows = await storage.getRange({ from: '', to: '\uffff' });
    await change(
      storage,
      rows.map(({ key }) => ({ key, value: new Uint8Array([1]) })),
      [],
    );
    const log = await storage.getKeys(LOG_ROWS);
    await change(storage, [], log);
    const before = await storage.epoch();
    expect((await refusalOf(openTestEngine({ storage }))).code).toBe('STORAGE_CORRUPT');
    expect(await storage.epoch()).toBe(before);
  });
});
