import { expect, it } from 'vitest';
import { describeStorageContract } from '../testing/storage-contract.ts';
import { createMemoryStorage } from './memory.ts';

describeStorageContract('memory storage', { create: async () => createMemoryStorage() });

it('memory storage says that nothing in it persists', () => {
  const storage = createMemoryStorage();
  expect(storage.kind).toBe('memory');
  expect(storage.persistent).toBe(false);
});
