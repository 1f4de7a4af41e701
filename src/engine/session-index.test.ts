import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { MemoryFields } from '../types.ts';
import { createKernelIndex } from '../vector/kernel-index.ts';
import { SessionIndex } from './session-index.ts';
import { SpeakerNames } from './speaker-names.ts';
import { EngineState } from './state.ts';

type Fields = Pick<MemoryFields, 'sessionId' | 'position' | 'speaker' | 'createdAt'>;

const MEMORIES = 8;
const idOf = (i: number) => `0190163d-8694-739b-aea5-966c26f8${i.toString(16).padStart(4, '0')}`;
const open = () => new EngineState((dimensions) => createKernelIndex(dimensions));

/** Writes to memories as a committed operation does: adds one that there is not, else changes it. */
function write(state: EngineState, i: number, fields: Partial<Fields>): number {
  const base = { id: idOf(i), seq: state.seq + 1, at: state.seq, opId: 'op' };
  if (state.table.ordinalOf(base.id) === undefined)
    state.apply({
      ...{ type: 'add', ...base, ordinal: state.table.nextOrdinal },
      fields: {
        ...{ kind: 'semantic', tier: 'working', priority: 'medium', importance: 0.5, tags: [], content: 'x' },
        ...{ source: 'test', createdAt: 0, legalHold: false, related: [], metadata: {} },
        ...fields,
      },
    });
  else state.apply({ type: 'update', ...base, after: fields, before: {} });
  return state.table.ordinalOf(base.id) ?? -1;
}

function erase(state: EngineState, i: number): void {
  const id = idOf(i);
  const ordinal = state.table.ordinalOf(id);
  if (ordinal !== undefined)
    state.apply({ type: 'delete', id, ordinal, reason: 'request', seq: state.seq + 1, at: 0, opId: 'op' });
}

const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const step = fc.record({
  memory: fc.nat(MEMORIES - 1),
  isDeleted: fc.boolean(),
  /** Whether it is asked before the step, so that what follows is kept up to date and not made anew. */
  isAsked: fc.boolean(),
  fields: fc.record(
    {
      sessionId: optional(fc.constantFrom('s1', 's2')),
      position: optional(fc.nat(3)),
      createdAt: fc.nat(3),
      speaker: optional(fc.constantFrom('Ana Silva', 'Ana Costa', 'Zoë')),
    },
    { requiredKeys: [] },
  ),
});
const history = fc.array(step, { maxLength: 40 });

/** Runs a history on a state, and calls `check` after each step. */
function run(
  steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
  check: (state: EngineState) => void,
  ask: (state: EngineState) => void,
): void {
  const state = open();
  for (const { memory, isDeleted, isAsked, fields } of steps) {
    if (isAsked) ask(state);
    if (isDeleted) erase(state, memory);
    else write(state, memory, fields);
    if (isAsked) check(state);
  }
  check(state);
}

/** A session's memories by looking at all. */
function membersOf({ table }: EngineState, sessionId: string): readonly number[] {
  const of = (ordinal: number) => table.at(ordinal)?.record;
  const last = Number.POSITIVE_INFINITY;
  const compare = (a: number, b: number) => {
    const [left, right] = [of(a), of(b)];
    if (left?.position !== right?.position)
      return (left?.position ?? last) < (right?.position ?? last) ? -1 : 1;
    return (left?.createdAt ?? 0) - (right?.createdAt ?? 0) || a - b;
  };
  return [...table.ordinals()].filter((ordinal) => of(ordinal)?.sessionId === sessionId).sort(compare);
}

describe('the order of a session', () => {
  it('is by position, those without one behind, then by time, then as they were added', () => {
    const state = open();
    const add = (i: number, position: number | undefined, createdAt: number) =>
      write(state, i, { sessionId: 's', position, createdAt });
    const ordinals = [add(0, undefined, 5), add(1, 2, 9), add(2, 1, 9), add(3, undefined, 1), add(4, 2, 9)];
    const [a, b, c, d, e] = ordinals as [number, number, number, number, number];
    expect(state.sessions.membersOf('s')).toEqual([c, b, e, d, a]);
    expect(state.sessions.locate(d)).toEqual({ members: [c, b, e, d, a], at: 3 });
  });

  it('is what looking at all memories gives, whatever was added, changed and deleted', () => {
    const check = (state: EngineState) => {
      for (const sessions of [state.sessions, new SessionIndex(state.table)])
        for (const sessionId of ['s1', 's2']) {
          const members = membersOf(state, sessionId);
          expect(sessions.membersOf(sessionId)).toEqual(members);
          for (const [at, ordinal] of members.entries())
            expect(sessions.locate(ordinal)).toEqual({ members, at });
        }
      for (let ordinal = 0; ordinal < state.table.nextOrdinal; ordinal++)
        if (state.table.at(ordinal)?.record.sessionId === undefined)
          expect(state.sessions.locate(ordinal)).toBeUndefined();
    };
    fc.assert(fc.property(history, (steps) => run(steps, check, (state) => state.sessions.membersOf('s1'))));
  });
});

describe('many removals from a session', () => {
  const MEMBERS = 400;
  /** A session that was asked for, so that it is kept up to date from here on. */
  const filled = () => {
    const state = open();
    for (let i = 0; i < MEMBERS; i++) write(state, i, { sessionId: 's1', position: MEMBERS - i });
    state.sessions.membersOf('s1');
    return state;
  };

  it('do not look each of them up', () => {
    const state = filled();
    const lookUps = vi.spyOn(Array.prototype, 'lastIndexOf');
    const cuts = vi.spyOn(Array.prototype, 'splice');
    try {
      for (let i = 0; i < MEMBERS; i += 2) state.sessions.remove(i, 's1');
      expect(lookUps.mock.calls.length + cuts.mock.calls.length).toBeLessThan(MEMBERS / 20);
    } finally {
      lookUps.mockRestore();
      cuts.mockRestore();
    }
  });

  it('leave the others in order, with those that come back, and none where all are gone', () => {
    const state = filled();
    for (let i = 0; i < MEMBERS; i += 2) erase(state, i);
    // Back into the session before anyone asked, out of it, and to its other end.
    for (let i = 1; i < MEMBERS; i += 8) write(state, i, { sessionId: 's2' });
    for (let i = 1; i < MEMBERS; i += 16) write(state, i, { sessionId: 's1', position: i });
    for (let i = 3; i < MEMBERS; i += 16) write(state, i, { position: undefined });
    for (const sessionId of ['s1', 's2'])
      expect(state.sessions.membersOf(sessionId)).toEqual(membersOf(state, sessionId));
    for (let i = 0; i < MEMBERS; i++) erase(state, i);
    expect(state.sessions.membersOf('s1')).toEqual([]);
    write(state, 0, { sessionId: 's1' });
    expect(state.sessions.membersOf('s1')).toEqual(membersOf(state, 's1'));
  });
});

describe('the names of speakers', () => {
  it('lead by any of their words to whoever has it, and to nobody once their last memory is gone', () => {
    const state = open();
    expect(state.speakers.named('ana')).toEqual([]);
    write(state, 0, { speaker: 'Ana Silva' });
    write(state, 1, { speaker: 'Ana Silva' });
    write(state, 2, { speaker: 'Ana Costa' });
    expect(state.speakers.named('ana')).toEqual(['Ana Silva', 'Ana Costa']);
    expect(state.speakers.named('silva')).toEqual(['Ana Silva']);
    expect(state.speakers.named('an')).toEqual([]);
    erase(state, 0);
    expect(state.speakers.named('silva')).toEqual(['Ana Silva']);
    erase(state, 1);
    expect(state.speakers.named('silva')).toEqual([]);
    write(state, 2, { speaker: undefined });
    expect(state.speakers.named('ana')).toEqual([]);
  });

  it('are those of the memories that there are, whatever was added, changed and deleted', () => {
    const expected: Readonly<Record<string, readonly string[]>> = {
      ana: ['Ana Silva', 'Ana Costa'],
      silva: ['Ana Silva'],
      costa: ['Ana Costa'],
      zoe: ['Zoë'],
    };
    const check = (state: EngineState) => {
      const there = new Set([...state.table.ordinals()].map((each) => state.table.at(each)?.record.speaker));
      for (const speakers of [state.speakers, new SpeakerNames(state.table)])
        for (const [word, names] of Object.entries(expected))
          expect([...speakers.named(word)].sort()).toEqual(names.filter((name) => there.has(name)).sort());
    };
    fc.assert(fc.property(history, (steps) => run(steps, check, (state) => state.speakers.named('ana'))));
  });
});
