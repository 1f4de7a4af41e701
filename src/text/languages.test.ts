import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENGLISH } from './language.ts';
import { checkLanguage, loadLanguage, TEXT_LANGUAGES } from './languages.ts';
import { FOUND_ACROSS_SCRIPTS, findAcrossScripts } from './languages-test-util.ts';
import { LexicalIndex } from './lexical-index.ts';
import { textDocument } from './lexical-test-util.ts';
import { Analyser } from './terms.ts';

const termsIn = (text: string, analyser: Analyser) =>
  analyser.wordsOf(text).flatMap((word) => analyser.termOf(word) ?? []);

describe('a language', () => {
  it.each([
    ['de', 'die Häuser und das Haus', ['haus', 'haus']],
    ['fr', 'l’enfant et les enfants', ['enfant', 'enfant']],
    ['es', 'la niña con los niños', ['nin', 'nin']],
    ['ru', 'книга и книги', ['книг', 'книг']],
    ['sv', 'flickorna och flickor', ['flick', 'flick']],
  ])('"%s" cuts endings off and leaves stop words out of “%s”', async (code, text, terms) => {
    expect(termsIn(text, new Analyser(await loadLanguage(code)))).toEqual(terms);
  });

  it.each(TEXT_LANGUAGES)('"%s" makes a term of any word, the same each time', async (code) => {
    const { stem, stopWords } = await loadLanguage(code);
    expect(stopWords.size).toBeGreaterThan(20);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), (text) => {
        const word = text.normalize('NFKC').toLowerCase();
        expect(stem(word)).not.toBe('');
        expect(stem(word)).toBe(stem(word));
      }),
      { numRuns: 100 },
    );
  });

  it('may have a region, and is English where none is named', async () => {
    expect(checkLanguage('pt-BR')).toBe('pt');
    expect(await loadLanguage()).toBe(ENGLISH);
  });

  it.each(['xx', '', 'constructor'])(
    'that is not known, such as "%s", is refused with those that are',
    (code) => {
      expect(() => checkLanguage(code)).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT', hint: expect.stringContaining('de, el, es') }),
      );
    },
  );

  it('finds words of any script beside its own', async () => {
    expect(await findAcrossScripts()).toEqual(FOUND_ACROSS_SCRIPTS);
  });

  it('other than that of the stored words makes them unusable', async () => {
    const index = new LexicalIndex();
    index.set(0, textDocument('oak'));
    index.seal();
    const [bytes] = index.segments.values();
    const german = new LexicalIndex(await loadLanguage('de'));
    expect(() => german.load(1, bytes?.slice() ?? new Uint8Array())).toThrow(
      expect.objectContaining({
        code: 'STORAGE_CORRUPT',
        details: expect.objectContaining({ part: 'language' }),
      }),
    );
    expect(german.size).toBe(0);
  });
});
