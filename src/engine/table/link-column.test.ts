import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinkColumn } from './link-column.ts';

const id = fc.constantFrom('a', 'b', 'c');
const links = fc.array(fc.record({ id, strength: fc.double({ min: 0, max: 1, noNaN: true }) }), {
  maxLength: 3,
});

describe('links', () => {
  it('are known from both ends, whatever was set and cleared, before or after they were first asked for', () => {
    const change = fc.record({ ordinal: fc.nat(9), links });
    fc.assert(
      fc.property(fc.array(change), fc.nat(20), (changes, askedAt) => {
        const column = new LinkColumn();
        const model = new Map<number, readonly { readonly id: string }[]>();
        changes.forEach(({ ordinal, links: given }, i) => {
          if (i === askedAt) column.linking('a');
          if (given.length === 0) column.clear(ordinal);
          else column.set(ordinal, given);
          model.set(ordinal, given);
        });
        for (const each of ['a', 'b', 'c']) {
          const naming = [...model].filter(([, own]) => own.some((link) => link.id === each));
          expect([...column.linking(each)].sort()).toEqual(naming.map(([ordinal]) => ordinal).sort());
        }
        for (const [ordinal, own] of model) expect(column.get(ordinal)).toEqual(own);
      }),
    );
  });
});
