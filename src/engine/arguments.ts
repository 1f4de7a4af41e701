/** Checks of what callers give beside memories, filters and queries. */

import { LociError } from '../errors.ts';
import { MAX_LIMIT } from '../limits.ts';
import { normalizeId } from '../memory/ids.ts';
import type {
  DeleteScope,
  Filter,
  GetOptions,
  ListOptions,
  QueryEmbedder,
  SearchOptions,
  WriteOptions,
} from '../types.ts';

export const GET_OPTIONS = ['includeVector'] as const satisfies readonly (keyof GetOptions)[];
export const LIST_OPTIONS = [
  ...GET_OPTIONS,
  ...(['filter', 'limit', 'cursor', 'order'] as const),
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
  ] as const),
] satisfies readonly (keyof SearchOptions)[];
export const WRITE_OPTIONS = ['opId', 'durability'] as const satisfies readonly (keyof WriteOptions)[];

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

const QUERY_EMBEDDERS: readonly unknown[] = ['auto', 'builtin', 'preferred'] satisfies QueryEmbedder[];

export function checkQueryEmbedder(given: QueryEmbedder | undefined): QueryEmbedder | undefined {
  if (given === undefined || QUERY_EMBEDDERS.includes(given)) return given;
  throw new LociError('INVALID_INPUT', 'queryEmbedder must be "auto", "builtin" or "preferred"', {
    hint: 'Leave it out, and the faster or the better one is taken as it is measured.',
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
  const ordinal = /^o[0-9a-z]{1,8}$/.test(cursor) ? Number.parseInt(cursor.slice(1), 36) : Number.NaN;
  if (!Number.isNaN(ordinal)) return ordinal;
  throw new LociError('INVALID_INPUT', 'the cursor is not one that list() gave', {
    hint: 'Start again without a cursor.',
  });
}
