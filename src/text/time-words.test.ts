import { describe, expect, it } from 'vitest';
import { LexicalIndex } from './lexical-index.ts';
import { reloaded, textDocument } from './lexical-test-util.ts';
import { TimeWords, timeTermsOf } from './time-words.ts';

const english = new TimeWords('en');
const terms = (query: string, times = english) =>
  times
    .find(query)
    .map(({ term }) => term)
    .join(' ');

describe('the words of a moment', () => {
  it('are its year, month, day, weekday and season, of UTC', () => {
    expect(timeTermsOf(Date.UTC(2023, 4, 8, 23, 59))).toEqual(['@y2023', '@m5', '@d8', '@w1', '@spring']);
    expect(timeTermsOf(Date.UTC(2024, 11, 1))).toEqual(['@y2024', '@m12', '@d1', '@w0', '@winter']);
    expect(timeTermsOf(Date.UTC(2024, 1, 29))).toContain('@winter');
  });

  it('are none of a time that is none', () => {
    expect([timeTermsOf(Number.NaN), timeTermsOf(8.65e15)]).toEqual([[], []]);
  });
});

describe('the words of time in a query', () => {
  it.each([
    ['What happened in May 2023?', '@m5 @y2023'],
    ['in may 2023', '@m5 @y2023'],
    ['on the 7th of May', '@d7 @m5'],
    ['7 May, 2023', '@d7 @m5 @y2023'],
    ['since last Tuesday, or on tues', '@w2 @w2'],
    ['the winter of 2022 and last fall', '@winter @y2022 @autumn'],
    ['2023-05-07', '@y2023 @m5 @d7'],
    ['Sept. and Oct', '@m9 @m10'],
    ['on Sunday, SAT or Sun', '@w0 @w6 @w0'],
  ])('“%s” are “%s”', (query, expected) => {
    expect(terms(query)).toBe(expected);
  });

  it.each([
    'May I march on?',
    'you may fall in love',
    'a spring mattress, in the sun',
    'she sat down',
    '10 cats, 31 dogs and 40 birds',
    'room 1234 in 3005',
    'second',
    '',
  ])('“%s” are none', (query) => {
    expect(terms(query)).toBe('');
  });

  it('are known in the language of the texts, and in English', () => {
    expect(terms('im März 2023, am Dienstag', new TimeWords('de'))).toBe('@m3 @y2023 @w2');
    expect(terms('le 3 août, vendredi, in August', new TimeWords('fr'))).toBe('@d3 @m8 @w5 @m8');
    expect(terms('в мае и 5 мая', new TimeWords('ru'))).toContain('@m5');
  });
});

describe('a search with words of time', () => {
  function indexOfDays(): LexicalIndex {
    const index = new LexicalIndex();
    for (let day = 0; day < 400; day += 1)
      index.set(day, textDocument(`note ${day}`, { createdAt: Date.UTC(2023, 0, 1 + day) }));
    return index;
  }

  it('finds what happened then, and says by which word', () => {
    const index = indexOfDays();
    index.seal();
    for (const searched of [indexOfDays(), index, reloaded(index)]) {
      const found = searched.search('What happened in May 2023?', 100);
      expect(found.slice(0, 31).map(({ ordinal }) => ordinal)).toEqual(
        Array.from({ length: 31 }, (_, i) => 120 + i),
      );
      expect(found[0]?.terms.toSorted()).toEqual(['2023', 'may']);
      expect(searched.search('on 7 May', 1)[0]?.ordinal).toBe(126);
    }
  });

  it('puts the words before the time', () => {
    const index = indexOfDays();
    index.set(5, textDocument('the wedding', { createdAt: Date.UTC(2023, 0, 6) }));
    expect(index.search('the wedding in May', 3)[0]?.ordinal).toBe(5);
  });

  it('takes a word that names a time and stands in the text for one', () => {
    const index = new LexicalIndex();
    index.set(0, textDocument('born in 1999', { createdAt: Date.UTC(1999, 5, 1) }));
    index.set(1, textDocument('oak'));
    index.set(2, textDocument('elm'));
    const [match] = index.search('1999', 5);
    expect(match?.terms).toEqual(['1999']);
    const { terms: words, impacts } = index.impacts('born in 1999', Uint32Array.of(0));
    expect(words).toEqual(['born', '1999']);
    expect((match?.score ?? 0) - (impacts[1] as number)).toBeLessThan(1e-5);
  });

  it('holds less than two bytes for the time of a memory, however they came', () => {
    const bytesOf = (timeOf: (i: number) => number | undefined) => {
      const index = new LexicalIndex();
      for (let i = 0; i < 5_000; i += 1)
        index.set(i, textDocument(`note ${i % 7}`, { createdAt: timeOf(i) }));
      index.seal();
      return [...index.segments.values()].reduce((sum, { length }) => sum + length, 0);
    };
    const without = bytesOf(() => undefined);
    expect(bytesOf((i) => Date.UTC(2023, 0, 1) + i * 3_600_000) - without).toBeLessThan(5_000 * 0.5);
    // In no order a byte for each of the five.
    expect(bytesOf((i) => Date.UTC(2023, 0, 1) + ((i * 7_919) % 1_000) * 86_400_000) - without).toBeLessThan(
      5_000 * 6,
    );
  });
});
