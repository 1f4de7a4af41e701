import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phraseShare, readPhrase } from './phrase.ts';
import { Analyser } from './terms.ts';

const analyser = new Analyser();
const share = (query: string, content: string) => phraseShare(readPhrase(query, analyser), content);

describe('how much of a query stands in a text as it is written', () => {
  it('is the share of its pairs of words that are neighbours there, in that order', () => {
    expect(share('red brick house', 'We saw a red brick house.')).toBe(1);
    expect(share('red brick house', 'a red house of brick, a brick house')).toBe(0.5);
    expect(share('red brick house', 'house brick red')).toBe(0);
    expect(share('red brick house', 'red. Then brick? No house')).toBe(1);
  });

  it('leaves endings and words that are only grammar out of account', () => {
    expect(share('who paints the old houses', 'Ana painted an old house')).toBe(1);
    expect(share('Ana’s café', 'the cafe of Ana, and Ana cafe')).toBe(1);
  });

  it('is nothing of a query of one word, or none', () => {
    expect([share('house', 'house house'), share('', 'house'), share('the of', 'the of')]).toEqual([0, 0, 0]);
  });

  it('is all or nothing where parts are quoted', () => {
    expect(share('what about the "blue house"', 'Ana has a blue house')).toBe(1);
    expect(share('what about the “blue house”', 'Ana has a house that is blue')).toBe(0);
    expect(share('"blue house" and «old cat»', 'the blue house')).toBe(0);
    expect(share('"blue house" and «old cat»', 'an old cat in the blue houses')).toBe(1);
    expect(share('"Lisbon" weather', 'weather in Lisbon')).toBe(1);
    expect(share('"the of" blue house', 'blue house')).toBe(1);
  });

  it('works where there are no spaces', () => {
    expect(share('記憶の宮殿', '古い記憶の宮殿です')).toBe(1);
  });

  it('is what looking at every place of every pair finds', () => {
    const words = fc.array(fc.constantFrom('oak', 'elms', 'the', 'ash', 'pine', 'Ωmega', 'élan'), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(words, words, (query, content) => {
        const terms = (list: readonly string[]) =>
          list.flatMap((word) => analyser.termOf(word.toLowerCase()) ?? []);
        const [asked, text] = [terms(query), ` ${terms(content).join(' ')} `];
        const pairs = asked.slice(1).map((term, i) => ` ${asked[i]} ${term} `);
        const found = pairs.filter((pair) => text.includes(pair)).length;
        const expected = pairs.length === 0 ? 0 : found / pairs.length;
        expect(share(query.join(' '), content.join(' '))).toBe(expected);
      }),
    );
  });
});
