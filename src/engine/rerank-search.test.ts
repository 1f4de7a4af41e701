import { describe, expect, it } from 'vitest';
import type { RerankerLoader } from '../embedding/reranker.ts';
import type { SearchOptions } from '../types.ts';
import { openTestEngine } from './engine-test-util.ts';

const CONTENTS = [
  'Red boots in the rain',
  'The boots are red',
  'A red car',
  'Boots of leather, as worn in Lisbon',
];

/** A model that likes what was worn in Lisbon. */
const judge: RerankerLoader = {
  id: 'judge@q8',
  load: async () => ({
    id: 'judge@q8',
    rerank: async (_, texts) => Float32Array.from(texts, (text) => Number(text.includes('Lisbon'))),
    close: async () => undefined,
  }),
};

async function openFilled(reranker?: RerankerLoader) {
  const engine = await openTestEngine({ reranker });
  await engine.addMany(CONTENTS.map((content) => ({ content })));
  return engine;
}

describe('a search that asks for the reranker', () => {
  it('brings to the front what it likes, also from behind the limit, and says so', async () => {
    const engine = await openFilled(judge);
    const plain = await engine.search('red boots', { limit: 1 });
    expect(plain.hits[0]?.memory.content).not.toContain('Lisbon');
    expect(plain.hits[0]?.why).not.toHaveProperty('rerank');
    const { hits, plan } = await engine.search('red boots', { limit: 1, rerank: { weight: 1 } });
    expect(hits).toHaveLength(1);
    expect(hits[0]?.memory.content).toContain('Lisbon');
    expect(hits[0]?.why.rerank).toMatchObject({ modelId: 'judge@q8', raw: 1 });
    expect(plan).not.toHaveProperty('degraded');
    await engine.close();
  });

  it('does without where it fails, and says so', async () => {
    const engine = await openFilled({ id: 'judge@q8', load: () => Promise.reject(new Error('no network')) });
    const ids = async (options?: SearchOptions) =>
      (await engine.search('red boots', options)).hits.map(({ id }) => id);
    expect(await ids({ rerank: true })).toEqual(await ids());
    const { plan } = await engine.search('red boots', { rerank: true });
    expect(plan.degraded).toContain('no network');
    await engine.close();
  });

  it('does without where none was chosen, and says so', async () => {
    const engine = await openFilled();
    const { hits, plan } = await engine.search('red boots', { rerank: true });
    expect(hits.length).toBeGreaterThan(0);
    expect(plan.degraded).toContain('no reranker');
    await engine.close();
  });

  it('does not find what was deleted while it read', async () => {
    let read: () => void = () => undefined;
    const slow: RerankerLoader = {
      id: 'slow@q8',
      load: async () => ({
        id: 'slow@q8',
        rerank: (_, texts) =>
          new Promise((resolve) => {
            read = () => resolve(new Float32Array(texts.length));
          }),
        close: async () => undefined,
      }),
    };
    const engine = await openFilled(slow);
    const { hits } = await engine.search('red boots');
    const search = engine.search('red boots', { rerank: true });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await engine.delete(hits[0]?.id ?? '');
    read();
    const after = (await search).hits;
    expect(after).toHaveLength(hits.length - 1);
    expect(after.map(({ id }) => id)).not.toContain(hits[0]?.id);
    await engine.close();
  });

  it.each([{ best: 0 }, { best: 101 }, { best: 1.5 }, { weight: 2 }, { wieght: 1 }, 'yes'])(
    'is refused with what is no choice: %j',
    async (rerank) => {
      const engine = await openFilled(judge);
      await expect(engine.search('red', { rerank } as SearchOptions)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
      await engine.close();
    },
  );
});
