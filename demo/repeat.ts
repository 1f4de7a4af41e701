/** Repeats a write whose outcome is unknown. */

import { isLociError } from '../src/errors.ts';
import type { WriteOptions } from '../src/types.ts';

/**
 * Makes a write; if its worker died before answering, makes it once more with the same operation id,
 * so that it is applied once however far the first attempt had got.
 */
export async function repeatUnknown<T>(write: (options?: WriteOptions) => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isLociError(error) || error.code !== 'OUTCOME_UNKNOWN' || error.opId === undefined) throw error;
    return await write({ opId: error.opId });
  }
}
