import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LexicalIndex } from './lexical-index.ts';
import { reloaded, textDocument } from './lexical-test-util.ts';
import { nearTerms } from './near-terms.ts';
import { Segment } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';

function indexOf(...contents: readonly string[]): LexicalIndex {
  const index = new LexicalIndex();
  contents.forEach((content, ordinal) => {
    index.set(ordinal, textDocument(content));
  });
  return index;
}

const found = (index: LexicalIndex, query: string, isExact = false) =>
  index.search(query, 10, undefined, { isExact }).map(({ ordinal, terms }) => [ordinal, ...terms]);

describe('a word that no memory has', () => {
  it.each([
    ['recomendation', 'the recommendation', 'recommend'],
    ['postgre', 'postgresql database', 'postgresql'],
    ['Lisbno', 'Ana lives in Lisbon', 'lisbon'],
    ['kuberntes', 'the kubernetes cluster', 'kubernet'],
    ['environmnetal', 'environmental law', 'environment'],
    ['Москла', 'Поезд в Москва', 'москва'],
  ])('“%s” finds “%s” by its nearest term', (query, content, term) => {
    const index = indexOf(content, 'oak');
    index.seal();
    for (const searched of [indexOf(content, 'oak'), index, reloaded(index)])
      expect(found(searched, query)).toEqual([[0, term]]);
  });

  it('finds nothing in an exact search', () => {
    expect(found(indexOf('Lisbon'), 'Lisbno', true)).toEqual([]);
    expect(indexOf('Lisbon').impacts('Lisbno', Uint32Array.of(0), { isExact: true }).impacts[0]).toBe(0);
  });

  it.each([
    ['with digits', 'job4711', 'job4712'],
    ['that is short', 'cat', 'car'],
    ['whose first letter is another', 'bisbon', 'lisbon'],
    ['of two letters, as a beginning', 'po', 'postgresql'],
    ['that differs by more', 'garnishes', 'gardener'],
  ])('%s is not taken for another', (_, query, content) => {
    expect(found(indexOf(content, 'oak'), query)).toEqual([]);
  });

  it('leaves the words alone that some memory has', () => {
    expect(found(indexOf('the form', 'the firm', 'former'), 'form')).toEqual([[0, 'form']]);
  });

  it('counts for less than a word that is there', () => {
    const index = indexOf('garden in Lisbon', 'garden shed', 'tool shed', 'tool');
    const [typo] = index.search('Lisbno', 1);
    const [word] = index.search('Lisbon', 1);
    expect(typo?.score).toBeLessThan(word?.score ?? 0);
    expect(typo?.score).toBeGreaterThan(0);
  });

  it('counts once, however many terms are found for it', () => {
    const index = indexOf('postgresql postgres', 'oak');
    const [match] = index.search('postg', 1);
    const { terms, impacts } = index.impacts('postg', Uint32Array.of(0));
    expect(match?.terms).toHaveLength(2);
    expect(terms).toHaveLength(1);
    expect(match?.score).toBeCloseTo(impacts[0] as number, 5);
  });

  it('finds what was added since it was last asked for', () => {
    const index = indexOf('oak');
    expect(found(index, 'Lisbno')).toEqual([]);
    index.set(1, textDocument('Lisbon'));
    expect(found(index, 'Lisbno')).toEqual([[1, 'lisbon']]);
    index.seal();
    index.set(1, textDocument('Lisbona'));
    index.set(2, textDocument('elm'));
    expect(found(index, 'Lisbno')).toEqual([]);
    const other = new LexicalIndex();
    other.set(9, textDocument('Lisbon'));
    other.seal();
    const [bytes = new Uint8Array()] = other.segments.values();
    index.load(7, bytes);
    expect(found(index, 'Lisbno')).toEqual([[9, 'lisbon']]);
  });

  it('does not find memories that are removed', () => {
    const index = indexOf('Lisbon', 'oak', 'Lisbona');
    index.seal();
    index.remove(0);
    expect(found(index, 'Lisbno')).toEqual([]);
    expect(found(index, 'Lisbon')).toEqual([[2, 'lisbona']]);
  });
});

describe('terms that only removed memories have', () => {
  const removed = ['paymentqa', 'paymentqb', 'paymentqc', 'paymentqd', 'paymentqe'];

  it('leave the places of near terms to those that others have', () => {
    const index = indexOf(...removed, 'paymentsystems', 'oak');
    const sealed = indexOf(...removed, 'paymentsystems', 'oak');
    sealed.seal();
    for (const searched of [index, sealed]) {
      searched.indexWaiting();
      removed.forEach((_, ordinal) => {
        searched.remove(ordinal);
      });
      expect(found(searched, 'payment')).toEqual([[5, 'paymentsystem']]);
    }
  });

  it('do not stand before those that differ by two letters', () => {
    const index = indexOf('recommendxyz', 'kubarnotes', 'kubernetesq', 'oak');
    index.indexWaiting();
    index.remove(2);
    expect(found(index, 'kubernetes')).toEqual([[1, 'kubarnot']]);
  });

  it('are not kept as near to a word', () => {
    const index = indexOf(...removed, 'paymentsystems', 'oak');
    expect(found(index, 'payment')).not.toContainEqual([5, 'paymentsystem']);
    removed.forEach((_, ordinal) => {
      index.remove(ordinal);
    });
    expect(found(index, 'payment')).toEqual([[5, 'paymentsystem']]);
  });
});

/** Insertions, deletions, replacements and swaps that make one of the other, by the whole table. */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...new Array<number>(b.length).fill(0)]);
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let j = 0; j <= b.length; j += 1) (rows[0] as number[])[j] = j;
  for (let i = 1; i <= a.length; i += 1)
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      (rows[i] as number[])[j] = Math.min(replaced, swapped, at(i - 1, j) + 1, at(i, j - 1) + 1);
    }
  return at(a.length, b.length);
}

/** A segment of one document with these terms, as any that was stored. */
function segmentOf(terms: readonly string[]): Segment {
  const writer = new SegmentWriter(0, Uint32Array.of(0), Uint16Array.of(terms.length, 0, 0), 64);
  for (const term of terms.toSorted()) {
    const bytes = new TextEncoder().encode(term);
    writer.addPostings(0, Uint32Array.of(0), Uint16Array.of(1), 0, 1);
    writer.addTerm(bytes, 0, bytes.length);
  }
  return new Segment(writer.finish());
}

describe('the terms near to a word', () => {
  it('are those that the whole table of edits says, and beginnings', () => {
    const term = fc.string({ unit: fc.constantFrom(...'abc'), minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(term, fc.uniqueArray(term, { maxLength: 40 }), (word, terms) => {
        const near = nearTerms(word, [], terms).map((each) => each.term);
        const sealed = nearTerms(word, [segmentOf(terms)], []).map((each) => each.term);
        expect([...sealed].sort()).toEqual([...near].sort());
        const most = word.length < 4 ? 0 : word.length < 8 ? 1 : 2;
        const mostOf = (other: string) => (other[1] === word[1] ? most : Math.min(most, 1));
        const isNear = (other: string, edits: number) =>
          other !== word &&
          other[0] === word[0] &&
          word.length > 2 &&
          (other.startsWith(word) || distance(word, other) <= Math.min(edits, mostOf(other)));
        const nearest = terms.filter((other) => isNear(other, Math.min(most, 1)));
        const expected = nearest.length > 0 ? nearest : terms.filter((other) => isNear(other, most));
        expect(near).toHaveLength(Math.min(4, expected.length));
        for (const each of near) expect(expected).toContain(each);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are four at most, those that more memories have first', () => {
    const index = new LexicalIndex();
    const endings = ['b', 'c', 'd', 'f', 'g', 'h'];
    let ordinal = 0;
    endings.forEach((ending, i) => {
      for (let n = 0; n <= i; n += 1) index.set(ordinal++, textDocument(`zorgu${ending}`));
    });
    index.seal();
    const words = new Set(index.search('zorgux', 100).flatMap(({ terms }) => terms));
    expect([...words].sort()).toEqual(['zorgud', 'zorguf', 'zorgug', 'zorguh']);
  });
});
