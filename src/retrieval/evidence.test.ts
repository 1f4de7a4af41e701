import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TermImpacts } from '../text/lexical-index.ts';
import type { SignalName } from '../types.ts';
import { evidenceOf, type PoolFacts } from './evidence.ts';
import { Pool } from './pool.ts';
import { ANSWER_FROM, FULL_LENGTH_WORDS, MAX_LENGTH_VALUE, PASSAGE_DECAY } from './signals.ts';

/** Sessions one after the other, of so many memories each, and behind them memories without a session. */
function poolOf(
  lengths: readonly number[],
  found?: readonly number[],
  loose = 0,
  isAllowed: (ordinal: number) => boolean = () => true,
): Pool {
  let next = 0;
  const sessions = lengths.map((length) => Array.from({ length }, () => next++));
  const count = next + loose;
  return new Pool(
    found ?? Array.from({ length: count }, (_, ordinal) => ordinal),
    {
      locate: (ordinal) => {
        const members = sessions.find((each) => each.includes(ordinal));
        return members && { members, at: members.indexOf(ordinal) };
      },
    },
    isAllowed,
  );
}

/** Impacts of each memory by term. */
function wordsOf(rows: readonly (readonly number[])[]): TermImpacts {
  const width = rows[0]?.length ?? 0;
  return {
    terms: Array.from({ length: width }, (_, i) => `term${i}`),
    idf: new Float32Array(width).fill(1),
    impacts: Float32Array.from(rows.flat()),
    lengths: new Uint16Array(rows.length).fill(10),
  };
}

const factsOf = (pool: Pool, facts: Partial<PoolFacts> = {}): PoolFacts => ({
  words: undefined,
  meaning: undefined,
  trust: facts.meaning === undefined ? 0 : 1,
  isMeasured: false,
  hasVector: new Uint8Array(pool.size).fill(1),
  asks: new Uint8Array(pool.size),
  endsAsking: new Uint8Array(pool.size),
  contentBytes: new Float64Array(pool.size),
  isNamed: new Float64Array(pool.size),
  isSpoken: new Float64Array(pool.size).fill(1),
  ...facts,
});

function valuesOf(pool: Pool, signal: SignalName, facts: Partial<PoolFacts> = {}): readonly number[] {
  return Array.from(evidenceOf(pool, factsOf(pool, facts)).get(signal) ?? []);
}

/** Values to within rounding: impacts are kept in single precision. */
const near = (...values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));

describe('the words of a memory', () => {
  it('are the sum of its terms times how many it has, by the best', () => {
    const words = wordsOf([
      [2, 0],
      [1, 1],
      [0, 0],
    ]);
    expect(valuesOf(poolOf([], undefined, 3), 'words', { words })).toEqual(near(0.5, 1, 0));
  });

  it('are silent where words were not asked, and where nobody has any', () => {
    const pool = poolOf([3]);
    expect(valuesOf(pool, 'words')).toEqual([0, 0, 0]);
    expect(valuesOf(pool, 'passage', { words: wordsOf([[0], [0], [0]]) })).toEqual([0, 0, 0]);
  });
});

describe('the passage around a memory', () => {
  it('has the terms of those up to two places away, less for what is farther', () => {
    const words = wordsOf([[1], [0], [0], [0]]);
    const [, one = 0, two = 0] = PASSAGE_DECAY;
    expect(valuesOf(poolOf([4]), 'passage', { words })).toEqual(near(1, one, two, 0));
  });

  it('joins terms that stand in two turns, which then are worth more than either', () => {
    const words = wordsOf([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
    const [first = 0, second = 0, loose = 0] = valuesOf(poolOf([2], undefined, 1), 'passage', { words });
    expect(first).toBe(1);
    expect(second).toBe(1);
    expect(loose).toBeCloseTo(1 / (2 * (1 + (PASSAGE_DECAY[1] ?? 0))), 6);
  });

  it('counts a term once, where it is worth most', () => {
    const words = wordsOf([[1], [1], [1], [2]]);
    expect(valuesOf(poolOf([3], undefined, 1), 'passage', { words })).toEqual(near(0.5, 0.5, 0.5, 1));
  });
});

describe('the session of a memory', () => {
  it('has the mean of its three best meanings, by the best session', () => {
    const meaning = Float64Array.of(0.9, 0.6, 0.3, 0, 0.6);
    expect(valuesOf(poolOf([4, 1]), 'session', { meaning })).toEqual(near(1, 1, 1, 1, 1));
    const weaker = Float64Array.of(0.9, 0.6, 0.3, 0, 0.3);
    expect(valuesOf(poolOf([4, 1]), 'session', { meaning: weaker })).toEqual(near(1, 1, 1, 1, 0.5));
  });

  it('counts what was not found of a session as nothing', () => {
    // Of the ten of the first session one was found, with its neighbours.
    const pool = poolOf([10, 1], [0, 10]);
    const meaning = Float64Array.from(pool.ordinals, (ordinal) => (ordinal === 0 || ordinal === 10 ? 1 : 0));
    const session = valuesOf(pool, 'session', { meaning });
    expect(session[pool.placeOf(0)]).toBeCloseTo(1 / 3, 12);
    expect(session[pool.placeOf(10)]).toBe(1);
  });

  it('is no worse for those of its memories that the filter keeps out', () => {
    const pool = poolOf([10, 1], [0, 10], 0, (ordinal) => ordinal % 10 === 0);
    const meaning = Float64Array.of(1, 1);
    expect(valuesOf(pool, 'session', { meaning })).toEqual(near(1, 1));
  });

  it('is told by words as far as the model is not trusted', () => {
    const pool = poolOf([1, 1]);
    const facts = { words: wordsOf([[1], [0]]), meaning: Float64Array.of(0, 1) };
    expect(valuesOf(pool, 'session', { ...facts, trust: 1 })).toEqual(near(0, 1));
    expect(valuesOf(pool, 'session', { ...facts, trust: 0 })).toEqual(near(1, 0));
    expect(valuesOf(pool, 'session', { ...facts, trust: 0.25 })).toEqual(near(0.75, 0.25));
  });

  it('takes a memory without one for a session of its own', () => {
    const meaning = Float64Array.of(0.5, 1);
    expect(valuesOf(poolOf([1], undefined, 1), 'session', { meaning })).toEqual(near(0.5, 1));
  });
});

describe('what stands just before a memory', () => {
  it('takes from it what it said itself, where it does not ask', () => {
    const meaning = Float64Array.of(0.8, 0.4, -0.2);
    expect(valuesOf(poolOf([3]), 'echo', { meaning })).toEqual(near(0, 0.8, 0.4));
    const asks = Uint8Array.of(1, 0, 0);
    expect(valuesOf(poolOf([3]), 'echo', { meaning, asks })).toEqual(near(0, 0, 0.4));
    expect(valuesOf(poolOf([], undefined, 3), 'echo', { meaning })).toEqual([0, 0, 0]);
  });

  it('makes it an answer where it asks, the better the more it is like the question', () => {
    const asks = Uint8Array.of(1, 0, 1, 0);
    const words = wordsOf([[1], [0], [0], [0]]);
    const meaning = Float64Array.of(0.5, 0, 0.1, 0);
    expect(valuesOf(poolOf([4]), 'answer', { asks, words, meaning })).toEqual(
      near(0, 0.75 - ANSWER_FROM, 0, 0.05 - ANSWER_FROM),
    );
    expect(valuesOf(poolOf([4]), 'answer', { asks, words })).toEqual(
      near(0, 1 - ANSWER_FROM, 0, -ANSWER_FROM),
    );
    expect(valuesOf(poolOf([4]), 'answer', { asks })).toEqual([0, 0, 0, 0]);
    expect(valuesOf(poolOf([4]), 'answer', { words, meaning })).toEqual([0, 0, 0, 0]);
  });

  it('does not count where it lies farther away than a random memory', () => {
    const meaning = Float64Array.of(-1, 0.5);
    expect(valuesOf(poolOf([2]), 'echo', { meaning })).toEqual([0, 0]);
    expect(valuesOf(poolOf([2]), 'answer', { meaning, asks: Uint8Array.of(1, 0) })).toEqual(
      near(0, -ANSWER_FROM),
    );
    expect(valuesOf(poolOf([2]), 'meaning', { meaning })).toEqual([-1, 0.5]);
  });
});

describe('a memory’s own text', () => {
  it('is a statement where it does not end with a question', () => {
    expect(valuesOf(poolOf([2]), 'statement', { endsAsking: Uint8Array.of(0, 1) })).toEqual([1, 0]);
  });

  it('counts by its length, 1 at so many words and a little more beyond', () => {
    const bytesOf = (words: number) => words * 6;
    const contentBytes = Float64Array.of(0, bytesOf(FULL_LENGTH_WORDS - 1), bytesOf(100_000));
    expect(valuesOf(poolOf([3]), 'length', { contentBytes })).toEqual(near(0, 1, MAX_LENGTH_VALUE));
  });

  it('is no echo where nobody is known to speak, as in a document', () => {
    const pool = poolOf([2]);
    const meaning = Float64Array.of(1, 0.5);
    expect(valuesOf(pool, 'echo', { meaning })).toEqual([0, 1]);
    expect(valuesOf(pool, 'echo', { meaning, isSpoken: new Float64Array(2) })).toEqual([0, 0]);
  });

  it('is of a speaker who is named', () => {
    expect(valuesOf(poolOf([2]), 'speaker', { isNamed: Float64Array.of(0, 1) })).toEqual([0, 1]);
  });
});

describe('a memory without a vector', () => {
  it('is guessed by its words, so that it does not come last for that', () => {
    const pool = poolOf([2]);
    const facts = {
      words: wordsOf([[2], [1]]),
      meaning: Float64Array.of(0, 1),
      hasVector: Uint8Array.of(0, 1),
    };
    expect(valuesOf(pool, 'meaning', facts)).toEqual(near(1, 1));
  });
});

describe('evidence of any pool', () => {
  const size = 12;
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const column = <T>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: size, maxLength: size });
  const facts = fc.record({
    rows: fc.option(
      column(fc.array(fc.float({ min: 0, max: 20, noNaN: true }), { minLength: 2, maxLength: 2 })),
    ),
    meaning: fc.option(column(fc.double({ min: -1, max: 1, noNaN: true }))),
    trust: fc.oneof(share, fc.constant(1)),
    asks: column(fc.boolean()),
    ends: column(fc.boolean()),
    bytes: column(fc.nat(10_000)),
    named: column(fc.boolean()),
    found: fc.uniqueArray(fc.nat(size - 1), { maxLength: size }),
  });
  const ranges: Readonly<Partial<Record<SignalName, readonly [number, number]>>> = {
    words: [0, 1],
    passage: [0, 1],
    meaning: [-1, 1],
    session: [0, 1],
    echo: [0, 1],
    answer: [-1 / 3, 2 / 3],
    speaker: [0, 1],
    statement: [0, 1],
    length: [0, MAX_LENGTH_VALUE],
  };

  it('lies within the stated ranges, and is a number', () => {
    fc.assert(
      fc.property(facts, ({ rows, meaning, trust, asks, ends, bytes, named, found }) => {
        const pool = poolOf([5, 4], found, 3);
        const of = <T>(values: readonly T[]) => Array.from(pool.ordinals, (ordinal) => values[ordinal] as T);
        const evidence = evidenceOf(pool, {
          words: rows === null ? undefined : wordsOf(of(rows)),
          meaning: meaning === null ? undefined : Float64Array.from(of(meaning)),
          trust: meaning === null ? 0 : trust,
          hasVector: new Uint8Array(pool.size).fill(1),
          isMeasured: trust === 1,
          asks: Uint8Array.from(of(asks), Number),
          endsAsking: Uint8Array.from(of(ends), Number),
          contentBytes: Float64Array.from(of(bytes)),
          isNamed: Float64Array.from(of(named), Number),
          isSpoken: Float64Array.from(of(asks), Number),
        });
        for (const [signal, values] of evidence) {
          const [least, most] = ranges[signal] ?? [0, 0];
          expect(values).toHaveLength(pool.size);
          for (const [place, value] of values.entries()) {
            if (pool.isCandidate[place] !== 1) continue;
            expect([signal, value >= least - 1e-9 && value <= most + 1e-9]).toEqual([signal, true]);
          }
        }
        expect(new Set(evidence.keys())).toEqual(new Set(Object.keys(ranges)));
      }),
    );
  });
});
