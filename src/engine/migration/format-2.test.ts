import { describe, expect, it } from 'vitest';
import { FOLD_IDLE_MS } from '../../limits.ts';
import { createTestEnvironment } from '../../testing/environment.ts';
import type { MemoryEngine } from '../../types.ts';
import { dot } from '../../vector/vectors.ts';
import { createLastingStorage, NOW, openTestEngine, until } from '../engine-test-util.ts';
import { LOG_ROWS } from '../layout.ts';
import { storeOf } from './fixture-test-util.ts';
import format2 from './fixtures/format-2.json' with { type: 'json' };

const [keeper = '', brother = '', vector = '', deleted = '', last = ''] = format2.ids;

async function expectEverything(engine: MemoryEngine): Promise<void> {
  const { memories } = await engine.list({ order: 'oldest', includeVector: true });
  expect(memories.map(({ id, content }) => [id, content])).toEqual([
    [keeper, 'The lighthouse keeper counts the ships every evening.'],
    [brother, 'Her brother repairs nets in the spring.'],
    [vector, 'A vector of the host’s own.'],
    [last, 'Added last, and still only in the log: Grüße aus 東京 😀'],
  ]);
  expect(memories[0]).toMatchObject({
    speaker: 'Mara',
    sessionId: 'harbour',
    position: 0,
    tags: ['sea', 'work'],
    priority: 'critical',
    importance: 0.95,
    revision: 2,
    metadata: { light: { range: 24 } },
  });
  expect(memories[0]?.accessCount).toBeGreaterThan(0);
  expect(memories[1]).toMatchObject({ externalId: 'turn-2', kind: 'episodic', tags: [], legalHold: false });
  expect(memories[2]?.tags).toEqual(['kept']);
  expect(memories[3]).toMatchObject({ kind: 'semantic', legalHold: true });
  const host = memories[2]?.vector ?? new Float32Array();
  expect(dot(host, Float32Array.of(0.6, 0.8, 0))).toBeGreaterThan(0.9999);
  expect((await engine.history(brother)).map(({ type }) => type)).toEqual(['add', 'update']);
  expect((await engine.history(deleted)).map(({ type }) => type)).toEqual(['delete']);
  expect((await engine.add({ content: 'again' }, { opId: 'fixture-log' })).id).toBe(last);
  expect((await engine.search('who repairs nets in spring')).hits[0]?.id).toBe(brother);
  expect((await engine.search('xylophone')).hits.every(({ id }) => id !== deleted)).toBe(true);
  expect(await engine.health()).toMatchObject({ state: 'ok' });
}

describe('a database of format 2 as it was first written', () => {
  it('is opened with everything in it, and folded and opened again with the same', async () => {
    const storage = createLastingStorage(await storeOf(format2));
    const environment = createTestEnvironment({ seed: 1, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    await expectEverything(engine);
    await engine.add({ content: 'A new one.' }, { opId: 'later' });
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await storage.getKeys(LOG_ROWS)).length === 0);
    await engine.delete((await engine.add({ content: 'A new one.' }, { opId: 'later' })).id);
    await engine.close();

    const again = await openTestEngine({ storage });
    await expectEverything(again);
    await again.close();
  });
});
