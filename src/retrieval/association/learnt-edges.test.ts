import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LearntEdges, type StoredEdge } from './learnt-edges.ts';
import { LEARNT_HALF_LIFE_MS, MAX_LEARNT_DEGREE } from './weights.ts';

const NOW = 1_700_000_000_000;

function neighbours(edges: LearntEdges, ordinal: number, now = NOW): Map<number, number> {
  const found = new Map<number, number>();
  edges.each(ordinal, now, (to, strength) => found.set(to, strength));
  return found;
}

function pagesOf(edges: LearntEdges): readonly StoredEdge[] {
  return edges.takeDirty().flatMap((page) => edges.edgesOf(page));
}

describe('learnt edges', () => {
  it('grow by a share of what is missing, from both ends alike', () => {
    const edges = new LearntEdges();
    edges.strengthen(3, 700, 0.2, NOW);
    edges.strengthen(700, 3, 0.2, NOW);
    expect(edges.strength(3, 700, NOW)).toBeCloseTo(0.36, 6);
    expect(neighbours(edges, 700).get(3)).toBeCloseTo(0.36, 6);
    expect(edges.size).toBe(1);
  });

  it('grow with each recall, never beyond 1, and fade between', () => {
    const rates = fc.array(
      fc.record({ rate: fc.double({ min: 0.001, max: 1, noNaN: true }), waitMs: fc.nat(10 ** 9) }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(rates, (recalls) => {
        const edges = new LearntEdges();
        let now = NOW;
        for (const { rate, waitMs } of recalls) {
          const before = edges.strength(1, 2, now);
          edges.strengthen(1, 2, rate, now);
          const after = edges.strength(1, 2, now);
          expect(after).toBeGreaterThanOrEqual(Math.fround(before));
          expect(after).toBeLessThanOrEqual(1);
          now += waitMs;
          expect(edges.strength(1, 2, now)).toBeLessThanOrEqual(after);
        }
      }),
    );
  });

  it('fade by half in a half-life, and are told of no more once next to nothing is left', () => {
    const edges = new LearntEdges();
    edges.strengthen(1, 2, 0.5, NOW);
    expect(edges.strength(1, 2, NOW + LEARNT_HALF_LIFE_MS)).toBeCloseTo(0.25, 6);
    expect(neighbours(edges, 1, NOW + 10 * LEARNT_HALF_LIFE_MS).size).toBe(0);
    expect(edges.strength(1, 2, NOW - LEARNT_HALF_LIFE_MS)).toBeCloseTo(0.5, 6);
  });

  it('are at most sixteen a memory: the weakest goes', () => {
    const edges = new LearntEdges();
    for (let to = 1; to <= MAX_LEARNT_DEGREE; to++) edges.strengthen(0, to, 0.1 + to / 100, NOW);
    edges.strengthen(0, 99, 0.5, NOW);
    const found = neighbours(edges, 0);
    expect(found.size).toBe(MAX_LEARNT_DEGREE);
    expect(found.has(1)).toBe(false);
    expect(edges.degree(1)).toBe(0);
    expect(found.get(99)).toBe(0.5);
  });

  it('let a weak newcomer in once it has come often enough', () => {
    const edges = new LearntEdges({ maxDegree: 2 });
    edges.strengthen(0, 1, 0.9, NOW);
    edges.strengthen(0, 2, 0.1, NOW);
    let tries = 0;
    for (; edges.strength(0, 3, NOW) === 0; tries++) edges.strengthen(0, 3, 0.03, NOW);
    expect(tries).toBeGreaterThan(1);
    expect(edges.strength(0, 1, NOW)).toBeCloseTo(0.9, 6);
    expect(edges.strength(0, 2, NOW)).toBe(0);
  });

  it('are bounded in all: the weakest of the namespace go', () => {
    const edges = new LearntEdges({ maxEdges: 32 });
    for (let i = 0; i < 200; i++) edges.strengthen(2 * i, 2 * i + 1, i === 3 ? 0.9 : 0.1 + i / 1_000, NOW);
    expect(edges.size).toBeLessThanOrEqual(32);
    expect(edges.strength(6, 7, NOW)).toBeCloseTo(0.9, 6);
    expect(edges.strength(398, 399, NOW)).toBeGreaterThan(0);
  });

  it('take no such thing as an edge to itself, or a rate that is none', () => {
    const edges = new LearntEdges();
    edges.strengthen(1, 1, 0.5, NOW);
    for (const rate of [0, -1, Number.NaN, 1.5]) edges.strengthen(1, 2, rate, NOW);
    expect(edges.size).toBe(0);
  });

  it('keep their bounds, their symmetry and their pages whatever happens, and of what is deleted nothing', () => {
    const ordinal = fc.nat(300);
    const step = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({ do: fc.constant('strengthen' as const), a: ordinal, b: ordinal }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), a: ordinal, b: ordinal }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.nat(1_000), (steps, waitMs) => {
        const edges = new LearntEdges({ maxDegree: 3, maxEdges: 40 });
        let now = NOW;
        const pages = new Map<number, readonly StoredEdge[]>();
        for (const { do: what, a, b } of steps) {
          now += waitMs * 100_000;
          if (what === 'clear') edges.clear(a);
          else edges.strengthen(a, b, ((a + b) % 7) / 10 + 0.05, now);
          if (what === 'clear') expect(neighbours(edges, a, now).size).toBe(0);
          for (const page of edges.takeDirty()) pages.set(page, edges.edgesOf(page));
        }
        const stored = [...pages.values()].flat();
        expect(edges.size).toBeLessThanOrEqual(40);
        expect(stored).toHaveLength(edges.size);
        for (const { low, high } of stored) {
          expect(low).toBeLessThan(high);
          expect(edges.strength(low, high, now)).toBe(edges.strength(high, low, now));
        }
        for (let each = 0; each <= 300; each++) expect(edges.degree(each)).toBeLessThanOrEqual(3);
        const again = new LearntEdges({ maxDegree: 3, maxEdges: 40 });
        for (const edge of stored) again.load(edge);
        expect(again.takeDirty()).toEqual([]);
        for (const { low, high } of stored)
          expect(again.strength(low, high, now)).toBe(edges.strength(low, high, now));
      }),
    );
  });

  it('forget those that are not to be kept, on their pages too', () => {
    const edges = new LearntEdges();
    edges.strengthen(1, 200, 0.5, NOW);
    edges.strengthen(1, 2, 0.5, NOW);
    expect(pagesOf(edges)).toHaveLength(2);
    edges.keep((ordinal) => ordinal !== 200);
    expect(pagesOf(edges)).toEqual([{ low: 1, high: 2, strength: 0.5, at: NOW }]);
  });
});
