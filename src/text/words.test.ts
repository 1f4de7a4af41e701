import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Analyser } from './terms.ts';
import { bigrams, cutWords, platformBreaker } from './words.ts';

const words = (text: string) => cutWords(text, bigrams);

describe('words of a text', () => {
  it.each([
    ['Ana’s café, 24 Größen — Привет Ｆｕｌｌ', "ana's café 24 größen привет full"],
    ['well-known e-mail, job_4711; B2B 10:30 a/b', 'well known e mail job 4711 b2b 10 30 a b'],
    ["don't 'quote' rock'n'roll o’clock", "don't quote rock'n'roll o'clock"],
    ['नमस्ते दुनिया। مرحبا، العالم؟', 'नमस्ते दुनिया مرحبا العالم'],
    ['한국어 텍스트', '한국어 텍스트'],
    ['great😀news 🎂 ❤️ ok', 'great news ok'],
    ['co\u00adoperate', 'cooperate'],
    [' …!? ', ''],
    ['', ''],
  ])('of “%s” are cut by rules of our own', (text, expected) => {
    expect(words(text).join(' ')).toBe(expected);
  });

  it('are the same however a character is written', () => {
    expect(words('Cafe\u0301 ﬁle ２０')).toEqual(words('Café file 20'));
  });

  it('are left to the breaker where a script has no spaces, and only there', () => {
    const runs: string[] = [];
    const breaker = (run: string) => {
      runs.push(run);
      return [run];
    };
    const cut = cutWords('iPhone15を買った。ภาษาไทย Straße 𠀀𠀁字', breaker);
    expect(runs).toEqual(['を買った', 'ภาษาไทย', '𠀀𠀁字']);
    expect(cut).toEqual(['iphone15', 'を買った', 'ภาษาไทย', 'straße', '𠀀𠀁字']);
  });

  it('are each two neighbours where the platform has no breaker', () => {
    expect(words('記憶の宮殿')).toEqual(['記憶', '憶の', 'の宮', '宮殿']);
    expect(words('木')).toEqual(['木']);
    expect(words('𠀀𠀁字')).toEqual(['𠀀𠀁', '𠀁字']);
  });

  it('lose no letter and no digit, and hold no mark', () => {
    const breaker = platformBreaker() ?? bigrams;
    const unit = fc.constantFrom(...'aB7é-. \n"_記のก', '😀', '𠀀');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
        const letters = text.toLowerCase().replace(/[-. \n"_]|😀/gu, '');
        expect(cutWords(text, breaker).join('')).toBe(letters);
        expect(new Set(cutWords(text, bigrams).join(''))).toEqual(new Set(letters));
      }),
    );
  });
});

describe('words with an apostrophe', () => {
  const analyser = new Analyser();

  it('lose what is too short to say anything', () => {
    expect(analyser.wordsOf("Ana's dogs' l'homme o'brien")).toEqual(['ana', 'dogs', 'homme', 'brien']);
  });

  it('are stop words as a whole, or kept as one where nothing else is left', () => {
    expect(analyser.wordsOf('don’t').flatMap((word) => analyser.termOf(word) ?? [])).toEqual([]);
    expect(analyser.wordsOf("o'k")).toEqual(['ok']);
  });
});

describe('terms', () => {
  const terms = (text: string, analyser = new Analyser()) =>
    analyser.wordsOf(text).flatMap((word) => analyser.termOf(word) ?? []);

  it('are stems without accents, of words that say something', () => {
    expect(terms('The cafés were painting houses')).toEqual(['cafe', 'paint', 'hous']);
    expect(terms('cafe painted house')).toEqual(['cafe', 'paint', 'hous']);
  });

  it('say of which language and by which breaker they are', () => {
    const german = { code: 'de', stopWords: new Set<string>(), stem: (word: string) => word };
    const kinds = [new Analyser(), new Analyser(german), new Analyser(undefined, bigrams)].map(
      ({ kind }) => kind,
    );
    expect(new Set(kinds).size).toBe(2 + (platformBreaker() === undefined ? 1 : 0));
  });
});
