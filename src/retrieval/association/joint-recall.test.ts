import { describe, expect, it } from 'vitest';
import { JointRecall } from './joint-recall.ts';
import { LearntEdges } from './learnt-edges.ts';
import { RECALL_WINDOW_MS, RETURNED_RATE, USED_RATE } from './weights.ts';

const NOW = 1_700_000_000_000;

function recall() {
  const edges = new LearntEdges();
  return {
    edges,
    recalls: new JointRecall(edges),
    strength: (a: number, b: number) => edges.strength(a, b, NOW),
  };
}

const hits = (...scores: readonly number[]) => scores.map((score, i) => ({ ordinal: i + 1, score }));

describe('joint recall', () => {
  it('joins the top of a search a little, and nothing that trails far behind', () => {
    const { recalls, strength } = recall();
    recalls.returned(hits(1, 0.9, 0.2, 0.19), NOW);
    expect(strength(1, 2)).toBeCloseTo(RETURNED_RATE, 6);
    expect(strength(1, 3)).toBe(0);
    recalls.returned(hits(1, 0.9, 0.8, 0.79), NOW);
    expect(strength(2, 3)).toBeCloseTo(RETURNED_RATE, 6);
    expect(strength(3, 4)).toBe(0);
  });

  it('joins what is used with the top of the search that brought it, and with what else was used', () => {
    const { recalls, strength } = recall();
    recalls.returned(hits(1, 0.4, 0.4, 0.4, 0.3), NOW);
    recalls.used(4, NOW);
    expect(strength(4, 1)).toBeCloseTo(USED_RATE, 6);
    recalls.used(5, NOW);
    expect(strength(5, 4)).toBeCloseTo(USED_RATE, 6);
    expect(strength(5, 3)).toBe(0);
  });

  it('counts a use once for a search, and only while the search is fresh', () => {
    const { recalls, strength } = recall();
    recalls.returned(hits(1, 0.4), NOW);
    recalls.used(2, NOW);
    recalls.used(2, NOW);
    expect(strength(1, 2)).toBeCloseTo(USED_RATE, 6);
    recalls.returned(hits(1, 0.4), NOW);
    recalls.used(2, NOW + RECALL_WINDOW_MS + 1);
    expect(strength(1, 2)).toBeCloseTo(USED_RATE, 6);
  });

  it('learns nothing from one hit, nor from what no search has returned', () => {
    const { edges, recalls } = recall();
    recalls.returned(hits(1), NOW);
    recalls.returned([], NOW);
    recalls.used(1, NOW);
    recalls.used(99, NOW);
    expect(edges.size).toBe(0);
  });

  it('forgets a memory that is deleted: what is used later is not joined with it', () => {
    const { edges, recalls } = recall();
    recalls.returned(hits(1, 0.4, 0.4), NOW);
    recalls.used(2, NOW);
    recalls.clear(1);
    recalls.clear(2);
    edges.clear(1);
    edges.clear(2);
    recalls.used(3, NOW);
    expect(edges.size).toBe(0);
  });
});
