import { describe, expect, it } from 'vitest';
import { blend, dot, spearman, topPlaces } from './similarity.ts';

describe('similarities', () => {
  it('correlate by rank, whatever the scale', () => {
    expect(spearman([1, 2, 3, 4], [10, 100, 1_000, 10_000])).toBeCloseTo(1);
    expect(spearman([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1);
  });

  it('share the mean rank where they are equal', () => {
    // scipy.stats.spearmanr([1, 2, 2, 3], [1, 3, 2, 4])
    expect(spearman([1, 2, 2, 3], [1, 3, 2, 4])).toBeCloseTo(0.948_683, 5);
  });

  it('are ordered best first, of equal ones the earlier', () => {
    expect(topPlaces([0.2, 0.9, 0.9, 0.1], 3)).toEqual([1, 2, 0]);
  });

  it('of a blend lie between', () => {
    const half = blend(Float32Array.of(1, 0), Float32Array.of(0, 1));
    expect(dot(half, half)).toBeCloseTo(1);
    expect(dot(half, Float32Array.of(1, 0))).toBeCloseTo(Math.SQRT1_2);
  });
});
