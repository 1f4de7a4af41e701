import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBuiltinEmbedder } from './builtin/encoder.ts';
import { readBuiltinTable } from './builtin/table.ts';
import {
  applyCalibration,
  Calibrations,
  calibrationBetween,
  calibrationName,
  type PairScores,
} from './calibration.ts';
import { transformersIdentity } from './transformers.ts';

const pair = (query: string, document: string, mean: number, deviation: number): PairScores => ({
  space: 's',
  query,
  document,
  mean,
  deviation,
});

describe('the calibration of models that share a space', () => {
  it('is known of the table that is shipped and MiniLM, both ways', () => {
    const table = readBuiltinTable(readFileSync(new URL('./builtin/table.bin', import.meta.url)));
    const minilm = transformersIdentity({}).id;
    const { documentsFor } = calibrationsOf();
    for (const dimensions of [384, 256]) {
      const { id, space } = createBuiltinEmbedder(table, { dimensions });
      expect(documentsFor(space, id)).toMatchObject([{ document: calibrationName(minilm) }]);
      expect(documentsFor(space, minilm)).toMatchObject([{ document: id }]);
    }
  });

  it('brings where scores lie, and how wide apart, to those of the query’s own model', () => {
    const known = calibrationsOf([pair('a', 'a', 0.5, 0.2), pair('a', 'b', 0.1, 0.1)]);
    const [calibration] = known.documentsFor('s', 'a');
    expect(calibration?.document).toBe('b');
    expect(applyCalibration(calibration ?? { factor: 0, offset: 0 }, 0.2)).toBeCloseTo(0.7);
  });

  it('is none for the query’s own documents, for a pair of which nothing is known, and in another space', () => {
    const known = calibrationsOf([pair('a', 'a', 0.5, 0.2), pair('a', 'b', 0.1, 0.1), pair('b', 'a', 0, 1)]);
    expect(known.documentsFor('s', 'a').map(({ document }) => document)).toEqual(['b']);
    expect(known.documentsFor('s', 'b')).toEqual([]); // how its own lie is not known
    expect(known.documentsFor('s', 'c')).toEqual([]);
    expect(known.documentsFor('other', 'a')).toEqual([]);
  });

  it('holds for every precision of MiniLM', () => {
    const { documentsFor } = calibrationsOf();
    const of = (dtype: string) => transformersIdentity({ dtype });
    expect(documentsFor(of('fp32').space, of('fp32').id)).toEqual(documentsFor(of('q8').space, of('q8').id));
  });

  it('keeps the order of what one model has embedded, and goes back by its opposite', () => {
    const scores = fc.record({
      mean: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
      deviation: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
    });
    const score = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(scores, scores, score, score, (a, b, x, y) => {
        const [from, to] = [pair('q', 'a', a.mean, a.deviation), pair('q', 'b', b.mean, b.deviation)];
        const [there, back] = [calibrationBetween(from, to), calibrationBetween(to, from)];
        const [one, other] = [applyCalibration(there, x), applyCalibration(there, y)];
        if (x - y > 1e-9) expect(one).toBeGreaterThan(other);
        expect(applyCalibration(back, one)).toBeCloseTo(x, 6);
      }),
    );
  });
});

function calibrationsOf(pairs?: readonly PairScores[]): Pick<Calibrations, 'documentsFor'> {
  const calibrations = new Calibrations(pairs);
  return { documentsFor: (space, modelId) => calibrations.documentsFor(space, modelId) };
}
