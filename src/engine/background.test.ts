/** What becomes of work in the background that fails. */
import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import { FOLD_IDLE_MS, INDEX_RETRY_MS, REEMBED_RETRY_MAX_MS } from '../limits.ts';
import type { Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { createExactIndex } from '../vector/exact.ts';
import { createLastingStorage, createLateModel, NOW, openTestEngine, until } from './engine-test-util.ts';

describe('embedding anew that fails', () => {
  const open = async () => {
    const inner = createLastingStorage();
    const environment = createTestEnvironment({ seed: 1, now: NOW });
    const disk = { isDown: false, refused: 0 };
    const commit: Storage['commit'] = (change) => {
      if (!disk.isDown) return inner.commit(change);
      disk.refused += 1;
      return Promise.reject(new LociError('STORAGE_FAILED', 'the disk is down'));
    };
    const model = createLateModel();
    const engine = await openTestEngine({ storage: { ...inner, commit }, environment, preferred: model });
    await engine.add({ content: 'Ana lives in Lisbon' });
    await environment.advance(FOLD_IDLE_MS);
    disk.isDown = true;
    model.arrive();
    await until(async () => (await engine.status()).backgroundError !== undefined);
    return { engine, environment, disk };
  };

  it('is in sight until it succeeds, and is tried again', async () => {
    const { engine, environment, disk } = await open();
    expect((await engine.health()).reasons).toMatchObject([{ code: 'background-failed' }]);
    disk.isDown = false;
    await environment.advance(REEMBED_RETRY_MAX_MS);
    await until(async () => (await engine.stats()).byModel['late-model'] === 1);
    await until(async () => (await engine.status()).backgroundError === undefined);
    expect((await engine.status()).reembedding).toEqual({ done: 1, total: 1 });
  });

  it('is tried after growing pauses', async () => {
    const { environment, disk } = await open();
    const countOf = async (ms: number) => {
      const before = disk.refused;
      for (let at = 0; at < ms; at += 1_000) await environment.advance(1_000);
      return disk.refused - before;
    };
    const first = await countOf(REEMBED_RETRY_MAX_MS);
    const later = await countOf(REEMBED_RETRY_MAX_MS);
    expect(first).toBeGreaterThan(later);
    expect(later).toBeGreaterThan(0);
  });
});

describe('a failure of one kind of work', () => {
  it('is not wiped away by the success of another, and goes with its own', async () => {
    const environment = createTestEnvironment({ seed: 2, now: NOW });
    let isBroken = false;
    const createIndex = async (dimensions: number) =>
      Object.assign(createExactIndex(dimensions), {
        maintain: () => {
          if (isBroken) throw new Error('the graph broke');
          return false;
        },
      });
    const engine = await openTestEngine({ environment, createIndex });
    isBroken = true;
    await engine.add({ content: 'a' });
    await environment.advance(10);
    expect((await engine.status()).backgroundError).toContain('the graph broke');
    await environment.advance(FOLD_IDLE_MS);
    await engine.flush();
    expect((await engine.status()).backgroundError).toContain('the graph broke');
    isBroken = false;
    await environment.advance(INDEX_RETRY_MS);
    expect((await engine.status()).backgroundError).toBeUndefined();
  });
});
