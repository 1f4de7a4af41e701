import { describe, expect, it } from 'vitest';
import { LexicalIndex } from '../../text/lexical-index.ts';
import { Bitset } from '../../vector/bitset.ts';
import { type EdgeFinder, type FoundEdge, finderOf, neighboursOf } from './neighbourhood.ts';
import { findSharedTerms } from './shared-terms.ts';
import { KIND_WEIGHTS } from './weights.ts';

const OPTIONS = { now: 0, limit: 16, members: undefined, minStrength: 0 };

function finder(kind: EdgeFinder['kind'], edges: readonly FoundEdge[]): EdgeFinder {
  return { kind, find: async (ordinals) => ordinals.map(() => edges) };
}

describe('neighbours', () => {
  it('have one strength from all their edges, and say what each adds, most first', async () => {
    const finders = [
      finder('time', [{ to: 2, strength: 1, why: { apartMs: 0 } }]),
      finder('link', [
        { to: 2, strength: 0.5, why: { direction: 'in' } },
        { to: 2, strength: 0.8, why: { direction: 'out' } },
        { to: 3, strength: 0.6, why: {} },
      ]),
    ];
    const [found = []] = await neighboursOf(finders, [1], OPTIONS);
    expect(found.map(({ ordinal }) => ordinal)).toEqual([2, 3]);
    expect(found[0]?.strength).toBeCloseTo(1 - (1 - 0.8 * KIND_WEIGHTS.link) * (1 - KIND_WEIGHTS.time), 10);
    expect(found[0]?.edges.map(({ kind, why }) => [kind, why])).toEqual([
      ['link', { direction: 'out' }],
      ['time', { apartMs: 0 }],
    ]);
  });

  it('are never the memory itself, nor weaker than what is asked for, nor what may not be found', async () => {
    const edges = [1, 2, 3].map((to) => ({ to, strength: to / 10, why: {} }));
    const [found = []] = await neighboursOf([finder('link', edges)], [1], { ...OPTIONS, minStrength: 0.25 });
    expect(found.map(({ ordinal }) => ordinal)).toEqual([3]);
    const source = finderOf({
      kind: 'learnt',
      each: (_from, _now, visit) => [2, 3].map((to) => visit(to, 1)),
    });
    const members = Bitset.of([3]);
    const [allowed = []] = await neighboursOf([source], [1], { ...OPTIONS, members });
    expect(allowed.map(({ ordinal }) => ordinal)).toEqual([3]);
  });
});

describe('shared terms', () => {
  const contents = [
    'Ana flew to Lisbon with the Falcon team',
    'The Falcon team lands on Monday',
    'the weather is good, the food is good',
    'a falcon is a bird',
    'good weather on Monday with Ana',
    ...Array.from({ length: 40 }, (_, i) => `the weather of day${i} was good`),
  ];
  const index = new LexicalIndex();
  contents.forEach((content, ordinal) => {
    index.set(ordinal, { content, tags: ordinal === 3 ? ['zoo'] : [] });
  });
  const find = (ordinal: number, names: readonly string[] = [], members?: Bitset) =>
    findSharedTerms(index, { ordinal, content: contents[ordinal] ?? '', names }, 16, members);

  it('join memories by what is rare and not by what all have, and are named', () => {
    const found = find(0);
    expect(found[0]).toMatchObject({ to: 1, why: { terms: ['falcon', 'team'] } });
    expect(found.map(({ to }) => to).sort()).toEqual([1, 3, 4]);
    for (const { strength } of found) {
      expect(strength).toBeGreaterThan(0);
      expect(strength).toBeLessThanOrEqual(1);
    }
  });

  it('are found under a filter only, and by what the host names too', () => {
    expect(find(0, [], Bitset.of([0, 4])).map(({ to }) => to)).toEqual([4]);
    expect(find(1, ['zoo']).map(({ to }) => to)).toContain(3);
    expect(find(2)).toEqual([]);
  });

  it('count a name for more than a plain word that is as rare', () => {
    const words = new LexicalIndex();
    const texts = [
      'we met Carla near the harbour',
      'so said Carla',
      'by the old harbour',
      'x',
      'y',
      'z',
      'v',
    ];
    texts.forEach((content, ordinal) => {
      words.set(ordinal, { content, tags: [] });
    });
    const found = findSharedTerms(words, { ordinal: 0, content: texts[0] ?? '', names: [] }, 16, undefined);
    const strengthOf = (to: number) => found.find((edge) => edge.to === to)?.strength ?? 0;
    expect(strengthOf(1)).toBeGreaterThan(strengthOf(2));
    expect(strengthOf(2)).toBeGreaterThan(0);
  });
});
