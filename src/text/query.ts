/** The terms of a question. */

import { toTerm } from './terms.ts';
import { tokenize } from './tokenize.ts';

export interface QueryTerm {
  readonly term: string;
  readonly bytes: Uint8Array;
  /** The word of the query that it came from, the last if there are several. */
  readonly word: string;
  /** How often the query has it. */
  readonly count: number;
}

/** The different terms of a query in the order in which they first come. */
export function queryTerms(query: string): readonly QueryTerm[] {
  const encoder = new TextEncoder();
  const terms = new Map<string, { term: string; bytes: Uint8Array; word: string; count: number }>();
  for (const word of tokenize(query)) {
    const term = toTerm(word);
    if (term === undefined) continue;
    const known = terms.get(term);
    if (known === undefined) terms.set(term, { term, bytes: encoder.encode(term), word, count: 1 });
    else {
      known.word = word;
      known.count += 1;
    }
  }
  return [...terms.values()];
}
