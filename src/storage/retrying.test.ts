import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import { createFaultyStorage } from '../testing/faulty-storage.ts';
import { refusalOf } from '../testing/refusal.ts';
import { describeStorageContract } from '../testing/storage-contract.ts';
import { createMemoryStorage } from './memory.ts';
import { createRetryingStorage } from './retrying.ts';

describe('a retrying storage', () => {
  it('answers where an operation fails less often than it is made', async () => {
    const faulty = createFaultyStorage(createMemoryStorage(), { failAt: 1, failures: 2 });
    const storage = createRetryingStorage(faulty, { retries: 2 });
    expect(await storage.get('a')).toBeUndefined();
    expect(faulty.operations()).toBe(3);
  });

  it('gives the error to its caller in the end', async () => {
    const faulty = createFaultyStorage(createMemoryStorage(), { failAt: 1, failures: 9 });
    const storage = createRetryingStorage(faulty, { retries: 2 });
    expect((await refusalOf(storage.epoch())).code).toBe('STORAGE_FAILED');
    expect(faulty.operations()).toBe(3);
  });

  it.each(['QUOTA_EXCEEDED', 'OUTCOME_UNKNOWN', 'STALE_EPOCH', 'CLOSED'] as const)(
    'does not try again after %s',
    async (code) => {
      const failWith = () => new LociError(code, 'by command');
      const faulty = createFaultyStorage(createMemoryStorage(), { failAt: 1, failWith });
      const storage = createRetryingStorage(faulty);
      const put = storage.commit({ expectEpoch: 0, puts: [], durability: 'journaled' });
      expect((await refusalOf(put)).code).toBe(code);
      expect(faulty.operations()).toBe(1);
    },
  );
});

describeStorageContract('a retrying storage in memory', {
  create: async () => createRetryingStorage(createMemoryStorage()),
});
