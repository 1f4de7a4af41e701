import { describe, expect, it } from 'vitest';
import { createFaultyStorage } from '../testing/faulty-storage.ts';
import { refusalOf } from '../testing/refusal.ts';
import { describeStorageContract } from '../testing/storage-contract.ts';
import { createLosingStorage } from '../testing/unreadable.ts';
import { createMemoryStorage } from './memory.ts';
import { createSalvagingStorage } from './salvaging.ts';
import type { Storage } from './storage.ts';

const ALL = { from: '', to: '\uffff' };

async function storeOf(keys: readonly string[], lost: readonly string[]): Promise<Storage> {
  const inner = createLosingStorage(createMemoryStorage());
  const puts = keys.map((key, i) => ({ key, value: Uint8Array.of(i + 1) }));
  await inner.commit({ expectEpoch: 0, puts, durability: 'journaled' });
  for (const key of lost) inner.lose(key);
  return createSalvagingStorage(inner);
}

describe('a salvaging storage', () => {
  it('answers a value that cannot be read as an empty one, and all others as they are', async () => {
    const storage = await storeOf(['a', 'b', 'c'], ['b']);
    const none = new Uint8Array();
    expect(await storage.get('b')).toEqual(none);
    expect(await storage.getMany(['c', 'x', 'b', 'a'])).toEqual([
      Uint8Array.of(3),
      undefined,
      none,
      Uint8Array.of(1),
    ]);
    expect(await storage.getRange(ALL)).toEqual([
      { key: 'a', value: Uint8Array.of(1) },
      { key: 'b', value: none },
      { key: 'c', value: Uint8Array.of(3) },
    ]);
    expect((await storage.getRange(ALL, { limit: 2 })).map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('takes no other failure for a value that is lost', async () => {
    for (const kind of ['failed', 'closed'] as const) {
      const faulty = createFaultyStorage(createMemoryStorage(), { schedule: () => ({ kind }) });
      const storage = createSalvagingStorage(faulty);
      const code = kind === 'failed' ? 'STORAGE_FAILED' : 'STORAGE_UNAVAILABLE';
      expect((await refusalOf(storage.get('a'))).code).toBe(code);
      expect((await refusalOf(storage.getMany(['a', 'b']))).code).toBe(code);
      expect((await refusalOf(storage.getRange(ALL))).code).toBe(code);
      expect(faulty.operations()).toBe(3);
    }
  });
});

describeStorageContract('a salvaging storage in memory', {
  create: async () => createSalvagingStorage(createMemoryStorage()),
});
