import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLinkEdges, createSessionEdges, createTimeEdges } from './derived-edges.ts';
import type { EdgeSource } from './edges.ts';
import { SpreadingActivation } from './spread.ts';
import { KIND_WEIGHTS, LINKS_IN_FOLLOWED, SPREAD_DECAY } from './weights.ts';

type Edges = readonly (readonly [number, number, number])[];

/** Edges in both directions. */
function source(kind: EdgeSource['kind'], edges: Edges): EdgeSource {
  return {
    kind,
    each: (ordinal, _, visit) => {
      for (const [a, b, strength] of edges) {
        if (a === ordinal) visit(b, strength);
        else if (b === ordinal) visit(a, strength);
      }
    },
  };
}

const NOW = 1_700_000_000_000;
const edgesOf = fc.array(
  fc.tuple(fc.nat(20), fc.nat(20), fc.double({ min: 0.01, max: 1, noNaN: true })).filter(([a, b]) => a !== b),
  { maxLength: 60 },
);
const seedsOf = fc.array(
  fc.record({ ordinal: fc.nat(20), activation: fc.double({ min: 0.1, max: 1, noNaN: true }) }),
  { minLength: 1, maxLength: 5 },
);

describe('spreading activation', () => {
  it('carries decay times weight times strength over an edge, and says where it came from', () => {
    const network = new SpreadingActivation([source('link', [[1, 2, 0.8]])]);
    const reached = network.spread([{ ordinal: 1, activation: 1 }], { now: NOW });
    const activation = SPREAD_DECAY * KIND_WEIGHTS.link * 0.8;
    expect([...reached]).toEqual([[2, { activation, from: 1, kind: 'link' }]]);
  });

  it('reaches two hops and no more, with what is left after each', () => {
    const chain = source('link', [
      [1, 2, 1],
      [2, 3, 1],
      [3, 4, 1],
    ]);
    const reached = new SpreadingActivation([chain]).spread([{ ordinal: 1, activation: 1 }], { now: NOW });
    expect([...reached.keys()]).toEqual([2, 3]);
    expect(reached.get(3)).toMatchObject({ from: 2, activation: (SPREAD_DECAY * KIND_WEIGHTS.link) ** 2 });
  });

  it('takes the strongest of several edges, and does not come back to where it started', () => {
    const network = new SpreadingActivation([
      source('session', [[1, 2, 1]]),
      source('learnt', [[1, 2, 0.9]]),
    ]);
    const reached = network.spread([{ ordinal: 1, activation: 1 }], { now: NOW });
    expect(reached.get(2)?.kind).toBe('learnt');
    expect(reached.has(1)).toBe(false);
  });

  it('tells of a seed that another seed reaches', () => {
    const network = new SpreadingActivation([source('link', [[1, 2, 1]])]);
    const seeds = [
      { ordinal: 1, activation: 1 },
      { ordinal: 2, activation: 0.9 },
    ];
    const reached = network.spread(seeds, { now: NOW });
    expect(reached.get(2)).toMatchObject({ from: 1 });
    expect(reached.get(1)).toMatchObject({ from: 2 });
  });

  it('neither reaches nor passes through what is not allowed', () => {
    const chain = source('link', [
      [1, 2, 1],
      [2, 3, 1],
    ]);
    const isAllowed = (ordinal: number) => ordinal !== 2;
    const reached = new SpreadingActivation([chain]).spread([{ ordinal: 1, activation: 1 }], {
      now: NOW,
      isAllowed,
    });
    expect(reached.size).toBe(0);
  });

  it('never exceeds the strongest seed, keeps its budget, and answers the same for the same', () => {
    fc.assert(
      fc.property(edgesOf, edgesOf, seedsOf, fc.nat(40), (links, learnt, seeds, maxEdges) => {
        let visited = 0;
        const counted = (inner: EdgeSource): EdgeSource => ({
          kind: inner.kind,
          each: (ordinal, now, visit) => {
            visited += 1;
            inner.each(ordinal, now, visit);
          },
        });
        const sources = [counted(source('link', links)), counted(source('learnt', learnt))];
        const strongest = Math.max(...seeds.map(({ activation }) => activation));
        const options = { now: NOW, maxEdges, maxNodes: 4 };
        const reached = new SpreadingActivation(sources).spread(seeds, options);
        expect(visited).toBeLessThanOrEqual(4 * sources.length);
        expect(reached.size).toBeLessThanOrEqual(maxEdges);
        for (const { activation } of reached.values()) {
          expect(activation).toBeGreaterThan(0);
          expect(activation).toBeLessThanOrEqual(strongest * SPREAD_DECAY);
        }
        expect([...new SpreadingActivation(sources).spread(seeds, options)]).toEqual([...reached]);
      }),
    );
  });

  it('finds the same, in whatever order the edges lie, while the budget lasts', () => {
    fc.assert(
      fc.property(edgesOf, seedsOf, (links, seeds) => {
        const activations = (edges: Edges) =>
          [...new SpreadingActivation([source('link', edges)]).spread(seeds, { now: NOW, maxHops: 5 })]
            .map(([ordinal, { activation }]) => [ordinal, activation] as const)
            .sort(([a], [b]) => a - b);
        expect(activations([...links].reverse())).toEqual(activations(links));
      }),
    );
  });
});

describe('edges that are read off', () => {
  const collect = (edges: EdgeSource, ordinal: number) => {
    const found: [number, number][] = [];
    edges.each(ordinal, NOW, (to, strength) => found.push([to, strength]));
    return found;
  };

  it('lead along links in both directions, to what is there', () => {
    const links = new Map([
      [
        0,
        [
          { id: 'b', strength: 0.9 },
          { id: 'gone', strength: 1 },
          { id: 'a', strength: 1 },
        ],
      ],
      [
        2,
        [
          { id: 'b', strength: 0.4 },
          { id: 'a', strength: 0 },
        ],
      ],
    ]);
    const ids = ['a', 'b', 'c'];
    const edges = createLinkEdges({
      idOf: (ordinal) => ids[ordinal],
      ordinalOf: (id) => (ids.includes(id) ? ids.indexOf(id) : undefined),
      linksOf: (ordinal) => links.get(ordinal) ?? [],
      linking: (ordinal) =>
        [...links].filter(([, to]) => to.some((link) => link.id === ids[ordinal])).map(([from]) => from),
    });
    expect(collect(edges, 0)).toEqual([[1, 0.9]]);
    expect(collect(edges, 1)).toEqual([
      [0, 0.9],
      [2, 0.4],
    ]);
    expect(collect(edges, 2)).toEqual([[1, 0.4]]);
  });

  it('are bounded for a memory that thousands link to: the strongest are followed', () => {
    const edges = createLinkEdges({
      idOf: (ordinal) => String(ordinal),
      ordinalOf: (id) => Number(id),
      linksOf: (ordinal) => (ordinal === 0 ? [] : [{ id: '0', strength: ordinal === 200 ? 1 : 0.5 }]),
      linking: () => Array.from({ length: 5_000 }, (_, i) => i + 1),
    });
    expect(collect(edges, 0)).toHaveLength(LINKS_IN_FOLLOWED);
    expect(collect(edges, 0)[0]).toEqual([200, 1]);
  });

  it('lead to neighbours in the session, the nearer the stronger', () => {
    const edges = createSessionEdges({
      neighbours: (ordinal, distance) =>
        [1, 2, 3]
          .filter((each) => each <= distance)
          .map((each) => ({ ordinal: ordinal + each, distance: each })),
    });
    const found = collect(edges, 5);
    expect(found.map(([to]) => to)).toEqual([6, 7]);
    expect(found[0]?.[1]).toBeGreaterThan(found[1]?.[1] ?? 1);
  });

  it('lead to what was added beside and happened within minutes', () => {
    const minutes = [0, 1, 3, 90, 4];
    const edges = createTimeEdges({
      createdAt: (ordinal) => (minutes[ordinal] === undefined ? undefined : (minutes[ordinal] ?? 0) * 60_000),
    });
    expect(collect(edges, 2).map(([to]) => to)).toEqual([1, 0, 4]);
    expect(collect(edges, 9)).toEqual([]);
  });
});
