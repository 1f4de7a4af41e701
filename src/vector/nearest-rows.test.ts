import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NearestRows } from './nearest-rows.ts';

it('keeps the best k of any stream, equal scores by ascending ordinal', () => {
  const scores = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 });
  const property = fc.property(scores, fc.integer({ min: 0, max: 20 }), (stream, k) => {
    const rows = stream.map((score, i) => ({ ordinal: (i * 37) % 101, score }));
    const nearest = new NearestRows(k);
    for (const { ordinal, score } of rows) nearest.offer(ordinal, score);
    const sorted = [...rows].sort((a, b) => b.score - a.score || a.ordinal - b.ordinal);
    expect(nearest.sorted()).toEqual(sorted.slice(0, k));
  });
  fc.assert(property, { seed: 3 });
});
