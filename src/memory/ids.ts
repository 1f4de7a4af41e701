/** Time-ordered ids: UUIDv7 (RFC 9562) from an injected clock and source of randomness. */

import { v7, validate, version } from 'uuid';

/** Makes ids that ascend, also within one millisecond and when the clock steps back. */
export function createIdSource(now: () => number, randomBytes: (length: number) => Uint8Array): () => string {
  let lastMs = 0;
  let sequence = 0;
  return () => {
    const ms = Math.floor(now());
    if (ms > lastMs) {
      lastMs = ms;
      sequence = 0;
    } else {
      sequence += 1;
    }
    return v7({ msecs: lastMs, seq: sequence, random: randomBytes(16) });
  };
}

/** An id in the one form that is stored and answered: RFC 9562 has it read in either case, and written in small letters. */
export function normalizeId(id: string): string {
  return id.toLowerCase();
}

export function isMemoryId(value: unknown): value is string {
  return typeof value === 'string' && validate(value) && version(value) === 7;
}
