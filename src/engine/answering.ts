/** The hits of a search, read from storage, with their surroundings where these are wanted. */

import { MAX_LIMIT } from '../limits.ts';
import type { Moment } from '../memory/fact.ts';
import { type Passage, passagesOf } from '../retrieval/passages.ts';
import type { Memory, SearchHit, SearchOptions } from '../types.ts';
import type { Listed } from './listing.ts';
import { type ReadContent, type ReadListedParts, readListed } from './read-listed.ts';
import { type Scope, toMemory } from './table/memory-table.ts';

export interface AnswerParts extends ReadListedParts {
  readonly scope: Scope;
}

export interface AnswerOptions extends Pick<SearchOptions, 'includeVector' | 'neighbours'> {
  readonly limit: number;
  readonly moment: Moment;
  /** Whether the filter lets a memory through. */
  readonly isAllowed: (ordinal: number) => boolean;
}

/** The first of a list as hits; what was deleted since it was made is not among them. */
export async function answer(
  parts: AnswerParts,
  list: readonly Listed[],
  options: AnswerOptions,
): Promise<readonly SearchHit[]> {
  const passages = passagesFor(parts, list, options);
  const read = await readListed(
    parts,
    passages.flatMap(({ ordinal, before, after }) => [...before, ordinal, ...after]),
    options.includeVector ?? false,
  );
  const byOrdinal = new Map(list.map((each) => [each.ordinal, each]));
  return passages.flatMap((passage) => {
    const listed = byOrdinal.get(passage.ordinal);
    const own = read.get(passage.ordinal);
    if (listed === undefined || own === undefined) return [];
    const hit = hitOf(parts, listed, own, options);
    return (options.neighbours ?? 0) > 0 ? { ...hit, ...surroundingsOf(parts, passage, read) } : hit;
  });
}

function passagesFor(
  { state }: AnswerParts,
  list: readonly Listed[],
  { limit, moment, neighbours = 0, isAllowed }: AnswerOptions,
): readonly Passage[] {
  const { table, facts, sessions } = state;
  const there: number[] = [];
  for (const { ordinal } of list) {
    if (neighbours === 0 && there.length === limit) break;
    if (table.has(ordinal)) there.push(ordinal);
  }
  if (neighbours === 0) return there.map((ordinal) => ({ ordinal, before: [], after: [], merged: [] }));
  return passagesOf(there, sessions, {
    reach: neighbours,
    limit,
    most: MAX_LIMIT,
    // What does not hold is a hit of its own or none: only a hit is marked.
    isShown: (ordinal) => isAllowed(ordinal) && facts.validityOf(ordinal, moment).state === 'current',
  });
}

function hitOf(
  parts: AnswerParts,
  { ordinal, score, why }: Listed,
  read: ReadContent,
  { moment, isAllowed }: AnswerOptions,
): SearchHit {
  const { facts, table } = parts.state;
  const { state: validity, by } = facts.validityOf(ordinal, moment);
  // An id tells that there is such a memory: not to a caller whose filter keeps it out.
  const replacedBy = by === undefined || !isAllowed(by) ? undefined : table.field(by, 'id');
  return {
    id: read.state.record.id,
    score,
    why: why(),
    memory: memoryOf(parts, read),
    validity,
    ...(replacedBy === undefined ? {} : { replacedBy: String(replacedBy) }),
  };
}

function surroundingsOf(
  parts: AnswerParts,
  { before, after, merged }: Passage,
  read: ReadonlyMap<number, ReadContent>,
): Pick<SearchHit, 'context' | 'merged'> {
  const there = (ordinals: readonly number[]) => ordinals.flatMap((ordinal) => read.get(ordinal) ?? []);
  const memoriesOf = (ordinals: readonly number[]) => there(ordinals).map((each) => memoryOf(parts, each));
  const ids = there(merged).map(({ state }) => state.record.id);
  return {
    context: { before: memoriesOf(before), after: memoriesOf(after) },
    ...(ids.length === 0 ? {} : { merged: ids }),
  };
}

function memoryOf({ state, scope }: AnswerParts, { state: memory, content, vector }: ReadContent): Memory {
  return toMemory(memory, content, scope, state.access, vector);
}
