import { describe, expect, it } from 'vitest';
import type { LociError } from '../../errors.ts';
import { createMemoryStorage } from '../../storage/memory.ts';
import type { Row, Storage } from '../../storage/storage.ts';
import { createFaultyStorage } from '../../testing/faulty-storage.ts';
import { dot } from '../../vector/vectors.ts';
import { createLastingStorage, openTestEngine, until } from '../engine-test-util.ts';
import { storeOf } from './fixture-test-util.ts';
import format1 from './fixtures/format-1.json' with { type: 'json' };
import { isFillable, isMigrated, migrateFormat1 } from './migrate.ts';

const oldStore = () => storeOf(format1);

const [keeper = '', brother = '', vector = '', deleted = ''] = format1.ids;

describe('a database of format 1', () => {
  it('is read in the present format with everything in it: fields, texts, vectors, log, history, answers', async () => {
    const to = createMemoryStorage();
    expect(await migrateFormat1(await oldStore(), to)).toEqual({ memories: 3, lost: 0 });
    const engine = await openTestEngine({ storage: createLastingStorage(to) });
    const { memories } = await engine.list({ order: 'oldest', includeVector: true });
    expect(memories.map(({ content }) => content)).toEqual([
      'The lighthouse keeper counts the ships every evening.',
      'Her brother repairs nets in the spring.',
      'A vector of the host’s own.',
      'Added last, and still only in the log: Grüße aus 東京 😀',
    ]);
    expect(memories[0]).toMatchObject({
      id: keeper,
      speaker: 'Mara',
      sessionId: 'harbour',
      position: 0,
      tags: ['sea', 'work'],
      priority: 'critical',
      importance: 0.95,
      revision: 2,
      accessCount: 1,
      metadata: { light: { range: 24 } },
    });
    expect(memories[3]).toMatchObject({ kind: 'semantic', legalHold: true });
    expect(dot(memories[2]?.vector ?? new Float32Array(), Float32Array.of(0.6, 0.8, 0))).toBeGreaterThan(
      0.9999,
    );
    await until(async () => (await engine.health()).state === 'ok');
    expect((await engine.history(brother)).map(({ type }) => type)).toEqual(['add', 'update']);
    expect((await engine.history(deleted)).map(({ type }) => type)).toEqual(['delete']);
    expect((await engine.add({ content: 'again' }, { opId: 'fixture-log' })).id).toBe(memories[3]?.id);
    expect((await engine.search('who repairs nets in spring')).hits[0]?.id).toBe(brother);
    const asked = await engine.search('x', {
      embedding: { space: 'host', vector: Float32Array.of(0.6, 0.8, 0) },
    });
    expect(asked.hits[0]?.id).toBe(vector);
  });

  it('is left as it is, and half a migration is no namespace: for every operation that may fail', async () => {
    for (let failAt = 1; ; failAt++) {
      const from = await oldStore();
      const before = await from.getRange({ from: '', to: '\uffff' });
      const to = createMemoryStorage();
      const faulty = createFaultyStorage(to, { failAt });
      const failed = await migrateFormat1(from, faulty).then(
        () => false,
        () => true,
      );
      expect(await from.getRange({ from: '', to: '\uffff' })).toEqual(before);
      expect(await isMigrated(from, to)).toBe(!failed);
      if (failed) expect(await isFillable(to)).toBe(true);
      // The next start begins anew, whatever the last one left.
      expect(await migrateFormat1(from, to)).toEqual({ memories: 3, lost: 0 });
      if (!failed) {
        expect(failAt).toBeGreaterThan(10);
        return;
      }
    }
  });

  it('with a broken row brings over the others, and says how many stay behind', async () => {
    const from = await oldStore();
    const row = await from.get('content/0000000001');
    const value = (row ?? new Uint8Array(1)).map((byte, i) => (i === 30 ? byte ^ 4 : byte));
    await from.commit({
      expectEpoch: await from.epoch(),
      puts: [{ key: 'content/0000000001', value }],
      durability: 'journaled',
    });
    const to = createMemoryStorage();
    expect(await migrateFormat1(from, to)).toEqual({ memories: 2, lost: 1 });
    const engine = await openTestEngine({ storage: createLastingStorage(to) });
    const { state, reasons } = await engine.health();
    expect(state).toBe('lost');
    expect(reasons).toContainEqual(expect.objectContaining({ code: 'records-lost', count: 1 }));
    expect((await engine.list()).total).toBe(3);
  });

  it('is compared row by row with what the new store holds: whatever was torn or dropped on the way is found', async () => {
    const prefixes = ['record/', 'content/', 'vector/', 'log/', 'op/', 'history/', 'access/'];
    for (const prefix of prefixes)
      for (const how of ['torn', 'dropped'] as const) {
        const from = await oldStore();
        const to = createMemoryStorage();
        const spoil = ({ key, value }: Row): readonly Row[] => {
          if (!key.startsWith(prefix)) return [{ key, value }];
          const last = value.length - 1;
          return how === 'dropped'
            ? []
            : [{ key, value: value.map((byte, i) => (i === last ? byte ^ 1 : byte)) }];
        };
        const spoiling: Storage = {
          ...createLastingStorage(to),
          commit: (commit) => to.commit({ ...commit, puts: (commit.puts ?? []).flatMap(spoil) }),
        };
        const outcome = await migrateFormat1(from, spoiling).catch((error: LociError) => error.code);
        expect([prefix, how, outcome]).toEqual([prefix, how, 'STORAGE_FAILED']);
        expect(await isMigrated(from, to)).toBe(false);
      }
  });

  it('is not taken for brought over by a store that has a manifest of its own', async () => {
    const from = await oldStore();
    const to = createMemoryStorage();
    await (await openTestEngine({ storage: createLastingStorage(to) })).add({ content: 'new' });
    expect(await isFillable(to)).toBe(false);
    expect(await isMigrated(from, to)).toBe(false);
  });

  it('is brought over for as long as nobody has written to it since, however much the new store has', async () => {
    const from = await oldStore();
    const to = createMemoryStorage();
    await migrateFormat1(from, to);
    const engine = await openTestEngine({ storage: createLastingStorage(to) });
    await engine.add({ content: 'new' });
    await engine.close();
    expect(await isMigrated(from, to)).toBe(true);
    // An earlier release takes the next epoch when it opens its database.
    const expectEpoch = await from.epoch();
    await from.commit({ expectEpoch, nextEpoch: expectEpoch + 1, durability: 'journaled' });
    expect(await isMigrated(from, to)).toBe(false);
  });
});
