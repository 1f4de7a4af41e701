/** The terms of a question. */

import type { Analyser } from './terms.ts';
import type { TimeWords } from './time-words.ts';

export interface QueryTerm {
  readonly term: string;
  readonly bytes: Uint8Array;
  /** What a match is explained by: the word of the query that it came from, the last if there are several. */
  readonly word: string;
  /** How often the query has it. */
  readonly count: number;
  /** Terms of one group stand for one word of the query: a memory that has several of them has that word once. */
  readonly group: number;
  /** What it counts beside a word that stands in the query as it was found: 0–1. */
  readonly weight: number;
}

/**
 * The different terms of a query in the order in which they first come, those of a group one behind the other. A
 * word that names a time is followed by the term of that time.
 */
export function queryTerms(query: string, analyser: Analyser, times: TimeWords): readonly QueryTerm[] {
  const groups = new Map<string, { word: string; count: number; terms: Set<string> }>();
  for (const word of analyser.wordsOf(query)) {
    const term = analyser.termOf(word);
    if (term === undefined) continue;
    const known = groups.get(term);
    if (known === undefined) groups.set(term, { word, count: 1, terms: new Set([term]) });
    else {
      known.word = word;
      known.count += 1;
    }
  }
  for (const { word, term } of times.find(query)) {
    // A word that is only grammar otherwise, such as "may", is a group of its own.
    const key = analyser.termOf(word) ?? word;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { word, count: 1, terms: new Set([term]) });
    else known.terms.add(term);
  }
  return [...groups.values()].flatMap(({ word, count, terms }, group) =>
    [...terms].map((term) => queryTerm({ term, word, count, group, weight: 1 })),
  );
}

const encoder = new TextEncoder();

/** With the bytes of its term. */
export function queryTerm(parts: Omit<QueryTerm, 'bytes'>): QueryTerm {
  return { ...parts, bytes: encoder.encode(parts.term) };
}
