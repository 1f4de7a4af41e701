import { describe, expect, it } from 'vitest';
import { foldText, isNumber, scanWords } from './words.ts';

const wordsOf = (text: string): string[] => {
  const folded = foldText(text);
  const words: string[] = [];
  scanWords(folded, (from, to) => words.push(folded.slice(from, to)));
  return words;
};

describe('words of the built-in model', () => {
  it.each([
    ['Ana moved to Lisbon; her cat came along.', 'ana moved to lisbon her cat came along'],
    ['well-known e-mail', 'well known e mail'],
    ['in 2023, at 10:30', 'in 2023 at 10 30'],
    ['the 4th B2B deal', 'the 4th b2b deal'],
    ['', ''],
    [' \n\t', ''],
    ['… — ', ''],
  ])('cuts “%s” at what is neither letter nor digit', (text, words) => {
    expect(wordsOf(text).join(' ')).toBe(words);
  });

  it('keeps an apostrophe between letters only, straight or curly', () => {
    expect(wordsOf("don't 'quote' Ana's")).toEqual(["don't", 'quote', "ana's"]);
    expect(wordsOf('don’t')).toEqual(["don't"]);
  });

  it('has a question mark and an exclamation mark as words', () => {
    expect(wordsOf('Really? No!')).toEqual(['really', '?', 'no', '!']);
  });

  it('takes case, accents and the way a character is written for nothing', () => {
    expect(wordsOf('Café in ZÜRICH')).toEqual(wordsOf('cafe\u0301 in zu\u0308rich'));
    expect(wordsOf('Café')).toEqual(['cafe']);
    expect(wordsOf('ﬁle ２０')).toEqual(['file', '20']);
  });

  it('has words in other scripts, and no words of half a character alone that break it', () => {
    expect(wordsOf('メモリー Привет')).toEqual(['メモリー', 'привет']);
    expect(wordsOf('half \ud83d of').length).toBeGreaterThanOrEqual(2);
  });

  it('has pictographs as words: the same one is the same word', () => {
    expect(wordsOf('a 🧠 and 🏛')).toEqual(['a', '🧠', 'and', '🏛']);
  });

  it('knows a number', () => {
    expect([isNumber('a 2023', 2, 6), isNumber('4th', 0, 3)]).toEqual([true, false]);
  });
});
