/** SQLite's way of testing: the Nth operation fails, for N = 1, 2, 3 … until none does. */

import { expect } from 'vitest';
import { isLociError } from '../errors.ts';
import type { HistoryEntry, Memory, MemoryEngine } from '../types.ts';

/** A place where an engine's bytes lie, and whose operations can be made to fail. */
export interface FaultyPlace {
  /** Opens what lies there, as its next owner. */
  open(): Promise<MemoryEngine>;
  /** From now on the operation with this number meets the fault, counted from 1. */
  arm(at: number): void;
  /** Ends that; answers whether it came to that operation. */
  disarm(): boolean;
  /** Rejects with `OUTCOME_UNKNOWN` if the fault ends the process: then no call is answered. */
  readonly died?: Promise<never> | undefined;
}

/** One call of the scenario, or idle time; it must do the same each time, and name its memories and operation ids itself. */
export type ScenarioCall = (engine: MemoryEngine) => Promise<unknown>;

/** What can be read of a namespace. */
interface State {
  /** The vector rounded: it is stored with 12 bits a number. */
  readonly memories: readonly (Omit<Partial<Memory>, 'vector'> & {
    readonly vector: readonly string[] | undefined;
  })[];
  readonly histories: readonly (readonly Partial<HistoryEntry>[])[];
}

/**
 * Runs the scenario once for each of its operations, with that one going wrong, until a call fails;
 * then opens again with nothing wrong. Only the state before or after the failed call is allowed, and
 * only before it where its error does not leave the outcome open. Then the failed call and those after
 * it are made (again), and must lead to where they lead when nothing fails: each is applied once.
 *
 * @param idle given where calls evict memories: the one of the calls that is idle time. What a call evicts may be
 * gone before the rest of it has happened, and idle time may be over before it has evicted anything.
 * @returns how many operations were made to fail.
 */
export async function failEveryOperation(
  create: () => Promise<FaultyPlace>,
  calls: readonly ScenarioCall[],
  idle?: ScenarioCall,
): Promise<number> {
  const states = await statesOf(await create(), calls);
  for (let at = 1; ; at++) {
    const place = await create();
    place.arm(at);
    const { done, error } = await runUntilFailure(place, calls);
    const hasStruck = place.disarm();
    const isOpen = isLociError(error) && error.code === 'OUTCOME_UNKNOWN';
    const allowed = isOpen ? states.slice(done, done + 2) : [states[done]];
    const where = `with operation ${at} failing, after ${done} calls (${String(error)})`;

    const reopened = await place.open();
    const found = await stateOf(reopened);
    const first = idle !== undefined && calls[done - 1] === idle ? done - 1 : done;
    const isEvicting = [first, done].some((i) => isBetween(states[i], found, states[i + 1]));
    if (idle === undefined || !isEvicting) expect(allowed, `the state ${where}`).toContainEqual(found);
    for (const call of calls.slice(done)) await call(reopened);
    // Idle time whose eviction failed was over all the same.
    if (idle !== undefined && calls.at(-1) === idle) await idle(reopened);
    expect(await stateOf(reopened), `the end ${where}`).toEqual(states.at(-1));
    await reopened.close();
    const again = await place.open();
    expect(await stateOf(again), `the end ${where}, opened again`).toEqual(states.at(-1));
    await again.close();
    if (!hasStruck) return at - 1;
  }
}

/** Whether a state is the one before without some of the memories that the one after does not have either. */
function isBetween(before: State | undefined, found: State, after: State | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  const kept = new Set(found.memories.map(({ id }) => id));
  const staying = new Set(after.memories.map(({ id }) => id));
  const isLeft = (_: unknown, i: number) => kept.has(before.memories[i]?.id);
  const rest = {
    memories: before.memories.filter(isLeft),
    histories: before.histories.filter(isLeft),
  };
  const areAllowed = before.memories.every(({ id }) => kept.has(id) || !staying.has(id));
  return areAllowed && JSON.stringify(rest) === JSON.stringify(found);
}

/** The states before the first call and after each, where nothing fails; the last one also after opening again. */
async function statesOf(place: FaultyPlace, calls: readonly ScenarioCall[]): Promise<readonly State[]> {
  const engine = await place.open();
  const states = [await stateOf(engine)];
  for (const call of calls) {
    await call(engine);
    states.push(await stateOf(engine));
  }
  await engine.close();
  const reopened = await place.open();
  expect(await stateOf(reopened)).toEqual(states.at(-1));
  await reopened.close();
  return states;
}

/** Opening, the calls and closing, up to the first that fails; `done` of the calls were answered. */
async function runUntilFailure(
  place: FaultyPlace,
  calls: readonly ScenarioCall[],
): Promise<{ readonly done: number; readonly error?: unknown }> {
  let done = 0;
  const run = async () => {
    const engine = await place.open();
    for (const call of calls) {
      await call(engine);
      done += 1;
    }
    await engine.close();
  };
  try {
    await Promise.race([run(), ...(place.died === undefined ? [] : [place.died])]);
    return { done };
  } catch (error) {
    expect(isLociError(error) && error.code !== 'INTERNAL', `a typed error, and not ${String(error)}`).toBe(
      true,
    );
    // Only a call may leave its outcome open; opening and closing change nothing.
    return { done, error };
  }
}

/** Access counts and times are lossy, and left out. */
async function stateOf(engine: MemoryEngine): Promise<State> {
  const { memories } = await engine.list({ limit: 1_000, order: 'oldest', includeVector: true });
  const histories = [];
  for (const { id } of memories) histories.push(await engine.history(id));
  return {
    memories: memories.map(({ accessCount: _count, lastAccessedAt: _time, vector, ...memory }) => ({
      ...memory,
      vector: vector && Array.from(vector, (value) => value.toFixed(2)),
    })),
    histories: histories.map((entries) =>
      entries.map(({ type, opId, changes }) => ({ type, opId, changes })),
    ),
  };
}
