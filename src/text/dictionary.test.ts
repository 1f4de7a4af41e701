import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { compareTerms, emptyEntry, findTerm, TermCursor } from './dictionary.ts';
import { Segment } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';

// Thousands of histories, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const bytesOf = (term: string) => new TextEncoder().encode(term);
const compareBytes = (a: Uint8Array, b: Uint8Array) => compareTerms(a, 0, a.length, b, 0, b.length);

/** A segment of one document, in which the n-th term occurs n times. */
function segmentOf(terms: readonly Uint8Array[]): Segment {
  const writer = new SegmentWriter(0, Uint32Array.of(0), Uint16Array.of(terms.length, 0, 0), 64);
  terms.forEach((term, i) => {
    writer.addPostings(0, Uint32Array.of(0), Uint16Array.of(i + 1), 0, 1);
    writer.addTerm(term, 0, term.length);
  });
  return new Segment(writer.finish());
}

/** Short words of few letters, so that many share their beginnings. */
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '𐐀'), minLength: 1, maxLength: 5 });

describe('the dictionary of a segment', () => {
  it('finds every term that it has, with its own postings, and no other', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { maxLength: 80 }),
        fc.array(word, { maxLength: 40 }),
        (words, others) => {
          const terms = words.map(bytesOf).sort(compareBytes);
          const segment = segmentOf(terms);
          const entry = emptyEntry();
          terms.forEach((term, i) => {
            expect(findTerm(segment, term, entry)).toBe(true);
            // What follows the id is how often the term occurs, less two.
            if (i > 0) expect(segment.bytes[entry.postings + 1]).toBe(i - 1);
          });
          for (const other of others)
            expect(findTerm(segment, bytesOf(other), entry)).toBe(words.includes(other));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives its terms back in the order of their code points', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 60 }),
        (words) => {
          const terms = words.map((each) => bytesOf(each)).sort(compareBytes);
          const cursor = new TermCursor(segmentOf(terms));
          const read: string[] = [];
          while (cursor.next()) read.push(new TextDecoder().decode(cursor.term.subarray(0, cursor.length)));
          const codePoints = (text: string) => Array.from(text, (each) => each.codePointAt(0) ?? 0);
          expect(read).toEqual(
            [...words].sort((a, b) => {
              const [x, y] = [codePoints(a), codePoints(b)];
              const at = x.findIndex((point, i) => point !== y[i]);
              return at < 0 ? x.length - y.length : (x[at] ?? 0) - (y[at] ?? -1);
            }),
          );
        },
      ),
    );
  });
});
