/** What forgotten memories leave in storage. */
import { expect, it } from 'vitest';
import { FOLD_IDLE_MS, TIDY_AFTER_MS, TOMBSTONE_RETENTION_MS } from '../limits.ts';
import { prefixRange } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { createLastingStorage, NOW, openTestEngine, until } from './engine-test-util.ts';
import { ACCESS_ROWS, HISTORY_ROWS } from './layout.ts';

it('leaves no page of access counts once no memory on it was read, also where an earlier release left one', async () => {
  const storage = createLastingStorage();
  const engine = await openTestEngine({ storage });
  const { id } = await engine.add({ content: 'a' });
  await engine.get(id);
  await engine.flush();
  const [page] = await storage.getRange(ACCESS_ROWS);
  await engine.delete(id);
  await engine.close();
  expect(await storage.getKeys(ACCESS_ROWS)).toEqual([]);
  const puts = page === undefined ? [] : [page];
  await storage.commit({ expectEpoch: await storage.epoch(), puts, durability: 'journaled' });
  await (await openTestEngine({ storage })).close();
  expect(await storage.getKeys(ACCESS_ROWS)).toEqual([]);
});

it('tells that a memory was deleted for a month, and then nothing', async () => {
  const storage = createLastingStorage();
  const first = await openTestEngine({ storage });
  const { ids } = await first.addMany(['a', 'b', 'c'].map((content) => ({ content })));
  await first.update(ids[2] ?? '', { content: 'c changed' });
  await first.delete(ids[0] ?? '');
  await first.close();
  const tidyAt = async (now: number) => {
    const environment = createTestEnvironment({ seed: now % 1_000, now });
    const engine = await openTestEngine({ storage, environment });
    const before = (await engine.history(ids[0] ?? '')).length;
    await environment.advance(FOLD_IDLE_MS);
    await environment.advance(TIDY_AFTER_MS);
    return { engine, before };
  };
  const { engine: early } = await tidyAt(NOW + TOMBSTONE_RETENTION_MS - 60_000);
  await early.delete(ids[1] ?? '');
  await early.close();
  const { engine, before } = await tidyAt(NOW + TOMBSTONE_RETENTION_MS + 1);
  expect(before).toBe(1);
  await until(async () => (await engine.history(ids[0] ?? '')).length === 0);
  expect(await engine.history(ids[1] ?? '')).toHaveLength(1);
  expect(await engine.history(ids[2] ?? '')).toHaveLength(2);
  await engine.close();
  expect(await storage.getKeys(prefixRange(`${HISTORY_ROWS.from}${ids[0]}`))).toEqual([]);
});
