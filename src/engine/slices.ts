/** Long work for a call, cut into slices of some milliseconds: other calls have their turn between them. */

import { INDEX_PAUSE_MS, INDEX_SLICE_MS } from '../limits.ts';
import type { Environment } from './environment.ts';

export interface SliceParts {
  readonly environment: Pick<Environment, 'monotonicMs' | 'schedule'>;
  /** Throws once the engine is closed. */
  readonly assertOpen: () => void;
}

/** Lets others have their turn. */
export function pauseIn({ schedule }: Pick<Environment, 'schedule'>): Promise<void> {
  return new Promise((resolve) => {
    schedule(INDEX_PAUSE_MS, resolve);
  });
}

export class Slices {
  readonly #parts: SliceParts;
  #startMs: number;

  constructor(parts: SliceParts) {
    this.#parts = parts;
    this.#startMs = parts.environment.monotonicMs();
  }

  /**
   * To be called between small pieces of work: pauses where a slice of {@link INDEX_SLICE_MS} is over.
   *
   * @throws LociError `CLOSED` where the engine was closed in the pause.
   */
  async turn(): Promise<void> {
    const { environment, assertOpen } = this.#parts;
    if (environment.monotonicMs() - this.#startMs < INDEX_SLICE_MS) return;
    await pauseIn(environment);
    assertOpen();
    this.#startMs = environment.monotonicMs();
  }
}
