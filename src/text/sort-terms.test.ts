import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortTerms } from './sort-terms.ts';

const letter = fc.constantFrom('a', 'b', 'é', 'ß', '東', '\ufb01', '𐐀', '9');
const terms = fc.uniqueArray(fc.string({ unit: letter, minLength: 1, maxLength: 8 }), { maxLength: 200 });

describe('sorted terms', () => {
  it('are those given, in the order of their code points, short and long and in any script', () => {
    fc.assert(
      fc.property(terms, (given) => {
        const { bytes, starts, lengths, order } = sortTerms(given);
        const decoder = new TextDecoder();
        const sorted = [...order].map((number) => {
          const start = starts[number] ?? 0;
          const text = decoder.decode(bytes.subarray(start, start + (lengths[number] ?? 0)));
          expect(text).toBe(given[number]);
          return text;
        });
        const byBytes = [...given].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(sorted).toEqual(byBytes);
      }),
    );
  });
});
