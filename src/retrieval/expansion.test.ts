import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandTerms, expandVector, FEEDBACK, mergeQueries } from './expansion.ts';

const tokenize = (text: string) => text.toLowerCase().match(/[a-z]+/g) ?? [];
const idf = () => 1;
const texts = fc.array(
  fc.record({
    text: fc
      .array(fc.constantFrom('red', 'boots', 'leather', 'rain', 'lisbon', 'mira'), { maxLength: 8 })
      .map((w) => w.join(' ')),
    score: fc.double({ min: 0.01, max: 1, noNaN: true }),
  }),
  { maxLength: 8 },
);

describe('words of the best hits', () => {
  it('come behind those of the query, the more of them the hits have the heavier', () => {
    const hits = [
      { text: 'Mira bought red leather boots', score: 1 },
      { text: 'the boots are of leather from Lisbon', score: 0.8 },
    ];
    const terms = expandTerms('red boots', hits, { tokenize, idf }).map(({ term }) => term);
    expect(terms.slice(0, 2).sort()).toEqual(['boots', 'red']);
    expect(terms[2]).toBe('leather');
  });

  it('are as the example says', () => {
    const terms = expandTerms('red boots', [{ text: 'red leather boots', score: 1 }], { tokenize, idf });
    expect(terms.map(({ term, weight }) => [term, Number(weight.toFixed(2))])).toEqual([
      ['boots', 0.42],
      ['red', 0.42],
      ['leather', 0.17],
    ]);
  });

  it('count less the commoner they are', () => {
    const rarityOf = (term: string) => (term === 'the' ? 0.01 : 1);
    const hits = [{ text: 'the the the leather', score: 1 }];
    const terms = expandTerms('boots', hits, { tokenize, idf: rarityOf }).map(({ term }) => term);
    expect(terms).toEqual(['boots', 'leather', 'the']);
  });

  it('weigh 1 together, and never push out a word of the query', () => {
    fc.assert(
      fc.property(texts, (hits) => {
        const expanded = expandTerms('red coat', hits, { tokenize, idf });
        expect(expanded.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
        const names = expanded.map(({ term }) => term);
        expect(names).toEqual(expect.arrayContaining(['red', 'coat']));
        expect(new Set(names).size).toBe(names.length);
        for (let i = 1; i < expanded.length; i++)
          expect(expanded[i]?.weight).toBeLessThanOrEqual(expanded[i - 1]?.weight ?? 0);
      }),
    );
  });

  it('are no more than are wanted, the heaviest, whatever the hits hold', () => {
    const words = [...'abcdefghijklmnopqrstuvwxyz'].slice(0, FEEDBACK.terms + 5);
    const text = words.flatMap((word, i) => Array<string>(i + 1).fill(word)).join(' ');
    const terms = expandTerms('boots', [{ text, score: 1 }], { tokenize, idf }).map(({ term }) => term);
    expect(terms).toHaveLength(1 + FEEDBACK.terms);
    expect(terms.slice(1)).toEqual(words.slice(-FEEDBACK.terms).reverse());
  });

  it('are none where nothing was found or a query has no words', () => {
    expect(expandTerms('red boots', [], { tokenize, idf })).toEqual([
      { term: 'boots', weight: 0.5 },
      { term: 'red', weight: 0.5 },
    ]);
    expect(expandTerms('', [], { tokenize, idf })).toEqual([]);
    expect(expandTerms('?', [{ text: 'rain', score: 1 }], { tokenize, idf })).toEqual([
      { term: 'rain', weight: 1 },
    ]);
  });
});

describe('the vectors of the best hits', () => {
  const unit = (values: readonly number[]) => {
    const length = Math.hypot(...values);
    return Float32Array.from(values, (value) => value / length);
  };
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  const vectors = fc
    .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
    .filter((values) => Math.hypot(...values) > 0.01)
    .map(unit);

  it('draw the query to them, by their scores', () => {
    const query = unit([1, 0, 0, 0]);
    const hits = [
      { vector: unit([0, 1, 0, 0]), score: 3 },
      { vector: unit([0, 0, 1, 0]), score: 1 },
    ];
    const [a = 0, b = 0, c = 0] = expandVector(query, hits);
    expect(b / a).toBeCloseTo(FEEDBACK.beta * 0.75, 6);
    expect(c / a).toBeCloseTo(FEEDBACK.beta * 0.25, 6);
  });

  it('leave it of unit length, and no further from them', () => {
    fc.assert(
      fc.property(vectors, vectors, (query, hit) => {
        const moved = expandVector(query, [{ vector: hit, score: 1 }]);
        expect(Math.hypot(...moved)).toBeCloseTo(1, 5);
        expect(dot(moved, hit)).toBeGreaterThanOrEqual(dot(query, hit) - 1e-5);
        expect(dot(moved, query)).toBeGreaterThan(0);
      }),
    );
  });

  it('leave it as it is where there are none, and where they cancel it', () => {
    const query = unit([1, 2, 0, 0]);
    expect(expandVector(query, [])).toEqual(query);
    expect(expandVector(query, [])).not.toBe(query);
    const axis = Float32Array.of(1, 0, 0, 0);
    const opposite = axis.map((value) => -value / FEEDBACK.beta);
    expect(expandVector(axis, [{ vector: opposite, score: 1 }])).toEqual(axis);
  });
});

describe('several queries', () => {
  const first = [
    { ordinal: 1, score: 10 },
    { ordinal: 2, score: 8 },
  ];
  const second = [
    { ordinal: 3, score: 0.5 },
    { ordinal: 2, score: 0.4 },
  ];

  it('that word one question have first what both found', () => {
    expect(mergeQueries([first, second])).toEqual([
      { ordinal: 2, score: 0.8, queries: [0, 1] },
      { ordinal: 1, score: 0.5, queries: [0] },
      { ordinal: 3, score: 0.5, queries: [1] },
    ]);
  });

  it('lose nothing, keep scores within 0–1, and do not depend on their order', () => {
    const lists = fc.array(
      fc.uniqueArray(fc.record({ ordinal: fc.nat(9), score: fc.double({ min: 0, max: 50, noNaN: true }) }), {
        selector: ({ ordinal }) => ordinal,
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(lists, (given) => {
        const merged = mergeQueries(given);
        const found = new Set(given.flat().map(({ ordinal }) => ordinal));
        expect(new Set(merged.map(({ ordinal }) => ordinal))).toEqual(found);
        for (const { score } of merged) expect(score >= 0 && score <= 1).toBe(true);
        const turned = mergeQueries([...given].reverse());
        for (const { ordinal, score } of merged)
          expect(turned.find((each) => each.ordinal === ordinal)?.score).toBeCloseTo(score, 12);
      }),
    );
  });

  it('that are one leave its order as it is', () => {
    expect(mergeQueries([first]).map(({ ordinal }) => ordinal)).toEqual([1, 2]);
    expect(mergeQueries([])).toEqual([]);
  });
});
