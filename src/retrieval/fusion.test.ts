import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuse, VECTOR_WEIGHT } from './fusion.ts';

const near = (ordinal: number, score: number, space = 's') => ({ ordinal, score, space });
const worded = (ordinal: number, score: number) => ({ ordinal, score, terms: ['word'] });

describe('fusion', () => {
  it('lets surface what only one arm found', () => {
    const fused = fuse({ vector: [near(1, 0.9)], lexical: [worded(2, 12)] });
    expect(fused.map(({ ordinal }) => ordinal)).toEqual([1, 2]);
  });

  it('puts first what both arms found', () => {
    const fused = fuse({ vector: [near(1, 0.9), near(2, 0.8)], lexical: [worded(3, 12), worded(2, 10)] });
    expect(fused[0]?.ordinal).toBe(2);
    expect(fused[0]?.score).toBeCloseTo(VECTOR_WEIGHT * (0.8 / 0.9) + (1 - VECTOR_WEIGHT) * (10 / 12));
  });

  it('gives an arm all the weight where the other could not be asked', () => {
    expect(fuse({ vector: undefined, lexical: [worded(1, 3)] })[0]?.score).toBe(1);
    expect(fuse({ vector: [near(1, 0.3)], lexical: undefined })[0]?.score).toBe(1);
  });

  it('measures each space by its own best', () => {
    const fused = fuse({
      vector: [near(1, 0.9, 'a'), near(2, 0.3, 'b'), near(3, 0.15, 'b')],
      lexical: undefined,
    });
    expect(fused.map(({ ordinal, score }) => [ordinal, score])).toEqual([
      [1, 1],
      [2, 1],
      [3, 0.5],
    ]);
  });

  it('leaves out what points away from the query and shares no word with it', () => {
    expect(fuse({ vector: [near(1, -0.2)], lexical: [] })).toEqual([]);
  });

  it('says why: every score is the sum of its parts, from 0 to 1, best first', () => {
    const vectors = fc.uniqueArray(
      fc.record({ ordinal: fc.nat(20), score: fc.double({ min: -1, max: 1, noNaN: true }) }),
      {
        selector: ({ ordinal }) => ordinal,
      },
    );
    const words = fc.uniqueArray(
      fc.record({ ordinal: fc.nat(20), score: fc.double({ min: 0.01, max: 50, noNaN: true }) }),
      {
        selector: ({ ordinal }) => ordinal,
      },
    );
    fc.assert(
      fc.property(vectors, words, (vector, lexical) => {
        const fused = fuse({
          vector: vector.map(({ ordinal, score }) => near(ordinal, score)),
          lexical: lexical.map(({ ordinal, score }) => worded(ordinal, score)),
        });
        let last = 1;
        for (const { score, why } of fused) {
          const parts = [why.vector, why.lexical].map((arm) => (arm ? arm.normalized * arm.weight : 0));
          expect(score).toBeCloseTo((parts[0] ?? 0) + (parts[1] ?? 0), 9);
          expect(score).toBeLessThanOrEqual(last);
          last = score;
        }
      }),
    );
  });
});
