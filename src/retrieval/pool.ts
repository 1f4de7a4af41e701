/** The memories that a search looks at closely: what an arm found, what stands beside that, and what stands beside those. */

import { SESSION_BEST } from './signals.ts';

/** Where a memory stands among those of its session. */
export interface SessionPlace {
  /** The session's memories in order. */
  readonly members: readonly number[];
  /** The memory's place among them. */
  readonly at: number;
}

export interface Sessions {
  /** Undefined for a memory without a session. */
  locate(ordinal: number): SessionPlace | undefined;
}

/** Places on either side that are looked at to judge a memory. */
const REACH = 2;
/** Places on either side that are candidates themselves: the answer to a question that was found. */
const CANDIDATE_REACH = 1;
const OFFSETS = [-2, -1, 0, 1, 2];

/** Candidates and their surroundings, by place: ordinals ascending. */
export class Pool {
  readonly ordinals: Uint32Array;
  /** 1 for those that may be answered, 0 for those that only stand beside them. */
  readonly isCandidate: Uint8Array;
  /** By place, which session a candidate is of, as a number of this pool's; −1 where it has none. */
  readonly sessions: Int32Array;
  /** Memories of each of these sessions that the filter lets through, counted up to {@link SESSION_BEST}. */
  readonly sessionSizes: readonly number[];
  readonly #candidates: Uint32Array;
  readonly #places = new Map<number, number>();
  /** By offset from −2 to 2 the place of the neighbour, −1 where there is none. */
  readonly #neighbours: readonly Int32Array[];

  /**
   * @param found what the arms found.
   * @param isAllowed whether the filter lets a memory through: nothing else comes in, not even to judge others by.
   */
  constructor(found: Iterable<number>, sessions: Sessions, isAllowed: (ordinal: number) => boolean) {
    const located = locateAll(found, sessions, isAllowed);
    const all = new Set(located.keys());
    for (const where of located.values()) {
      if (where === undefined) continue;
      const last = Math.min(where.members.length - 1, where.at + REACH);
      for (let at = Math.max(0, where.at - REACH); at <= last; at += 1) {
        const other = where.members[at] as number;
        if (isAllowed(other)) all.add(other);
      }
    }
    this.ordinals = sorted(all.size, all);
    for (let place = 0; place < this.ordinals.length; place += 1)
      this.#places.set(this.ordinals[place] as number, place);
    this.isCandidate = new Uint8Array(this.ordinals.length);
    this.sessions = new Int32Array(this.ordinals.length).fill(-1);
    this.#neighbours = OFFSETS.map(() => new Int32Array(this.ordinals.length).fill(-1));
    const numbers = new Map<readonly number[], number>();
    for (const [ordinal, where] of located) {
      const place = this.placeOf(ordinal);
      this.isCandidate[place] = 1;
      if (where === undefined) continue;
      const session = numbers.get(where.members) ?? numbers.size;
      numbers.set(where.members, session);
      this.sessions[place] = session;
      for (let i = 0; i < OFFSETS.length; i += 1) {
        const other = where.members[where.at + (OFFSETS[i] as number)];
        if (other !== undefined) (this.#neighbours[i] as Int32Array)[place] = this.placeOf(other);
      }
    }
    this.#candidates = sorted(located.size, located.keys()).map((ordinal) => this.placeOf(ordinal));
    this.sessionSizes = Array.from(numbers.keys(), (members) => countAllowed(members, isAllowed));
  }

  get size(): number {
    return this.ordinals.length;
  }

  /** The candidates' places, ascending. */
  get candidates(): Uint32Array {
    return this.#candidates;
  }

  /** Values by place, of candidates; 0 for what only stands beside them. */
  eachCandidate(measure: (place: number) => number): Float64Array {
    // A loop: `from` takes ten times as long.
    const values = new Float64Array(this.size);
    const candidates = this.#candidates;
    for (let i = 0; i < candidates.length; i += 1) {
      const place = candidates[i] as number;
      values[place] = measure(place);
    }
    return values;
  }

  /** The place of an ordinal, −1 where it is not in the pool. */
  placeOf(ordinal: number): number {
    return this.#places.get(ordinal) ?? -1;
  }

  /** The place of the neighbour of a candidate, so many places after it, −1 where there is none. */
  beside(place: number, offset: number): number {
    return this.#neighbours[offset + REACH]?.[place] ?? -1;
  }
}

function sorted(count: number, ordinals: Iterable<number>): Uint32Array {
  // A loop: `from` takes ten times as long.
  const values = new Uint32Array(count);
  let at = 0;
  for (const ordinal of ordinals) values[at++] = ordinal;
  return values.sort();
}

/** What was found and what stands right beside it, each with its place in its session. */
function locateAll(
  found: Iterable<number>,
  sessions: Sessions,
  isAllowed: (ordinal: number) => boolean,
): ReadonlyMap<number, SessionPlace | undefined> {
  const located = new Map<number, SessionPlace | undefined>();
  for (const ordinal of found) located.set(ordinal, sessions.locate(ordinal));
  for (const place of [...located.values()]) {
    if (place === undefined) continue;
    for (const offset of [-CANDIDATE_REACH, CANDIDATE_REACH]) {
      const at = place.at + offset;
      const other = place.members[at];
      if (other !== undefined && !located.has(other) && isAllowed(other))
        located.set(other, { members: place.members, at });
    }
  }
  return located;
}

/** Stops at as many as are asked for: few sessions are looked through. */
function countAllowed(members: readonly number[], isAllowed: (ordinal: number) => boolean): number {
  let count = 0;
  for (const ordinal of members) {
    if (isAllowed(ordinal)) count += 1;
    if (count === SESSION_BEST) break;
  }
  return count;
}
