import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createRandom } from '../testing/environment.ts';
import { Bitset } from '../vector/bitset.ts';
import { LexicalIndex } from './lexical-index.ts';
import { PlainLexicalIndex, reloaded } from './lexical-test-util.ts';
import type { LexicalDocument, LexicalMatch } from './lexical-types.ts';

// Thousands of histories, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const WORDS = [
  ...['oak', 'oaks', 'elm', 'the', 'walking', 'walked', 'café', '𐐀x', '記憶の宮殿', 'lisbon', 'a1', 'is'],
  ...["Ana's", 'May', '2023', 'Monday', 'winter', '7th'],
];
const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 8 }).map((list) => list.join(' '));
const DAY_MS = 86_400_000;
const days = fc.integer({ min: 0, max: 800 }).map((day) => Date.UTC(2022, 0, 1) + day * DAY_MS);
const documents: fc.Arbitrary<LexicalDocument> = fc.record({
  content: words,
  speaker: fc.option(fc.constantFrom('oak', 'Ines', ''), { nil: undefined }),
  tags: fc.array(words, { maxLength: 2 }),
  createdAt: fc.option(days, { nil: undefined }),
});
const ordinals = fc.integer({ min: 0, max: 20 });
const steps = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('set' as const), ordinal: ordinals, document: documents }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), ordinal: ordinals }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('seal' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

const EXACT = { isExact: true };

/** Equal scores up to rounding, best first, each group of equal scores by ordinal. */
function expectSame(found: readonly LexicalMatch[], expected: readonly LexicalMatch[]): void {
  const byOrdinal = (matches: readonly LexicalMatch[]) =>
    new Map(matches.map((match) => [match.ordinal, match]));
  const wanted = byOrdinal(expected);
  expect([...byOrdinal(found).keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const { ordinal, score, terms } of found) {
    const match = wanted.get(ordinal);
    expect(terms).toEqual(match?.terms);
    expect(Math.abs(score - (match?.score ?? 0))).toBeLessThan(1e-9 * score);
  }
  found.slice(1).forEach(({ score, ordinal }, i) => {
    const before = found[i] as LexicalMatch;
    expect(before.score > score || (before.score === score && before.ordinal < ordinal)).toBe(true);
  });
}

/** The rows of the table make up the scores of the search, and say which terms it found. */
function expectImpacts(index: LexicalIndex, query: string, members: readonly number[]): void {
  const ordinals = Uint32Array.from(new Set(members)).sort();
  const { terms, idf, impacts, lengths } = index.impacts(query, ordinals);
  const matches = new Map(index.search(query, 1_000).map((match) => [match.ordinal, match]));
  expect([idf.length, impacts.length]).toEqual([terms.length, terms.length * ordinals.length]);
  ordinals.forEach((ordinal, i) => {
    const row = impacts.subarray(i * terms.length, (i + 1) * terms.length);
    const match = matches.get(ordinal);
    const found = terms.filter((_, t) => (row[t] as number) > 0);
    expect(found).toEqual(match?.terms ?? []);
    const sum = row.reduce((total, impact) => total + impact, 0);
    const score = match?.score ?? 0;
    expect(Math.abs(sum * found.length - score)).toBeLessThanOrEqual(1e-5 * score);
    if (!index.has(ordinal)) expect(lengths[i]).toBe(0);
  });
}

describe('any history of sets, removals, seals and restarts', () => {
  it('finds what looking through all documents finds, with the same scores', () => {
    fc.assert(
      fc.property(
        fc.array(steps, { maxLength: 40 }),
        words,
        fc.array(ordinals, { maxLength: 12 }),
        (history, query, members) => {
          let index = new LexicalIndex();
          const plain = new PlainLexicalIndex();
          for (const step of history) {
            if (step.kind === 'set') {
              index.set(step.ordinal, step.document);
              plain.set(step.ordinal, step.document);
            } else if (step.kind === 'remove') {
              index.remove(step.ordinal);
              plain.remove(step.ordinal);
            } else {
              index.seal();
              if (step.kind === 'restart') index = reloaded(index);
            }
          }
          expect([...index.ordinals()].sort((a, b) => a - b)).toEqual(plain.ordinals);
          expect(index.size).toBe(plain.ordinals.length);
          const filter = Bitset.of(members);
          expectSame(index.search(query, 100, undefined, EXACT), plain.search(query, 100));
          expectSame(index.search(query, 100, filter, EXACT), plain.search(query, 100, filter));
          expectImpacts(index, query, members);
          expect(index.search(query, 3)).toEqual(index.search(query, 100).slice(0, 3));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('gives equal scores however the documents are spread', () => {
    fc.assert(
      fc.property(
        fc.array(documents, { minLength: 1, maxLength: 30 }),
        fc.infiniteStream(fc.boolean()),
        words,
        (contents, isSealed, query) => {
          const whole = new LexicalIndex();
          const spread = new LexicalIndex();
          contents.forEach((each, ordinal) => {
            whole.set(ordinal, each);
          });
          for (const [i, each] of [...contents.entries()].reverse()) {
            spread.set(i, each);
            if (isSealed.next().value === true) spread.seal();
          }
          expect(spread.search(query, 100)).toEqual(whole.search(query, 100));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('comes out the same where buffers fill and segments are merged, with ordinals in any order', () => {
    const random = createRandom(11);
    const below = (limit: number) => Math.floor(random() * limit);
    const word = () => `w${Math.floor(random() ** 2 * 3_000)}`;
    let index = new LexicalIndex();
    const plain = new PlainLexicalIndex();
    for (let i = 0; i < 6_000; i += 1) {
      const ordinal = below(3_000) * 7;
      if (random() < 0.2) {
        index.remove(ordinal);
        plain.remove(ordinal);
        continue;
      }
      const document = {
        content: Array.from({ length: 1 + below(20) }, word).join(' '),
        speaker: `Speaker${below(5)}`,
        tags: random() < 0.5 ? [] : [word()],
        createdAt: Date.UTC(2022, 0, 1) + below(700) * DAY_MS,
      };
      index.set(ordinal, document);
      plain.set(ordinal, document);
      if (i % 700 === 699) index.seal();
      if (i === 3_499) index = reloaded(index);
    }
    const members = Bitset.of(plain.ordinals.filter((ordinal) => ordinal % 3 === 0));
    for (let i = 0; i < 5; i += 1) {
      const query = `${word()} ${word()} speaker${i} ${word()} in May 2023`;
      expectSame(index.search(query, 10_000, undefined, EXACT), plain.search(query, 10_000));
      expectSame(index.search(query, 10_000, members, EXACT), plain.search(query, 10_000, members));
    }
    expect([...index.ordinals()].sort((a, b) => a - b)).toEqual(plain.ordinals);
  });
});
