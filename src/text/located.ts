/** Where the terms of a query stand in segments and buffer, and how many documents have each. */

import { NEAR_KEPT, NEAR_WORDS } from '../limits.ts';
import { FIELD_WEIGHTS, inverseDocumentFrequency } from './bm25.ts';
import { emptyEntry } from './dictionary.ts';
import { type NearTerm, nearTerms } from './near-terms.ts';
import { PostingList } from './postings.ts';
import { type QueryTerm, queryTerm } from './query.ts';
import type { Segment } from './segment.ts';
import { FIELD_COUNT, FIELDS, TIME_FIELD } from './segment-format.ts';
import type { BufferedPostings, WriteBuffer } from './write-buffer.ts';

/** All that is searched. */
export interface Searched {
  readonly segments: readonly Segment[];
  readonly buffer: WriteBuffer;
  /** Documents that are not removed. */
  readonly size: number;
  /** Of words that were looked for since the last change, the terms near to them: a search asks twice. */
  readonly near: Map<string, readonly NearTerm[]>;
}

/** A query's term in a segment. */
export interface Occurrence {
  readonly term: number;
  /** Where its postings begin. */
  readonly postings: number;
  /** Documents by field, removed ones included. */
  readonly counts: readonly number[];
}

/** The terms of a query in all that is searched. */
export interface Located {
  readonly terms: readonly QueryTerm[];
  /** By segment. */
  readonly found: readonly (readonly Occurrence[])[];
  /** By term and field. */
  readonly buffered: readonly (readonly BufferedPostings[])[];
  /** Documents that are not removed and have the term, by term and field. */
  readonly matching: Float64Array;
}

/**
 * A time that more memories share is passed over where it is also the time of more than {@link TIME_MAX_SHARE} of
 * all: it tells little, and reading its postings takes long.
 */
const TIME_MAX_DOCUMENTS = 4_096;
const TIME_MAX_SHARE = 0.25;

/** Finds the terms, and for words that no memory has, the nearest that some have, unless the search is exact. */
export function locate(searched: Searched, terms: readonly QueryTerm[], isExact: boolean): Located {
  const located = locateTerms(searched, terms);
  if (isExact || searched.size === 0) return located;
  const near = nearOf(searched, located);
  return near.length === 0 ? located : join(located, locateTerms(searched, near));
}

function locateTerms(searched: Searched, terms: readonly QueryTerm[]): Located {
  const entry = emptyEntry();
  const found = searched.segments.map((segment) => {
    const occurrences: Occurrence[] = [];
    terms.forEach(({ bytes }, term) => {
      if (!segment.find(bytes, entry)) return;
      occurrences.push({ term, postings: entry.postings, counts: Array.from(entry.counts) });
    });
    return occurrences;
  });
  const buffered = searched.buffer.collect(terms.map(({ term }) => term));
  return { terms, found, buffered, matching: countMatching(searched.segments, found, buffered) };
}

function countMatching(
  segments: readonly Segment[],
  found: readonly (readonly Occurrence[])[],
  buffered: readonly (readonly BufferedPostings[])[],
): Float64Array {
  let list: PostingList | undefined;
  const matching = new Float64Array(buffered.length * FIELD_COUNT);
  const add = (term: number, field: number, count: number) => {
    const place = term * FIELD_COUNT + field;
    matching[place] = (matching[place] as number) + count;
  };
  buffered.forEach((lists, term) => {
    lists.forEach((postings, field) => {
      add(term, field, postings.length / 2);
    });
  });
  segments.forEach((segment, i) => {
    for (const { term, postings, counts } of found[i] ?? []) {
      let at = postings;
      counts.forEach((count, field) => {
        if (segment.dead === undefined || count === 0) {
          add(term, field, count);
          return;
        }
        list ??= new PostingList();
        at = segment.read(field, at, count, list);
        add(term, field, segment.countLive(list, count));
      });
    }
  });
  return matching;
}

/** Terms near to the words that no memory has, in the groups of these. */
function nearOf(searched: Searched, { terms, matching }: Located): readonly QueryTerm[] {
  const known = new Set(terms.filter((_, term) => mostOf(matching, term) > 0).map(({ group }) => group));
  return terms
    .filter(({ group }) => !known.has(group))
    .slice(0, NEAR_WORDS)
    .flatMap(({ term: unknown, count, group }) =>
      nearIn(searched, unknown).map(({ term, weight }) =>
        queryTerm({ term, word: term, count, group, weight }),
      ),
    );
}

function nearIn(searched: Searched, word: string): readonly NearTerm[] {
  const { segments, buffer, near } = searched;
  const known = near.get(word);
  if (known !== undefined) return known;
  const found = nearTerms(word, segments, buffer.terms, (terms) => liveIn(searched, terms));
  if (near.size >= NEAR_KEPT) near.clear();
  near.set(word, found);
  return found;
}

/** The terms that are not those of removed documents alone: dictionaries keep these until they are written anew. */
function liveIn(searched: Searched, terms: readonly NearTerm[]): readonly NearTerm[] {
  const { segments, buffer } = searched;
  if (buffer.size === buffer.documents && segments.every(({ dead }) => dead === undefined)) return terms;
  const asked = terms.map(({ term, weight }) => queryTerm({ term, word: term, count: 1, group: 0, weight }));
  const { matching } = locateTerms(searched, asked);
  return terms.filter((_, term) => mostOf(matching, term) > 0);
}

function join(a: Located, b: Located): Located {
  const before = a.terms.length;
  const moved = b.found.map((occurrences) =>
    occurrences.map((occurrence) => ({ ...occurrence, term: occurrence.term + before })),
  );
  return {
    terms: [...a.terms, ...b.terms],
    found: a.found.map((occurrences, i) => [...occurrences, ...(moved[i] ?? [])]),
    buffered: [...a.buffered, ...b.buffered],
    matching: Float64Array.of(...a.matching, ...b.matching),
  };
}

/** Documents with the term in the field in which most have it. */
function mostOf(matching: Float64Array, term: number): number {
  return Math.max(...matching.subarray(term * FIELD_COUNT, (term + 1) * FIELD_COUNT));
}

/** What each term counts in each field: its rarity, how often the query has it, how sure it is meant. */
export function weigh({ terms, matching }: Located, size: number): Float64Array {
  return matching.map((count, place) => {
    const { count: inQuery, weight } = terms[Math.floor(place / FIELD_COUNT)] as QueryTerm;
    const field = place % FIELD_COUNT;
    if (field === TIME_FIELD && count > Math.max(TIME_MAX_DOCUMENTS, TIME_MAX_SHARE * size)) return 0;
    const ofField = FIELD_WEIGHTS[FIELDS[field] as (typeof FIELDS)[number]];
    return ofField * weight * inQuery * inverseDocumentFrequency(size, count);
  });
}

/**
 * How rare each word of the query is: by its term that counts most, in the field in which most documents have it;
 * a word that none has is the rarest.
 */
export function rarityOfGroups({ terms, matching }: Located, size: number): Float32Array {
  const groups = terms.reduce((most, { group }) => Math.max(most, group + 1), 0);
  const rarity = new Float32Array(groups);
  terms.forEach(({ group, weight }, term) => {
    const most = mostOf(matching, term);
    const isTime = most > 0 && matching[term * FIELD_COUNT + TIME_FIELD] === most;
    if (most === 0) return;
    const own = weight * (isTime ? FIELD_WEIGHTS.time : 1) * inverseDocumentFrequency(size, most);
    rarity[group] = Math.max(rarity[group] as number, own);
  });
  return rarity.map((own) => (own === 0 ? inverseDocumentFrequency(size, 0) : own));
}
