/** How much of a query stands in a text as it is written: its words side by side and in order. */

import { type Analyser, TERM_MARK } from './terms.ts';

/** A query read for its phrases. */
export interface Phrase {
  readonly analyser: Analyser;
  /** The terms of the query in order, those that are only grammar left out. */
  readonly terms: readonly string[];
  /** Those of each part in quotation marks. */
  readonly quoted: readonly (readonly string[])[];
}

const QUOTED = /"([^"]+)"|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»/g;
const MARK = /["“”„«»]/;
/** First letters that no stemmer changes: of words with one of them, only those that begin as a term does are stemmed. */
const FIXED_INITIAL = /^[a-z]/;

/** Whether a query may quote anything: reading it costs as much as cutting all of its words. */
export function mayQuote(query: string): boolean {
  return MARK.test(query);
}

/** Reads a query once for many texts. */
export function readPhrase(query: string, analyser: Analyser): Phrase {
  const termsOf = (text: string) => analyser.wordsOf(text).flatMap((word) => analyser.termOf(word) ?? []);
  const quoted = [...query.matchAll(QUOTED)].map((parts) => termsOf(parts.slice(1).find(Boolean) ?? ''));
  return { analyser, terms: termsOf(query), quoted: quoted.filter(({ length }) => length > 0) };
}

/**
 * The share of the query's pairs of neighbouring words that are neighbours in the text too, 0–1; words that are only
 * grammar do not part neighbours. A part in quotation marks must stand in the text as a whole: 1 where all of them
 * do, 0 where one does not.
 *
 * @example
 * const phrase = readPhrase('who paints the old houses', analyser);
 * phraseShare(phrase, 'Ana painted an old house'); // 1
 * phraseShare(phrase, 'Old houses that Ana paints'); // .5
 */
export function phraseShare({ analyser, terms, quoted }: Phrase, content: string): number {
  if (quoted.length === 0 && terms.length < 2) return 0;
  const places = placesOf(content, [...terms, ...quoted.flat()], analyser);
  if (quoted.length > 0) return quoted.every((part) => stands(part, places)) ? 1 : 0;
  let pairs = 0;
  for (let i = 1; i < terms.length; i += 1) if (stands(terms.slice(i - 1, i + 1), places)) pairs += 1;
  return pairs / (terms.length - 1);
}

/** Where each of the terms stands among the words of a text that are not only grammar. */
function placesOf(
  content: string,
  terms: readonly string[],
  analyser: Analyser,
): ReadonlyMap<string, ReadonlySet<number>> {
  const places = new Map<string, Set<number>>(terms.map((term) => [term, new Set()]));
  const initials = new Set(terms.map((term) => term.charAt(0)));
  let place = 0;
  for (const word of analyser.wordsOf(content)) {
    if (analyser.isStopWord(word)) continue;
    place += 1;
    if (FIXED_INITIAL.test(word) && !initials.has(word.charAt(0))) continue;
    places.get(analyser.termOf(word) ?? TERM_MARK)?.add(place);
  }
  return places;
}

/** Whether the terms follow one another somewhere. */
function stands(terms: readonly string[], places: ReadonlyMap<string, ReadonlySet<number>>): boolean {
  const [first = TERM_MARK] = terms;
  for (const start of places.get(first) ?? [])
    if (terms.every((term, i) => places.get(term)?.has(start + i))) return true;
  return false;
}
