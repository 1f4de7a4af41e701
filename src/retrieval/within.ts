/** Waits for something no longer than it may take. */

import { LociError } from '../errors.ts';

/** Calls back after so many ms, unless the function it answers is called before: an environment's `schedule`. */
export type Schedule = (ms: number, callback: () => void) => () => void;

/**
 * What a promise comes to, within a time.
 *
 * @param what it waits for, as the error names it.
 * @throws LociError `DEADLINE_EXCEEDED`, retryable, after that time; else what the promise rejects with.
 */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  deadlineMs: number,
  schedule: Schedule,
): Promise<T> {
  let cancel: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = schedule(deadlineMs, () =>
      reject(
        new LociError('DEADLINE_EXCEEDED', `${what} took longer than ${deadlineMs} ms`, { retryable: true }),
      ),
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    cancel();
  }
}
