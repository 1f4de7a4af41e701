/** The memories that a search may find, selected once for all wordings of a question that are bound alike. */

import type { TimeRange } from '../retrieval/time/index.ts';
import type { SearchOptions } from '../types.ts';
import type { Bitset } from '../vector/bitset.ts';
import type { EngineState } from './state.ts';

export interface Selection {
  readonly members: Bitset;
  readonly count: number;
}

type Predicate = (ordinal: number) => boolean;

export class Selections {
  readonly #state: EngineState;
  readonly #filter: Predicate | undefined;
  /** By the times that they are bound to. */
  readonly #made = new Map<string, Selection>();
  /** The last operation that the selections made know of. */
  #seq: number;

  /** @param now the moment at which memories must not have come to their end, ms since the epoch. */
  constructor(state: EngineState, { filter, asOf }: Pick<SearchOptions, 'filter' | 'asOf'>, now: number) {
    this.#state = state;
    this.#filter = state.predicate(filter, now, asOf);
    this.#seq = state.seq;
  }

  /** The memories that the filter lets through and that lie in all of these times; undefined for all there are. */
  within(ranges: readonly TimeRange[]): Selection | undefined {
    if (this.#filter === undefined && ranges.length === 0) return undefined;
    this.#forgetOld();
    const fromMs = Math.max(...ranges.map((range) => range.fromMs));
    const toMs = Math.min(...ranges.map((range) => range.toMs));
    const key = `${fromMs} ${toMs}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const selection = this.#state.select(
      ranges.length === 0 && this.#filter !== undefined
        ? this.#filter
        : inTime(this.#state, fromMs, toMs, this.#filter),
    );
    this.#made.set(key, selection);
    return selection;
  }

  /** What was selected before a write may be deleted, or not be meant any more. */
  #forgetOld(): void {
    if (this.#seq === this.#state.seq) return;
    this.#made.clear();
    this.#seq = this.#state.seq;
  }
}

/** A time is one look at a column: it is tested before the filter. */
function inTime(
  { table }: EngineState,
  fromMs: number,
  toMs: number,
  filter: Predicate | undefined,
): Predicate {
  return (ordinal) => {
    const at = table.createdAtOf(ordinal) ?? Number.NaN;
    return at >= fromMs && at < toMs && (filter?.(ordinal) ?? true);
  };
}
