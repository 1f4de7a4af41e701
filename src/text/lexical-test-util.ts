/** For tests of the word index: one in the plainest way to compare with, documents, bytes. */

import type { Bitset } from '../vector/bitset.ts';
import { LexicalIndex } from './lexical-index.ts';
import type { LexicalDocument, LexicalMatch } from './lexical-types.ts';
import { toTerm } from './terms.ts';
import { tokenize } from './tokenize.ts';

const K1 = 1.2;
const B = 0.7;
const DELTA = 0.5;

/** A field of a document: how often each term is in it, and how many different words it has. */
interface Field {
  readonly terms: ReadonlyMap<string, number>;
  readonly length: number;
}

/** Looks through all documents for every question. */
export class PlainLexicalIndex {
  readonly #documents = new Map<number, readonly Field[]>();

  set(ordinal: number, { content, speaker, tags }: LexicalDocument): void {
    this.#documents.set(ordinal, [content, speaker ?? '', tags.join(' ')].map(fieldOf));
  }

  remove(ordinal: number): void {
    this.#documents.delete(ordinal);
  }

  get ordinals(): readonly number[] {
    return [...this.#documents.keys()].sort((a, b) => a - b);
  }

  search(query: string, limit: number, filter?: Bitset): readonly LexicalMatch[] {
    const words = new Map<string, string>();
    const asked = tokenize(query).flatMap((word) => {
      const term = toTerm(word);
      if (term === undefined) return [];
      words.set(term, word);
      return [term];
    });
    const matches = [...this.#documents].flatMap(([ordinal, fields]): LexicalMatch[] => {
      if (filter?.has(ordinal) === false) return [];
      const found = [...words.keys()].filter((term) => fields.some(({ terms }) => terms.has(term)));
      if (found.length === 0) return [];
      const sum = asked.reduce((total, term) => total + this.#score(term, fields), 0);
      return [{ ordinal, score: sum * found.length, terms: found.map((term) => words.get(term) ?? '') }];
    });
    return matches.sort((a, b) => b.score - a.score || a.ordinal - b.ordinal).slice(0, limit);
  }

  #score(term: string, fields: readonly Field[]): number {
    const all = [...this.#documents.values()];
    return fields.reduce((sum, { terms, length }, place) => {
      const frequency = terms.get(term);
      if (frequency === undefined) return sum;
      const matching = all.filter((document) => document[place]?.terms.has(term)).length;
      const mean = all.reduce((total, document) => total + (document[place]?.length ?? 0), 0) / all.length;
      const rarity = Math.log(1 + (all.length - matching + 0.5) / (matching + 0.5));
      const norm = K1 * (1 - B + (B * length) / mean);
      return sum + rarity * (DELTA + (frequency * (K1 + 1)) / (frequency + norm));
    }, 0);
  }
}

function fieldOf(text: string): Field {
  const words = tokenize(text);
  const terms = new Map<string, number>();
  for (const word of words) {
    const term = toTerm(word);
    if (term !== undefined) terms.set(term, (terms.get(term) ?? 0) + 1);
  }
  return { terms, length: new Set(words).size };
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
