/** The memories of each session in their order. Made when it is first asked for, and kept up to date from then on. */

import type { SessionPlace, Sessions } from '../retrieval/pool.ts';
import type { MemoryTable } from './table/memory-table.ts';

type OrderField = 'position' | 'createdAt';

/** A session's memories; sorted when they are asked for. */
interface Session {
  members: number[];
  isSorted: boolean;
  /** Those of the members that are removed: taken out when they are next asked for, so that removing many is fast. */
  removed: Set<number> | undefined;
}

/** Removed members that are looked up one by one, at most: for more of them all members are gone through once. */
const MAX_LOOKUPS = 8;

/** Order: by position, those without one behind; then by `createdAt`; then as they were added. */
export class SessionIndex implements Sessions {
  readonly #table: MemoryTable;
  #sessions: Map<string, Session> | undefined;

  constructor(table: MemoryTable) {
    this.#table = table;
  }

  /** Where a memory stands in its session; undefined where it has none. What is answered holds until the next change. */
  locate(ordinal: number): SessionPlace | undefined {
    const sessionId = this.#sessionOf(ordinal);
    if (sessionId === undefined) return undefined;
    const session = this.#all().get(sessionId);
    if (session === undefined) return undefined;
    const { members } = this.#sorted(session);
    const at = this.#placeOf(ordinal, members);
    return members[at] === ordinal ? { members, at } : undefined;
  }

  /** The memories of a session in order. */
  membersOf(sessionId: string): readonly number[] {
    const session = this.#all().get(sessionId);
    return session === undefined ? [] : this.#sorted(session).members;
  }

  /** Takes in a memory that was added, or whose place may have changed. */
  add(ordinal: number): void {
    const sessionId = this.#sessionOf(ordinal);
    if (this.#sessions !== undefined && sessionId !== undefined)
      this.#append(this.#sessions, sessionId, ordinal);
  }

  /** Takes a memory out of the session that it was in. */
  remove(ordinal: number, sessionId: string | undefined): void {
    const session = sessionId === undefined ? undefined : this.#sessions?.get(sessionId);
    if (session === undefined || sessionId === undefined) return;
    session.removed ??= new Set();
    session.removed.add(ordinal);
    if (session.removed.size === session.members.length) this.#sessions?.delete(sessionId);
  }

  #sessionOf(ordinal: number): string | undefined {
    return this.#table.field(ordinal, 'sessionId') as string | undefined;
  }

  #all(): Map<string, Session> {
    if (this.#sessions !== undefined) return this.#sessions;
    const sessions = new Map<string, Session>();
    for (const ordinal of this.#table.ordinals()) {
      const sessionId = this.#sessionOf(ordinal);
      if (sessionId !== undefined) this.#append(sessions, sessionId, ordinal);
    }
    this.#sessions = sessions;
    return sessions;
  }

  #append(sessions: Map<string, Session>, sessionId: string, ordinal: number): void {
    const session = sessions.get(sessionId);
    if (session === undefined) {
      sessions.set(sessionId, { members: [ordinal], isSorted: true, removed: undefined });
      return;
    }
    dropLast(session);
    // One that comes back before it was taken out stands in its old place.
    if (session.removed?.delete(ordinal)) {
      session.isSorted = false;
      return;
    }
    const last = session.members.at(-1);
    session.isSorted &&= last === undefined || this.#compare(last, ordinal) < 0;
    session.members.push(ordinal);
  }

  #sorted(session: Session): Session {
    dropRemoved(session);
    if (session.isSorted) return session;
    session.members.sort((a, b) => this.#compare(a, b));
    session.isSorted = true;
    return session;
  }

  /** Where a memory stands, or would stand. */
  #placeOf(ordinal: number, members: readonly number[]): number {
    let from = 0;
    let to = members.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#compare(members[middle] as number, ordinal) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #compare(a: number, b: number): number {
    return this.#difference('position', a, b) || this.#difference('createdAt', a, b) || a - b;
  }

  #difference(field: OrderField, a: number, b: number): number {
    const left = (this.#table.field(a, field) as number | undefined) ?? Number.MAX_VALUE;
    const right = (this.#table.field(b, field) as number | undefined) ?? Number.MAX_VALUE;
    return left - right;
  }
}

/** Takes out the members at the end that are removed: they tell nothing of the order. */
function dropLast({ members, removed }: Session): void {
  while (removed?.delete(members.at(-1) as number)) members.pop();
}

function dropRemoved(session: Session): void {
  const { members, removed } = session;
  if (removed === undefined) return;
  if (removed.size > MAX_LOOKUPS) session.members = members.filter((ordinal) => !removed.has(ordinal));
  else
    for (const ordinal of removed) {
      const at = members.lastIndexOf(ordinal);
      if (at >= 0) members.splice(at, 1);
    }
  session.removed = undefined;
}
