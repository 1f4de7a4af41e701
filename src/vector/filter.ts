/** Filters of a vector search: sets of ordinals, and what can be made of them. */

import { LociError } from '../errors.ts';
import { MAX_FILTER_DEPTH } from '../limits.ts';
import { Bitset } from './bitset.ts';

/**
 * Which rows may be found: the members of a set, of all, of one of several, or of none.
 *
 * @example
 * const filter: Filter = { and: [inSession, { not: archived }] };
 */
export type Filter =
  | Bitset
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] }
  | { readonly not: Filter };

/** What a filter is made of. */
export type FilterParts =
  | { readonly kind: 'set'; readonly set: Bitset }
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter };

/** @throws LociError `INVALID_FILTER` for what is no filter, or one nested too deep. */
export function partsOf(filter: Filter, depth = 1): FilterParts {
  if (depth > MAX_FILTER_DEPTH) throw invalid(`is nested deeper than ${MAX_FILTER_DEPTH} levels`);
  if (filter instanceof Bitset) return { kind: 'set', set: filter };
  if (typeof filter === 'object' && filter !== null && Object.keys(filter).length === 1) {
    if ('not' in filter) return { kind: 'not', filter: filter.not };
    if ('and' in filter && Array.isArray(filter.and)) return { kind: 'and', filters: filter.and };
    if ('or' in filter && Array.isArray(filter.or)) return { kind: 'or', filters: filter.or };
  }
  throw invalid('is neither a Bitset nor { and }, { or } or { not } of such');
}

/** Whether an ordinal passes; an empty `and` lets all pass, an empty `or` none. */
export function isMember(filter: Filter, ordinal: number, depth = 1): boolean {
  const parts = partsOf(filter, depth);
  if (parts.kind === 'set') return parts.set.has(ordinal);
  if (parts.kind === 'not') return !isMember(parts.filter, ordinal, depth + 1);
  return parts.kind === 'and'
    ? parts.filters.every((each) => isMember(each, ordinal, depth + 1))
    : parts.filters.some((each) => isMember(each, ordinal, depth + 1));
}

function invalid(problem: string): LociError {
  return new LociError('INVALID_FILTER', `the filter ${problem}`, {
    hint: 'Give a Bitset of ordinals, or join some with { and: […] }, { or: […] } and { not: … }.',
  });
}
