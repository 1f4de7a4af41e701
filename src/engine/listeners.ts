/** Who is told of an engine's events. */

import type { EngineEvent } from '../types.ts';
import { checkListener } from './arguments.ts';

type Listener = (event: EngineEvent) => void;

export class Listeners {
  readonly #listeners = new Set<Listener>();

  /** @returns takes it away again. */
  add(listener: Listener): () => void {
    checkListener(listener);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: EngineEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // A listener's fault is the host's: it must not undo a write that has landed.
        console.error('loci: a subscriber threw', error);
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
