/** Checks of what callers give beside memories, filters and queries. */

import { LociError } from '../errors.ts';
import { MAX_LIMIT } from '../limits.ts';
import type { DeleteScope, Filter, WriteOptions } from '../types.ts';

/** The options of a call; none are as good as empty ones. */
export function checkOptions<T extends object>(options: T | null | undefined): T | Record<string, never> {
  if (options === undefined || options === null) return {};
  if (typeof options === 'object' && !Array.isArray(options)) return options;
  throw new LociError('INVALID_INPUT', 'the options must be an object', {
    hint: 'Give { name: value }, or leave them out.',
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
    if ('everything' in scope && scope.everything === true) return undefined;
    if ('filter' in scope && Object.keys(scope.filter ?? {}).length > 0) return scope.filter;
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
