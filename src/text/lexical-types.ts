/** What goes into the word index, and what it finds. */

/** What is indexed of a memory. */
export interface LexicalDocument {
  readonly content: string;
  readonly speaker?: string | undefined;
  readonly tags: readonly string[];
  /** When it was, ms since the epoch: its words of time are indexed. */
  readonly createdAt?: number | undefined;
}

/** How words are looked for. */
export interface LexicalOptions {
  /** Whether a word that no memory has finds nothing. Default false: the words nearest to it are found. */
  readonly isExact?: boolean | undefined;
}

/** A memory found by its words. */
export interface LexicalMatch {
  readonly ordinal: number;
  /** BM25+, above 0, without an upper bound. */
  readonly score: number;
  /** The query's words that were found; in place of one that no memory has, the term that was found for it. */
  readonly terms: readonly string[];
}
