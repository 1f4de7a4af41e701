/** Checks of what callers give beside memories, filters and queries. */

import { LociError } from '../errors.ts';
import { MAX_DATE_MS, MAX_LIMIT, MAX_QUERY_CHARS, MAX_RERANKED, RERANKED } from '../limits.ts';
import { normalizeId } from '../memory/ids.ts';
import { checkOptions } from '../memory/options.ts';
import { isWellFormed } from '../memory/record.ts';
import { DEFAULT_PATH_HOPS, MAX_PATH_HOPS } from '../retrieval/association/index.ts';
import { RERANK_WEIGHT } from '../retrieval/rerank.ts';
import type {
  ConceptOptions,
  ConceptsOptions,
  DeleteScope,
  EdgeKind,
  Filter,
  GetOptions,
  ListOptions,
  PathOptions,
  QueryEmbedder,
  ReinforceOptions,
  RelatedOptions,
  RerankOptions,
  SearchOptions,
  WriteOptions,
} from '../types.ts';

export const GET_OPTIONS = ['includeVector'] as const satisfies readonly (keyof GetOptions)[];
export const LIST_OPTIONS = [
  ...GET_OPTIONS,
  ...(['filter', 'limit', 'cursor', 'order', 'asOf'] as const),
] satisfies readonly (keyof ListOptions)[];
export const SEARCH_OPTIONS = [
  ...GET_OPTIONS,
  ...([
    'filter',
    'limit',
    'embedding',
    'minScore',
    'recall',
    'ef',
    'queryEmbedder',
    'arms',
    'weights',
    'asOf',
    'now',
    'utcOffsetMinutes',
    'hemisphere',
    'context',
    'rerank',
    'neighbours',
    'diversity',
    'expand',
    'queries',
  ] as const),
] satisfies readonly (keyof SearchOptions)[];
export const RELATED_OPTIONS = [
  'limit',
  'kinds',
  'minStrength',
] as const satisfies readonly (keyof RelatedOptions)[];
export const PATH_OPTIONS = ['maxHops'] as const satisfies readonly (keyof PathOptions)[];
export const CONCEPTS_OPTIONS = ['query', 'limit'] as const satisfies readonly (keyof ConceptsOptions)[];
export const CONCEPT_OPTIONS = ['limit', 'cursor'] as const satisfies readonly (keyof ConceptOptions)[];
export const WRITE_OPTIONS = ['opId', 'durability'] as const satisfies readonly (keyof WriteOptions)[];
export const REINFORCE_OPTIONS = [
  ...WRITE_OPTIONS,
  'query',
] as const satisfies readonly (keyof ReinforceOptions)[];

/**
 * An id in the form in which it is stored.
 *
 * @throws LociError `INVALID_INPUT` for what cannot be an id: the host has lost it.
 */
export function checkId(id: unknown): string {
  if (typeof id === 'string' && id !== '') return normalizeId(id);
  throw new LociError('INVALID_INPUT', 'the id must be a string', { hint: 'Give the id that add answered.' });
}

/** The function that is told of events. */
export function checkListener(listener: unknown): void {
  if (typeof listener === 'function') return;
  throw new LociError('INVALID_INPUT', 'subscribe needs a function', { hint: 'Give (event) => { … }.' });
}

export function checkOrder(order: ListOptions['order']): void {
  if (order === undefined || order === 'newest' || order === 'oldest') return;
  throw new LociError('INVALID_INPUT', 'order must be "newest" or "oldest"', {
    hint: 'Leave it out for the newest first.',
  });
}

/** A moment that is asked about, ms since the epoch. */
export function checkAsOf(asOf: number | undefined): number | undefined {
  if (asOf === undefined || (typeof asOf === 'number' && Math.abs(asOf) <= MAX_DATE_MS)) return asOf;
  throw new LociError('INVALID_INPUT', 'asOf must be a time in ms since the epoch', {
    hint: 'Give date.getTime(), or leave it out for now.',
  });
}

/** The query that feedback is told for. */
export function checkFeedback(useful: unknown, query: unknown): void {
  if (typeof useful !== 'boolean')
    throw new LociError('INVALID_INPUT', 'useful must be true or false', {
      hint: 'Say whether the memory was of use.',
    });
  if (query === undefined) return;
  if (typeof query === 'string' && query.length <= MAX_QUERY_CHARS && isWellFormed(query)) return;
  throw new LociError('INVALID_INPUT', `the query must be a text of up to ${MAX_QUERY_CHARS} characters`, {
    hint: 'Give the query as it was searched, or leave it out.',
  });
}

const QUERY_EMBEDDERS: readonly unknown[] = ['auto', 'builtin', 'preferred'] satisfies QueryEmbedder[];

export function checkQueryEmbedder(given: QueryEmbedder | undefined): QueryEmbedder | undefined {
  if (given === undefined || QUERY_EMBEDDERS.includes(given)) return given;
  throw new LociError('INVALID_INPUT', 'queryEmbedder must be "auto", "builtin" or "preferred"', {
    hint: 'Leave it out, and the faster or the better one is taken as it is measured.',
  });
}

const EDGE_KINDS: readonly EdgeKind[] = ['link', 'learnt', 'session', 'time', 'similar', 'terms'];

/** The kinds of edges that are wanted; undefined for all. */
export function checkKinds(kinds: readonly EdgeKind[] | undefined): ReadonlySet<EdgeKind> | undefined {
  if (kinds === undefined) return undefined;
  if (Array.isArray(kinds) && kinds.length > 0 && kinds.every((kind) => EDGE_KINDS.includes(kind)))
    return new Set(kinds);
  throw new LociError('INVALID_INPUT', 'kinds must be a list of kinds of edges', {
    hint: `The kinds are ${EDGE_KINDS.join(', ')}; leave it out for all.`,
  });
}

/** A number from 0 to 1. */
export function checkShare(name: string, share: number | undefined, fallback: number): number {
  if (share === undefined) return fallback;
  if (typeof share === 'number' && share >= 0 && share <= 1) return share;
  throw new LociError('INVALID_INPUT', `${name} must be from 0 to 1`, {
    hint: `Leave it out for ${fallback}.`,
  });
}

const RERANK_OPTIONS = ['best', 'weight'] as const satisfies readonly (keyof RerankOptions)[];

/** How the best hits are to be reranked; undefined where they are not. */
export function checkRerank(given: SearchOptions['rerank']): Required<RerankOptions> | undefined {
  if (given === undefined || given === false) return undefined;
  if (given === null)
    throw new LociError('INVALID_INPUT', 'rerank must be true, false or an object', {
      hint: 'Leave it out for false.',
    });
  const { best = RERANKED, weight }: RerankOptions = checkOptions(
    given === true ? {} : given,
    RERANK_OPTIONS,
    'rerank',
  );
  if (Number.isInteger(best) && best >= 1 && best <= MAX_RERANKED)
    return { best, weight: checkShare('rerank.weight', weight, RERANK_WEIGHT) };
  throw new LociError('INVALID_INPUT', `rerank.best must be a whole number from 1 to ${MAX_RERANKED}`, {
    hint: `Leave it out for ${RERANKED}.`,
  });
}

/** How many steps a path may have. */
export function checkHops(hops: number | undefined): number {
  if (hops === undefined) return DEFAULT_PATH_HOPS;
  if (Number.isInteger(hops) && hops >= 1 && hops <= MAX_PATH_HOPS) return hops;
  throw new LociError('INVALID_INPUT', `maxHops must be a whole number from 1 to ${MAX_PATH_HOPS}`, {
    hint: `Leave it out for ${DEFAULT_PATH_HOPS}.`,
  });
}

export function checkLimit(limit: number | undefined, fallback: number): number {
  if (limit === undefined) return fallback;
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new LociError('INVALID_INPUT', `limit must be a whole number from 1 to ${MAX_LIMIT}`, {
    hint: 'Use list() and its cursor to read more.',
  });
}

export function checkDurability(durability: WriteOptions['durability']): WriteOptions['durability'] {
  if (durability === undefined || durability === 'journaled' || durability === 'flushed') return durability;
  throw new LociError('INVALID_INPUT', 'durability must be "journaled" or "flushed"', {
    hint: 'Leave it out for the default of the engine.',
  });
}

/** The filter of a scope; undefined for everything. */
export function checkScope(scope: DeleteScope): Filter | undefined {
  if (typeof scope === 'object' && scope !== null) {
    const hasFilter = 'filter' in scope && Object.keys(scope.filter ?? {}).length > 0;
    const isAll = 'everything' in scope && scope.everything === true;
    if (isAll && !('filter' in scope)) return undefined;
    if (hasFilter && !('everything' in scope)) return scope.filter;
  }
  throw new LociError('SCOPE_REQUIRED', 'deleteAll needs to be told what', {
    hint: 'Give { filter } with at least one condition, or { everything: true }.',
  });
}

/** The cursor of a page that begins at an ordinal. */
export function encodeCursor(ordinal: number): string {
  return `o${ordinal.toString(36)}`;
}

export function decodeCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const isCursor = typeof cursor === 'string' && /^o[0-9a-z]{1,8}$/.test(cursor);
  const ordinal = isCursor ? Number.parseInt(cursor.slice(1), 36) : Number.NaN;
  if (!Number.isNaN(ordinal)) return ordinal;
  throw new LociError('INVALID_INPUT', 'the cursor is not one that this call gave', {
    hint: 'Start again without a cursor.',
  });
}
