import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyCalibration, Calibrations, type PairScores } from '../embedding/calibration.ts';
import { parseNewMemory } from '../memory/record.ts';
import { createRandom } from '../testing/environment.ts';
import { Bitset } from '../vector/bitset.ts';
import { createExactIndex } from '../vector/exact.ts';
import type { NearestOptions } from '../vector/vector-index.ts';
import { normalize } from '../vector/vectors.ts';
import { EngineState } from './state.ts';
import { VectorArm } from './vector-arm.ts';

const SPACE = 's';
const DIMENSIONS = 4;
const pair = (query: string, document: string, mean: number, deviation: number): PairScores => ({
  space: SPACE,
  query,
  document,
  mean,
  deviation,
});
const CALIBRATIONS = new Calibrations([
  pair('a', 'a', 0.4, 0.2),
  pair('a', 'b', 0, 0.1),
  pair('b', 'b', 0, 0.1),
  pair('b', 'a', 0.2, 0.3),
]);

/** A state whose memories were embedded by these models, and what its index was asked with. */
async function stateOf(models: readonly string[], seed = 1) {
  const asked: NearestOptions[] = [];
  const state = new EngineState(async (dimensions) => {
    const index = createExactIndex(dimensions);
    const search = index.search.bind(index);
    return Object.assign(index, {
      search: (...[query, count, options = {}]: Parameters<typeof search>) => {
        asked.push(options);
        return search(query, count, options);
      },
    });
  });
  const random = createRandom(seed);
  const vector = () =>
    normalize(
      Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5),
      DIMENSIONS,
    );
  const vectors = models.map(vector);
  await state.spaces.prepare(SPACE, DIMENSIONS);
  models.forEach((modelId, ordinal) => {
    const id = `0190163d-8694-739b-aea5-${String(ordinal).padStart(12, '0')}`;
    const { fields } = parseNewMemory({ content: 'x' }, 0);
    const embedding = { modelId, space: SPACE, dimensions: DIMENSIONS, origin: 'engine' } as const;
    const vector = vectors[ordinal];
    state.apply({ type: 'add', id, seq: ordinal + 1, at: 0, opId: 'x', ordinal, fields, embedding, vector });
  });
  return { state, vectors, asked, query: vector() };
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

describe('the nearest of a space that several models share', () => {
  it('are those of the largest calibrated scores, whatever the mixture and the filter', async () => {
    const models = fc.array(fc.constantFrom('a', 'b', 'host'), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        models,
        fc.constantFrom('a', 'b', 'host'),
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        fc.nat(),
        async (given, modelId, count, isFiltered, seed) => {
          const { state, vectors, query } = await stateOf(given, seed);
          const known = CALIBRATIONS.documentsFor(SPACE, modelId);
          const filter = isFiltered ? Bitset.of(given.keys()) : undefined;
          if (isFiltered) filter?.delete(0);
          const expected = given
            .map((document, ordinal) => {
              const cosine = dot(query, vectors[ordinal] ?? query);
              const calibration = known.find((each) => each.document === document);
              return { ordinal, score: calibration ? applyCalibration(calibration, cosine) : cosine };
            })
            .filter(({ ordinal }) => filter?.has(ordinal) ?? true)
            .sort((x, y) => y.score - x.score || x.ordinal - y.ordinal)
            .slice(0, count);
          const arm = new VectorArm(state, CALIBRATIONS);
          const spaceQuery = { space: SPACE, vector: query, modelId };
          const { matches } = arm.nearest(spaceQuery, count, { filter });
          expect(matches.map(({ ordinal }) => ordinal)).toEqual(expected.map(({ ordinal }) => ordinal));
          matches.forEach(({ score, calibrated = score }, i) => {
            expect(calibrated).toBeCloseTo(expected[i]?.score ?? 0, 5);
          });
          // What another arm found is scored alike.
          const ordinals = matches.map(({ ordinal }) => ordinal);
          const again = new Map(arm.scores(spaceQuery, ordinals).map((match) => [match.ordinal, match]));
          for (const match of matches) expect(again.get(match.ordinal)).toEqual(match);
        },
      ),
    );
  });

  it('are asked for once and without a filter where one model has embedded all', async () => {
    for (const modelId of ['a', 'b', 'host', undefined]) {
      const { state, asked, query } = await stateOf(['a', 'a', 'a']);
      new VectorArm(state, CALIBRATIONS).nearest({ space: SPACE, vector: query, modelId }, 2, {});
      expect(asked).toEqual([{ filter: undefined }]);
    }
  });

  it('have scores as they are where the model that asks is the one that embedded, or the caller gave the vector', async () => {
    const { state, query } = await stateOf(['a', 'b']);
    const arm = new VectorArm(state, CALIBRATIONS);
    const own = arm.nearest({ space: SPACE, vector: query, modelId: 'a' }, 2, {}).matches;
    expect(own.map(({ ordinal, calibrated }) => [ordinal, calibrated !== undefined]).sort()).toEqual([
      [0, false],
      [1, true],
    ]);
    const given = arm.nearest({ space: SPACE, vector: query, modelId: undefined }, 2, {}).matches;
    expect(given.every(({ calibrated }) => calibrated === undefined)).toBe(true);
  });
});
