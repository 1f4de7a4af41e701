import { describe, expect, it } from 'vitest';
import { createTestEnvironment } from '../testing/environment.ts';
import type { MemoryEngine, NewMemory } from '../types.ts';
import { createLastingStorage, NOW, openTestEngine } from './engine-test-util.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Far apart in time, unless they say when they happened. */
function far(memories: readonly NewMemory[]): readonly NewMemory[] {
  return memories.map((memory, i) => ({ createdAt: NOW - (memories.length - i) * DAY, ...memory }));
}

async function idsOf(engine: MemoryEngine, memories: readonly NewMemory[]): Promise<readonly string[]> {
  return (await engine.addMany(far(memories))).ids;
}

describe('related', () => {
  it('follows links in both directions and tells what they say', async () => {
    const engine = await openTestEngine();
    const [cause = ''] = await idsOf(engine, [{ content: 'the disk was full' }]);
    const [effect = ''] = await idsOf(engine, [
      { content: 'job 7 failed', related: [{ id: cause, strength: 0.9, relation: 'caused-by' }] },
    ]);
    const kinds = ['link'] as const;
    const [there] = await engine.related(effect, { kinds });
    expect(there).toMatchObject({ id: cause, memory: { content: 'the disk was full' } });
    expect(there?.edges).toMatchObject([
      { kind: 'link', strength: 0.9, why: { relation: 'caused-by', direction: 'out' } },
    ]);
    const [back] = await engine.related(cause, { kinds });
    expect(back?.id).toBe(effect);
    expect(back?.edges[0]?.why.direction).toBe('in');
    await engine.update(effect, { related: [] });
    expect(await engine.related(cause, { kinds })).toEqual([]);
  });

  it('finds neighbours in the session, near times, near vectors and rare words, each with its reason', async () => {
    const engine = await openTestEngine();
    const vector = (...numbers: readonly number[]) => ({
      modelId: 'm',
      space: 's',
      vector: Float32Array.from(numbers),
    });
    const ids = await idsOf(engine, [
      { content: 'we sail at noon', sessionId: 'trip', position: 0, embedding: vector(1, 0, 0) },
      { content: 'bring water', sessionId: 'trip', position: 1, embedding: vector(0, 1, 0) },
      { content: 'a boat leaves', createdAt: NOW, embedding: vector(0.9, 0.1, 0) },
      { content: 'the Zephyrine arrived', createdAt: NOW + 5 * MINUTE, embedding: vector(0, 0, 1) },
      { content: 'we saw the Zephyrine', embedding: vector(0, -1, 0) },
    ]);
    const only = async (at: number, kind: 'session' | 'time' | 'similar' | 'terms') => {
      const found = await engine.related(ids[at] ?? '', { kinds: [kind] });
      return found.map(({ id, edges }) => [ids.indexOf(id), edges[0]?.why]);
    };
    expect(await only(0, 'session')).toEqual([[1, { distance: 1 }]]);
    expect(await only(2, 'time')).toEqual([[3, { apartMs: 5 * MINUTE }]]);
    expect(await only(0, 'similar')).toEqual([[2, { cosine: expect.closeTo(0.994, 2) }]]);
    expect(await only(3, 'terms')).toEqual([[4, { terms: ['zephyrine'] }]]);
    const all = await engine.related(ids[3] ?? '');
    expect(all.map(({ strength }) => strength)).toEqual(
      all.map(({ strength }) => strength).sort((a, b) => b - a),
    );
  });

  it('learns what is used together, fades, and forgets a deleted memory', async () => {
    const storage = createLastingStorage();
    const environment = createTestEnvironment({ seed: 77, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    const ids = await idsOf(engine, [
      { content: 'red boat' },
      { content: 'red car' },
      { content: 'red tree' },
    ]);
    const { hits } = await engine.search('red');
    for (const { id } of hits) await engine.get(id);
    const kinds = ['learnt'] as const;
    const before = await engine.related(ids[0] ?? '', { kinds, minStrength: 0 });
    expect(before.map(({ id }) => id).sort()).toEqual([ids[1], ids[2]].sort());
    await engine.close();
    const later = createTestEnvironment({ seed: 78, now: NOW + 30 * DAY });
    const second = await openTestEngine({ storage, environment: later });
    const after = await second.related(ids[0] ?? '', { kinds, minStrength: 0 });
    expect(after[0]?.edges[0]?.strength).toBeCloseTo((before[0]?.edges[0]?.strength ?? 0) / 2, 5);
    await second.delete(ids[1] ?? '');
    expect((await second.related(ids[0] ?? '', { kinds, minStrength: 0 })).map(({ id }) => id)).toEqual([
      ids[2],
    ]);
  });

  it('tells what took the place of a fact, and what that was', async () => {
    const engine = await openTestEngine();
    const { id: old } = await engine.add({ content: 'Ana lives in Porto', createdAt: NOW - 9 * DAY });
    const { id: present } = await engine.supersede(old, { content: 'Ana lives in Lisbon' });
    const kinds = ['link'] as const;
    const why = { relation: 'supersedes' };
    expect((await engine.related(old, { kinds }))[0]).toMatchObject({
      id: present,
      edges: [{ strength: 1, why: { ...why, direction: 'in' } }],
    });
    expect((await engine.related(present, { kinds }))[0]).toMatchObject({
      id: old,
      edges: [{ why: { ...why, direction: 'out' } }],
    });
  });

  it('is taught by what a host says was useful', async () => {
    const engine = await openTestEngine();
    const ids = await idsOf(engine, [
      { content: 'red boat' },
      { content: 'red car' },
      { content: 'red tree' },
    ]);
    const { hits } = await engine.search('red boat');
    const strengthOf = async () => {
      const found = await engine.related(hits[1]?.id ?? '', { kinds: ['learnt'], minStrength: 0 });
      return found.find(({ id }) => id === hits[0]?.id)?.strength ?? 0;
    };
    const before = await strengthOf();
    await engine.reinforce(hits[1]?.id ?? '', false);
    expect(await strengthOf()).toBe(before);
    await engine.reinforce(hits[1]?.id ?? '', true);
    expect(await strengthOf()).toBeGreaterThan(before + 0.1);
    expect(ids).toContain(hits[1]?.id);
  });

  it('tells nothing of what has expired', async () => {
    const engine = await openTestEngine();
    const [first = ''] = await idsOf(engine, [{ content: 'a note' }]);
    const link = [{ id: first, strength: 1 }];
    const [gone = ''] = await idsOf(engine, [{ content: 'b', related: link, expiresAt: NOW - 1 }]);
    expect(await engine.related(first, { kinds: ['link'] })).toEqual([]);
    await expect(engine.related(gone)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('refuses what cannot be', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'a' });
    const bad: readonly unknown[] = [
      { limit: 0 },
      { limit: 1.5 },
      { kinds: [] },
      { kinds: ['love'] },
      { kinds: 'link' },
      { minStrength: 2 },
      { minStrength: Number.NaN },
      { depth: 2 },
      'all',
    ];
    for (const options of bad)
      await expect(engine.related(id, options as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(engine.related(7 as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(engine.related('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await engine.close();
    await expect(engine.related(id)).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('path', () => {
  it('leads over several edges from one memory to another, and back', async () => {
    const engine = await openTestEngine();
    const [a = ''] = await idsOf(engine, [{ content: 'alpha', createdAt: NOW - 9 * DAY }]);
    const toA = [{ id: a, strength: 0.9 }];
    const [b = ''] = await idsOf(engine, [{ content: 'bravo', createdAt: NOW - 6 * DAY, related: toA }]);
    const toB = [{ id: b, strength: 0.8 }];
    const [c = ''] = await idsOf(engine, [{ content: 'charlie', createdAt: NOW - 3 * DAY, related: toB }]);
    await idsOf(engine, [{ content: 'delta' }]);
    const path = await engine.path(a, c);
    expect(path?.memories.map(({ content }) => content)).toEqual(['alpha', 'bravo', 'charlie']);
    expect(path?.steps.map(({ from, to }) => [from, to])).toEqual([
      [a, b],
      [b, c],
    ]);
    expect(path?.steps.map(({ edges }) => edges[0]?.why.direction)).toEqual(['in', 'in']);
    expect(path?.strength).toBeCloseTo((path?.steps[0]?.strength ?? 0) * (path?.steps[1]?.strength ?? 0), 10);
    expect((await engine.path(c, a))?.strength).toBeCloseTo(path?.strength ?? 0, 10);
    expect(await engine.path(a, c, { maxHops: 1 })).toBeNull();
  });

  it('is of strength 1 and without steps from a memory to itself, and null where nothing leads', async () => {
    const engine = await openTestEngine();
    const [a = '', b = ''] = await idsOf(engine, [{ content: 'alpha' }, { content: 'bravo' }]);
    expect(await engine.path(a, a)).toMatchObject({ strength: 1, steps: [], memories: [{ id: a }] });
    expect(await engine.path(a, b)).toBeNull();
  });

  it('refuses what cannot be', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'a' });
    for (const options of [{ maxHops: 0 }, { maxHops: 7 }, { maxHops: 1.5 }, { limit: 3 }])
      await expect(engine.path(id, id, options as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(engine.path(id, 'nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(engine.path(id, undefined as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
