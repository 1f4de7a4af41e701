/** What goes into the word index, and what it finds. */

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
