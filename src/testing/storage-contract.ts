/** The promises of the Storage port as tests, to run on any implementation with Vitest and fast-check. */

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Commit, Storage } from '../storage/storage.ts';
import { prefixRange } from '../storage/storage.ts';
import { describeStorageHistories } from './storage-histories.ts';

export interface StorageContractOptions {
  /** A new, empty store. */
  create(): Promise<Storage>;
  /** The store given, opened once more; the first may still be open. Give it where the store is persistent. */
  reopen?(storage: Storage): Promise<Storage>;
}

/**
 * Describes, for Vitest, everything that a Storage must promise.
 *
 * @example
 * describeStorageContract('memory storage', { create: async () => createMemoryStorage() });
 */
export function describeStorageContract(name: string, options: StorageContractOptions): void {
  describe(name, () => {
    const opened: Storage[] = [];
    const keep = (storage: Storage): Storage => {
      opened.push(storage);
      return storage;
    };
    const create = async (): Promise<Storage> => keep(await options.create());
    afterEach(async () => {
      for (const storage of opened.splice(0)) await storage.close();
    });

    describeCommits(create);
    describeEpochs(create);
    describeRanges(create);
    describeCopies(create);
    describeClosing(create);
    describeStorageHistories(create);
    const { reopen } = options;
    if (reopen !== undefined) describePersistence(create, async (storage) => keep(await reopen(storage)));
  });
}

type Create = () => Promise<Storage>;

const ALL = { from: '', to: '\uffff' };
const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
const put = (key: string, ...values: number[]) => ({ key, value: bytes(...values) });
const commitOf = (change: Partial<Commit>): Commit => ({
  expectEpoch: 0,
  durability: 'journaled',
  ...change,
});
const failing = (code: string) => expect.objectContaining({ name: 'LociError', code });

async function filled(create: Create, ...keys: string[]): Promise<Storage> {
  const storage = await create();
  await storage.commit(commitOf({ puts: keys.map((key, i) => put(key, i)) }));
  return storage;
}

async function keysOf(storage: Storage, range = ALL, limit?: number): Promise<readonly string[]> {
  return (await storage.getRange(range, { limit })).map(({ key }) => key);
}

function describeCommits(create: Create): void {
  it('is empty when new', async () => {
    const storage = await create();
    expect(await storage.getRange(ALL)).toEqual([]);
    expect(await storage.get('a')).toBeUndefined();
  });

  it('shows a commit to every read that starts after it', async () => {
    const storage = await create();
    await storage.commit(commitOf({ puts: [put('a', 1), put('b', 2)] }));
    expect(await storage.get('a')).toEqual(bytes(1));
    expect(await storage.getMany(['b', 'none', 'a', 'b'])).toEqual([bytes(2), undefined, bytes(1), bytes(2)]);
    expect(await storage.getMany([])).toEqual([]);
    expect(await storage.getRange(ALL)).toEqual([put('a', 1), put('b', 2)]);
  });

  it('answers the level asked for, or `accepted` where nothing persists', async () => {
    const storage = await create();
    for (const durability of ['journaled', 'flushed'] as const) {
      const level = await storage.commit(commitOf({ puts: [put('a')], durability }));
      expect(level).toBe(storage.persistent ? durability : 'accepted');
    }
  });

  it('deletes ranges first, then keys, then puts', async () => {
    const storage = await filled(create, 'a/1', 'a/2', 'b', 'c');
    await storage.commit(
      commitOf({
        deleteRanges: [prefixRange('a/')],
        deletes: ['b', 'none'],
        puts: [put('a/2', 9), put('b', 8)],
      }),
    );
    expect(await storage.getRange(ALL)).toEqual([put('a/2', 9), put('b', 8), put('c', 3)]);
  });

  it('keeps the last of two puts with one key', async () => {
    const storage = await create();
    await storage.commit(commitOf({ puts: [put('a', 1), put('a', 2)] }));
    expect(await storage.getRange(ALL)).toEqual([put('a', 2)]);
  });

  it('accepts a commit that changes nothing', async () => {
    const storage = await filled(create, 'a');
    await storage.commit(commitOf({}));
    await storage.commit(commitOf({ deleteRanges: [], deletes: [], puts: [] }));
    expect(await keysOf(storage)).toEqual(['a']);
  });

  it('makes all of many commits that run at once', async () => {
    const storage = await create();
    const keys = Array.from({ length: 20 }, (_, i) => `k${String(i).padStart(2, '0')}`);
    await Promise.all(keys.map((key) => storage.commit(commitOf({ puts: [put(key, 1), put('last', 1)] }))));
    expect(await keysOf(storage)).toEqual([...keys, 'last']);
  });

  it('never shows half a commit to a read that runs beside it', async () => {
    const storage = await create();
    const writing = Array.from({ length: 10 }, (_, i) =>
      storage.commit(commitOf({ puts: [put('a', i), put('z', i)] })),
    );
    const reading = Array.from({ length: 10 }, () => storage.getMany(['a', 'z']));
    for (const [a, z] of await Promise.all(reading)) expect(a).toEqual(z);
    await Promise.all(writing);
  });
}

function describeEpochs(create: Create): void {
  it('has epoch 0 when new', async () => {
    expect(await (await create()).epoch()).toBe(0);
  });

  it('takes the next epoch with the commit that names it, and keeps it without one', async () => {
    const storage = await create();
    await storage.commit(commitOf({ nextEpoch: 7, puts: [put('a', 1)] }));
    expect(await storage.epoch()).toBe(7);
    await storage.commit(commitOf({ expectEpoch: 7, puts: [put('b', 1)] }));
    expect(await storage.epoch()).toBe(7);
    expect(await keysOf(storage)).toEqual(['a', 'b']);
  });

  it('refuses a commit with another epoch, and nothing changes', async () => {
    const storage = await filled(create, 'a', 'b');
    await storage.commit(commitOf({ nextEpoch: 2 }));
    const before = await storage.getRange(ALL);
    for (const expectEpoch of [0, 1, 3]) {
      const refused = storage.commit(
        commitOf({ expectEpoch, nextEpoch: 9, deleteRanges: [ALL], deletes: ['a'], puts: [put('c', 1)] }),
      );
      await expect(refused).rejects.toEqual(failing('STALE_EPOCH'));
    }
    expect(await storage.getRange(ALL)).toEqual(before);
    expect(await storage.epoch()).toBe(2);
  });

  it('lets only one of two owners win an epoch they both want', async () => {
    const storage = await create();
    const outcomes = await Promise.allSettled(
      ['a', 'b'].map((key) => storage.commit(commitOf({ nextEpoch: 1, puts: [put(key, 1)] }))),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await keysOf(storage)).toHaveLength(1);
  });
}

function describeRanges(create: Create): void {
  it('orders keys by UTF-16 code units, which is neither by code points nor by letters', async () => {
    const keys = ['', 'B', 'a', 'ab', 'a\u0301', 'z', 'ä', 'é', 'Ω', '日本', '😀', '\uffee'];
    const storage = await filled(create, ...[...keys].reverse());
    expect(await keysOf(storage)).toEqual(keys);
    expect(await keysOf(storage, { from: 'é', to: '\uffee' })).toEqual(['é', 'Ω', '日本', '😀']);
  });

  it('includes the start of a range and excludes its end', async () => {
    const storage = await filled(create, 'a', 'b', 'c', 'd');
    expect(await keysOf(storage, { from: 'b', to: 'd' })).toEqual(['b', 'c']);
    expect(await keysOf(storage, { from: 'aa', to: 'cc' })).toEqual(['b', 'c']);
  });

  it('finds and deletes nothing in a range that is empty or upside down', async () => {
    const storage = await filled(create, 'a', 'b');
    const ranges = [
      { from: 'a', to: 'a' },
      { from: 'b', to: 'a' },
    ];
    for (const range of ranges) expect(await keysOf(storage, range)).toEqual([]);
    await storage.commit(commitOf({ deleteRanges: ranges }));
    expect(await keysOf(storage)).toEqual(['a', 'b']);
  });

  it('answers the keys of a range as it does its rows', async () => {
    const storage = await filled(create, 'b', 'a', 'd', 'c');
    expect(await storage.getKeys(ALL)).toEqual(['a', 'b', 'c', 'd']);
    expect(await storage.getKeys({ from: 'b', to: 'd' })).toEqual(['b', 'c']);
    expect(await storage.getKeys(ALL, { limit: 2 })).toEqual(['a', 'b']);
    expect(await storage.getKeys(ALL, { limit: 0 })).toEqual([]);
    expect(await storage.getKeys({ from: 'c', to: 'b' })).toEqual([]);
  });

  it('reads no more rows than the limit, the first ones', async () => {
    const storage = await filled(create, 'a', 'b', 'c');
    expect(await keysOf(storage, ALL, 2)).toEqual(['a', 'b']);
    expect(await keysOf(storage, ALL, 9)).toEqual(['a', 'b', 'c']);
    expect(await keysOf(storage, ALL, 0)).toEqual([]);
  });

  it('finds exactly the keys of a prefix', async () => {
    const storage = await filled(create, 'm', 'm/', 'm/1', 'm/😀', 'm0', 'n');
    expect(await keysOf(storage, prefixRange('m/'))).toEqual(['m/', 'm/1', 'm/😀']);
  });
}

function describeCopies(create: Create): void {
  it('is not reached by later changes of the buffer it was given', async () => {
    const storage = await create();
    const value = bytes(1, 2, 3);
    const committing = storage.commit(commitOf({ puts: [{ key: 'a', value }] }));
    value.fill(9);
    await committing;
    value.fill(8);
    expect(await storage.get('a')).toEqual(bytes(1, 2, 3));
  });

  it('is not reached by changes of what it answered', async () => {
    const storage = await create();
    await storage.commit(commitOf({ puts: [put('a', 1)] }));
    (await storage.get('a'))?.fill(9);
    for (const value of await storage.getMany(['a'])) value?.fill(9);
    for (const { value } of await storage.getRange(ALL)) value.fill(9);
    expect(await storage.get('a')).toEqual(bytes(1));
  });

  it('stores the part that a view shows, and not its whole buffer', async () => {
    const storage = await create();
    await storage.commit(commitOf({ puts: [{ key: 'a', value: bytes(1, 2, 3, 4).subarray(1, 3) }] }));
    const value = await storage.get('a');
    expect(value).toEqual(bytes(2, 3));
    expect(value?.buffer.byteLength).toBe(2);
  });

  it('keeps empty values apart from missing ones', async () => {
    const storage = await create();
    await storage.commit(commitOf({ puts: [put('a')] }));
    expect(await storage.get('a')).toEqual(bytes());
    expect(await storage.getMany(['a', 'b'])).toEqual([bytes(), undefined]);
    expect(await storage.getRange(ALL)).toEqual([put('a')]);
  });

  it('keeps values of 1 MB', async () => {
    const storage = await create();
    const value = new Uint8Array(1_000_000).map((_, i) => (i * 31) ^ (i >>> 8));
    await storage.commit(commitOf({ puts: [{ key: 'a', value }] }));
    // Compared by hand: a matcher would print a million numbers.
    const stored = await storage.get('a');
    expect(stored?.length).toBe(value.length);
    expect(stored?.every((byte, i) => byte === value[i])).toBe(true);
  });

  it('keeps any bytes under any well-formed key', async () => {
    const rows = fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.uint8Array());
    await fc.assert(
      fc.asyncProperty(rows, async (wanted) => {
        const storage = await create();
        const puts = Object.entries(wanted).map(([key, value]) => ({ key, value }));
        await storage.commit(commitOf({ puts }));
        expect(await storage.getMany(puts.map(({ key }) => key))).toEqual(puts.map(({ value }) => value));
        await storage.close();
      }),
      { numRuns: 20 },
    );
  });
}

function describeClosing(create: Create): void {
  it('refuses every call once it is closed, and closes twice without harm', async () => {
    const storage = await create();
    await storage.close();
    await storage.close();
    const calls = [
      () => storage.epoch(),
      () => storage.get('a'),
      () => storage.getMany(['a']),
      () => storage.getMany([]),
      () => storage.getRange(ALL),
      () => storage.getKeys(ALL),
      () => storage.commit(commitOf({ puts: [put('a', 1)] })),
    ];
    for (const call of calls) await expect(call()).rejects.toEqual(failing('CLOSED'));
  });
}

function describePersistence(create: Create, reopen: (storage: Storage) => Promise<Storage>): void {
  it('keeps rows and epoch when it is closed and opened again', async () => {
    const storage = await filled(create, 'a', 'b');
    await storage.commit(commitOf({ nextEpoch: 4, deletes: ['a'], durability: 'flushed' }));
    await storage.close();
    const again = await reopen(storage);
    expect(again.persistent).toBe(true);
    expect(await again.getRange(ALL)).toEqual([put('b', 1)]);
    expect(await again.epoch()).toBe(4);
  });

  it('keeps nothing of a commit that was refused when it is opened again', async () => {
    const storage = await filled(create, 'a');
    const refused = storage.commit(commitOf({ expectEpoch: 5, deletes: ['a'], puts: [put('b', 1)] }));
    await expect(refused).rejects.toEqual(failing('STALE_EPOCH'));
    await storage.close();
    expect(await keysOf(await reopen(storage))).toEqual(['a']);
  });

  it('lets a new owner fence off the one before it, which is still open', async () => {
    const before = await filled(create, 'a');
    const owner = await reopen(before);
    await owner.commit(commitOf({ nextEpoch: 1 }));
    await expect(before.commit(commitOf({ puts: [put('b', 1)] }))).rejects.toEqual(failing('STALE_EPOCH'));
    await owner.commit(commitOf({ expectEpoch: 1, puts: [put('c', 1)] }));
    expect(await keysOf(before)).toEqual(['a', 'c']);
  });

  it('has made a commit whole or not at all when it is closed beside it', async () => {
    const storage = await create();
    const committing = storage.commit(commitOf({ puts: [put('a', 1), put('b', 1)] }));
    const [outcome] = await Promise.allSettled([committing, storage.close()]);
    const landed = await keysOf(await reopen(storage));
    expect(landed).toEqual(outcome?.status === 'fulfilled' ? ['a', 'b'] : []);
  });
}
