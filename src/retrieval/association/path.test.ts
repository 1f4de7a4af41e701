import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Neighbour } from './neighbourhood.ts';
import { type Expand, strongestPath } from './path.ts';
import { PATH_BEAM } from './weights.ts';

type Edges = readonly (readonly [number, number, number])[];

/** Looks up neighbours along edges that lead both ways, strongest first. */
function expandOf(edges: Edges): Expand & { readonly asked: number[] } {
  const asked: number[] = [];
  const neighbours = (from: number): readonly Neighbour[] => {
    const strengths = new Map<number, number>();
    for (const [a, b, strength] of edges)
      if (a !== b && (a === from || b === from)) {
        const to = a === from ? b : a;
        strengths.set(to, Math.max(strength, strengths.get(to) ?? 0));
      }
    return [...strengths]
      .map(([ordinal, strength]) => ({ ordinal, strength, edges: [] }))
      .sort((a, b) => b.strength - a.strength || a.ordinal - b.ordinal);
  };
  const expand = async (ordinals: readonly number[]) => {
    asked.push(...ordinals);
    return ordinals.map(neighbours);
  };
  return Object.assign(expand, { asked });
}

/** The strength of the strongest path of at most so many steps, by trying all. */
function strongestByHand(edges: Edges, from: number, to: number, maxHops: number): number {
  let strengths = new Map([[from, 1]]);
  for (let hop = 0; hop < maxHops; hop++) {
    const next = new Map(strengths);
    for (const [a, b, strength] of edges)
      for (const [x, y] of [
        [a, b],
        [b, a],
      ] as const)
        next.set(y, Math.max(next.get(y) ?? 0, (strengths.get(x) ?? 0) * strength));
    strengths = next;
  }
  return strengths.get(to) ?? 0;
}

describe('a path', () => {
  it('takes the way of the largest product, not the shortest', async () => {
    const edges: Edges = [
      [1, 4, 0.2],
      [1, 2, 0.9],
      [2, 3, 0.9],
      [3, 4, 0.9],
    ];
    const path = await strongestPath(1, 4, 4, expandOf(edges));
    expect(path?.strength).toBeCloseTo(0.9 ** 3, 10);
    expect(path?.steps.map(({ from, to }) => [from, to])).toEqual([
      [1, 2],
      [2, 3],
      [3, 4],
    ]);
    expect((await strongestPath(1, 4, 2, expandOf(edges)))?.steps).toHaveLength(1);
  });

  it('is none where nothing leads there, or only over more steps than may be', async () => {
    const chain: Edges = [
      [1, 2, 0.9],
      [2, 3, 0.9],
      [3, 4, 0.9],
    ];
    expect(await strongestPath(1, 4, 2, expandOf(chain))).toBeUndefined();
    expect(await strongestPath(1, 9, 6, expandOf(chain))).toBeUndefined();
  });

  it('tells the direction of each step as it is gone, from whichever end it was found', async () => {
    const expand: Expand = async (ordinals) =>
      ordinals.map((from) =>
        [1, 2, 3]
          .filter((to) => Math.abs(to - from) === 1)
          .map((to) => ({
            ordinal: to,
            strength: 0.5,
            edges: [
              {
                kind: 'link',
                strength: 0.5,
                weight: 1,
                why: { direction: to > from ? 'out' : 'in' },
              } as const,
            ],
          })),
      );
    const path = await strongestPath(1, 3, 2, expand);
    expect(path?.steps.map(({ edges }) => edges[0]?.why.direction)).toEqual(['out', 'out']);
  });

  it('is the strongest there is, of steps that join and whose product it has, the same each time', async () => {
    const edge = fc
      .tuple(fc.nat(11), fc.nat(11), fc.integer({ min: 1, max: 95 }))
      .map(([a, b, percent]) => [a, b, percent / 100] as const);
    await fc.assert(
      fc.asyncProperty(
        fc.array(edge, { maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        async (edges, maxHops) => {
          const path = await strongestPath(0, 11, maxHops, expandOf(edges));
          expect(path?.strength ?? 0).toBeCloseTo(strongestByHand(edges, 0, 11, maxHops), 10);
          expect(await strongestPath(0, 11, maxHops, expandOf(edges))).toEqual(path);
          if (path === undefined) return;
          expect(path.steps.length).toBeLessThanOrEqual(maxHops);
          expect(path.steps[0]?.from).toBe(0);
          expect(path.steps.at(-1)?.to).toBe(11);
          path.steps.slice(1).forEach(({ from }, i) => {
            expect(from).toBe(path.steps[i]?.to);
          });
          expect(path.steps.reduce((product, { strength }) => product * strength, 1)).toBeCloseTo(
            path.strength,
            10,
          );
        },
      ),
    );
  });

  it('is looked for from a bounded number of memories, however many there are', async () => {
    const edges = Array.from({ length: 4_000 }, (_, i) => [i % 500, (i * 7) % 500, 0.5] as const);
    const expand = expandOf(edges);
    await strongestPath(0, 499, 6, expand);
    expect(expand.asked.length).toBeLessThanOrEqual(2 * (1 + 2 * PATH_BEAM));
    expect(new Set(expand.asked).size).toBe(expand.asked.length);
  });
});
