/** What callers give and repeat at the edges of what is meant. */
import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import { FOLD_IDLE_MS, MAX_EF } from '../limits.ts';
import type { Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { refusalOf } from '../testing/refusal.ts';
import type { SearchOptions } from '../types.ts';
import { createLastingStorage, NOW, openTestEngine, until } from './engine-test-util.ts';
import { LOG_ROWS } from './layout.ts';

describe('a memory that has expired and is not swept yet', () => {
  it('cannot be updated back to life', async () => {
    const environment = createTestEnvironment({ seed: 1, now: NOW });
    const engine = await openTestEngine({ environment });
    const { id } = await engine.add({ content: 'a', expiresAt: NOW + 100 });
    await environment.advance(200);
    expect(await engine.get(id)).toBeNull();
    expect((await refusalOf(engine.update(id, { expiresAt: null }))).code).toBe('NOT_FOUND');
    expect((await engine.delete(id)).deleted).toBe(1);
  });
});

describe('an operation id', () => {
  it('that was used for addMany is none for add, and the other way round', async () => {
    const engine = await openTestEngine();
    await engine.addMany([{ content: 'a' }, { content: 'b' }], { opId: 'many' });
    await engine.add({ content: 'c' }, { opId: 'one' });
    const wrong = [
      engine.add({ content: 'd' }, { opId: 'many' }),
      engine.addMany([{ content: 'd' }], { opId: 'one' }),
    ];
    for (const call of wrong) expect((await refusalOf(call)).code).toBe('INVALID_INPUT');
    expect((await engine.list()).total).toBe(3);
  });

  it('of a call that had nothing to do answers the same when the call is repeated', async () => {
    const storage = createLastingStorage();
    const id = '0190163d-8694-739b-aea5-966c26f8ad01';
    const engine = await openTestEngine({ storage });
    expect((await engine.delete(id, { opId: 'x' })).deleted).toBe(0);
    await engine.add({ id, content: 'came since' });
    expect((await engine.delete(id, { opId: 'x' })).deleted).toBe(0);
    const again = await openTestEngine({ storage });
    expect((await again.delete(id, { opId: 'x' })).deleted).toBe(0);
    expect((await again.get(id))?.content).toBe('came since');
  });
});

describe('a write that has nothing to do', () => {
  it('says flushed only after a flush', async () => {
    const inner = createLastingStorage();
    let flushes = 0;
    const commit: Storage['commit'] = (change) => {
      if (change.durability === 'flushed') flushes += 1;
      return inner.commit(change);
    };
    const engine = await openTestEngine({ storage: { ...inner, commit } });
    await engine.add({ content: 'a' });
    expect((await engine.addMany([], { durability: 'flushed' })).durability).toBe('flushed');
    expect(flushes).toBe(1);
  });
});

describe('a history that is read during a fold', () => {
  it('tells of each event once', async () => {
    const inner = createLastingStorage();
    const environment = createTestEnvironment({ seed: 2, now: NOW });
    let fold: (() => Promise<void>) | undefined;
    const getRange: Storage['getRange'] = async (range, options) => {
      const work = range.from.startsWith('history/') ? fold : undefined;
      if (work !== undefined) fold = undefined;
      await work?.();
      return inner.getRange(range, options);
    };
    const engine = await openTestEngine({ storage: { ...inner, getRange }, environment });
    const { id } = await engine.add({ content: 'a' });
    await engine.delete(id);
    fold = async () => {
      await environment.advance(FOLD_IDLE_MS);
      await until(async () => (await inner.getKeys(LOG_ROWS)).length === 0);
    };
    expect((await engine.history(id)).map(({ type }) => type)).toEqual(['delete']);
  });
});

describe('a search', () => {
  it('for half of a character is refused, with a hint', async () => {
    const engine = await openTestEngine();
    await expect(engine.search('a cat \ud83d')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      hint: expect.stringContaining('toWellFormed'),
    });
    await engine.close();
  });

  it.each([
    { recall: Number.NaN },
    { recall: 0 },
    { recall: 2 },
    { recall: 'x' },
    { ef: 0 },
    { ef: 1.5 },
    { ef: MAX_EF + 1 },
  ])('is refused with %o, also where no vector would be asked', async (options) => {
    const engine = await openTestEngine();
    const refusal = await refusalOf(engine.search('house', options as SearchOptions));
    expect(refusal.code).toBe('INVALID_INPUT');
  });
});

describe('opening', () => {
  it('calls a namespace new though its claim was answered late', async () => {
    const inner = createLastingStorage();
    let isFirst = true;
    const commit: Storage['commit'] = async (change) => {
      const reached = await inner.commit(change);
      if (!isFirst) return reached;
      isFirst = false;
      throw new LociError('OUTCOME_UNKNOWN', 'no answer');
    };
    const engine = await openTestEngine({ storage: { ...inner, commit } });
    expect((await engine.status()).storage.origin).toBe('newOrEvicted');
    const again = await openTestEngine({ storage: inner });
    expect((await again.status()).storage.origin).toBe('existing');
  });

  it('takes no access count over from a memory that the log deletes, however late its page comes', async () => {
    const inner = createLastingStorage();
    const environment = createTestEnvironment({ seed: 3, now: NOW });
    const engine = await openTestEngine({ storage: inner, environment });
    const { id } = await engine.add({ content: 'a' });
    await engine.get(id);
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await inner.getKeys(LOG_ROWS)).length === 0);
    await engine.delete(id);
    const getRange: Storage['getRange'] = async (range, options) => {
      if (range.from.startsWith('access/')) await new Promise((resolve) => setTimeout(resolve, 50));
      return inner.getRange(range, options);
    };
    const next = createTestEnvironment({ seed: 4, now: NOW });
    const again = await openTestEngine({ storage: { ...inner, getRange }, environment: next });
    await next.advance(FOLD_IDLE_MS);
    await again.close();
    expect(await inner.getKeys({ from: 'access/', to: 'access/\uffff' })).toEqual([]);
  });
});
