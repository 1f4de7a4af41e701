import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { Commit } from '../storage/storage.ts';
import { damageAtRest } from './damage.ts';
import { createRandom } from './environment.ts';
import {
  createFaultyStorage,
  type FaultKind,
  firstOf,
  quotaSchedule,
  randomSchedule,
} from './faulty-storage.ts';
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

describe('faulty storage by a schedule', () => {
  /** A store of two rows, on which the operation with this number meets the fault. */
  const struck = async (kind: FaultKind, at = 1, which = 0) => {
    const inner = createMemoryStorage();
    await inner.commit(commitOf('a', 0, 0));
    await inner.commit(commitOf('b', 0, 0));
    const kinds: FaultKind[] = [];
    let deaths = 0;
    const storage = createFaultyStorage(inner, {
      schedule: ({ number }) => (number === at ? { kind, which } : undefined),
      after: (_ms, callback) => setTimeout(callback, 0),
      onFault: (each) => kinds.push(each),
      onDeath: () => {
        deaths += 1;
      },
    });
    const keys = async () => (await inner.getRange(ALL)).map(({ key }) => key);
    return { inner, storage, kinds, keys, deaths: () => deaths };
  };
  const soon = <T>(work: Promise<T>) =>
    Promise.race([work, new Promise((resolve) => setTimeout(() => resolve('never'), 20))]);

  it.each([
    ['failed', 'STORAGE_FAILED'],
    ['closed', 'STORAGE_UNAVAILABLE'],
    ['notLanded', 'OUTCOME_UNKNOWN'],
    ['quota', 'QUOTA_EXCEEDED'],
    ['hang', 'DEADLINE_EXCEEDED'],
    ['staleEpoch', 'STALE_EPOCH'],
  ] as const)('%s refuses a commit, changes nothing, and is told of', async (kind, code) => {
    const { storage, kinds, keys } = await struck(kind);
    await expect(storage.commit(commitOf('c', 1))).rejects.toMatchObject({ code });
    expect(await keys()).toEqual(['a', 'b']);
    expect(kinds).toEqual([kind]);
    expect(storage.failed()).toBe(1);
  });

  it.each(['answerLost', 'hangLanded'] as const)(
    '%s leaves open how a commit ended that landed',
    async (kind) => {
      const { storage, keys } = await struck(kind);
      await expect(storage.commit(commitOf('c', 1))).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      expect(await keys()).toEqual(['a', 'b', 'c']);
    },
  );

  it('loses the answer of a read without leaving anything open', async () => {
    for (const kind of ['answerLost', 'notLanded'] as const) {
      const { storage } = await struck(kind);
      await expect(storage.get('a')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    }
  });

  it('says while an operation waits for its deadline that one does', async () => {
    const { storage } = await struck('hang');
    const reading = storage.get('a');
    expect(storage.hanging()).toBe(1);
    await expect(reading).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(storage.hanging()).toBe(0);
  });

  it.each([
    ['killed', ['a', 'b']],
    ['killedLanded', ['a', 'b', 'c']],
  ] as const)('%s ends the process: neither this operation nor a later one settles', async (kind, left) => {
    const { storage, keys, deaths } = await struck(kind);
    expect(await soon(storage.commit(commitOf('c', 1)))).toBe('never');
    expect(await soon(storage.commit(commitOf('d', 1)))).toBe('never');
    expect(await soon(storage.get('a'))).toBe('never');
    expect(await keys()).toEqual(left);
    expect(deaths()).toBe(1);
  });

  it('lies: a commit is acknowledged, and nothing or all but one put is written', async () => {
    const lying = await struck('lie');
    expect(await lying.storage.commit(commitOf('c', 1))).toBe('accepted');
    expect(await lying.keys()).toEqual(['a', 'b']);

    const dropping = await struck('droppedPut', 1, 1);
    const puts = ['c', 'd', 'e'].map((key) => ({ key, value: new Uint8Array(1) }));
    await dropping.storage.commit({ expectEpoch: 0, puts, durability: 'journaled' });
    expect(await dropping.keys()).toEqual(['a', 'b', 'c', 'e']);
  });

  it('does not lie to an owner that was replaced', async () => {
    const { storage, inner } = await struck('lie');
    await inner.commit({ expectEpoch: 0, nextEpoch: 1, durability: 'journaled' });
    await expect(storage.commit(commitOf('c', 1))).rejects.toMatchObject({ code: 'STALE_EPOCH' });
  });

  it('strikes the share of operations that was told, the same for the same seed', () => {
    const strike = (seed: number) => {
      const schedule = randomSchedule(createRandom(seed), { failed: 0.1, flippedRead: 0.2 });
      return Array.from({ length: 2_000 }, (_, number) => schedule({ number })?.kind);
    };
    const kinds = strike(1);
    expect(strike(1)).toEqual(kinds);
    expect(kinds.filter((kind) => kind === 'failed').length / 2_000).toBeCloseTo(0.1, 1);
    expect(kinds.filter((kind) => kind === 'flippedRead').length / 2_000).toBeCloseTo(0.2, 1);
  });

  it('gives space back after so many refusals', async () => {
    const schedule = firstOf(quotaSchedule(3, 2));
    const storage = createFaultyStorage(createMemoryStorage(), { schedule });
    await storage.commit(commitOf('a', 1, 2));
    await expect(storage.commit(commitOf('b', 1, 2))).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    await storage.commit(commitOf('c', 1));
    await expect(storage.commit(commitOf('d', 1))).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    await storage.commit(commitOf('e', 1, 2, 3));
    expect((await storage.getRange(ALL)).map(({ key }) => key)).toEqual(['a', 'c', 'e']);
  });
});

describe('damage at rest', () => {
  const bitsOf = (bytes: Uint8Array | undefined) =>
    [...(bytes ?? [])].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);

  it('flips one bit of one row, or cuts it short, and leaves the epoch', async () => {
    const storage = createMemoryStorage();
    await storage.commit({ ...commitOf('a', 0, 0, 0, 0), nextEpoch: 4 });
    expect(await damageAtRest(storage, 'flipped', createRandom(1))).toBe('a');
    expect(bitsOf(await storage.get('a'))).toBe(1);
    await damageAtRest(storage, 'torn', createRandom(2));
    expect((await storage.get('a'))?.length).toBeLessThan(4);
    expect(await storage.epoch()).toBe(4);
  });

  it('finds nothing to damage in an empty store', async () => {
    expect(await damageAtRest(createMemoryStorage(), 'flipped', createRandom(1))).toBeUndefined();
  });
});
