/** What a question is about, apart from who said it: the names of speakers are matched with speakers, not with texts. */

import { dropAccents } from '../text/characters.ts';
import { tokenize } from '../text/tokenize.ts';
import {
  BEFORE_NOUN,
  BEFORE_SENTENCE,
  BEFORE_SUBJECT,
  GRAMMAR_NAMES,
  LOOK_BACK_CHARS,
  ORDINARY_NAMES,
  SPEECH_VERBS,
  SUBJECT_START,
} from './name-words.ts';

export interface Focus {
  /** The question without the names of speakers; as it was given where nothing to look for would be left. */
  readonly text: string;
  /** The speakers it names. */
  readonly speakers: ReadonlySet<string>;
  /**
   * Whether it asks for nothing but what these said ("What did Ana say?"): what is left has no content, and words
   * and vectors of it would find anything.
   */
  readonly isOnlySpeakers: boolean;
}

/** The speakers whose name has a word, which is given as {@link nameWordsOf} has it. */
export type SpeakersOf = (word: string) => Iterable<string>;

/** Whether a word, in lower case, is only grammar. */
export type IsStopWord = (word: string) => boolean;

/** A word with what belongs to it in English: "Ana", "Ana’s", "Ana's". */
const NAME = /([\p{L}\p{M}\p{N}]+)([’']s\b)?/gu;
/** Marks stay with their letters: without them, words of Hindi fall to pieces that many words have. */
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** Letters of scripts that are written without spaces, runs of them and of all others. */
const UNSPACED_LETTER =
  '[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\u30FC\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}]';
const UNSPACED = new RegExp(UNSPACED_LETTER, 'u');
const RUN = new RegExp(`${UNSPACED_LETTER}+|(?:(?!${UNSPACED_LETTER})[\\p{L}\\p{M}\\p{N}])+`, 'gu');
/** Letters of a name that is looked for within a run without spaces: of a single one there are too many by chance. */
const MIN_UNSPACED_LETTERS = 2;
const MAX_UNSPACED_LETTERS = 16;

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
 * A word counts as a name where it is written as one, or where it is small and can hardly be an ordinary word: as a
 * subject ("did bo"), with a possessive ("bo's"), or else where it is no word of grammar, none of the ordinary words
 * that are names too, and follows no article. Such words are none at a sentence's start before a subject ("Will the
 * roof hold?"). In scripts without spaces names are found wherever they stand.
 *
 * @param isStopWord of the language of the texts. Default: none is.
 * @example
 * focusOf('What did Ana say about Lisbon?', (word) => (word === 'ana' ? ['Ana'] : []));
 * // { text: 'What did say about Lisbon?', speakers: Set { 'Ana' }, isOnlySpeakers: false }
 */
export function focusOf(
  question: string,
  speakersOf: SpeakersOf,
  isStopWord: IsStopWord = () => false,
): Focus {
  const names = new Names(question, speakersOf, isStopWord);
  const rest = question.replace(NAME, (match, word: string, possessive: string | undefined, at: number) => {
    if (names.takes({ word, ...around(question, at, match), isPossessive: possessive !== undefined }))
      return '';
    if (!UNSPACED.test(word)) return match;
    const left = word.replace(RUN, (run) =>
      UNSPACED.test(run)
        ? names.takeOutOf(run)
        : names.takes({ word: run, before: '', after: '', isPossessive: false })
          ? ' '
          : run,
    );
    return `${left}${possessive ?? ''}`;
  });
  const { speakers } = names;
  const text = rest.replace(/\s+/g, ' ').trim();
  const left = tokenize(text);
  if (speakers.size === 0 || left.length === 0) return { text: question, speakers, isOnlySpeakers: false };
  const hasContent = left.some((word) => !isStopWord(word) && !SPEECH_VERBS.has(word));
  if (hasContent) return { text, speakers, isOnlySpeakers: false };
  // "Who is Ana?" asks for what is said of her too: without the name nothing would be left to look for.
  const isOnlySpeakers = left.some((word) => SPEECH_VERBS.has(word));
  return { text: isOnlySpeakers ? text : question, speakers, isOnlySpeakers };
}

/** A word of a question and what stands around it. */
interface InQuestion {
  readonly word: string;
  readonly before: string;
  readonly after: string;
  readonly isPossessive: boolean;
}

function around(question: string, at: number, match: string): Pick<InQuestion, 'before' | 'after'> {
  const end = at + match.length;
  return {
    before: question.slice(Math.max(0, at - LOOK_BACK_CHARS), at),
    after: question.slice(end, end + LOOK_BACK_CHARS),
  };
}

/** Tells names from words, and keeps whose they are. */
class Names {
  readonly speakers = new Set<string>();
  readonly #isLowerCase: boolean;
  readonly #speakersOf: SpeakersOf;
  readonly #isStopWord: IsStopWord;

  constructor(question: string, speakersOf: SpeakersOf, isStopWord: IsStopWord) {
    this.#isLowerCase = question === question.toLowerCase();
    this.#speakersOf = speakersOf;
    this.#isStopWord = isStopWord;
  }

  /** Whether a word is a name; whose it is is kept then. */
  takes(place: InQuestion): boolean {
    return this.#keep(this.#named(place));
  }

  /** A run without spaces, a space in place of each name; of several that begin at one place the longest counts. */
  takeOutOf(run: string): string {
    const letters = [...run];
    let left = '';
    for (let at = 0; at < letters.length; ) {
      const length = this.#nameAt(letters, at);
      left += length === 0 ? letters[at] : ' ';
      at += Math.max(1, length);
    }
    return left;
  }

  #nameAt(letters: readonly string[], at: number): number {
    const most = Math.min(MAX_UNSPACED_LETTERS, letters.length - at);
    for (let length = most; length >= MIN_UNSPACED_LETTERS; length -= 1) {
      const word = plain(letters.slice(at, at + length).join(''));
      if (!this.#isStopWord(word) && this.#keep([...this.#speakersOf(word)])) return length;
    }
    return 0;
  }

  #keep(named: readonly string[]): boolean {
    for (const speaker of named) this.speakers.add(speaker);
    return named.length > 0;
  }

  #named(place: InQuestion): readonly string[] {
    const { word, before, isPossessive } = place;
    const named = [...this.#speakersOf(plain(word))];
    const small = word.toLowerCase();
    if (named.length === 0 || this.#isFirstVerb(place, named)) return [];
    if (word !== small) return named;
    const mustBeName = isPossessive || BEFORE_SUBJECT.test(before);
    if (this.#isStopWord(small)) return mustBeName && GRAMMAR_NAMES.has(small) ? named : [];
    if (mustBeName || small === word.toUpperCase()) return named;
    if (ORDINARY_NAMES.has(small) || BEFORE_NOUN.test(before)) return [];
    return this.#isLowerCase ? named : named.filter(isProperName);
  }

  /** Whether a word that is a name too begins a sentence before its subject: that tells its capital. */
  #isFirstVerb({ word, before, after, isPossessive }: InQuestion, named: readonly string[]): boolean {
    const small = word.toLowerCase();
    const isGrammar = GRAMMAR_NAMES.has(small);
    if (isPossessive || !(isGrammar || ORDINARY_NAMES.has(small)) || !BEFORE_SENTENCE.test(before))
      return false;
    if (SUBJECT_START.test(after)) return true;
    // "Will Ana come?", unless Will’s second name is Ana.
    const next = /^\s+([\p{L}\p{M}\p{N}]+)/u.exec(after)?.[1];
    const others = next === undefined || !isGrammar ? [] : [...this.#speakersOf(plain(next))];
    return others.length > 0 && !others.some((other) => named.includes(other));
  }
}

/** One word, written large: of what else speakers are called ("Data Team", "deploy") the words are ordinary ones. */
function isProperName(name: string): boolean {
  return name !== name.toLowerCase() && nameWordsOf(name).length === 1;
}
