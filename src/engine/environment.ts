/** What an engine needs of the world around it: time, chance and a scheduler, all of them replaceable. */

export interface Environment {
  /** Wall-clock time, ms since the epoch. */
  now(): number;
  /** Time for measuring, ms, never going back. */
  monotonicMs(): number;
  randomBytes(length: number): Uint8Array;
  /** Calls back after so many ms, unless the function it answers is called before. */
  schedule(ms: number, callback: () => void): () => void;
  /** What the platform says of the storage of this origin, where it says anything. */
  estimateStorage?(): Promise<{ readonly usageBytes: number; readonly quotaBytes: number } | undefined>;
}

/** The platform's own: browsers, workers, Node and workerd. */
export const systemEnvironment: Environment = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  schedule: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  estimateStorage: async () => {
    const estimate = await globalThis.navigator?.storage?.estimate?.();
    return estimate && { usageBytes: estimate.usage ?? 0, quotaBytes: estimate.quota ?? 0 };
  },
};
