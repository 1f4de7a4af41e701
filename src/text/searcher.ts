/** Searches segments and buffer: counts first how rare each term is among all documents, then scores them. */

import { Accumulator } from './accumulator.ts';
import { Impacts } from './bm25.ts';
import { ImpactTable, type TermImpacts } from './impact-table.ts';
import { type Located, type Occurrence, rarityOfGroups, type Searched, weigh } from './located.ts';
import { PostingList } from './postings.ts';
import type { QueryTerm } from './query.ts';
import type { Segment } from './segment.ts';
import { FIELD_COUNT, FIELDS } from './segment-format.ts';
import { TopMatches } from './top-matches.ts';
import type { BufferedPostings, WriteBuffer } from './write-buffer.ts';

/** Keeps its arrays from one search to the next. */
export class Searcher {
  readonly #accumulator = new Accumulator();
  readonly #list = new PostingList();
  readonly #impacts = FIELDS.map(() => new Impacts());
  #rows = new Uint32Array(0);

  get memoryBytes(): number {
    return this.#accumulator.memoryBytes + this.#list.byteLength + this.#rows.byteLength;
  }

  /**
   * The best matches, and the terms that their bits stand for.
   *
   * @param members bits of the ordinals that may be found; undefined where all may.
   */
  search(
    { segments, buffer, size }: Searched,
    located: Located,
    limit: number,
    members: Uint32Array | undefined,
  ): { readonly best: TopMatches; readonly terms: readonly QueryTerm[] } {
    const best = new TopMatches(limit);
    const { terms, found, buffered } = located;
    const weights = weigh(located, size);
    const longest = this.#prepare([...segments, buffer], size);
    const groups = terms.map(({ group }) => group);
    this.#accumulator.reserve(longest, groups);
    try {
      segments.forEach((segment, i) => {
        if (members !== undefined && !isReached(segment, members)) return;
        for (const occurrence of found[i] ?? [])
          this.#read(segment, occurrence, weights, (field, count) => {
            const scored = this.#scored(occurrence.term, field, weights);
            this.#accumulator.add(segment, this.#list, count, scored, members);
          });
        this.#accumulator.drain(segment, best);
      });
      this.#readBuffer(buffer, buffered, weights, (term, field, count) => {
        const scored = this.#scored(term, field, weights);
        this.#accumulator.add(buffer, this.#list, count, scored, members);
      });
      this.#accumulator.drain(buffer, best);
    } finally {
      // Postings that cannot be read must not leave scores behind for the next search.
      this.#accumulator.clear();
    }
    return { best, terms };
  }

  /** The table of the query's words and given memories. */
  impacts({ segments, buffer, size }: Searched, located: Located, ordinals: Uint32Array): TermImpacts {
    const { terms, found, buffered } = located;
    const weights = weigh(located, size);
    const words = wordsOfGroups(located);
    const longest = this.#prepare([...segments, buffer], size);
    const table = new ImpactTable(ordinals, words.length, this.#rowsFor(longest));
    const add = (term: number, field: number, count: number) => {
      const { group } = terms[term] as QueryTerm;
      table.add(this.#list, count, { ...this.#scored(term, field, weights), term: group });
    };
    segments.forEach((segment, i) => {
      if (!table.enter(segment)) return;
      for (const occurrence of found[i] ?? [])
        this.#read(segment, occurrence, weights, (field, count) => add(occurrence.term, field, count));
    });
    if (table.enter(buffer)) this.#readBuffer(buffer, buffered, weights, add);
    table.leave();
    const idf = rarityOfGroups(located, size);
    return { terms: words, idf, impacts: table.impacts, lengths: table.lengths };
  }

  /** Zeros, kept from one search to the next. */
  #rowsFor(documents: number): Uint32Array {
    if (this.#rows.length < documents) this.#rows = new Uint32Array(documents);
    return this.#rows;
  }

  #prepare(sources: readonly (Segment | WriteBuffer)[], size: number): number {
    let most = 0;
    const sums = FIELDS.map(() => 0);
    for (const { documents, lengthSums } of sources) {
      most = Math.max(most, documents);
      sums.forEach((sum, field) => {
        sums[field] = sum + (lengthSums[field] as number);
      });
    }
    this.#impacts.forEach((impacts, field) => {
      impacts.setMeanLength((sums[field] as number) / size);
    });
    return most;
  }

  /** Reads the lists of a term, one field after the other. */
  #read(
    segment: Segment,
    { term, postings, counts }: Occurrence,
    weights: Float64Array,
    visit: (field: number, count: number) => void,
  ): void {
    let at = postings;
    counts.forEach((count, field) => {
      if (count === 0) return;
      // Nothing comes behind the one that may count nothing, which is the last.
      if (weights[term * FIELD_COUNT + field] === 0) return;
      at = segment.read(field, at, count, this.#list);
      visit(field, count);
    });
  }

  /** Reads the buffer's lists, one after the other. */
  #readBuffer(
    buffer: WriteBuffer,
    buffered: readonly (readonly BufferedPostings[])[],
    weights: Float64Array,
    visit: (term: number, field: number, count: number) => void,
  ): void {
    this.#list.reserve(buffer.documents);
    buffered.forEach((lists, term) => {
      lists.forEach((list, field) => {
        if (list.length === 0 || weights[term * FIELD_COUNT + field] === 0) return;
        for (let i = 0; i < list.length; i += 2) {
          this.#list.ids[i / 2] = list[i] as number;
          this.#list.frequencies[i / 2] = list[i + 1] as number;
        }
        visit(term, field, list.length / 2);
      });
    });
  }

  #scored(term: number, field: number, weights: Float64Array) {
    const weight = weights[term * FIELD_COUNT + field] as number;
    return { term, field, weight, impacts: this.#impacts[field] as Impacts };
  }
}

/** What each word of the query is called: as it is written, or by the nearest term where no memory has it. */
function wordsOfGroups({ terms, matching }: Located): readonly string[] {
  const words: string[] = [];
  const found = new Set<number>();
  terms.forEach(({ group, word }, term) => {
    const counts = matching.subarray(term * FIELD_COUNT, (term + 1) * FIELD_COUNT);
    const isFound = counts.some((count) => count > 0);
    if (words[group] === undefined || (isFound && !found.has(group))) words[group] = word;
    if (isFound) found.add(group);
  });
  return words;
}

/** Whether a segment can hold a member at all. */
function isReached({ ordinals }: Segment, members: Uint32Array): boolean {
  const first = (ordinals[0] as number) >>> 5;
  const last = Math.min((ordinals[ordinals.length - 1] as number) >>> 5, members.length - 1);
  for (let word = first; word <= last; word += 1) if (members[word] !== 0) return true;
  return false;
}
