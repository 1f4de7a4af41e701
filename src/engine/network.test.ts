import { describe, expect, it } from 'vitest';
import type { Link } from './facts.ts';
import { linkGraphOf, type NetworkParts } from './network.ts';

/** A graph of one memory that these relate to and replace, and how many of the first were read. */
function graphOf(related: readonly number[], replacing: readonly number[]) {
  const read = { count: 0 };
  const links = {
    get: () => [],
    linking: function* () {
      for (const ordinal of related) {
        read.count += 1;
        yield ordinal;
      }
    },
  };
  const table = { links, field: () => 'hub' } as unknown as NetworkParts['table'];
  const facts = { replacing: () => replacing.map((by): Link => ({ by, state: 'superseded' })) };
  return { graph: linkGraphOf({ table, facts }), read };
}

describe('the memories that name one', () => {
  it('are those that are related to it and those that replace it, each once', () => {
    expect([...graphOf([1, 2, 3], [2, 4, 4]).graph.linking(0)]).toEqual([1, 2, 3, 4]);
    expect([...graphOf([], [4]).graph.linking(0)]).toEqual([4]);
    expect([...graphOf([1], []).graph.linking(0)]).toEqual([1]);
  });

  it.each([
    ['is replaced too', [7]],
    ['is not replaced', []],
  ])('are read no further than they are asked for, where it %s', (_, replacing) => {
    const { graph, read } = graphOf(
      Array.from({ length: 5_000 }, (_unused, i) => i + 1),
      replacing,
    );
    let asked = 0;
    for (const ordinal of graph.linking(0)) {
      expect(ordinal).toBe(++asked);
      if (asked === 256) break;
    }
    expect(read.count).toBe(256);
  });
});
