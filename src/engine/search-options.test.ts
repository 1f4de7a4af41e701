import { describe, expect, it } from 'vitest';
import type { MemoryEngine, NewMemory, SearchHit, SearchOptions } from '../types.ts';
import { NOW, openTestEngine } from './engine-test-util.ts';

async function openWith(
  memories: readonly NewMemory[],
): Promise<{ engine: MemoryEngine; ids: readonly string[] }> {
  const engine = await openTestEngine();
  const { ids } = await engine.addMany(memories);
  return { engine, ids };
}

/** A session's turns, one after the other. */
function session(sessionId: string, contents: readonly string[], fields: Partial<NewMemory> = {}) {
  return contents.map((content, position): NewMemory => ({ content, sessionId, position, ...fields }));
}

const contentsOf = (memories: readonly { readonly content: string }[] = []) =>
  memories.map(({ content }) => content);
const hitContents = (hits: readonly SearchHit[]) => contentsOf(hits.map(({ memory }) => memory));
const allIds = (hits: readonly SearchHit[]) =>
  hits.flatMap(({ memory, context }) =>
    [memory, ...(context?.before ?? []), ...(context?.after ?? [])].map(({ id }) => id),
  );

const TALK = session('talk', [
  'Good morning to you',
  'Which mountain did they climb',
  'The Matterhorn from the Italian side',
  'It took two days altogether',
  'The weather held until evening',
  'Then everybody went home',
]);

describe('a search for hits with their neighbours', () => {
  it('brings what stands before and after a hit in its session, in order', async () => {
    const { engine } = await openWith([...TALK, { content: 'A Matterhorn of papers on the desk' }]);
    const { hits } = await engine.search('Matterhorn', { neighbours: 1, arms: ['lexical'] });
    const hit = hits.find(({ memory }) => memory.content.includes('Italian'));
    expect(contentsOf(hit?.context?.before)).toEqual(['Which mountain did they climb']);
    expect(contentsOf(hit?.context?.after)).toEqual(['It took two days altogether']);
    const alone = hits.find(({ memory }) => memory.sessionId === undefined);
    expect(alone?.context).toEqual({ before: [], after: [] });
    await engine.close();
  });

  it('brings nothing where it is not asked to', async () => {
    const { engine } = await openWith(TALK);
    for (const options of [{}, { neighbours: 0 }]) {
      const { hits } = await engine.search('Matterhorn', options);
      for (const hit of hits) {
        expect(hit).not.toHaveProperty('context');
        expect(hit).not.toHaveProperty('merged');
      }
    }
    await engine.close();
  });

  it('merges hits that are neighbours, returns no memory twice, and fills the list with others', async () => {
    const { engine } = await openWith([
      ...TALK,
      ...session('other', ['A Matterhorn made of chocolate', 'Sweet']),
      ...session('third', ['Matterhorn is a peak of the Alps, they say in Zermatt', 'So it is']),
    ]);
    const plain = await engine.search('Matterhorn climb days', { limit: 3 });
    const { hits } = await engine.search('Matterhorn climb days', { limit: 3, neighbours: 1 });
    expect(hits).toHaveLength(3);
    expect(new Set(hits.map(({ memory }) => memory.sessionId)).size).toBe(3);
    expect(hits[0]?.id).toBe(plain.hits[0]?.id);
    const merged = hits[0]?.merged ?? [];
    expect(merged.length).toBeGreaterThan(0);
    const beside = [...(hits[0]?.context?.before ?? []), ...(hits[0]?.context?.after ?? [])].map(
      ({ id }) => id,
    );
    expect(merged.filter((id) => !beside.includes(id))).toEqual([]);
    expect(new Set(allIds(hits)).size).toBe(allIds(hits).length);
    await engine.close();
  });

  it('leaves out what the filter does, and what was deleted', async () => {
    const { engine, ids } = await openWith([
      ...session('talk', ['Good morning', 'The Matterhorn it was', 'It took two days'], { tags: ['climb'] }),
    ]);
    await engine.update(ids[0] ?? '', { tags: [] });
    const contextOf = async (filter?: SearchOptions['filter']) => {
      const { hits } = await engine.search('Matterhorn', { neighbours: 1, limit: 1, filter });
      return [contentsOf(hits[0]?.context?.before), contentsOf(hits[0]?.context?.after)];
    };
    expect(await contextOf()).toEqual([['Good morning'], ['It took two days']]);
    expect(await contextOf({ tags: 'climb' })).toEqual([[], ['It took two days']]);
    await engine.delete(ids[2] ?? '');
    expect(await contextOf()).toEqual([['Good morning'], []]);
    await engine.close();
  });

  it('brings along nothing that does not hold: that is a hit of its own, and marked', async () => {
    const { engine, ids } = await openWith([
      { content: 'The Matterhorn it is', sessionId: 'talk', position: 0 },
      { content: 'The Matterhorn is closed', sessionId: 'talk', position: 1, invalidAt: NOW - 1 },
    ]);
    const { hits } = await engine.search('Matterhorn', { neighbours: 1 });
    expect(hits.map(({ id, validity }) => [id, validity])).toEqual([
      [ids[0], 'current'],
      [ids[1], 'ended'],
    ]);
    expect(hits.map(({ context }) => context)).toEqual([
      { before: [], after: [] },
      { before: [], after: [] },
    ]);
    await engine.close();
  });

  it('counts hits as read, and not what they bring along', async () => {
    const { engine, ids } = await openWith(session('talk', ['Good morning', 'The Matterhorn it was']));
    await engine.search('Matterhorn', {
      neighbours: 1,
      limit: 1,
      arms: ['lexical'],
      weights: { session: 0 },
    });
    const counts = (await engine.list({ order: 'oldest' })).memories.map(({ id, accessCount }) => [
      id,
      accessCount,
    ]);
    expect(counts).toEqual([
      [ids[0], 0],
      [ids[1], 1],
    ]);
    await engine.close();
  });
});

describe('a question that quotes', () => {
  const MEMORIES = [
    'The old red house stands on the hill: the old house, as red as ever',
    'Ana painted the red old house of her aunt',
    'We saw the old red houses from the train',
    'Nothing of the kind',
  ].map((content) => ({ content }));

  it('gets first what has the quotation as it is written, and is told so', async () => {
    const { engine } = await openWith(MEMORIES);
    const { hits, plan } = await engine.search('Who painted the "red old house"?');
    expect(hitContents(hits)[0]).toContain('of her aunt');
    expect(plan.quoted).toEqual({ read: expect.any(Number), found: 1 });
    const part = hits[0]?.why.signals.find(({ signal }) => signal === 'phrase');
    expect(part).toMatchObject({ value: 1 });
    for (const { score, why } of hits)
      expect(why.signals.reduce((sum, { score: own }) => sum + own, 0)).toBeCloseTo(score, 6);
    expect(
      hits.slice(1).flatMap(({ why }) => why.signals.filter(({ signal }) => signal === 'phrase')),
    ).toEqual([]);
    await engine.close();
  });

  it('gets it first also from behind the limit', async () => {
    const many = Array.from({ length: 20 }, (_, i) => ({
      content: `Old red house, a red house, house ${i}`,
    }));
    const { engine } = await openWith([...many, ...MEMORIES]);
    const plain = await engine.search('red old house', { limit: 1 });
    expect(hitContents(plain.hits)[0]).not.toContain('of her aunt');
    expect(plain.plan).not.toHaveProperty('quoted');
    const { hits } = await engine.search('"red old house"', { limit: 1 });
    expect(hitContents(hits)).toEqual([expect.stringContaining('of her aunt')]);
    await engine.close();
  });

  it('loses nothing where no memory has the quotation', async () => {
    const { engine } = await openWith(MEMORIES);
    const { hits, plan } = await engine.search('the "house hill red"');
    expect(plan.quoted?.found).toBe(0);
    const plain = await engine.search('the house hill red');
    expect(hits.map(({ id }) => id)).toEqual(plain.hits.map(({ id }) => id));
    await engine.close();
  });

  it('is not read for it where the caller gives the signal no weight', async () => {
    const { engine } = await openWith(MEMORIES);
    const { plan } = await engine.search('"red old house"', { weights: { phrase: 0 } });
    expect(plan).not.toHaveProperty('quoted');
    await engine.close();
  });
});

describe('further wordings of a question', () => {
  const MEMORIES = ['The cat sleeps on the sofa', 'Our feline dozes at noon', 'The car is in the garage'];

  it('find what the question alone does not, and hits say which of them found them', async () => {
    const { engine } = await openWith(MEMORIES.map((content) => ({ content })));
    const options: SearchOptions = { arms: ['lexical'] };
    const plain = await engine.search('cat', options);
    expect(hitContents(plain.hits)).toEqual(['The cat sleeps on the sofa']);
    expect(plain.hits[0]?.why).not.toHaveProperty('queries');
    const { hits, plan } = await engine.search('cat', { ...options, queries: ['feline', 'sleeping cat'] });
    expect(plan.wordings).toBe(2);
    expect(hitContents(hits)).toEqual(MEMORIES.slice(0, 2));
    expect(hits[0]?.why.queries?.map(({ query }) => query)).toEqual([0, 2]);
    expect(hits[1]?.why.queries).toEqual([{ query: 1, score: 1 }]);
    expect(hits[1]?.score).toBeCloseTo(1 / 3, 6);
    expect(hits[1]?.why.lexical?.terms).toEqual(['feline']);
    await engine.close();
  });

  it('are bound to the filter and to a time that the question is strict about', async () => {
    const { engine } = await openWith([
      { content: 'The feline of last year', createdAt: NOW - 400 * 86_400_000 },
      { content: 'The feline of today', createdAt: NOW - 3_600_000 },
    ]);
    const { hits } = await engine.search('cat in the last 48 hours', { queries: ['feline'] });
    expect(hitContents(hits)).toEqual(['The feline of today']);
    await engine.close();
  });
});

describe('an expanded question', () => {
  const MEMORIES = [
    'Boots: the Trailmaster boots were bought in Lisbon',
    'The Trailmaster pair leaks at the seam',
    'A quiet day at the office',
  ].map((content) => ({ content }));

  it('finds by words of the best hits what shares no word with it, and tells which words', async () => {
    const { engine } = await openWith(MEMORIES);
    const options: SearchOptions = { arms: ['lexical'] };
    const plain = await engine.search('boots', options);
    expect(plain.hits).toHaveLength(1);
    expect(plain.plan).not.toHaveProperty('expanded');
    const { hits, plan } = await engine.search('boots', { ...options, expand: true });
    expect(plan.expanded).toContain('trailmaster');
    expect(hitContents(hits)).toEqual(contentsOf(MEMORIES.slice(0, 2)));
    await engine.close();
  });

  it('asks with vectors too, and stays as it is where nothing was found', async () => {
    const { engine } = await openWith(MEMORIES);
    const { hits } = await engine.search('boots', { expand: true });
    expect(hitContents(hits)[0]).toContain('bought in Lisbon');
    const none = await engine.search('boots', { expand: true, filter: { tags: 'none' } });
    expect(none).toMatchObject({ hits: [], plan: { expanded: [] } });
    await engine.close();
  });
});

describe('a diverse search', () => {
  it('puts repeats further back, and says among how many it chose', async () => {
    const { engine } = await openWith(
      [
        'The red boots are in the hall',
        'The red boots are in the hall',
        'Red paint for the boots of a car',
      ].map((content) => ({ content })),
    );
    const plain = await engine.search('red boots hall', { limit: 2 });
    expect(new Set(hitContents(plain.hits)).size).toBe(1);
    expect(plain.plan).not.toHaveProperty('diversified');
    const { hits, plan } = await engine.search('red boots hall', { limit: 2, diversity: 0.9 });
    expect(new Set(hitContents(hits)).size).toBe(2);
    expect(plan.diversified).toBe(3);
    const same = await engine.search('red boots hall', { limit: 2, diversity: 0 });
    expect(same.hits.map(({ id }) => id)).toEqual(plain.hits.map(({ id }) => id));
    await engine.close();
  });
});

describe('all of them together', () => {
  it('return no memory twice, and each only once per list', async () => {
    const { engine } = await openWith([...TALK, ...session('other', contentsOf(TALK).reverse())]);
    const { hits, plan } = await engine.search('the "Italian side" of the Matterhorn', {
      neighbours: 2,
      diversity: 0.3,
      expand: true,
      queries: ['climbing in the Alps'],
      limit: 5,
    });
    expect(hits.length).toBeGreaterThan(0);
    expect(new Set(allIds(hits)).size).toBe(allIds(hits).length);
    expect(hitContents(hits)[0]).toContain('Italian side');
    expect(Object.keys(plan)).toEqual(
      expect.arrayContaining(['wordings', 'expanded', 'quoted', 'diversified']),
    );
    await engine.close();
  });
});

describe('options that are none', () => {
  it.each([
    { neighbours: 4 },
    { neighbours: -1 },
    { neighbours: 0.5 },
    { neighbours: '1' },
    { diversity: 1.1 },
    { diversity: 'much' },
    { expand: 'yes' },
    { queries: 'cat' },
    { queries: [''] },
    { queries: [7] },
    { queries: Array(9).fill('cat') },
    { queries: ['x'.repeat(100_000)] },
  ])('are refused (%#)', async (options) => {
    const engine = await openTestEngine();
    await expect(engine.search('red', options as SearchOptions)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await engine.close();
  });
});
