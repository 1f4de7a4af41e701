/** Waits for something no longer than it may take. */

import { LociError } from './errors.ts';

/** Calls back after so many ms, unless the function it answers is called before: an environment's `schedule`. */
export type Schedule = (ms: number, callback: () => void) => () => void;

/**
 * What `work` comes to, or what `late` gives once `ms` have passed: an answer in its place, or the error that it throws.
 * What `work` comes to after that reaches nobody.
 *
 * @example
 * await within(reranker.score(query, texts), 300, schedule, () => undefined);
 */
export async function within<T>(work: Promise<T>, ms: number, schedule: Schedule, late: () => T): Promise<T> {
  let cancel: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    cancel = schedule(ms, resolve);
  });
  try {
    return await Promise.race([work, passed.then(late)]);
  } finally {
    cancel();
  }
}

/**
 * @param what was waited for, as the error names it.
 * @throws LociError `DEADLINE_EXCEEDED`, retryable.
 */
export function tooLate(what: string, ms: number): never {
  throw new LociError('DEADLINE_EXCEEDED', `${what} took longer than ${ms} ms`, { retryable: true });
}
