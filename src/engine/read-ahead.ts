/** Brings into memory what comes next in a list of hits, when nothing else is asked for a moment. */

import { READ_AHEAD_AFTER_MS } from '../limits.ts';
import type { BlockStore } from './blocks/block-store.ts';
import type { Environment } from './environment.ts';

export class ReadAhead {
  readonly #blocks: Pick<BlockStore, 'isAnyAway' | 'prefetch'>;
  readonly #environment: Pick<Environment, 'schedule'>;
  #cancel: () => void = () => undefined;

  constructor(
    blocks: Pick<BlockStore, 'isAnyAway' | 'prefetch'>,
    environment: Pick<Environment, 'schedule'>,
  ) {
    this.#blocks = blocks;
    this.#environment = environment;
  }

  /** Reads the contents of memories after {@link READ_AHEAD_AFTER_MS}, unless it is stopped before that. */
  read(ordinals: readonly number[]): void {
    this.stop();
    if (!this.#blocks.isAnyAway(ordinals)) return;
    this.#cancel = this.#environment.schedule(READ_AHEAD_AFTER_MS, () => {
      // Nobody waits for it: whoever does later meets the same failure.
      this.#blocks.prefetch(ordinals).catch(() => undefined);
    });
  }

  /** Another search is not to wait for what may never be asked for. */
  stop(): void {
    this.#cancel();
    this.#cancel = () => undefined;
  }
}
