/**
 * Plain words, as names and feature hashing have them: vectors depend on these rules, so that they stay as they are.
 * The words of the index are cut in `words.ts`.
 */

const WORD = /[\p{L}\p{N}]+/gu;

/** The words in order, in lower case: runs of letters and digits after compatibility normalisation. */
export function tokenize(text: string): string[] {
  return text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
}
