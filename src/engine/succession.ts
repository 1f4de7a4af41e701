/** Keeps what supersedes what free of circles: of two memories at most one takes the place of the other, over however many. */

import { LociError } from '../errors.ts';
import type { AddOperation, Operation } from '../memory/operation.ts';
import type { EngineState } from './state.ts';

/** Ids shown of a circle; it may be long. */
const MAX_SHOWN = 8;

/** Who supersedes whom, beside what is being written. */
type State = Pick<EngineState, 'table' | 'facts'>;
type SupersedesOf = (id: string) => readonly string[] | undefined;

/**
 * Checks memories that are about to be added.
 *
 * @param before what is added in the same commit before them.
 * @throws LociError `INVALID_INPUT` where one of them would take its own place, itself or over others.
 */
export function checkAddedSuccession(
  state: State,
  adds: readonly AddOperation[],
  before: readonly Operation[],
): void {
  const linking = adds.filter(({ fields }) => fields.supersedes !== undefined);
  if (linking.length === 0) return;
  const pending = new Map(
    [...before, ...adds].flatMap((each) => (each.type === 'add' ? [[each.id, each.fields.supersedes]] : [])),
  );
  const named = new Set([...pending.values()].flatMap((ids) => ids ?? []));
  const supersedesOf = (id: string) => pending.get(id) ?? storedOf(state, id);
  // What nothing names is in no circle: of most memories nothing is looked up, whatever they supersede.
  for (const { id, fields } of linking)
    if (named.has(id) || state.facts.isAwaited(id)) check(state, id, fields.supersedes ?? [], supersedesOf);
}

/**
 * Checks a change of what a memory supersedes.
 *
 * @throws LociError `INVALID_INPUT`, as {@link checkAddedSuccession}.
 */
export function checkChangedSuccession(
  state: State,
  id: string,
  supersedes: readonly string[] | undefined,
): void {
  check(state, id, supersedes ?? [], (other) => storedOf(state, other));
}

function storedOf({ table }: State, id: string): readonly string[] | undefined {
  const ordinal = table.ordinalOf(id);
  if (ordinal === undefined) return undefined;
  return table.field(ordinal, 'supersedes') as readonly string[] | undefined;
}

function check(
  { table }: State,
  id: string,
  supersedes: readonly string[],
  supersedesOf: SupersedesOf,
): void {
  const circle = circleOf(id, supersedes, supersedesOf);
  if (circle === undefined) return;
  const through = circle.slice(1, -1);
  const stored = through.findLast((other) => table.ordinalOf(other) !== undefined);
  throw new LociError(
    'INVALID_INPUT',
    through.length === 0
      ? `memory: supersedes names the memory itself, ${id}`
      : `memory: supersedes closes a circle: ${id} would take the place of a memory that took its own`,
    {
      hint: hintFor(through, stored),
      details: { field: 'supersedes', id, circle: circle.slice(0, MAX_SHOWN) },
    },
  );
}

/** @param stored one of the others that can be changed; undefined where all of them are only being written. */
function hintFor(through: readonly string[], stored: string | undefined): string {
  if (through.length === 0) return 'Leave its own id out.';
  if (stored === undefined) return 'Leave one of the marks out: these memories are written together.';
  return `Take the mark off one of the others first: update('${stored}', { supersedes: null }).`;
}

/** The way from a memory over those that it supersedes back to itself, both ends named. */
function circleOf(
  id: string,
  supersedes: readonly string[],
  supersedesOf: SupersedesOf,
): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const open: string[] = [];
  const visit = (from: string, ids: readonly string[]) => {
    for (const each of ids)
      if (!cameFrom.has(each)) {
        cameFrom.set(each, from);
        open.push(each);
      }
  };
  visit(id, supersedes);
  while (!cameFrom.has(id)) {
    const next = open.pop();
    if (next === undefined) return undefined;
    visit(next, supersedesOf(next) ?? []);
  }
  const circle = [id];
  for (let at = cameFrom.get(id); at !== undefined && at !== id; at = cameFrom.get(at)) circle.unshift(at);
  return [id, ...circle];
}
