/** Terms: what of a word is indexed, and the version of all that decides it. */

import { stemmer } from 'stemmer';
import { FUNCTION_WORDS } from './function-words.ts';

/**
 * Version of the words of a text and their terms: tokeniser, function words, stemmer. It is stored with every
 * segment; a change of any of them raises it, and the contents are then indexed anew.
 */
export const TEXT_VERSION = 1;

/** What of a word is indexed: its stem, or nothing of one that is only grammar. */
export function toTerm(word: string): string | undefined {
  return FUNCTION_WORDS.has(word) ? undefined : stemmer(word);
}
