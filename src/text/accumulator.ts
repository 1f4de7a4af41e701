/** Adds up the scores of one segment's documents, term by term. */

import { bitCount, isSet } from './bits.ts';
import type { Impacts } from './bm25.ts';
import type { PostingList } from './postings.ts';
import type { TopMatches } from './top-matches.ts';

/** Documents whose postings name them by their place. */
export interface ScoredDocuments {
  readonly ordinals: Uint32Array;
  /** Different words of each document, an array for each field. */
  readonly fieldLengths: readonly Uint16Array[];
  /** One bit a document, set in those removed. */
  readonly dead: Uint32Array | undefined;
}

/** A query's term in a field. */
export interface ScoredTerm {
  readonly field: number;
  /** Place among the query's terms, or where sums are kept by group, of its group. */
  readonly term: number;
  /** Rarity, times how often the query has it. */
  readonly weight: number;
  readonly impacts: Impacts;
}

/** Bits of one plane of {@link Accumulator}: a query of more terms takes several. */
const PLANE_TERMS = 32;

export class Accumulator {
  /** Zero where no term was found. */
  #scores = new Float64Array(0);
  /** Which terms were found, one bit each. */
  #planes: Uint32Array[] = [];
  #touched = new Uint32Array(0);
  #touchedCount = 0;
  /** Terms that stand for one word of the query, where several do. */
  #groups: readonly (readonly number[])[] = [];

  get memoryBytes(): number {
    const planes = this.#planes.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return this.#scores.byteLength + this.#touched.byteLength + planes;
  }

  /**
   * Makes room for the documents of a segment and the terms of a query.
   *
   * @param groups of each term.
   */
  reserve(documents: number, groups: readonly number[]): void {
    const terms = groups.length;
    this.#groups = sharedGroups(groups);
    if (documents > this.#scores.length) {
      const capacity = Math.max(documents, 2 * this.#scores.length);
      this.#scores = new Float64Array(capacity);
      this.#touched = new Uint32Array(capacity);
      this.#planes = [];
    }
    const planes = Math.ceil(terms / PLANE_TERMS);
    // Of a long query nothing is kept.
    this.#planes.length = Math.min(this.#planes.length, planes);
    while (this.#planes.length < planes) this.#planes.push(new Uint32Array(this.#scores.length));
  }

  /** Adds a term's worth to the documents of a list, of those members alone that are not removed. */
  add(
    { ordinals, fieldLengths, dead }: ScoredDocuments,
    { ids, frequencies }: PostingList,
    count: number,
    { field, term, weight, impacts }: ScoredTerm,
    members: Uint32Array | undefined,
  ): void {
    const lengths = fieldLengths[field] as Uint16Array;
    const { ofOne } = impacts;
    const scores = this.#scores;
    const touched = this.#touched;
    const plane = this.#planes[Math.floor(term / PLANE_TERMS)] as Uint32Array;
    const bit = 1 << (term % PLANE_TERMS);
    let touchedCount = this.#touchedCount;
    for (let i = 0; i < count; i += 1) {
      const id = ids[i] as number;
      if (dead !== undefined && isSet(dead, id)) continue;
      if (members !== undefined && !isSet(members, ordinals[id] as number)) continue;
      const frequency = frequencies[i] as number;
      const length = lengths[id] as number;
      const impact =
        frequency === 1 && length < ofOne.length ? (ofOne[length] as number) : impacts.of(frequency, length);
      const before = scores[id] as number;
      if (before === 0) touched[touchedCount++] = id;
      scores[id] = before + weight * impact;
      plane[id] = (plane[id] as number) | bit;
    }
    this.#touchedCount = touchedCount;
  }

  /** Offers all documents found and forgets them. */
  drain({ ordinals }: ScoredDocuments, best: TopMatches): void {
    const [plane] = this.#planes;
    const isOneTermAWord = this.#planes.length === 1 && this.#groups.length === 0;
    if (plane !== undefined && isOneTermAWord) this.#drainPlane(ordinals, plane, best);
    else
      for (let i = 0; i < this.#touchedCount; i += 1) {
        const id = this.#touched[i] as number;
        const score = (this.#scores[id] as number) * this.#matchedIn(id);
        if (score >= best.least) best.offer(score, ordinals[id] as number, this.#planes, id);
      }
    this.clear();
  }

  /** The same of a question of few words, each of which is one term: by far the most are so. */
  #drainPlane(ordinals: Uint32Array, plane: Uint32Array, best: TopMatches): void {
    const scores = this.#scores;
    const touched = this.#touched;
    const count = this.#touchedCount;
    let { least } = best;
    for (let i = 0; i < count; i += 1) {
      const id = touched[i] as number;
      const score = (scores[id] as number) * bitCount(plane[id] as number);
      if (score < least) continue;
      best.offer(score, ordinals[id] as number, this.#planes, id);
      least = best.least;
    }
  }

  /** How many words of the query a document has. */
  #matchedIn(id: number): number {
    let matched = 0;
    for (const plane of this.#planes) matched += bitCount(plane[id] as number);
    for (const terms of this.#groups) {
      let ofGroup = 0;
      for (const term of terms) {
        const plane = this.#planes[Math.floor(term / PLANE_TERMS)] as Uint32Array;
        ofGroup += ((plane[id] as number) >>> (term % PLANE_TERMS)) & 1;
      }
      if (ofGroup > 1) matched -= ofGroup - 1;
    }
    return matched;
  }

  /** Forgets all documents found. */
  clear(): void {
    const scores = this.#scores;
    const touched = this.#touched;
    const count = this.#touchedCount;
    for (let i = 0; i < count; i += 1) scores[touched[i] as number] = 0;
    for (const plane of this.#planes) for (let i = 0; i < count; i += 1) plane[touched[i] as number] = 0;
    this.#touchedCount = 0;
  }
}

/** The terms of each group that has several. */
function sharedGroups(groups: readonly number[]): readonly (readonly number[])[] {
  const terms = new Map<number, number[]>();
  groups.forEach((group, term) => {
    terms.set(group, [...(terms.get(group) ?? []), term]);
  });
  return [...terms.values()].filter(({ length }) => length > 1);
}
