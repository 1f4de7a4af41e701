import { describe, expect, it, vi } from 'vitest';
import { createMemoryStorage } from '../storage/memory.ts';
import { createLastingStorage, openTestEngine } from './engine-test-util.ts';

vi.setConfig({ testTimeout: 30_000 });

async function foundBy(engine: Awaited<ReturnType<typeof openTestEngine>>, query: string) {
  return (await engine.search(query)).hits.filter(({ why }) => why.lexical !== undefined);
}

describe('the words of a namespace', () => {
  it('are indexed anew when it is opened in another language, and none is lost', async () => {
    const storage = createLastingStorage(createMemoryStorage());
    const first = await openTestEngine({ storage });
    const contents = ['Die Häuser am Fluss', 'Ein Haus im Wald', 'the oak'];
    await first.addMany(contents.map((content) => ({ content })));
    await first.close();
    const german = await openTestEngine({ storage, language: 'de' });
    await vi.waitFor(async () => expect(await foundBy(german, 'Haus')).toHaveLength(2));
    expect((await german.search('oak')).hits[0]?.memory.content).toBe('the oak');
    await german.close();
    const again = await openTestEngine({ storage, language: 'de-AT' });
    expect(await foundBy(again, 'Häuser')).toHaveLength(2);
    expect(await again.health()).toMatchObject({ state: 'ok' });
    await again.close();
  });

  it('are refused in a language that is not known', async () => {
    await expect(openTestEngine({ language: 'tlh' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('are those of the time it has, after that was changed too', async () => {
    const engine = await openTestEngine();
    const times = Array.from({ length: 12 }, (_, month) => Date.UTC(2023, month, 10));
    const { ids } = await engine.addMany(times.map((createdAt, i) => ({ content: `note ${i}`, createdAt })));
    const inMay = await foundBy(engine, 'in May');
    expect(inMay.map(({ memory }) => memory.content)).toEqual(['note 4']);
    expect(inMay[0]?.why.lexical?.terms).toEqual(['may']);
    await engine.update(ids[4] ?? '', { createdAt: Date.UTC(2023, 7, 10) });
    expect(await foundBy(engine, 'in May')).toEqual([]);
    expect(await foundBy(engine, 'in August')).toHaveLength(2);
    await engine.close();
  });
});
