/** No transaction is without bound, whatever has gathered. */
import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import { FOLD_BYTES, FOLD_IDLE_MS, MAX_BATCH, OP_RESULT_RETENTION_MS } from '../limits.ts';
import type { Commit, Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { createExactIndex } from '../vector/exact.ts';
import { createLastingStorage, NOW, openTestEngine, until } from './engine-test-util.ts';
import { encodeAnswer, LOG_ROWS, OP_ROWS } from './layout.ts';

/** A store that keeps a list of what was committed, or refuses it. */
function listening(inner: Storage = createLastingStorage()) {
  const commits: Commit[] = [];
  const control = { isDown: false };
  const commit: Storage['commit'] = (change) => {
    if (control.isDown) return Promise.reject(new LociError('STORAGE_FAILED', 'the disk is down'));
    commits.push(change);
    return inner.commit(change);
  };
  return { storage: { ...inner, commit }, commits, control, inner };
}

const bytesOf = ({ puts = [] }: Commit) => puts.reduce((sum, { value }) => sum + value.byteLength, 0);

describe('a fold', () => {
  it('of long contents and their changes is made in transactions of bounded bytes', {
    timeout: 60_000,
  }, async () => {
    const { storage, commits, inner } = listening();
    const environment = createTestEnvironment({ seed: 1, now: NOW });
    const createIndex = async (dimensions: number) => createExactIndex(dimensions);
    const engine = await openTestEngine({ storage, environment, createIndex });
    const content = (i: number) => `word${i} ${'x'.repeat(30_000)}`;
    const embedding = { modelId: 'm', space: 's', vector: Float32Array.of(1, 0) };
    const { ids } = await engine.addMany(
      Array.from({ length: 500 }, (_, i) => ({ content: content(i), embedding })),
    );
    for (const id of ids.slice(0, 200)) await engine.update(id, { content: content(1_000) });
    commits.length = 0;
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await inner.getKeys(LOG_ROWS)).length === 0);
    expect(commits.length).toBeGreaterThan(3);
    expect(Math.max(...commits.map(bytesOf))).toBeLessThan(3 * FOLD_BYTES);
  });
});

describe('outdated answers', () => {
  const open = async () => {
    const inner = createLastingStorage();
    await (await openTestEngine({ storage: inner })).close();
    const puts = Array.from({ length: 2 * MAX_BATCH + 5 }, (_, i) =>
      encodeAnswer(`op-${i}`, { method: 'add', at: NOW, result: {} }),
    );
    await inner.commit({ expectEpoch: await inner.epoch(), puts, durability: 'journaled' });
    const environment = createTestEnvironment({ seed: 2, now: NOW + OP_RESULT_RETENTION_MS + 1 });
    const { storage, commits, control } = listening(inner);
    return { engine: await openTestEngine({ storage, environment }), commits, control, environment, inner };
  };

  it('are taken away in transactions of bounded size', async () => {
    const { commits, environment, inner } = await open();
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await inner.getKeys(OP_ROWS)).length === 0);
    expect(Math.max(...commits.map(({ deletes = [] }) => deletes.length))).toBe(MAX_BATCH);
  });

  it('are taken away later where storage refused it, and counted until then', async () => {
    const { engine, control, environment, inner } = await open();
    control.isDown = true;
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await engine.status()).backgroundError !== undefined);
    expect((await engine.stats()).bytesByKind.journal).toBeGreaterThan(0);
    control.isDown = false;
    await engine.add({ content: 'a' });
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await inner.getKeys(OP_ROWS)).length === 1);
  });
});
