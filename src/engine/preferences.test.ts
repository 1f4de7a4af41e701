import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FEEDBACK_HALF_LIFE_MS, FOLD_IDLE_MS, MAX_FEEDBACK_COUNT, MAX_PREFERENCE_TRAITS } from '../limits.ts';
import { withVerdict } from '../memory/feedback.ts';
import type { Operation } from '../memory/operation.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { refusalOf } from '../testing/refusal.ts';
import { createLastingStorage, NOW, openTestEngine, until } from './engine-test-util.ts';
import { LOG_ROWS } from './layout.ts';
import { Preferences } from './preferences.ts';
import { MemoryTable } from './table/memory-table.ts';

const idOf = (i: number) => `0190163d-8694-739b-aea5-${String(i).padStart(12, '0')}`;

interface Traits {
  readonly source?: string;
  readonly speaker?: string | undefined;
  readonly tags?: readonly string[];
}

/** A table of memories, and their preferences as they are kept up. */
function createTable() {
  const table = new MemoryTable();
  const preferences = new Preferences(table);
  let seq = 0;
  const tell = (operation: object) => {
    const { before, after } = table.apply({ seq: ++seq, at: NOW, opId: 'op', ...operation } as Operation);
    if (before !== after) preferences.changed(before, after);
  };
  return {
    table,
    preferences,
    add: (i: number, traits: Traits = {}) => {
      const defaults = { kind: 'semantic', tier: 'working', priority: 'medium', importance: 0.5, tags: [] };
      const rest = {
        content: 'c',
        source: 'chat',
        createdAt: NOW,
        legalHold: false,
        related: [],
        metadata: {},
      };
      const fields = { ...defaults, ...rest, ...traits };
      tell({ type: 'add', id: idOf(i), ordinal: table.nextOrdinal, fields });
    },
    judge: (i: number, useful: number, useless: number, at = NOW) =>
      tell({ type: 'update', id: idOf(i), after: { feedback: { useful, useless, at } }, before: {} }),
    change: (i: number, after: Traits) => tell({ type: 'update', id: idOf(i), after, before: {} }),
    remove: (i: number) => {
      const ordinal = table.ordinalOf(idOf(i));
      if (ordinal !== undefined) tell({ type: 'delete', id: idOf(i), ordinal, reason: 'request' });
    },
  };
}

describe('a preference', () => {
  it('is none where nothing was told', () => {
    const { preferences, add } = createTable();
    add(1);
    expect(preferences.preferenceOf(0, NOW)).toBe(0);
    expect(preferences.usefulnessOf(0, NOW)).toBe(0);
  });

  it('goes to memories that are like those found useful, and away from those like the useless', () => {
    const { preferences, add, judge } = createTable();
    ['notes', 'notes', 'logs', 'logs', 'notes', 'logs', 'mail'].forEach((source, i) => {
      add(i, { source });
    });
    judge(0, 3, 0);
    judge(2, 0, 3);
    const [liked = 0, disliked = 0, unknown = 0] = [4, 5, 6].map((i) => preferences.preferenceOf(i, NOW));
    expect(liked).toBeGreaterThan(0.1);
    expect(disliked).toBeLessThan(-0.1);
    expect(unknown).toBeCloseTo(0, 10);
    expect(preferences.usefulnessOf(0, NOW)).toBeCloseTo(0.6, 10);
    expect(preferences.usefulnessOf(2, NOW)).toBeCloseTo(-0.6, 10);
    expect(preferences.usefulnessOf(4, NOW)).toBe(0);
  });

  it('is weaker of what is praised like everything else', () => {
    const preferenceAfter = (others: number) => {
      const { preferences, add, judge } = createTable();
      add(0, { source: 'notes' });
      add(1, { source: 'notes' });
      judge(0, 5, 0);
      for (let i = 2; i < 2 + others; i++) {
        add(i, { source: `source ${i}` });
        judge(i, 5, 0);
      }
      return preferences.preferenceOf(1, NOW);
    };
    expect(preferenceAfter(0)).toBeGreaterThan(preferenceAfter(20));
    expect(preferenceAfter(20)).toBeGreaterThan(0);
  });

  it('fades', () => {
    const { preferences, add, judge } = createTable();
    add(0, { source: 'notes' });
    judge(0, 4, 0);
    const at = (halves: number) => preferences.preferenceOf(0, NOW + halves * FEEDBACK_HALF_LIFE_MS);
    expect(at(1)).toBeLessThan(at(0));
    expect(at(20)).toBeCloseTo(0, 3);
    expect(preferences.usefulnessOf(0, NOW + FEEDBACK_HALF_LIFE_MS)).toBeCloseTo(2 / 4, 10);
  });

  it.each([
    ['microseconds for milliseconds', { useful: 1, useless: 0, at: NOW * 1_000 }],
    ['the last time there is', { useful: 1, useless: 0, at: 8.64e15 }],
    ['the first time there is', { useful: 1, useless: 0, at: -8.64e15 }],
    ['endless praise', { useful: 1e308, useless: 1e308, at: NOW }],
    ['no number', { useful: Number.NaN, useless: 0, at: NOW }],
  ])('stays a number in its bounds with feedback of %s, whichever was told first', (_, odd) => {
    for (const isFirst of [true, false])
      for (const isMadeBefore of [true, false]) {
        const { preferences, add, judge, remove } = createTable();
        ['notes', 'notes', 'mail', 'mail'].forEach((source, i) => {
          add(i, { source });
        });
        if (isMadeBefore) preferences.preferenceOf(0, NOW);
        const tell = [() => judge(0, odd.useful, odd.useless, odd.at), () => judge(2, 3, 1, NOW)];
        for (const each of isFirst ? tell : tell.reverse()) each();
        for (let ordinal = 0; ordinal < 4; ordinal++) {
          expect(Math.abs(preferences.preferenceOf(ordinal, NOW))).toBeLessThan(1);
          expect(Math.abs(preferences.usefulnessOf(ordinal, NOW))).toBeLessThanOrEqual(1);
        }
        remove(0);
        const fresh = createTable();
        ['mail', 'mail'].forEach((source, i) => {
          fresh.add(i, { source });
        });
        fresh.judge(0, 3, 1, NOW);
        expect(preferences.preferenceOf(3, NOW)).toBeCloseTo(fresh.preferences.preferenceOf(1, NOW), 6);
      }
  });

  it('counts what was told by a clock that runs ahead about as if it were told now', () => {
    const preferenceWith = (at: number) => {
      const { preferences, add, judge } = createTable();
      add(0, { source: 'notes' });
      add(1, { source: 'notes' });
      judge(0, 4, 0, at);
      return preferences.preferenceOf(1, NOW);
    };
    expect(preferenceWith(8.64e15) / preferenceWith(NOW)).toBeCloseTo(1, 1);
  });

  it('has a bound of traits, and is right again once those that were counted are gone', () => {
    const { preferences, add, judge, remove } = createTable();
    const tags = (from: number) => Array.from({ length: 64 }, (_, i) => `tag ${from + i}`);
    for (let i = 0; i < MAX_PREFERENCE_TRAITS / 64 + 2; i++) {
      add(i, { tags: tags(64 * i) });
      judge(i, 1, 0);
    }
    preferences.preferenceOf(0, NOW);
    expect(preferences.size).toBe(MAX_PREFERENCE_TRAITS);
    for (let i = 2; i < MAX_PREFERENCE_TRAITS / 64 + 2; i++) remove(i);
    expect(preferences.preferenceOf(0, NOW)).toBeCloseTo(preferences.preferenceOf(1, NOW), 10);
    expect(preferences.size).toBe(128 + 2);
    remove(0);
    remove(1);
    expect(preferences.preferenceOf(0, NOW)).toBe(0);
    expect(preferences.size).toBe(0);
  });

  const step = fc.record({
    memory: fc.nat(5),
    does: fc.constantFrom('add', 'judge', 'judge', 'change', 'remove'),
    useful: fc.nat(3),
    useless: fc.nat(3),
    days: fc.integer({ min: -400, max: 6 }),
    traits: fc.record({
      source: fc.constantFrom('chat', 'notes'),
      speaker: fc.constantFrom('Ana', 'Bo', undefined),
      tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
    }),
  });

  it('is the one that is made anew, whatever was added, told, changed and deleted, and in its bounds', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { table, preferences, add, judge, change, remove } = createTable();
        preferences.preferenceOf(0, NOW);
        for (const { memory, does, useful, useless, days, traits } of steps) {
          if (table.ordinalOf(idOf(memory)) === undefined) add(memory, traits);
          else if (does === 'judge') judge(memory, useful, useless, NOW + days * 86_400_000);
          else if (does === 'change') change(memory, traits);
          else if (does === 'remove') remove(memory);
          const fresh = new Preferences(table);
          for (const ordinal of table.ordinals()) {
            const kept = preferences.preferenceOf(ordinal, NOW + 6.5 * 86_400_000);
            expect(kept).toBeCloseTo(fresh.preferenceOf(ordinal, NOW + 6.5 * 86_400_000), 9);
            expect(Math.abs(kept)).toBeLessThan(1);
          }
          expect(preferences.size).toBe(fresh.size);
        }
      }),
    );
  });
});

describe('a search', () => {
  it('puts first what was useful, and what is like it, of memories that fit as well', async () => {
    const engine = await openTestEngine();
    const [useful = '', plain = '', alike = '', useless = ''] = (
      await engine.addMany([
        { content: 'the pump report of Monday', source: 'mail' },
        { content: 'the pump report of Tuesday', source: 'chat' },
        { content: 'the pump report of Friday', source: 'mail' },
        { content: 'the pump report of Sunday', source: 'logs' },
      ])
    ).ids;
    for (let times = 0; times < 4; times++) {
      await engine.reinforce(useful, true);
      await engine.reinforce(useless, false);
    }
    const { hits } = await engine.search('pump report');
    expect(hits.map(({ id }) => id)).toEqual([useful, alike, plain, useless]);
    await engine.delete(useful);
    await engine.delete(useless);
    const again = (await engine.search('pump report')).hits;
    expect(again.map(({ id }) => id)).toEqual([plain, alike]);
  });
});

describe('feedback that is odd', () => {
  const BIG = 1e308;

  it('is refused where a caller gives it', async () => {
    const engine = await openTestEngine();
    const feedback = { useful: MAX_FEEDBACK_COUNT + 1, useless: 0, at: NOW };
    expect((await refusalOf(engine.add({ content: 'a', feedback }))).code).toBe('INVALID_INPUT');
    const { id } = await engine.add({ content: 'a' });
    expect((await refusalOf(engine.update(id, { feedback: { ...feedback, useful: BIG } }))).code).toBe(
      'INVALID_INPUT',
    );
  });

  it('leaves the scores of a search numbers', async () => {
    const engine = await openTestEngine();
    await engine.addMany([
      { content: 'the pump report of Friday', feedback: { useful: 1, useless: 0, at: NOW * 1_000 } },
      { content: 'the pump report of Monday', feedback: { useful: 1, useless: 0, at: NOW } },
    ]);
    const { hits } = await engine.search('pump report');
    expect(hits).toHaveLength(2);
    for (const { score } of hits) expect(score).toBeGreaterThan(0);
  });

  it('is brought into its bounds by the next verdict', () => {
    const later = { useful: BIG, useless: 0, at: NOW * 1_000 };
    expect(withVerdict(later, false, NOW)).toEqual({ useful: MAX_FEEDBACK_COUNT, useless: 1, at: NOW });
    const most = { useful: MAX_FEEDBACK_COUNT, useless: 0, at: NOW };
    expect(withVerdict(most, true, NOW)).toEqual(most);
  });
});

describe('reinforce', () => {
  it('counts verdicts, in the order of their calls, and keeps the query with the history', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'a' });
    expect(await engine.reinforce(id, true, { query: 'what was it' })).toMatchObject({
      durability: 'journaled',
      feedback: { useful: 1, useless: 0, at: NOW },
    });
    await engine.reinforce(id, false, { durability: 'flushed' });
    expect((await engine.get(id))?.feedback).toEqual({ useful: 1, useless: 1, at: NOW });
    const [, first, second] = await engine.history(id);
    expect(first).toMatchObject({ type: 'update', query: 'what was it' });
    expect(second).not.toHaveProperty('query');
    expect((await engine.list({ filter: { 'feedback.useful': { $gte: 1 } } })).total).toBe(1);
    expect((await engine.list({ filter: { 'feedback.useless': null } })).total).toBe(0);
  });

  it('is applied once under one operation id, also after opening anew', async () => {
    const storage = createLastingStorage();
    const engine = await openTestEngine({ storage });
    const { id } = await engine.add({ content: 'a' });
    const calls = [engine.reinforce(id, true, { opId: 'one' }), engine.reinforce(id, true, { opId: 'one' })];
    const [first, second] = await Promise.all(calls);
    expect(second).toEqual(first);
    await engine.close();
    const again = await openTestEngine({ storage });
    expect(await again.reinforce(id, true, { opId: 'one' })).toEqual(first);
    expect((await again.get(id))?.feedback?.useful).toBe(1);
    await again.close();
  });

  it('fades by half in a half-life, and stays through a fold and an opening', async () => {
    const storage = createLastingStorage();
    const environment = createTestEnvironment({ seed: 1, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    const { id } = await engine.add({ content: 'a' });
    await engine.reinforce(id, true, { query: 'q' });
    await environment.advance(FEEDBACK_HALF_LIFE_MS);
    await engine.reinforce(id, true);
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await storage.getKeys(LOG_ROWS)).length === 0);
    await engine.close();
    const again = await openTestEngine({ storage });
    const at = NOW + FEEDBACK_HALF_LIFE_MS;
    expect((await again.get(id))?.feedback).toEqual({ useful: 1.5, useless: 0, at });
    expect((await again.history(id))[1]?.query).toBe('q');
    await again.close();
  });

  it('leaves nothing of a deleted memory, and can be cleared', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'a' });
    await engine.reinforce(id, true, { query: 'a secret' });
    await engine.update(id, { feedback: null });
    expect((await engine.get(id))?.feedback).toBeUndefined();
    await engine.reinforce(id, false);
    await engine.delete(id);
    expect(await engine.history(id)).toMatchObject([{ type: 'delete', changes: {} }]);
  });

  it('is refused for what there is not, and what is no verdict', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'a' });
    const nobody = '0190163d-8694-739b-aea5-966c26f8ad91';
    expect((await refusalOf(engine.reinforce(nobody, true))).code).toBe('NOT_FOUND');
    expect((await refusalOf(engine.reinforce(id, 'yes' as unknown as boolean))).code).toBe('INVALID_INPUT');
    expect((await refusalOf(engine.reinforce(id, true, { query: 'x'.repeat(10_000) }))).code).toBe(
      'INVALID_INPUT',
    );
    const misspelt = { querry: 'x' } as object;
    expect((await refusalOf(engine.reinforce(id, true, misspelt))).code).toBe('INVALID_INPUT');
    expect((await engine.get(id))?.revision).toBe(1);
  });
});
