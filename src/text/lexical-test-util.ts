/** For tests of the word index: one in the plainest way to compare with, documents, bytes. */

import type { Bitset } from '../vector/bitset.ts';
import { FIELD_WEIGHTS } from './bm25.ts';
import { LexicalIndex } from './lexical-index.ts';
import type { LexicalDocument, LexicalMatch } from './lexical-types.ts';
import { type QueryTerm, queryTerms } from './query.ts';
import { FIELDS } from './segment-format.ts';
import { Analyser } from './terms.ts';
import { TimeWords, timeTermsOf } from './time-words.ts';

const K1 = 1.2;
const B = 0.7;
const DELTA = 0.5;

/** A field of a document: how often each term is in it, and how many different words it has. */
interface Field {
  readonly terms: ReadonlyMap<string, number>;
  readonly length: number;
}

/** Looks through all documents for every question, for the words as they are. */
export class PlainLexicalIndex {
  readonly #analyser = new Analyser();
  readonly #times = new TimeWords('en');
  readonly #documents = new Map<number, readonly Field[]>();

  set(ordinal: number, { content, speaker, tags, createdAt }: LexicalDocument): void {
    const fields = [content, speaker ?? '', tags.join(' ')].map((text) => this.#fieldOf(text));
    const times = new Map((createdAt === undefined ? [] : timeTermsOf(createdAt)).map((term) => [term, 1]));
    this.#documents.set(ordinal, [...fields, { terms: times, length: 0 }]);
  }

  remove(ordinal: number): void {
    this.#documents.delete(ordinal);
  }

  get ordinals(): readonly number[] {
    return [...this.#documents.keys()].sort((a, b) => a - b);
  }

  search(query: string, limit: number, filter?: Bitset): readonly LexicalMatch[] {
    const asked = queryTerms(query, this.#analyser, this.#times);
    const matches = [...this.#documents].flatMap(([ordinal, fields]): LexicalMatch[] => {
      if (filter?.has(ordinal) === false) return [];
      const found = asked.filter(({ term }) => fields.some(({ terms }) => terms.has(term)));
      if (found.length === 0) return [];
      const sum = asked.reduce((total, term) => total + this.#score(term, fields), 0);
      const words = [...new Map(found.map(({ group, word }) => [group, word])).values()];
      return [{ ordinal, score: sum * words.length, terms: words }];
    });
    return matches.sort((a, b) => b.score - a.score || a.ordinal - b.ordinal).slice(0, limit);
  }

  #score({ term, count }: QueryTerm, fields: readonly Field[]): number {
    const all = [...this.#documents.values()];
    return fields.reduce((sum, { terms, length }, place) => {
      const frequency = terms.get(term);
      if (frequency === undefined) return sum;
      const matching = all.filter((document) => document[place]?.terms.has(term)).length;
      const mean = all.reduce((total, document) => total + (document[place]?.length ?? 0), 0) / all.length;
      const rarity = Math.log(1 + (all.length - matching + 0.5) / (matching + 0.5));
      const norm = K1 * (1 - B + (mean > 0 ? (B * length) / mean : 0));
      const weight = count * FIELD_WEIGHTS[FIELDS[place] ?? 'content'];
      return sum + weight * rarity * (DELTA + (frequency * (K1 + 1)) / (frequency + norm));
    }, 0);
  }

  #fieldOf(text: string): Field {
    const words = this.#analyser.wordsOf(text);
    const terms = new Map<string, number>();
    for (const word of words) {
      const term = this.#analyser.termOf(word);
      if (term !== undefined) terms.set(term, (terms.get(term) ?? 0) + 1);
    }
    return { terms, length: new Set(words).size };
  }
}

/** A document of these words. */
export function textDocument(content: string, extra: Partial<LexicalDocument> = {}): LexicalDocument {
  return { content, tags: [], ...extra };
}

/** The segments' bytes in an index of their own, as after a start. */
export function reloaded(index: LexicalIndex): LexicalIndex {
  const again = new LexicalIndex();
  for (const [id, bytes] of index.segments) again.load(id, bytes.slice());
  return again;
}

/** Whether the text occurs in any segment's bytes. */
export function isInBytes(index: LexicalIndex, text: string): boolean {
  return [...index.segments.values()].some((bytes) => Buffer.from(bytes).includes(text));
}
