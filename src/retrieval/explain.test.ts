import { expect, it } from 'vitest';
import { explain } from './explain.ts';
import { weightsOf } from './signals.ts';

it('the parts of a score are numbers, also of points that are hardly above none', () => {
  const points = 3.5e-320;
  const recalled = {
    ...{ ranked: [{ ordinal: 0, points }], mostPoints: points, weights: weightsOf(undefined) },
    reasonsOf: () => ({
      foundBy: ['association' as const],
      parts: [{ signal: 'association' as const, value: points, weight: 1 }],
      vector: undefined,
      lexical: undefined,
    }),
  };
  expect(explain(recalled, 0).signals).toEqual([
    { signal: 'association', value: points, weight: 1, score: 1 },
  ]);
});
