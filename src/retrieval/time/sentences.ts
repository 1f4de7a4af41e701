/** The sentences of a text, and where some words stand in one. */

/** A word of a sentence. */
export interface Place {
  readonly term: string;
  readonly start: number;
  readonly end: number;
}

/** Marks stay with their letters. */
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** A full stop with no space behind it is no end: "on 14.06.2024 at 5.30". */
const SENTENCE_END = /[.!?。！？]+(?:["”'’)\]]*)(?:\s+|$)|\n+/gu;

export function sentencesOf(text: string): readonly string[] {
  return text.split(SENTENCE_END).filter((sentence) => sentence.trim() !== '');
}

/** The words of a sentence that have one of some terms. */
export function placesOf(
  sentence: string,
  terms: ReadonlySet<string>,
  termsOf: (text: string) => readonly string[],
): readonly Place[] {
  return [...sentence.matchAll(WORD)].flatMap(({ 0: word, index }) => {
    const term = termsOf(word).find((each) => terms.has(each));
    return term === undefined ? [] : [{ term, start: index, end: index + word.length }];
  });
}
