/** Deadlines and pauses of storage operations. */

/**
 * The outcome of `work`, or the error that `expire` gives once `ms` have passed. What `work` does
 * after that reaches nobody: `expire` must see to it that it does no harm.
 */
export function withDeadline<T>(work: Promise<T>, ms: number, expire: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(expire()), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
