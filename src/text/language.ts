/** What is known of a language: its words that are only grammar, and the stems of the others. */

import { stemmer } from '@orama/stemmers/english';
import { stopwords } from '@orama/stopwords/english';

export interface TextLanguage {
  /** ISO 639-1, two letters. */
  readonly code: string;
  /** Words that say nothing of what a text is about, in lower case. */
  readonly stopWords: ReadonlySet<string>;
  /** The part that a word's forms have in common. */
  stem(word: string): string;
}

/** What the library's list has not. */
const MORE_ENGLISH = ['a', 'into', 'just', 's', 't'];

export const ENGLISH: TextLanguage = {
  code: 'en',
  stopWords: new Set([...stopwords, ...MORE_ENGLISH]),
  stem: stemmer,
};
