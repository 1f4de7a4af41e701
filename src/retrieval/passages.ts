/** Passages: hits with what stands beside them in their session, and hits that are neighbours made one. */

import type { Sessions } from './pool.ts';

/** Memories of one passage at most: hits that stand side by side would else make a whole session one. */
export const MAX_PASSAGE = 12;

/** A hit with its surroundings, by ordinals. */
export interface Passage {
  readonly ordinal: number;
  /** Of its session, in order. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Those of its surroundings that were hits themselves, best first. */
  readonly merged: readonly number[];
}

export interface PassageOptions {
  /** Places on either side of a hit. */
  readonly reach: number;
  /** Passages at most. */
  readonly limit: number;
  /** Memories at most, in all passages together; a passage that would bring more is left out, with all behind it. */
  readonly most: number;
  /** Whether a memory may stand beside a hit; one that may not is only ever a hit of its own. */
  readonly isShown: (ordinal: number) => boolean;
}

/** A stretch of a session, both ends in it. */
interface Stretch {
  readonly members: readonly number[];
  readonly ordinal: number;
  readonly at: number;
  from: number;
  to: number;
  readonly merged: number[];
}

/**
 * The passages of a ranked list. A hit within or right beside the passage of a better one is merged into it, and the
 * passage grows to hold it, up to {@link MAX_PASSAGE}; those behind it in the list fill up. No memory is in two.
 *
 * @param ranked ordinals, best first, each once.
 */
export function passagesOf(
  ranked: Iterable<number>,
  sessions: Sessions,
  { reach, limit, most, isShown }: PassageOptions,
): readonly Passage[] {
  const stretches: Stretch[] = [];
  const bySession = new Map<readonly number[], Stretch[]>();
  let count = 0;
  for (const ordinal of ranked) {
    if (stretches.length >= limit) break;
    const place = sessions.locate(ordinal);
    const others = place === undefined ? [] : (bySession.get(place.members) ?? []);
    const better = place && isShown(ordinal) ? holderOf(others, place.at) : undefined;
    if (place !== undefined && better !== undefined) {
      if (count + grownBy(better, place.at) > most) break;
      count += grownBy(better, place.at);
      grow(better, place.at);
      better.merged.push(ordinal);
      continue;
    }
    const { members, at } = place ?? { members: [ordinal], at: 0 };
    const own = stretchAround(ordinal, members, at, reach, others);
    if (count + own.to - own.from + 1 > most) break;
    count += own.to - own.from + 1;
    stretches.push(own);
    bySession.set(members, [...others, own]);
  }
  return stretches.map((each) => passageOf(each, isShown));
}

/** The stretch that a place is in, else the best one right beside it that may grow. */
function holderOf(stretches: readonly Stretch[], at: number): Stretch | undefined {
  return (
    stretches.find(({ from, to }) => at >= from && at <= to) ??
    stretches.find(({ from, to }) => (at === from - 1 || at === to + 1) && to - from + 1 < MAX_PASSAGE)
  );
}

function grownBy({ from, to }: Stretch, at: number): number {
  return at < from || at > to ? 1 : 0;
}

function grow(stretch: Stretch, at: number): void {
  stretch.from = Math.min(stretch.from, at);
  stretch.to = Math.max(stretch.to, at);
}

/** So many places on either side, up to what another stretch has. */
function stretchAround(
  ordinal: number,
  members: readonly number[],
  at: number,
  reach: number,
  others: readonly Stretch[],
): Stretch {
  const isFree = (place: number) =>
    place >= 0 && place < members.length && !others.some(({ from, to }) => place >= from && place <= to);
  let [from, to] = [at, at];
  while (at - from < reach && isFree(from - 1)) from -= 1;
  while (to - at < reach && isFree(to + 1)) to += 1;
  return { members, ordinal, at, from, to, merged: [] };
}

function passageOf(
  { ordinal, members, at, from, to, merged }: Stretch,
  isShown: (ordinal: number) => boolean,
): Passage {
  return {
    ordinal,
    before: members.slice(from, at).filter(isShown),
    after: members.slice(at + 1, to + 1).filter(isShown),
    merged,
  };
}
