import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { Commit } from '../storage/storage.ts';
import { createFaultyStorage } from './faulty-storage.ts';
import { describeStorageContract } from './storage-contract.ts';

const ALL = { from: '', to: '\uffff' };
const commitOf = (key: string, ...values: number[]): Commit => ({
  expectEpoch: 0,
  puts: [{ key, value: new Uint8Array(values) }],
  durability: 'journaled',
});

describeStorageContract('faulty storage without a fault', {
  create: async () => createFaultyStorage(createMemoryStorage()),
});

describe('faulty storage', () => {
  it('fails the operation named, before it reaches the store, and no other', async () => {
    const inner = createMemoryStorage();
    const storage = createFaultyStorage(inner, { failAt: 2 });
    await storage.commit(commitOf('a', 1));
    await expect(storage.commit(commitOf('b', 1))).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect(await inner.get('b')).toBeUndefined();
    await storage.commit(commitOf('c', 1));
    expect((await storage.getRange(ALL)).map(({ key }) => key)).toEqual(['a', 'c']);
    expect(storage.operations()).toBe(4);
    expect(storage.failed()).toBe(1);
  });

  it('fails as many operations in a row as told, with the error given', async () => {
    const failWith = () => new LociError('QUOTA_EXCEEDED', 'full');
    const storage = createFaultyStorage(createMemoryStorage(), { failAt: 1, failures: 2, failWith });
    await expect(storage.get('a')).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    await expect(storage.epoch()).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(await storage.epoch()).toBe(0);
  });

  it('loses the answer of a commit that landed', async () => {
    const storage = createFaultyStorage(createMemoryStorage(), { failAt: 1, when: 'after' });
    await expect(storage.commit(commitOf('a', 1))).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(await storage.get('a')).toEqual(new Uint8Array([1]));
  });

  it('holds an operation until it is released', async () => {
    const inner = createMemoryStorage();
    const storage = createFaultyStorage(inner, { hangAt: 1 });
    const hanging = storage.commit(commitOf('a', 1));
    await storage.commit(commitOf('b', 1));
    expect(await inner.get('a')).toBeUndefined();
    storage.release();
    await hanging;
    expect(await inner.get('a')).toEqual(new Uint8Array([1]));
  });

  it('flips one bit of one answer, the same for the same seed, and never in the store', async () => {
    const inner = createMemoryStorage();
    await inner.commit(commitOf('a', 0, 0, 0));
    await inner.commit(commitOf('b', 0));
    const read = async (seed: number) =>
      (await createFaultyStorage(inner, { flipAt: 1, seed }).getRange(ALL)).flatMap(({ value }) => [
        ...value,
      ]);
    expect(await read(9)).toEqual([0, 2, 0, 0]);
    expect(await read(9)).toEqual([0, 2, 0, 0]);
    expect(await read(24)).toEqual([0, 0, 0, 1]);
    expect(await inner.get('a')).toEqual(new Uint8Array(3));
  });

  it('refuses the commit that goes beyond the quota', async () => {
    const storage = createFaultyStorage(createMemoryStorage(), { quotaBytes: 3 });
    await storage.commit(commitOf('a', 1, 2));
    await expect(storage.commit(commitOf('b', 1, 2))).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    await storage.commit(commitOf('c', 1));
    expect((await storage.getRange(ALL)).map(({ key }) => key)).toEqual(['a', 'c']);
  });
});
