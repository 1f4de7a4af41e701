/** Values that the browser cannot read any more, each alone: the namespace opens, and serves all else. */

import { describe, expect, it } from 'vitest';
import { FOLD_IDLE_MS } from '../limits.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { createLosingStorage, type LosingStorage } from '../testing/unreadable.ts';
import { createLastingStorage, NOW, openTestEngine, until } from './engine-test-util.ts';
import { FLUSH_ROW } from './layout.ts';

const ALL = { from: '', to: '\uffff' };

/** A namespace with rows of every kind but a graph: three memories in blocks, and one in the log. */
async function storedNamespace(): Promise<LosingStorage> {
  const storage = createLosingStorage(createLastingStorage(createMemoryStorage()));
  const engine = await openTestEngine({ storage });
  const { ids } = await engine.addMany([
    { content: 'Ana lives in Lisbon' },
    { content: 'Ben repairs nets' },
    {
      content: 'a vector of its own',
      embedding: { modelId: 'h', space: 's', vector: Float32Array.of(1, 0) },
    },
  ]);
  await engine.update(ids[0] ?? '', { tags: ['travel'] });
  await engine.get(ids[1] ?? '');
  await engine.close();
  await (await openTestEngine({ storage })).add({ content: 'only in the log' });
  return storage;
}

/** All but the row that is only written to have the disk asked, and that nobody reads. */
async function keysIn(storage: Storage): Promise<readonly string[]> {
  return (await storage.getKeys(ALL)).filter((key) => key !== FLUSH_ROW.key);
}

describe('a value that cannot be read any more', () => {
  it('keeps nothing else from being opened and served, whichever it is', async () => {
    const keys = await keysIn(await storedNamespace());
    const kinds = new Set(keys.map((key) => key.split('/')[0]));
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        'access',
        'content',
        'history',
        'log',
        'manifest',
        'op',
        'record',
        'vector',
        'words',
      ]),
    );
    for (const place of keys.keys()) {
      const storage = await storedNamespace();
      // Ids differ each time.
      const key = (await keysIn(storage))[place] ?? '';
      storage.lose(key);
      const environment = createTestEnvironment({ seed: 77, now: NOW });
      const engine = await openTestEngine({ storage, environment });
      await until(
        async () => !(await engine.health()).reasons.some(({ code }) => code === 'words-rebuilding'),
      );
      const { memories } = await engine.list({ includeVector: true });
      const expected =
        key.startsWith('record/') || key.startsWith('content/') ? 1 : key.startsWith('log/') ? 3 : 4;
      expect([key, memories.length]).toEqual([key, expected]);
      for (const { id, content } of memories) {
        const { hits } = await engine.search(content);
        expect(hits.find((hit) => hit.id === id)?.why.lexical).toBeDefined();
        await engine.history(id);
      }
      const { state, repaired } = await engine.health();
      // A second copy, or what is made anew, is no loss; the row of a flush is never read.
      if (state === 'ok') expect([key, repaired]).toEqual([key, key === 'flush' ? 0 : 1]);
      // It can be written to, and folded.
      const { id } = await engine.add({ content: 'written afterwards' });
      await environment.advance(FOLD_IDLE_MS);
      await engine.close();
      const again = await openTestEngine({ storage });
      expect((await again.get(id))?.content).toBe('written afterwards');
      await again.close();
    }
  });
});
