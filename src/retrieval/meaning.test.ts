import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../testing/environment.ts';
import { backgroundOf, cosineOf, floorOf, leastSpread, trustOf } from './meaning.ts';
import { BACKGROUND_PRIOR, FULL_TRUST, TRUST_CANDIDATES, USUAL_DEVIATION } from './signals.ts';

const cosine = fc.double({ min: -1, max: 1, noNaN: true });

describe('the background of a space', () => {
  it('is the mean and the deviation of the cosines drawn', () => {
    const { mean, deviation } = backgroundOf([0.1, 0.3]);
    expect(mean).toBeCloseTo(0.2, 12);
    expect(deviation).toBeCloseTo(0.1, 12);
    expect(backgroundOf([])).toEqual({ mean: 0, deviation: 0 });
  });

  it('gives the floor as far as there are memories enough to know it', () => {
    const background = { mean: 0.4, deviation: 0.1 };
    expect(floorOf(background, 0)).toBe(0);
    expect(floorOf(background, BACKGROUND_PRIOR)).toBeCloseTo(0.2, 12);
    expect(floorOf(background, 1_000_000)).toBeCloseTo(0.4, 4);
  });

  it('gives a floor that is never below 0 and never above the mean', () => {
    fc.assert(
      fc.property(fc.array(cosine, { maxLength: 150 }), (cosines) => {
        const background = backgroundOf(cosines);
        const floor = floorOf(background, cosines.length);
        expect(floor).toBeGreaterThanOrEqual(0);
        expect(floor).toBeLessThanOrEqual(Math.max(0, background.mean));
      }),
    );
  });
});

describe('the cosine of a match', () => {
  it('is the one brought to the scale of others, where there is one', () => {
    const match = { ordinal: 1, score: 0.3, space: 's' };
    expect(cosineOf(match)).toBe(0.3);
    expect(cosineOf({ ...match, calibrated: 0.6 })).toBe(0.6);
  });
});

describe('the least spread', () => {
  it('is twice the deviation of many, and about that of unrelated sentences for few', () => {
    expect(leastSpread({ mean: 0.8, deviation: 0.03 }, 100_000)).toBeCloseTo(0.06, 3);
    expect(leastSpread({ mean: 0, deviation: 0 }, 0)).toBeCloseTo(2 * USUAL_DEVIATION, 12);
    expect(leastSpread({ mean: 0, deviation: 0 }, 1)).toBeGreaterThan(0.2);
  });
});

describe('trust in a model', () => {
  it('is about 0 where what has the words is no nearer than what was drawn at random', () => {
    const random = createRandom(7);
    // A sum of twelve is about normal: cosines of random vectors of many dimensions.
    const draw = () => (Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, -6) / 12) * 0.5;
    const trusts = Array.from({ length: 200 }, () =>
      trustOf(
        Array.from({ length: TRUST_CANDIDATES }, draw),
        backgroundOf(Array.from({ length: 128 }, draw)),
      ),
    );
    expect(trusts.reduce((sum, trust) => sum + trust, 0) / trusts.length).toBeLessThan(0.25);
    expect(Math.max(...trusts)).toBeLessThan(0.8);
  });

  it('is 1 where they agree, and half where they are half as far above', () => {
    const background = { mean: 0.1, deviation: 0.05 };
    const at = (deviations: number) => Array<number>(5).fill(0.1 + 0.05 * deviations);
    expect(trustOf(at(FULL_TRUST * 1.5), background)).toBe(1);
    expect(trustOf(at(FULL_TRUST / 2), background)).toBeCloseTo(0.5, 12);
    expect(trustOf(at(-3), background)).toBe(0);
  });

  it('is half where nothing tells, and told by few only in part; half too where all are as near', () => {
    const background = { mean: 0.5, deviation: 0.1 };
    expect(trustOf([], background)).toBeCloseTo(0.5, 12);
    expect(trustOf([0.5], background)).toBeCloseTo(1 / 3, 12);
    expect(trustOf([0.5, 0.5], background)).toBeCloseTo(1 / 4, 12);
    expect(trustOf([0, 0, 0], background)).toBe(0);
    expect(trustOf([0, 0, 0, 0], { mean: 0.5, deviation: 0 })).toBe(0.5);
  });

  it('rests on the best candidates alone', () => {
    const background = { mean: 0, deviation: 0.1 };
    const best = Array<number>(TRUST_CANDIDATES).fill(0.5);
    expect(trustOf([...best, ...Array<number>(100).fill(-0.5)], background)).toBe(1);
  });

  it('is from 0 to 1 and does not fall where cosines rise', () => {
    fc.assert(
      fc.property(
        fc.array(cosine, { maxLength: 20 }),
        fc.array(cosine, { maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (byWords, drawn, more) => {
          const background = backgroundOf(drawn);
          const trust = trustOf(byWords, background);
          expect(trust).toBeGreaterThanOrEqual(0);
          expect(trust).toBeLessThanOrEqual(1);
          expect(
            trustOf(
              byWords.map((each) => each + more),
              background,
            ),
          ).toBeGreaterThanOrEqual(trust - 1e-12);
        },
      ),
    );
  });
});
