/** Searches segments and buffer: counts first how rare each term is among all documents, then scores them. */

import { Accumulator } from './accumulator.ts';
import { Impacts, inverseDocumentFrequency } from './bm25.ts';
import { emptyEntry } from './dictionary.ts';
import { ImpactTable } from './impact-table.ts';
import { PostingList } from './postings.ts';
import type { QueryTerm } from './query.ts';
import type { Segment } from './segment.ts';
import { FIELD_COUNT, FIELDS } from './segment-format.ts';
import { TopMatches } from './top-matches.ts';
import type { BufferedPostings, WriteBuffer } from './write-buffer.ts';

/** All that is searched. */
export interface Searched {
  readonly segments: readonly Segment[];
  readonly buffer: WriteBuffer;
  /** Documents that are not removed. */
  readonly size: number;
}

/** A query's term in a segment. */
interface Occurrence {
  readonly term: number;
  /** Where its postings begin. */
  readonly postings: number;
  /** Documents by field, removed ones included. */
  readonly counts: readonly number[];
}

/** Keeps its arrays from one search to the next. */
export class Searcher {
  readonly #accumulator = new Accumulator();
  readonly #list = new PostingList();
  readonly #entry = emptyEntry();
  readonly #impacts = FIELDS.map(() => new Impacts());

  get memoryBytes(): number {
    return this.#accumulator.memoryBytes + this.#list.byteLength;
  }

  /** The table of terms and given memories, and how rare each term is. */
  impacts({ segments, buffer, size }: Searched, terms: readonly QueryTerm[], ordinals: Uint32Array) {
    const found = segments.map((segment) => this.#find(segment, terms));
    const buffered = buffer.collect(terms.map(({ term }) => term));
    const matching = this.#countMatching(segments, found, buffered);
    const weights = weigh(terms, size, matching);
    const longest = this.#prepare([...segments, buffer], size);
    const table = new ImpactTable(ordinals, terms.length, longest);
    segments.forEach((segment, i) => {
      if (!table.enter(segment)) return;
      for (const occurrence of found[i] ?? [])
        this.#read(segment, occurrence, (field, count) => {
          table.add(this.#list, count, this.#scored(occurrence.term, field, weights));
        });
    });
    if (table.enter(buffer))
      this.#readBuffer(buffer, buffered, (term, field, count) => {
        table.add(this.#list, count, this.#scored(term, field, weights));
      });
    const idf = Float32Array.from(terms, (_, term) => {
      const most = Math.max(...matching.subarray(term * FIELD_COUNT, (term + 1) * FIELD_COUNT));
      return inverseDocumentFrequency(size, most);
    });
    return { idf, impacts: table.impacts, lengths: table.lengths };
  }

  /** @param members bits of the ordinals that may be found; undefined where all may. */
  search(
    { segments, buffer, size }: Searched,
    terms: readonly QueryTerm[],
    limit: number,
    members: Uint32Array | undefined,
  ): TopMatches {
    const best = new TopMatches(limit);
    const found = segments.map((segment) => this.#find(segment, terms));
    const buffered = buffer.collect(terms.map(({ term }) => term));
    const weights = weigh(terms, size, this.#countMatching(segments, found, buffered));
    this.#accumulator.reserve(this.#prepare([...segments, buffer], size), terms.length);
    try {
      segments.forEach((segment, i) => {
        if (members !== undefined && !isReached(segment, members)) return;
        for (const occurrence of found[i] ?? [])
          this.#read(segment, occurrence, (field, count) => {
            const scored = this.#scored(occurrence.term, field, weights);
            this.#accumulator.add(segment, this.#list, count, scored, members);
          });
        this.#accumulator.drain(segment, best);
      });
      this.#readBuffer(buffer, buffered, (term, field, count) => {
        const scored = this.#scored(term, field, weights);
        this.#accumulator.add(buffer, this.#list, count, scored, members);
      });
      this.#accumulator.drain(buffer, best);
    } finally {
      // Postings that cannot be read must not leave scores behind for the next search.
      this.#accumulator.clear();
    }
    return best;
  }

  #find(segment: Segment, terms: readonly QueryTerm[]): readonly Occurrence[] {
    const found: Occurrence[] = [];
    terms.forEach(({ bytes }, term) => {
      if (!segment.find(bytes, this.#entry)) return;
      found.push({ term, postings: this.#entry.postings, counts: Array.from(this.#entry.counts) });
    });
    return found;
  }

  /** How many documents that are not removed have each term, by term and field. */
  #countMatching(
    segments: readonly Segment[],
    found: readonly (readonly Occurrence[])[],
    buffered: readonly (readonly BufferedPostings[])[],
  ): Float64Array {
    const matching = new Float64Array(buffered.length * FIELD_COUNT);
    const add = (term: number, field: number, count: number) => {
      const place = term * FIELD_COUNT + field;
      matching[place] = (matching[place] as number) + count;
    };
    buffered.forEach((lists, term) => {
      lists.forEach((list, field) => {
        add(term, field, list.length / 2);
      });
    });
    segments.forEach((segment, i) => {
      for (const { term, postings, counts } of found[i] ?? []) {
        let at = postings;
        counts.forEach((count, field) => {
          if (segment.dead !== undefined && count > 0) at = segment.read(at, count, this.#list);
          add(term, field, segment.countLive(this.#list, count));
        });
      }
    });
    return matching;
  }

  /** Takes in the mean lengths; returns the documents of the longest source. */
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
    { postings, counts }: Occurrence,
    visit: (field: number, count: number) => void,
  ): void {
    let at = postings;
    counts.forEach((count, field) => {
      if (count === 0) return;
      at = segment.read(at, count, this.#list);
      visit(field, count);
    });
  }

  /** Reads the buffer's lists, one after the other. */
  #readBuffer(
    buffer: WriteBuffer,
    buffered: readonly (readonly BufferedPostings[])[],
    visit: (term: number, field: number, count: number) => void,
  ): void {
    this.#list.reserve(buffer.documents);
    buffered.forEach((lists, term) => {
      lists.forEach((list, field) => {
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

/** The weight of each term in each field: its rarity, times how often the query has it. */
function weigh(terms: readonly QueryTerm[], size: number, matching: Float64Array): Float64Array {
  return matching.map((count, place) => {
    const term = terms[Math.floor(place / FIELD_COUNT)] as QueryTerm;
    return term.count * inverseDocumentFrequency(size, count);
  });
}

/** Whether a segment can hold a member at all. */
function isReached({ ordinals }: Segment, members: Uint32Array): boolean {
  const first = (ordinals[0] as number) >>> 5;
  const last = Math.min((ordinals[ordinals.length - 1] as number) >>> 5, members.length - 1);
  for (let word = first; word <= last; word += 1) if (members[word] !== 0) return true;
  return false;
}
