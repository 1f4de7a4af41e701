import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TermImpacts } from '../text/lexical-index.ts';
import type { SignalName } from '../types.ts';
import { type Activation, FULL_ACTIVATION, type Seed } from './association/index.ts';
import { explain } from './explain.ts';
import type { Memories, RecallQuestion, SpaceArm } from './question.ts';
import { scoreOf } from './ranking.ts';
import { recall } from './recall.ts';
import { SIGNAL_NAMES, type Weights, weightsOf } from './signals.ts';

/** What the tests know of each memory, by ordinal. */
interface Known {
  /** Of the question's one word; 0 where it has it not. */
  readonly word?: number;
  readonly cosine?: number;
  readonly activation?: number;
  readonly asks?: boolean;
  readonly speaker?: string;
  readonly importance?: number;
  readonly bytes?: number;
}

interface Choices {
  readonly sessions?: readonly (readonly number[])[];
  readonly weights?: Partial<Weights>;
  readonly excluded?: ReadonlySet<number>;
  readonly count?: number;
  readonly keep?: number;
  readonly isKnown?: boolean;
  readonly speakers?: ReadonlySet<string>;
  readonly onSeeds?: (seeds: readonly Seed[]) => void;
}

const NO_WEIGHTS = Object.fromEntries(SIGNAL_NAMES.map((name) => [name, 0])) as Weights;
const only = (weights: Partial<Weights>): Weights => ({ ...NO_WEIGHTS, ...weights });

/** Asks arms that know of each memory what they are told. */
function ask(known: readonly Known[], choices: Choices = {}) {
  const { sessions = [], weights, excluded = new Set(), count = 100, isKnown = true } = choices;
  const isAllowed = (ordinal: number) => !excluded.has(ordinal);
  const of = (ordinal: number): Known => known[ordinal] ?? {};
  const best = (value: (ordinal: number) => number | undefined) =>
    known
      .map((_, ordinal) => ({ ordinal, score: value(ordinal) ?? 0 }))
      .filter(({ ordinal, score }) => score > 0 && isAllowed(ordinal))
      .sort((a, b) => b.score - a.score || a.ordinal - b.ordinal)
      .slice(0, count);
  const space: SpaceArm = {
    isKnown,
    nearest: () => best((ordinal) => of(ordinal).cosine).map((match) => ({ ...match, space: 's' })),
    similarities: (ordinals) =>
      ordinals.flatMap((ordinal) => {
        const score = of(ordinal).cosine;
        return score === undefined ? [] : [{ ordinal, score, space: 's' }];
      }),
  };
  const memories: Memories = {
    locate: (ordinal) => {
      const members = sessions.find((each) => each.includes(ordinal));
      return members && { members, at: members.indexOf(ordinal) };
    },
    speaker: (ordinal) => of(ordinal).speaker,
    contentBytes: (ordinal) => of(ordinal).bytes ?? 0,
    questions: (ordinals) => {
      const asks = Uint8Array.from(ordinals, (ordinal) => Number(of(ordinal).asks ?? false));
      return { asks, ends: asks };
    },
    signals: new Map([
      [
        'importance',
        (ordinals: Uint32Array) => Float64Array.from(ordinals, (each) => of(each).importance ?? 0),
      ],
    ]),
  };
  const reached = known.flatMap(({ activation }, ordinal): [number, Activation][] =>
    activation === undefined || !isAllowed(ordinal) ? [] : [[ordinal, { activation, from: 0, kind: 'link' }]],
  );
  const question: RecallQuestion = {
    words: {
      search: () => best((ordinal) => of(ordinal).word).map((match) => ({ ...match, terms: ['word'] })),
      impacts: (ordinals): TermImpacts => ({
        terms: ['word'],
        idf: Float32Array.of(1),
        impacts: Float32Array.from(ordinals, (ordinal) => of(ordinal).word ?? 0),
        lengths: new Uint16Array(ordinals.length),
      }),
    },
    spaces: [space],
    associations: (seeds) => {
      choices.onSeeds?.(seeds);
      return new Map(reached);
    },
    speakers: choices.speakers ?? new Set(),
    count,
    keep: choices.keep ?? 5_000,
    isAllowed,
    sample: known.map((_, ordinal) => ordinal).filter((ordinal) => of(ordinal).cosine !== undefined),
    weights: weightsOf(weights),
  };
  return recall(question, memories);
}

const order = (known: readonly Known[], choices?: Choices) =>
  ask(known, choices).ranked.map(({ ordinal }) => ordinal);

describe('the candidates of recall', () => {
  const known: readonly Known[] = [
    { word: 1 },
    { cosine: 0.5 },
    { activation: 0.2 },
    {},
    { word: 2, cosine: 0.4 },
  ];

  it('are what any arm found, each told by which', () => {
    const recalled = ask(known);
    expect(recalled.ranked.map(({ ordinal }) => ordinal).sort()).toEqual([0, 1, 2, 4]);
    const finders = [0, 1, 2, 4].map((ordinal) => recalled.reasonsOf(ordinal).foundBy);
    expect(finders).toEqual([['lexical'], ['vector'], ['association'], ['vector', 'lexical']]);
  });

  it('are neighbours too, which no arm found, and nothing that the filter keeps out', () => {
    const recalled = ask(known, { sessions: [[2, 3]] });
    expect(recalled.reasonsOf(3).foundBy).toEqual(['neighbour']);
    expect(order(known, { sessions: [[2, 3]], excluded: new Set([3]) })).not.toContain(3);
    expect(order(known, { excluded: new Set([1, 2]) }).sort()).toEqual([0, 4]);
  });

  it('are the surest only, where more were found than are judged, and what is linked with them', () => {
    const many: readonly Known[] = [
      { activation: 0.2 },
      ...Array.from({ length: 20 }, (_, i) => ({ word: i + 1 })),
    ];
    expect(order(many, { keep: 3 }).sort((a, b) => a - b)).toEqual([0, 18, 19, 20]);
  });

  it('are none where no arm found anything', () => {
    const recalled = ask([{}, {}]);
    expect(recalled).toMatchObject({ ranked: [], mostPoints: 0 });
  });
});

describe('the ranks of recall', () => {
  it('are by points, and equal ones by ordinal', () => {
    const known = [{ word: 1 }, { word: 3 }, { word: 1 }, { word: 2 }];
    expect(order(known, { weights: only({ words: 1 }) })).toEqual([1, 3, 0, 2]);
  });

  it('follow the weights, and a weight below 0 turns an order round', () => {
    const known = [
      { word: 2, importance: -1 },
      { word: 1, importance: 1 },
    ];
    expect(order(known, { weights: only({ words: 4, importance: 1 }) })).toEqual([0, 1]);
    expect(order(known, { weights: only({ words: 1, importance: 4 }) })).toEqual([1, 0]);
    expect(order(known, { weights: only({ words: -1 }) })).toEqual([1, 0]);
  });

  it('are by what else is known where a signal has no number', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const importance of odd) {
      const recalled = ask([{ word: 1, importance: 0.5 }, { word: 2, importance }, { word: 3 }]);
      expect(recalled.ranked).toHaveLength(3);
      expect(recalled.ranked.every(({ points }) => Number.isFinite(points))).toBe(true);
      expect(Number.isFinite(recalled.mostPoints)).toBe(true);
    }
  });

  it('leave out those for which nothing speaks', () => {
    expect(order([{ word: 1 }, { cosine: 0.5 }], { weights: only({ words: 1 }) })).toEqual([0]);
    expect(order([{ word: 1 }, { cosine: 0.5 }], { weights: NO_WEIGHTS })).toEqual([]);
  });

  it('put who is named first of those that fit alike', () => {
    const known = [{ word: 1, speaker: 'Bo' }, { word: 1, speaker: 'Ana' }, { word: 1 }];
    expect(order(known, { speakers: new Set(['Ana']) })).toEqual([1, 0, 2]);
    expect(order(known)).toEqual([0, 1, 2]);
  });
});

describe('a model that is not known', () => {
  // What has the word is no nearer than the rest: by words alone memory 0 is best.
  const bad: readonly Known[] = Array.from({ length: 40 }, (_, i) => ({
    cosine: i < 5 ? 0.01 : 0.05 + ((i * 7) % 30) / 100,
    ...(i < 5 ? { word: 10 - i } : {}),
  }));

  it('has no say where it contradicts the words', () => {
    const recalled = ask(bad, { isKnown: false });
    expect(recalled.ranked.slice(0, 5).map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3, 4]);
    expect(recalled.reasonsOf(0).vector?.trust).toBe(0);
    expect(
      recalled.ranked.every(({ ordinal }) => Math.abs(recalled.reasonsOf(ordinal).vector?.value ?? 0) === 0),
    ).toBe(true);
  });

  it('has it where it agrees with them, and one that is known has it always', () => {
    const good = bad.map((each) => (each.word === undefined ? each : { ...each, cosine: 0.9 }));
    expect(ask(good, { isKnown: false }).reasonsOf(0).vector?.trust).toBe(1);
    expect(ask(bad, { isKnown: true }).reasonsOf(0).vector?.trust).toBe(1);
  });
});

describe('meanings', () => {
  const meaning = (known: readonly Known[], ordinal: number) => ask(known).reasonsOf(ordinal).vector?.value;

  it('are 1 for the nearest, 0 for what is as near as a random memory, and below 0 for what is farther', () => {
    const drawn: readonly Known[] = Array.from({ length: 100 }, () => ({ cosine: 0.2 }));
    const known = [{ cosine: 0.8 }, { cosine: 0.05, word: 1 }, { cosine: 0.2 }, ...drawn];
    expect(meaning(known, 0)).toBe(1);
    expect(meaning(known, 1)).toBeLessThan(0);
    expect(Math.abs(meaning(known, 2) ?? 1)).toBeLessThan(0.1);
  });

  it('are never below −2, though even the nearest is hardly nearer than a random memory', () => {
    const drawn: readonly Known[] = Array.from({ length: 2_000 }, () => ({ cosine: 0.5 }));
    const far = meaning([{ cosine: 0.5 }, { cosine: 0, word: 1 }, ...drawn], 1) ?? 0;
    const farther = meaning([{ cosine: 0.5 }, { cosine: -0.5, word: 1 }, ...drawn], 1) ?? 0;
    expect(far).toBeLessThan(-1);
    expect(farther).toBeLessThan(far);
    expect(farther).toBeGreaterThan(-2);
  });
});

describe('associations', () => {
  it('start from the surest of what the arms found together, by their share of the surest', () => {
    let seeds: readonly Seed[] = [];
    const known = [{ word: 4 }, { word: 1, cosine: 0.3 }, { cosine: 0.6 }, {}];
    const onSeeds = (given: readonly Seed[]) => {
      seeds = given;
    };
    ask(known, { onSeeds, weights: { passage: 1, meaning: 1 } });
    expect(seeds).toEqual([
      { ordinal: 0, activation: 1 },
      { ordinal: 2, activation: 1 },
      { ordinal: 1, activation: 0.75 },
    ]);
    ask(known, { onSeeds, weights: { passage: 4, meaning: 1 } });
    expect(seeds.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2]);
    ask(
      Array.from({ length: 30 }, (_, i) => ({ word: 30 - i })),
      { onSeeds },
    );
    expect(seeds.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3, 4]);
  });

  it('count 1 where a link of full strength leads there from the best, and never more', () => {
    const recalled = ask([
      { activation: FULL_ACTIVATION },
      { activation: FULL_ACTIVATION / 4 },
      { activation: 1 },
    ]);
    const association = (ordinal: number) =>
      recalled.reasonsOf(ordinal).parts.find(({ signal }) => signal === 'association')?.value;
    expect([0, 1, 2].map(association)).toEqual([1, 0.25, 1]);
  });
});

describe('what is recalled of any memories', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const memory: fc.Arbitrary<Known> = fc.record(
    {
      word: fc.double({ min: 0, max: 10, noNaN: true }),
      cosine: fc.double({ min: -1, max: 1, noNaN: true }),
      activation: share,
      asks: fc.boolean(),
      speaker: fc.constantFrom('Ana', 'Bo'),
      importance: fc.double({ min: -1, max: 1, noNaN: true }),
      bytes: fc.nat(2_000),
    },
    { requiredKeys: [] },
  );
  const choices = fc.record({
    cut: fc.nat(20),
    weights: fc.dictionary(
      fc.constantFrom(...SIGNAL_NAMES),
      fc.double({ min: -5, max: 5, noNaN: true }),
    ) as fc.Arbitrary<Partial<Record<SignalName, number>>>,
    excluded: fc.array(fc.nat(20)).map((ordinals) => new Set(ordinals)),
    isKnown: fc.boolean(),
    speakers: fc.constantFrom(new Set<string>(), new Set(['Ana'])),
  });

  it('is in order, scored from 0 to 1, and explained by parts that add up', () => {
    fc.assert(
      fc.property(fc.array(memory, { maxLength: 20 }), choices, (known, { cut, ...chosen }) => {
        const all = known.map((_, ordinal) => ordinal);
        const recalled = ask(known, { ...chosen, sessions: [all.slice(0, cut), all.slice(cut)] });
        let before = Number.POSITIVE_INFINITY;
        for (const ranked of recalled.ranked) {
          expect(ranked.points).toBeLessThanOrEqual(before);
          before = ranked.points;
          expect(chosen.excluded.has(ranked.ordinal)).toBe(false);
          const score = scoreOf(ranked, recalled);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
          const { foundBy, signals } = explain(recalled, ranked.ordinal);
          expect(foundBy.length).toBeGreaterThan(0);
          const sum = signals.reduce((all, part) => all + part.score, 0);
          if (recalled.mostPoints > 0) expect(Math.min(1, Math.max(0, sum))).toBeCloseTo(score, 9);
          const points = signals.reduce((all, part) => all + part.value * part.weight, 0);
          expect(points).toBeCloseTo(ranked.points, 9);
          expect(ranked.points).toBeLessThanOrEqual(recalled.mostPoints + 1e-9);
        }
        expect(new Set(recalled.ranked.map(({ ordinal }) => ordinal)).size).toBe(recalled.ranked.length);
      }),
    );
  });
});
