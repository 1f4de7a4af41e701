/** What a question is about, apart from who said it: the names of speakers are matched with speakers, not with texts. */

import { dropAccents } from '../text/characters.ts';
import { tokenize } from '../text/tokenize.ts';

export interface Focus {
  /** The question without the names of speakers; as it was given where nothing else would be left. */
  readonly text: string;
  /** The speakers it names. */
  readonly speakers: ReadonlySet<string>;
}

/** The speakers whose name has a word, which is given as {@link nameWordsOf} has it. */
export type SpeakersOf = (word: string) => Iterable<string>;

/** A word with what belongs to it in English: "Ana", "Ana’s", "Ana's". */
const NAME = /([\p{L}\p{M}\p{N}]+)([’']s\b)?/gu;
/** Marks stay with their letters: without them, words of Hindi fall to pieces that many words have. */
const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/** The words of a name by which it is known: in lower case, without accents. */
export function nameWordsOf(name: string): readonly string[] {
  return plain(name).match(WORD) ?? [];
}

function plain(text: string): string {
  return dropAccents(text).toLowerCase();
}

/**
 * Takes the names of speakers out of a question. What people say of themselves does not name them, so that their
 * names would only find where others address them; as vectors, names pull a question away from what it asks (of
 * LoCoMo's evidence MiniLM alone finds .62 in the first ten without them, .36 with them).
 *
 * A word counts as a name where it is written as one, or where the question has no capitals at all.
 *
 * @example
 * focusOf('What did Ana say about Lisbon?', (word) => (word === 'ana' ? ['Ana'] : []));
 * // { text: 'What did say about Lisbon?', speakers: Set { 'Ana' } }
 */
export function focusOf(question: string, speakersOf: SpeakersOf): Focus {
  const isLowerCase = question === question.toLowerCase();
  const speakers = new Set<string>();
  const rest = question.replace(NAME, (match, word: string) => {
    if (!isLowerCase && word === word.toLowerCase()) return match;
    const named = [...speakersOf(plain(word))];
    for (const speaker of named) speakers.add(speaker);
    return named.length === 0 ? match : '';
  });
  const text = rest.replace(/\s+/g, ' ').trim();
  return speakers.size === 0 || tokenize(text).length === 0
    ? { text: question, speakers }
    : { text, speakers };
}
