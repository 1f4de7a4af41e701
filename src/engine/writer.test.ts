import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import { BLOCK_BYTES, MAX_BATCH } from '../limits.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { Commit, Storage } from '../storage/storage.ts';
import { createLastingStorage, openTestEngine } from './engine-test-util.ts';
import { LOG_ROWS } from './layout.ts';

/** A storage whose commits take a turn of the event loop, that counts those of the log, and can refuse one. */
function createSlowStorage(inner: Storage = createMemoryStorage()) {
  const logged: Commit[] = [];
  const lasting = createLastingStorage(inner);
  const control = { logged, refuse: undefined as LociError | undefined };
  const storage: Storage = {
    ...lasting,
    commit: async (commit) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      const isOfLog = commit.puts?.some(({ key }) => key.startsWith(LOG_ROWS.from)) === true;
      const { refuse } = control;
      if (isOfLog && refuse !== undefined) {
        control.refuse = undefined;
        throw refuse;
      }
      if (isOfLog) logged.push(commit);
      return lasting.commit(commit);
    },
  };
  return { storage, control };
}

const contents = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ content: `note ${from + i}` }));

describe('adds that come at the same time', () => {
  it('share a commit, each with an answer of its own that a repeated call gets again', async () => {
    const { storage, control } = createSlowStorage();
    const engine = await openTestEngine({ storage });
    const adding = contents(0, 64).map((memory, i) => engine.add(memory, { opId: `op-${i}` }));
    const results = await Promise.all(adding);
    // One may go at once; all that come meanwhile go together.
    expect(control.logged.length).toBeLessThanOrEqual(2);
    expect(new Set(results.map(({ id }) => id)).size).toBe(64);
    expect(results.map(({ opId }) => opId)).toEqual(results.map((_, i) => `op-${i}`));
    await engine.close();

    const again = await openTestEngine({ storage });
    for (const [i, { id }] of results.entries()) {
      expect((await again.get(id))?.content).toBe(`note ${i}`);
      expect(await again.add({ content: `note ${i}` }, { opId: `op-${i}` })).toMatchObject({ id });
    }
    expect((await again.list()).total).toBe(64);
    await again.close();
  });

  it('and changes that are no adds all land, the changes in commits of their own', async () => {
    const { storage, control } = createSlowStorage();
    const engine = await openTestEngine({ storage });
    const { id } = await engine.add({ content: 'first' });
    const { id: doomed } = await engine.add({ content: 'doomed' });
    await Promise.all([
      ...contents(0, 3).map((memory) => engine.add(memory)),
      engine.update(id, { content: 'second' }),
      ...contents(3, 3).map((memory) => engine.add(memory)),
      engine.delete(doomed),
    ]);
    const { memories, total } = await engine.list({ order: 'oldest' });
    expect(total).toBe(7);
    expect(memories[0]?.content).toBe('second');
    expect(await engine.get(doomed)).toBeNull();
    const answers = control.logged.map(({ puts = [] }) => puts.filter(({ key }) => key.startsWith('op/')));
    expect(answers.flat().length).toBe(10);
    await engine.close();
  });

  it('that would take an id twice are refused by themselves, and the others land', async () => {
    const { storage } = createSlowStorage();
    const engine = await openTestEngine({ storage });
    const id = '01890a5d-ac96-774b-bcce-b302099a8057';
    const outcomes = await Promise.allSettled([
      engine.add({ content: 'before' }),
      engine.add({ id, content: 'the one' }),
      engine.add({ id, content: 'the other' }),
      engine.add({ content: 'after' }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[2]).toMatchObject({ reason: { code: 'ALREADY_EXISTS' } });
    expect((await engine.get(id))?.content).toBe('the one');
    expect((await engine.list()).total).toBe(3);
    await engine.close();
  });

  it('are refused together where their commit fails, and nothing of them is there', async () => {
    const { storage, control } = createSlowStorage();
    const engine = await openTestEngine({ storage });
    control.refuse = new LociError('INVALID_INPUT', 'a fault that no retry mends', { hint: 'None.' });
    const outcomes = await Promise.allSettled(contents(0, 20).map((memory) => engine.add(memory)));
    const refused = outcomes.filter(({ status }) => status === 'rejected').length;
    expect(refused).toBeGreaterThan(1);
    expect((await engine.list()).total).toBe(20 - refused);
    expect((await engine.add({ content: 'next' })).durability).toBe('journaled');
    expect((await engine.list()).total).toBe(21 - refused);
    await engine.close();
  });

  it('are tried one by one where together they are too much for storage', async () => {
    const { storage, control } = createSlowStorage();
    const engine = await openTestEngine({ storage, limits: { whenFull: 'refuse' } });
    const first = engine.add({ content: 'first' });
    const others = contents(0, 5).map((memory) => engine.add(memory));
    await first;
    control.refuse = new LociError('QUOTA_EXCEEDED', 'too much at once', { hint: 'None.' });
    await Promise.all(others);
    expect((await engine.list()).total).toBe(6);
    await engine.close();
  });

  it('share a commit of no more memories than one batch may have', async () => {
    const { storage, control } = createSlowStorage();
    const engine = await openTestEngine({ storage });
    await Promise.all(Array.from({ length: 5 }, (_, i) => engine.addMany(contents(i * 400, 400))));
    const sizes = control.logged.map(
      ({ puts }) => (puts ?? []).filter(({ key }) => key.startsWith('op/')).length,
    );
    expect(Math.max(...sizes)).toBe(Math.floor(MAX_BATCH / 400));
    expect(sizes.reduce((sum, each) => sum + each, 0)).toBe(5);
    expect((await engine.list()).total).toBe(2_000);
    await engine.close();
  });
});

describe('the rows of the log', () => {
  it('stay below the size at which a browser gives each a file, however many memories come at once', async () => {
    const { storage, control } = createSlowStorage();
    const engine = await openTestEngine({ storage });
    await engine.addMany(contents(0, 300));
    const lengths = control.logged.flatMap(({ puts = [] }) => puts.map(({ value }) => value.byteLength));
    expect(lengths.length).toBeGreaterThan(5);
    expect(Math.max(...lengths)).toBeLessThan(BLOCK_BYTES);
    await engine.close();
  });
});
