/** Terms: what of a word is indexed, and the version of all that decides it. */

import { dropAccents, isAscii } from './characters.ts';
import { ENGLISH, type TextLanguage } from './language.ts';
import { type Breaker, bigrams, cutWords, platformBreaker } from './words.ts';

/**
 * Version of the words of a text and their terms: rules, stop words, stemmers, time words. It is stored with every
 * segment beside the language; a change of any of them raises it, and the contents are then indexed anew.
 * 2: rules of our own, apostrophes, scripts without spaces; stop words and stemmers of Orama; words of time.
 */
export const TEXT_VERSION = 2;

/** Parts of a word as short as this that an apostrophe cuts off say nothing: `'s`, `l'`, `'ll`. */
const CLITIC_CHARS = 2;
/** Begins a term that is no word. */
export const TERM_MARK = '@';

/** Makes words and terms of texts in a language; texts in others come out as they are written. */
export class Analyser {
  /** The language and the breaker of scripts without spaces, as segments have it: terms of another are others. */
  readonly kind: number;
  readonly language: TextLanguage;
  readonly #breaker: Breaker;

  /**
   * @param language default English.
   * @param breaker of scripts without spaces; default: the platform's, and bigrams where it has none.
   */
  constructor(language: TextLanguage = ENGLISH, breaker: Breaker | undefined = platformBreaker()) {
    this.language = language;
    this.#breaker = breaker ?? bigrams;
    const { code } = language;
    this.kind = code.charCodeAt(0) | (code.charCodeAt(1) << 8) | (breaker === undefined ? 0 : 1 << 16);
  }

  /** The words of a text in order: those with an apostrophe are cut there, unless they are stop words as a whole. */
  wordsOf(text: string): string[] {
    const words = cutWords(text, this.#breaker);
    if (!text.includes("'") && isAscii(text)) return words;
    return words.flatMap((word) => (word.includes("'") ? this.#cutAtApostrophes(word) : word));
  }

  #cutAtApostrophes(word: string): string | readonly string[] {
    if (this.isStopWord(word)) return word;
    const parts = word.split("'");
    const long = parts.filter((part) => part.length > CLITIC_CHARS);
    return long.length > 0 ? long : parts.join('');
  }

  /** Whether a word is only grammar. */
  isStopWord(word: string): boolean {
    return this.language.stopWords.has(word);
  }

  /** What of a word is indexed: its stem without accents; nothing of one that is only grammar. */
  termOf(word: string): string | undefined {
    if (word.startsWith(TERM_MARK)) return word;
    if (this.isStopWord(word)) return undefined;
    const stem = this.language.stem(word);
    return isAscii(stem) ? stem : dropAccents(stem);
  }
}
