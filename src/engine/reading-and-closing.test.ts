import { describe, expect, it } from 'vitest';
import { createHashingEmbedder } from '../embedding/hashing.ts';
import { LociError } from '../errors.ts';
import { FOLD_IDLE_MS } from '../limits.ts';
import type { Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { refusalOf } from '../testing/refusal.ts';
import { createLastingStorage, createLateModel, NOW, openTestEngine, until } from './engine-test-util.ts';

/** A store in which something happens just before pages of contents are read the next time. */
function interruptible(): Storage & { before: (work: () => Promise<void>) => void } {
  const inner = createLastingStorage();
  let work: (() => Promise<void>) | undefined;
  return {
    ...inner,
    getMany: async (keys) => {
      const interruption = keys.some((key) => key.startsWith('content/')) ? work : undefined;
      if (interruption !== undefined) work = undefined;
      await interruption?.();
      return inner.getMany(keys);
    },
    before: (next) => {
      work = next;
    },
  };
}

/** A store that counts the flushes it was asked for. */
function counting({ refuseFlush = false } = {}): { storage: Storage; flushes: () => number } {
  const inner = createLastingStorage();
  let flushes = 0;
  const commit: Storage['commit'] = (change) => {
    if (change.durability === 'flushed') {
      flushes += 1;
      if (refuseFlush) return Promise.reject(new LociError('STORAGE_FAILED', 'the disk does not answer'));
    }
    return inner.commit(change);
  };
  return { storage: { ...inner, commit }, flushes: () => flushes };
}

describe('a memory that is updated and folded while it is read', () => {
  const open = async () => {
    const storage = interruptible();
    const environment = createTestEnvironment({ seed: 1, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    const { id } = await engine.add({ content: 'the door code is 1111', tags: ['old'] });
    await environment.advance(FOLD_IDLE_MS);
    storage.before(async () => {
      await engine.update(id, { content: 'the door code is 2222', tags: ['new'] });
      await environment.advance(FOLD_IDLE_MS);
    });
    return { engine, id };
  };
  const after = { content: 'the door code is 2222', tags: ['new'], revision: 2 };

  it('comes from get with the fields that belong to its content', async () => {
    const { engine, id } = await open();
    expect(await engine.get(id)).toMatchObject(after);
  });

  it('comes from list so', async () => {
    const { engine } = await open();
    expect((await engine.list({ includeVector: true })).memories).toMatchObject([after]);
  });

  it('comes from search so', async () => {
    const { engine } = await open();
    expect((await engine.search('door code')).hits).toMatchObject([{ memory: after }]);
  });
});

describe('close', () => {
  it('ends a search that waits for its model with CLOSED, and not with half an answer', async () => {
    const good = createHashingEmbedder();
    let isSlow = false;
    let answer: (() => void) | undefined;
    const embed = async (texts: readonly string[]) => {
      if (isSlow)
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
      return good.embed(texts);
    };
    const engine = await openTestEngine({ builtin: { ...good, embed } });
    await engine.add({ content: 'Ana lives in Lisbon' });
    isSlow = true;
    const searching = refusalOf(engine.search('Lisbon'));
    await until(() => answer !== undefined);
    await engine.close();
    answer?.();
    expect((await searching).code).toBe('CLOSED');
  });

  it('ends a read that waits for storage with CLOSED', async () => {
    const storage = interruptible();
    const environment = createTestEnvironment({ seed: 1, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    const { id } = await engine.add({ content: 'Ana lives in Lisbon' });
    await environment.advance(FOLD_IDLE_MS);
    storage.before(() => engine.close());
    expect((await refusalOf(engine.get(id))).code).toBe('CLOSED');
  });

  it('lets go of everything whatever fails on the way, and tells the first failure', async () => {
    const closed: string[] = [];
    const storage = { ...createLastingStorage(), close: async () => void closed.push('storage') };
    const failing = (name: string) => () => {
      closed.push(name);
      return Promise.reject(new Error(`${name} would not go`));
    };
    const builtin = { ...createHashingEmbedder(), close: failing('builtin') };
    const late = createLateModel();
    const preferred = {
      ...late,
      load: async (tell: (fraction: number) => void) => {
        const loaded = await late.load(tell);
        return { ...loaded, close: failing('model') };
      },
    };
    const engine = await openTestEngine({ storage, builtin, preferred });
    late.arrive();
    await until(async () => (await engine.status()).embedder.state === 'ready');
    await expect(engine.close()).rejects.toThrow('model would not go');
    expect(closed).toEqual(['model', 'builtin', 'storage']);
  });
});

describe('what close writes', () => {
  it('is flushed, where anything was written since the last flush', async () => {
    const { storage, flushes } = counting();
    const engine = await openTestEngine({ storage });
    await engine.add({ content: 'a' });
    await engine.close();
    expect(flushes()).toBe(1);
    await (await openTestEngine({ storage })).close();
    expect(flushes()).toBe(1);
  });

  it('cannot be flushed: then close says so, and everything is let go of', async () => {
    const { storage } = counting({ refuseFlush: true });
    let isClosed = false;
    const engine = await openTestEngine({
      storage: {
        ...storage,
        close: async () => {
          isClosed = true;
        },
      },
    });
    await engine.add({ content: 'a' });
    expect((await refusalOf(engine.close())).code).toBe('STORAGE_FAILED');
    expect(isClosed).toBe(true);
  });
});
