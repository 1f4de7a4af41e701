/**
 * Word match: BM25+ over content, speaker and tags, by MiniSearch. Words that are only grammar are left out
 * and English endings cut off, which finds .56 instead of .52 of LoCoMo's evidence in the first ten.
 */

import MiniSearch from 'minisearch';
import { stemmer } from 'stemmer';
import type { Bitset } from '../vector/bitset.ts';
import { FUNCTION_WORDS } from './function-words.ts';
import { tokenize } from './tokenize.ts';

/** What is indexed of a memory. */
export interface LexicalDocument {
  readonly content: string;
  readonly speaker?: string | undefined;
  readonly tags: readonly string[];
}

/** A memory found by its words. */
export interface LexicalMatch {
  readonly ordinal: number;
  /** BM25+, above 0, without an upper bound. */
  readonly score: number;
  /** The query's words that were found. */
  readonly terms: readonly string[];
}

interface Entry extends LexicalDocument {
  readonly id: number;
}

/** An index of words by ordinal. */
export class LexicalIndex {
  readonly #index = new MiniSearch<Entry>({
    fields: ['content', 'speaker', 'tags'],
    extractField: (entry, field) =>
      field === 'id'
        ? entry.id
        : field === 'tags'
          ? entry.tags.join(' ')
          : field === 'speaker'
            ? (entry.speaker ?? '')
            : entry.content,
    tokenize,
    processTerm: toTerm,
    searchOptions: { combineWith: 'OR' },
  });

  /** Adds a memory, or replaces it. */
  set(ordinal: number, document: LexicalDocument): void {
    this.remove(ordinal);
    this.#index.add({ ...document, id: ordinal });
  }

  remove(ordinal: number): void {
    if (this.#index.has(ordinal)) this.#index.discard(ordinal);
  }

  /** The best matches, best first; equal scores by ascending ordinal. */
  search(query: string, limit: number, filter?: Bitset): readonly LexicalMatch[] {
    const accept = filter && (({ id }: { id: number }) => filter.has(id));
    // Matches name terms; whoever reads the reasons knows the words of the query.
    const words = new Map(tokenize(query).map((word) => [toTerm(word), word]));
    return this.#index
      .search(query, accept === undefined ? {} : { filter: accept })
      .map(({ id, score, queryTerms }) => ({
        ordinal: id as number,
        score,
        terms: [...new Set(queryTerms.map((term) => words.get(term) ?? term))],
      }))
      .sort((a, b) => b.score - a.score || a.ordinal - b.ordinal)
      .slice(0, limit);
  }
}

/** What of a word is indexed: its stem, or nothing of one that is only grammar. */
function toTerm(word: string): string | null {
  return FUNCTION_WORDS.has(word) ? null : stemmer(word);
}
