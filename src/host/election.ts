/** One owner per namespace, by Web Lock: whoever holds it writes, and the next in line takes over. */

/** What an election tells. */
export interface Election {
  /** Resolves when it is known whether the lock was free: true for the owner. */
  readonly decided: Promise<boolean>;
  /** Lets go of the lock, or of the place in the line. */
  readonly withdraw: () => void;
}

/**
 * Asks for the lock. `elected` is called once, at once or when the owner before is gone.
 * Where there are no Web Locks (an insecure page) everybody is elected, and the storage's epoch fences.
 */
export function standForElection(name: string, elected: () => void): Election {
  const { locks } = navigator;
  if (locks === undefined) {
    elected();
    return { decided: Promise.resolve(true), withdraw: () => undefined };
  }
  const abort = new AbortController();
  let release: () => void = () => abort.abort();
  const hold = () => {
    elected();
    return new Promise<void>((resolve) => {
      release = resolve;
    });
  };
  const decided = new Promise<boolean>((resolve, reject) => {
    locks
      .request(name, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : hold();
      })
      .catch(reject);
  });
  void decided.then((isOwner) => {
    if (isOwner || abort.signal.aborted) return;
    locks.request(name, { signal: abort.signal }, hold).catch((error: unknown) => {
      if (!abort.signal.aborted) console.error('loci: the election ended in an error', error);
    });
  });
  return { decided, withdraw: () => release() };
}
