import { describe, expect, it } from 'vitest';
import type { Reranker, RerankerLoader } from '../embedding/reranker.ts';
import { LociError } from '../errors.ts';
import { MODEL_RETRY_MS, RERANK_DEADLINE_MS, RERANKED } from '../limits.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { Reranking } from './reranking.ts';

const hit = (content: string, score: number) => ({
  score,
  memory: { content },
  why: { foundBy: ['lexical'] as const, signals: [] },
});
const hits = [hit('rain', 0.9), hit('red boots', 0.8), hit('leather', 0.7)];
const contents = (list: readonly { readonly memory: { readonly content: string } }[]) =>
  list.map(({ memory }) => memory.content);

/** A model that likes boots, and counts what it is asked. */
function createLoader(parts: Partial<Reranker> = {}) {
  const asked: (readonly string[])[] = [];
  let loads = 0;
  let closes = 0;
  const reranker: Reranker = {
    id: 'judge@q8',
    rerank: async (_, texts) => {
      asked.push(texts);
      return Float32Array.from(texts, (text) => Number(text.includes('boots')));
    },
    close: async () => {
      closes += 1;
    },
    ...parts,
  };
  const loader: RerankerLoader = {
    id: 'judge@q8',
    load: async () => {
      loads += 1;
      return reranker;
    },
  };
  return { loader, asked, counts: () => ({ loads, closes }) };
}

describe('the reranker of an engine', () => {
  it('is loaded when it is first asked for, once, and puts the best in its order', async () => {
    const { loader, counts, asked } = createLoader();
    const reranking = new Reranking(loader, createTestEnvironment());
    expect(counts().loads).toBe(0);
    const { hits: ordered, degraded } = await reranking.rerank('shoes', hits, { weight: 1 });
    expect(contents(ordered)[0]).toBe('red boots');
    expect(ordered[0]?.why).toMatchObject({ rerank: { modelId: 'judge@q8', raw: 1, scoreBefore: 0.8 } });
    expect(degraded).toBeUndefined();
    await reranking.rerank('shoes', hits, { best: 2 });
    expect(asked.map(({ length }) => length)).toEqual([3, 2]);
    await reranking.close();
    expect(counts()).toEqual({ loads: 1, closes: 1 });
  });

  it('reads no more than twenty where nothing is said', async () => {
    const { loader, asked } = createLoader();
    const many = Array.from({ length: 50 }, (_, i) => hit(`text ${i}`, 1 - i / 50));
    await new Reranking(loader, createTestEnvironment()).rerank('q', many);
    expect(asked[0]).toHaveLength(RERANKED);
  });

  it('is waited for no longer than a search may wait while it loads, and serves those that come later', async () => {
    const environment = createTestEnvironment();
    const { loader } = createLoader();
    let arrive: () => void = () => undefined;
    const slow = {
      ...loader,
      load: () =>
        new Promise<Reranker>((resolve) => {
          arrive = () => resolve(loader.load(() => undefined));
        }),
    };
    const reranking = new Reranking(slow, environment);
    const first = reranking.rerank('shoes', hits);
    await environment.advance(RERANK_DEADLINE_MS);
    expect(await first).toEqual({ hits, degraded: 'judge@q8 is not loaded yet' });
    arrive();
    await environment.advance(0);
    await new Promise((resolve) => setTimeout(resolve));
    expect(contents((await reranking.rerank('shoes', hits, { weight: 1 })).hits)[0]).toBe('red boots');
  });

  it('that takes too long leaves the order, and is asked again by the next search', async () => {
    const environment = createTestEnvironment();
    const { loader, counts } = createLoader({ rerank: () => new Promise(() => undefined) });
    const reranking = new Reranking(loader, environment);
    for (let i = 0; i < 2; i++) {
      const search = reranking.rerank('shoes', hits);
      await new Promise((resolve) => setTimeout(resolve));
      await environment.advance(RERANK_DEADLINE_MS);
      expect(await search).toEqual({ hits, degraded: expect.stringContaining(`${RERANK_DEADLINE_MS} ms`) });
    }
    expect(counts()).toEqual({ loads: 1, closes: 0 });
  });

  it('that throws leaves the order, says so, and is loaded anew later', async () => {
    const environment = createTestEnvironment();
    const { loader, counts } = createLoader({ rerank: () => Promise.reject(new Error('out of memory')) });
    const reranking = new Reranking(loader, environment);
    const outcome = await reranking.rerank('shoes', hits);
    expect(outcome).toEqual({ hits, degraded: expect.stringContaining('out of memory') });
    expect(counts()).toEqual({ loads: 1, closes: 1 });
    await environment.advance(MODEL_RETRY_MS);
    expect(counts().loads).toBe(2);
  });

  it('that fails when nobody waits for it any more is loaded anew, too', async () => {
    const environment = createTestEnvironment();
    let fail: (error: Error) => void = () => undefined;
    const stuck = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const { loader, counts } = createLoader({ rerank: () => stuck });
    const search = new Reranking(loader, environment).rerank('shoes', hits);
    await new Promise((resolve) => setTimeout(resolve));
    await environment.advance(RERANK_DEADLINE_MS);
    expect((await search).hits).toBe(hits);
    fail(new Error('the worker ended'));
    await new Promise((resolve) => setTimeout(resolve));
    expect(counts().closes).toBe(1);
    await environment.advance(MODEL_RETRY_MS);
    expect(counts().loads).toBe(2);
  });

  it.each([
    [
      'no numbers',
      async (_: string, texts: readonly string[]) => new Float32Array(texts.length).fill(Number.NaN),
    ],
    ['too few', async () => new Float32Array(1)],
  ])('that gives %s leaves the order and says so', async (_, rerank) => {
    const { loader, counts } = createLoader({ rerank });
    const outcome = await new Reranking(loader, createTestEnvironment()).rerank('shoes', hits);
    expect(outcome).toEqual({ hits, degraded: expect.stringContaining('a number for each') });
    expect(counts()).toEqual({ loads: 1, closes: 0 });
  });

  it('that cannot be loaded leaves the order and says why', async () => {
    const failure = new LociError('MODEL_UNAVAILABLE', 'there is no such model', { retryable: false });
    const loader = { id: 'judge@q8', load: () => Promise.reject(failure) };
    const { hits: kept, degraded } = await new Reranking(loader, createTestEnvironment()).rerank(
      'shoes',
      hits,
    );
    expect(kept).toBe(hits);
    expect(degraded).toContain('there is no such model');
  });

  it('is none where none was chosen, and has nothing to do without hits', async () => {
    expect(await new Reranking(undefined, createTestEnvironment()).rerank('shoes', hits)).toMatchObject({
      hits,
      degraded: expect.stringContaining('no reranker'),
    });
    const { loader, counts } = createLoader();
    expect(await new Reranking(loader, createTestEnvironment()).rerank('shoes', [])).toEqual({ hits: [] });
    expect(counts().loads).toBe(0);
  });
});
