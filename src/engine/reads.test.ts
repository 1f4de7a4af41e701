import { describe, expect, it } from 'vitest';
import { FOLD_IDLE_MS } from '../limits.ts';
import type { Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { createLastingStorage, NOW, openTestEngine } from './engine-test-util.ts';

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
