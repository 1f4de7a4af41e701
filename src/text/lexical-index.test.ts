import { describe, expect, it } from 'vitest';
import { Bitset } from '../vector/bitset.ts';
import { LexicalIndex } from './lexical-index.ts';
import { tokenize } from './tokenize.ts';

const document = (content: string, extra: { speaker?: string; tags?: readonly string[] } = {}) => ({
  content,
  speaker: extra.speaker,
  tags: extra.tags ?? [],
});

function indexOf(...contents: readonly string[]): LexicalIndex {
  const index = new LexicalIndex();
  contents.forEach((content, ordinal) => {
    index.set(ordinal, document(content));
  });
  return index;
}

const found = (index: LexicalIndex, query: string, filter?: Bitset) =>
  index.search(query, 10, filter).map(({ ordinal }) => ordinal);

describe('words of a text', () => {
  it('are runs of letters and digits in lower case, in any script', () => {
    expect(tokenize('Ana’s café, 24 Größen — Привет Ｆｕｌｌ')).toEqual([
      'ana',
      's',
      'café',
      '24',
      'größen',
      'привет',
      'full',
    ]);
  });

  it('are none where there are none', () => {
    expect(tokenize(' …!? ')).toEqual([]);
  });
});

describe('the word index', () => {
  it('finds a text by a word of it, whatever its ending', () => {
    expect(found(indexOf('Ana paints houses', 'Bo reads'), 'painting a house')).toEqual([0]);
  });

  it('does not find by words that are only grammar', () => {
    expect(found(indexOf('the cat is on the mat'), 'is the of on')).toEqual([]);
  });

  it('ranks a text with the rarer word first', () => {
    const index = indexOf('garden garden tree', 'garden oak', 'garden elm', 'garden tree');
    expect(found(index, 'oak garden')[0]).toBe(1);
  });

  it('finds by speaker and by tag', () => {
    const index = new LexicalIndex();
    index.set(0, document('hello', { speaker: 'Ines' }));
    index.set(1, document('hello', { tags: ['bakery'] }));
    expect(found(index, 'Ines')).toEqual([0]);
    expect(found(index, 'bakery')).toEqual([1]);
  });

  it('tells which of the query’s words were found, as the query has them', () => {
    const [match] = indexOf('Ana lives in Lisbon').search('Living in Lisbon or Porto', 1);
    expect(match?.terms).toEqual(['living', 'lisbon']);
  });

  it('finds a replaced text by its new words only', () => {
    const index = indexOf('tomatoes');
    index.set(0, document('cucumbers'));
    expect(found(index, 'tomatoes')).toEqual([]);
    expect(found(index, 'cucumbers')).toEqual([0]);
  });

  it('never finds what was removed, and removes what is not there without a word', () => {
    const index = indexOf('tomatoes', 'tomatoes');
    index.remove(0);
    index.remove(7);
    expect(found(index, 'tomatoes')).toEqual([1]);
  });

  it('finds members of a filter only', () => {
    expect(found(indexOf('oak', 'oak', 'oak'), 'oak', Bitset.of([1]))).toEqual([1]);
  });

  it('puts equal scores in the order of their ordinals', () => {
    expect(found(indexOf('oak', 'oak', 'oak'), 'oak')).toEqual([0, 1, 2]);
  });
});
