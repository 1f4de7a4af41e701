/** The work that nobody waits for: how it begins and ends, and what of it has failed. */

import { toLociError } from '../errors.ts';
import type { Operation } from '../memory/operation.ts';
import { closeAll } from './close-all.ts';
import type { IndexUpkeep } from './index-upkeep.ts';
import type { Maintenance } from './maintenance.ts';
import type { PageCopies } from './page-copies.ts';
import type { Reembedder } from './reembed.ts';
import type { Tidying } from './tidying.ts';
import type { WordRebuild } from './word-rebuild.ts';

type Work =
  | 'copying contents'
  | 'embedding anew'
  | 'folding'
  | 'indexing words'
  | 'tidying'
  | 'indexing vectors';

/** The last failure of each kind of work; its next success takes it away. */
export class BackgroundErrors {
  readonly #messages = new Map<Work, string>();
  readonly #changed: () => void;

  /** @param changed called whenever {@link message} has changed. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** All failures in a line; undefined where there is none. */
  get message(): string | undefined {
    const failures = [...this.#messages].map(([work, message]) => `${work} failed: ${message}`);
    return failures.length === 0 ? undefined : failures.join('; ');
  }

  /** What takes in how such work ended: an error, or undefined. */
  resultOf(work: Work): (error: unknown) => void {
    return (error) => {
      const message = error === undefined ? undefined : toLociError(error).message;
      if (message === this.#messages.get(work)) return;
      if (message === undefined) this.#messages.delete(work);
      else this.#messages.set(work, message);
      this.#changed();
    };
  }
}

interface BackgroundParts {
  readonly errors: BackgroundErrors;
  readonly reembedder: Reembedder;
  readonly words: WordRebuild;
  readonly tidying: Tidying;
  readonly maintenance: Maintenance;
  readonly upkeep: IndexUpkeep;
  readonly copies: PageCopies;
}

export class Background {
  readonly #parts: BackgroundParts;

  constructor(parts: BackgroundParts) {
    this.#parts = parts;
  }

  /** What has failed, in a line. */
  get error(): string | undefined {
    return this.#parts.errors.message;
  }

  get reembedding(): { readonly done: number; readonly total: number } {
    return this.#parts.reembedder.progress;
  }

  /** Memories whose words are not in the index yet. */
  get unindexedWords(): number {
    return this.#parts.words.remaining;
  }

  /** Starts all but the embedding anew; the indexes are kept up from the first write or graph on. */
  start(): void {
    const { words, tidying, maintenance, copies } = this.#parts;
    copies.start();
    words.start();
    tidying.start();
    maintenance.start();
  }

  /** Embeds anew what another model embedded, unless that is under way. */
  reembed(): void {
    this.#parts.reembedder.start();
  }

  onCommit(operations: readonly Operation[]): void {
    const { maintenance, upkeep } = this.#parts;
    maintenance.onWrite(operations.some(({ type }) => type === 'delete'));
    upkeep.wake();
  }

  /** Ends it all, whatever fails; the fold makes a last run, and what that takes away goes from the copies too. */
  async close(): Promise<void> {
    const { reembedder, words, tidying, maintenance, upkeep, copies } = this.#parts;
    const all = [reembedder, words, tidying, maintenance, upkeep, copies];
    await closeAll(all.map((each) => () => each.close()));
  }
}
