/** For tests of bad days: the typed error that a call ends in. */

import { isLociError, type LociError } from '../errors.ts';

/** The typed error that the work ends in; anything else, success included, fails the test. */
export async function refusalOf(work: Promise<unknown>): Promise<LociError> {
  try {
    await work;
  } catch (error) {
    if (isLociError(error)) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
