import { expect, it } from 'vitest';
import { evidenceOf } from './evidence.ts';
import { Pool } from './pool.ts';

/** Two memories without a session; five words of equal rarity, of which each memory has the first few. */
function passagesOf(has: readonly number[], isMeasured = true): readonly number[] {
  const ordinals = has.map((_, i) => i);
  const pool = new Pool(ordinals, { locate: () => undefined }, () => true);
  const terms = ['a', 'b', 'c', 'd', 'e'];
  const impacts = Float32Array.from(has.flatMap((count) => terms.map((_, term) => (term < count ? 2 : 0))));
  const none = new Float64Array(pool.size);
  const evidence = evidenceOf(pool, {
    words: {
      terms,
      idf: new Float32Array(terms.length).fill(3),
      impacts,
      lengths: new Uint16Array(has.length),
    },
    ...{
      meaning: undefined,
      trust: 1,
      hasVector: new Uint8Array(has.length).fill(1),
      isMeasured,
      asks: new Uint8Array(has.length),
      endsAsking: new Uint8Array(has.length),
    },
    ...{ contentBytes: none, isNamed: none, isSpoken: none },
  });
  return [...(evidence.get('passage') ?? [])];
}

it('is full where the best has four fifths of the question’s weight or more', () => {
  expect(passagesOf([5, 0])).toEqual([1, 0]);
  expect(passagesOf([4, 0])).toEqual([1, 0]);
});

it('is less where it has less, in proportion', () => {
  expect(passagesOf([1, 0])[0]).toBeCloseTo(0.2 / 0.8, 6);
  expect(passagesOf([2, 1])[0]).toBeCloseTo(0.4 / 0.8, 6);
});

it('changes no order among those that words found', () => {
  const [first = 0, second = 0] = passagesOf([2, 1]);
  expect(second / first).toBeCloseTo(1 / 4, 6);
});

it('says nothing where no word was found', () => {
  expect(passagesOf([0, 0])).toEqual([0, 0]);
});

it('is full where no model of known quality asks: there is nothing better', () => {
  expect(passagesOf([1, 0], false)).toEqual([1, 0]);
});
