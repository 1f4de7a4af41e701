/** The refusals that every Storage gives in the same words. */

import { LociError } from '../errors.ts';

/** A commit of a writer that a newer owner has fenced off. */
export function staleEpochError(expected: number, found: number): LociError {
  return new LociError('STALE_EPOCH', `The commit expects epoch ${expected}, the store has ${found}`, {
    hint: 'Another owner has taken this store over: stop writing, and read it again before the next commit.',
    details: { expected, found },
  });
}

/** A call on a store that was closed. */
export function closedError(): LociError {
  return new LociError('CLOSED', 'The store is closed', { hint: 'Open the store again before using it.' });
}
