/** Pages that are written when idle, beside the journal: what is on them may be lost, but never outlives its memory. */

import type { Row } from '../storage/storage.ts';

/** Changes of stored pages. */
export interface PageChanges {
  readonly puts: readonly Row[];
  readonly deletes: readonly string[];
}

/** A log of one kind. */
export interface LossyLog {
  /** What has changed since the last call: pages to be written, and the keys of those on which nothing is left. */
  takeDirty(): PageChanges;
  /** Pages to be written again: their commit failed. Those of other logs are passed over. */
  restoreDirty(changes: PageChanges): void;
  /** Forgets the ordinals that are not to be kept. */
  keep(isKept: (ordinal: number) => boolean): void;
}

/** Several logs, written together. */
export class LossyPages implements LossyLog {
  readonly #logs: readonly LossyLog[];

  constructor(logs: readonly LossyLog[]) {
    this.#logs = logs;
  }

  takeDirty(): PageChanges {
    const changes = this.#logs.map((log) => log.takeDirty());
    return {
      puts: changes.flatMap(({ puts }) => puts),
      deletes: changes.flatMap(({ deletes }) => deletes),
    };
  }

  restoreDirty(changes: PageChanges): void {
    for (const log of this.#logs) log.restoreDirty(changes);
  }

  keep(isKept: (ordinal: number) => boolean): void {
    for (const log of this.#logs) log.keep(isKept);
  }
}
