/** Memories that share rare words and names with a text: found by the word index, weighed by rarity. */

import type { Bitset } from '../../vector/bitset.ts';
import type { FoundEdge } from './neighbourhood.ts';
import { ENTITY_FACTOR, FULL_TERMS, RARE_SHARE, RARE_TERMS, TERM_CHARS } from './weights.ts';

/** Words as they stand, and none that are merely near. */
interface ExactWords {
  readonly isExact: true;
}

/** What is asked of the word index. */
export interface WordIndex {
  /** Memories in it. */
  readonly size: number;
  /** The words of a text, in order. */
  wordsOf(text: string): readonly string[];
  search(
    query: string,
    limit: number,
    filter: Bitset | undefined,
    options: ExactWords,
  ): readonly { readonly ordinal: number; readonly terms: readonly string[] }[];
  impacts(
    query: string,
    ordinals: Uint32Array,
    options: ExactWords,
  ): { readonly terms: readonly string[]; readonly idf: Float32Array };
}

/** Whose terms are shared. */
export interface TermSource {
  readonly ordinal: number;
  readonly content: string;
  /** What the host names: tags, the subject of a fact. */
  readonly names: readonly string[];
}

const WORD = /[\p{L}\p{N}]+/gu;
const HAS_DIGIT = /\p{N}/u;
const IS_CAPITALISED = /^\p{Lu}./u;
/** What stands between the last word of a sentence and the first one of the next. */
const ENDS_SENTENCE = /[.!?:;\n"“]\s*$/u;

/**
 * The memories that share rare terms with one: strength = Σ idf of the shared / Σ idf of all its rare terms, but of
 * three of the greatest rarity at least; names and numbers count half as much again.
 */
export function findSharedTerms(
  words: WordIndex,
  source: TermSource,
  limit: number,
  members: Bitset | undefined,
): readonly FoundEdge[] {
  const weights = rareTerms(words, source);
  if (weights.size === 0) return [];
  const total = Math.max(sum(weights.values()), FULL_TERMS * rarestIdf(words.size));
  // The memory itself is found too.
  const matches = words.search([...weights.keys()].join(' '), limit + 1, members, { isExact: true });
  return matches.flatMap(({ ordinal, terms }) => {
    const shared = terms.filter((term) => weights.has(term));
    if (ordinal === source.ordinal || shared.length === 0) return [];
    const strength = Math.min(1, sum(shared.map((term) => weights.get(term) ?? 0)) / total);
    return [{ to: ordinal, strength, why: { terms: shared } }];
  });
}

/** The rarest terms of a memory that another one has too, each with its weight. */
function rareTerms(words: WordIndex, { content, names }: TermSource): ReadonlyMap<string, number> {
  const text = content.slice(0, TERM_CHARS);
  const query = [text, ...names].join(' ');
  const entities = new Set(entitiesOf(text).map((word) => word.toLowerCase()));
  for (const name of names)
    for (const word of name.toLowerCase().split(/[^\p{L}\p{N}]+/u)) entities.add(word);
  const { terms, idf } = words.impacts(query, new Uint32Array(0), { isExact: true });
  const rarest = rarestIdf(words.size);
  const rare = terms.flatMap((term, i) => {
    const rarity = idf[i] ?? 0;
    const isRare = rarity >= rarest * RARE_SHARE && rarity <= rarest + 1e-4;
    return isRare ? [[term, rarity * (entities.has(term) ? ENTITY_FACTOR : 1)] as const] : [];
  });
  return new Map(rare.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, RARE_TERMS));
}

/** Words with a capital that do not begin a sentence, or with a digit: what they name is rarely an accident. */
function entitiesOf(text: string): readonly string[] {
  const entities: string[] = [];
  let end = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const gap = text.slice(end, index);
    const isFirst = ENDS_SENTENCE.test(gap) || (end === 0 && gap.trim() === '');
    if (HAS_DIGIT.test(word) || (IS_CAPITALISED.test(word) && !isFirst)) entities.push(word);
    end = index + word.length;
  }
  return entities;
}

/** The idf of a term that two memories have; one that a memory alone has is rarer, and joins it with none. */
function rarestIdf(memories: number): number {
  return Math.log(1 + (memories - 1.5) / 2.5);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
