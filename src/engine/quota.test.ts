import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryValue, type Worth } from '../lifecycle/eviction.ts';
import { FOLD_IDLE_MS, LOW_WATER_SHARE, SOFT_LIMIT_SHARE } from '../limits.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { Storage } from '../storage/storage.ts';
import { createTestEnvironment, type TestEnvironment } from '../testing/environment.ts';
import { createFaultyStorage, quotaSchedule, type Schedule } from '../testing/faulty-storage.ts';
import type { BytesByKind, LimitsConfig, MemoryEngine, NewMemory, Priority } from '../types.ts';
import { createExactIndex } from '../vector/exact.ts';
import type { EngineParts } from './engine.ts';
import { createLastingStorage, NOW, openTestEngine } from './engine-test-util.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** What the histories know of a memory. */
interface Known extends Worth {
  readonly isProtected: boolean;
}

let seed = 1_000;

async function open(
  limits: LimitsConfig,
  parts: Partial<EngineParts> & { readonly quotaBytes?: number } = {},
): Promise<{
  readonly engine: MemoryEngine;
  readonly clock: TestEnvironment;
  readonly idle: () => Promise<void>;
}> {
  const clock = createTestEnvironment({ seed: seed++, now: NOW });
  const { quotaBytes, ...rest } = parts;
  const estimateStorage = async () => ({ usageBytes: 0, quotaBytes: quotaBytes ?? 0 });
  const engine = await openTestEngine({
    createIndex: async (dimensions) => createExactIndex(dimensions),
    environment: { ...clock, ...(quotaBytes === undefined ? {} : { estimateStorage }) },
    limits,
    ...rest,
  });
  const idle = async () => {
    // Work that takes many turns of the event loop is let come to its end.
    for (let turn = 0; turn < 10; turn++) await clock.advance(FOLD_IDLE_MS);
  };
  return { engine, clock, idle };
}

/** Text that hardly compresses, words like any other. */
const filler = (bytes: number, number: number) =>
  Array.from({ length: Math.floor(bytes / 8) }, (_, i) =>
    ((number * 7_919 + i * 104_729) % 9_999_991).toString(36).padStart(7, 'x'),
  ).join(' ');

const sum = (bytes: BytesByKind) => Object.values(bytes).reduce((total, each) => total + each, 0);

const contentsOf = async (engine: MemoryEngine) =>
  (await engine.list({ limit: 1_000, order: 'oldest' })).memories.map(({ content }) => content);

async function storedText(storage: Storage): Promise<string> {
  const rows = await storage.getRange({ from: '', to: '\uffff' });
  return rows.map(({ key, value }) => key + new TextDecoder('latin1').decode(value)).join('\n');
}

describe('limits', () => {
  it.each([
    [{ maxBytes: 999_999 }],
    [{ maxBytes: Number.NaN }],
    [{ maxBytes: 1e6 + 0.5 }],
    [{ maxBytes: Number.POSITIVE_INFINITY }],
    [{ maxMemories: 0 }],
    [{ maxMemories: '5' as unknown as number }],
    [{ whenFull: 'panic' as 'evict' }],
    [{ maxMegabytes: 5 } as LimitsConfig],
    [5 as unknown as LimitsConfig],
  ])('that are none are refused: %j', async (limits) => {
    await expect(open(limits)).rejects.toMatchObject({ code: 'INVALID_INPUT', hint: expect.any(String) });
  });

  it('and what is used of them are told by status() and stats()', async () => {
    const { engine } = await open({ maxMemories: 100 });
    await engine.add({ content: 'Ana lives in Lisbon' });
    const { limits } = await engine.status();
    const { bytesByKind, limits: again } = await engine.stats();
    expect(limits).toEqual({
      maxBytes: 4 * 1024 ** 3,
      maxMemories: 100,
      bytesLimitedBy: 'config',
      usedBytes: sum(bytesByKind),
      memories: 1,
      isNearLimit: false,
      evicted: 0,
    });
    expect(again).toEqual(limits);
  });

  it('of bytes are half of what the browser lends, where that is less', async () => {
    const { engine, idle } = await open({}, { quotaBytes: 6_000_000 });
    await idle();
    expect((await engine.status()).limits).toMatchObject({ maxBytes: 3_000_000, bytesLimitedBy: 'quota' });
  });

  it('of bytes are not the browser’s where nothing persists', async () => {
    const { engine, idle } = await open({}, { quotaBytes: 6_000_000, storage: createMemoryStorage() });
    await idle();
    expect((await engine.status()).limits.bytesLimitedBy).toBe('config');
  });
});

describe('of memories that are worth the same', () => {
  it('the one that was added first goes, though the clock goes on while they are looked at', async () => {
    const clock = createTestEnvironment({ seed: seed++, now: NOW });
    let ms = NOW;
    const environment = { ...clock, now: () => ms++ };
    const { engine } = await open({ maxMemories: 3 }, { environment });
    await engine.addMany([{ content: 'a' }, { content: 'b' }, { content: 'c' }]);
    await engine.add({ content: 'd' });
    expect(await contentsOf(engine)).toEqual(['b', 'c', 'd']);
    await engine.close();
  });
});

describe('eviction ahead of need', () => {
  it('begins beyond the soft limit and ends at the low water mark, with the least valuable', async () => {
    const { engine, idle } = await open({ maxMemories: 20 });
    const of = (number: number): NewMemory => ({
      content: `memory number${number}`,
      importance: ((number * 7) % 20) / 20,
    });
    await engine.addMany(Array.from({ length: 18 }, (_, number) => of(number)));
    await idle();
    expect((await engine.stats()).count).toBe(20 * SOFT_LIMIT_SHARE);
    await engine.add(of(18));
    await idle();
    const kept = (await engine.list({ limit: 100 })).memories;
    expect(kept).toHaveLength(20 * LOW_WATER_SHARE);
    expect(kept.map(({ importance }) => importance).sort((a, b) => a - b)[0]).toBe(0.15);
    const { limits } = await engine.status();
    expect(limits).toMatchObject({
      evicted: 3,
      isNearLimit: false,
      lastEviction: { count: 3, reason: 'soft', at: expect.any(Number) },
    });
  });

  it('takes everything of a memory along, and its history says why', async () => {
    const storage = createLastingStorage();
    const { engine, idle } = await open({ maxMemories: 10 }, { storage });
    const events: string[] = [];
    engine.subscribe((event) => {
      if (event.type === 'change') events.push(...event.operations.map(({ type, id }) => `${type} ${id}`));
    });
    const { id } = await engine.add({ content: 'the zebrafish secret', priority: 'low' });
    for (let number = 0; number < 7; number++) await engine.add({ content: `routine ${number}` });
    await idle();
    expect(await storedText(storage)).toContain('zebrafish');
    await engine.addMany([{ content: 'eight' }, { content: 'nine' }]);
    await idle();
    expect(await engine.get(id)).toBeNull();
    expect(await engine.history(id)).toEqual([
      expect.objectContaining({ type: 'delete', reason: 'evicted', changes: {} }),
    ]);
    expect(events).toContain(`delete ${id}`);
    const { hits } = await engine.search('zebrafish secret');
    expect(hits.map((hit) => hit.id)).not.toContain(id);
    expect(await storedText(storage)).not.toContain('zebrafish');
    await engine.close();
    const again = await open({ maxMemories: 10 }, { storage });
    expect(await again.engine.history(id)).toMatchObject([{ reason: 'evicted' }]);
  });

  it('frees bytes in storage, and not only in the account', { timeout: 60_000 }, async () => {
    const storage = createLastingStorage();
    const { engine, idle } = await open({ maxBytes: 1_000_000 }, { storage });
    for (let number = 0; number < 60; number++) {
      await engine.add({ content: filler(30_000, number) });
      await idle();
      const { bytesByKind } = await engine.stats();
      expect(sum(bytesByKind)).toBeLessThanOrEqual(1_000_000 * SOFT_LIMIT_SHARE);
    }
    const { bytesByKind, count, limits } = await engine.stats();
    expect(limits.evicted + count).toBe(60);
    expect(count).toBeGreaterThan(5);
    // Manifest, histories of deletions and the like are not in the account.
    expect((await storedText(storage)).length).toBeLessThan(sum(bytesByKind) + 100_000);
  });

  it('spares what was read of late, and what is protected', { timeout: 60_000 }, async () => {
    const { engine, clock, idle } = await open({ maxMemories: 10 });
    const critical = await engine.add({ content: 'critical', priority: 'critical', importance: 0 });
    const held = await engine.add({ content: 'held', priority: 'low', importance: 0, legalHold: true });
    const read = await engine.add({ content: 'read' });
    for (let number = 0; number < 6; number++) await engine.add({ content: `unread ${number}` });
    await clock.advance(60 * DAY_MS);
    await engine.get(read.id);
    await engine.add({ content: 'fresh' });
    await idle();
    const kept = await contentsOf(engine);
    expect(kept).toEqual([
      'critical',
      'held',
      'read',
      'unread 2',
      'unread 3',
      'unread 4',
      'unread 5',
      'fresh',
    ]);
    expect(await engine.get(critical.id)).not.toBeNull();
    expect(await engine.get(held.id)).not.toBeNull();
  });

  it('gives up where what is protected takes nearly all, and evicts nothing to no end', async () => {
    const { engine, idle } = await open({ maxMemories: 10 });
    for (let number = 0; number < 9; number++)
      await engine.add({ content: `c${number}`, priority: 'critical' });
    await engine.update((await engine.list({ order: 'oldest' })).memories[0]?.id ?? '', { priority: 'low' });
    await engine.add({ content: 'one more', priority: 'critical' });
    await idle();
    // The soft limit is reached by the one that may go; the low water mark cannot be.
    expect(await contentsOf(engine)).not.toContain('c0');
    await engine.add({ content: 'the tenth' });
    await engine.update((await engine.list()).memories[0]?.id ?? '', { priority: 'critical' });
    await idle();
    expect((await engine.status()).limits).toMatchObject({ memories: 10, isNearLimit: true, evicted: 1 });
  });

  it('is made up for when a namespace is opened with smaller limits', async () => {
    const storage = createLastingStorage();
    const before = await open({}, { storage });
    for (let number = 0; number < 12; number++) await before.engine.add({ content: `memory ${number}` });
    await before.engine.close();
    const { engine, idle } = await open({ maxMemories: 5 }, { storage });
    await idle();
    expect(await contentsOf(engine)).toEqual(['memory 8', 'memory 9', 'memory 10', 'memory 11']);
  });
});

describe('a write that would go beyond a limit', () => {
  it('finds room: the least valuable go, and the write lands', async () => {
    const { engine } = await open({ maxMemories: 4 });
    await engine.addMany([
      { content: 'high', priority: 'high' },
      { content: 'first' },
      { content: 'second' },
      { content: 'important', importance: 0.9 },
    ]);
    await engine.add({ content: 'fifth', priority: 'low' });
    expect(await contentsOf(engine)).toEqual(['high', 'second', 'important', 'fifth']);
    await engine.addMany([{ content: 'sixth' }, { content: 'seventh' }]);
    expect(await contentsOf(engine)).toEqual(['high', 'important', 'sixth', 'seventh']);
    expect((await engine.status()).limits).toMatchObject({ evicted: 3, lastEviction: { reason: 'hard' } });
  });

  it('is refused where all that is left is protected, and nothing changes', async () => {
    const { engine } = await open({ maxMemories: 3 });
    await engine.addMany([
      { content: 'critical', priority: 'critical' },
      { content: 'held', legalHold: true },
      { content: 'common' },
    ]);
    const refused = engine.addMany([{ content: 'a' }, { content: 'b' }], { opId: 'two' });
    await expect(refused).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
      hint: expect.stringContaining('legal hold'),
      details: { maxMemories: 3, memories: 3 },
      opId: 'two',
    });
    expect(await contentsOf(engine)).toEqual(['critical', 'held', 'common']);
    expect((await engine.status()).limits.evicted).toBe(0);
    await expect(engine.addMany([{ content: 'a' }], { opId: 'one' })).resolves.toMatchObject({ opId: 'one' });
  });

  it('makes what has expired go before anything of value', async () => {
    const { engine, clock } = await open({ maxMemories: 3 });
    const soon = await engine.add({ content: 'soon', priority: 'high', expiresAt: NOW + 1 });
    await engine.addMany([{ content: 'low', priority: 'low' }, { content: 'medium' }]);
    await clock.advance(2);
    await engine.add({ content: 'fourth' });
    expect(await contentsOf(engine)).toEqual(['low', 'medium', 'fourth']);
    expect(await engine.history(soon.id)).toMatchObject([{ reason: 'expired' }]);
    expect((await engine.status()).limits.evicted).toBe(0);
  });

  it('that changes a memory does not evict that memory', { timeout: 60_000 }, async () => {
    const { engine } = await open({ maxBytes: 1_000_000 });
    const { id } = await engine.add({ content: 'short', priority: 'low', importance: 0 });
    for (let number = 0; number < 17; number++) await engine.add({ content: filler(30_000, number) });
    for (let number = 0; number < 6; number++) {
      await engine.update(id, { content: filler(32_000, 100 + number) });
      expect(sum((await engine.stats()).bytesByKind)).toBeLessThanOrEqual(1_000_000);
    }
    expect((await engine.get(id))?.content).toBe(filler(32_000, 105));
    expect((await engine.status()).limits.evicted).toBeGreaterThan(0);
  });

  it('is refused, and nothing evicted, where the host wants it so', async () => {
    const { engine, idle } = await open({ maxMemories: 3, whenFull: 'refuse' });
    await engine.addMany([{ content: 'a' }, { content: 'b' }, { content: 'c' }]);
    await idle();
    await expect(engine.add({ content: 'd' })).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
      hint: expect.stringContaining('whenFull'),
    });
    expect(await contentsOf(engine)).toEqual(['a', 'b', 'c']);
  });

  it('is applied once, though it was planned twice', async () => {
    const { engine } = await open({ maxMemories: 2 });
    await engine.addMany([{ content: 'a' }, { content: 'b' }]);
    const first = await engine.add({ content: 'c' }, { opId: 'add-c' });
    const second = await engine.add({ content: 'c' }, { opId: 'add-c' });
    expect(second).toEqual(first);
    expect(await contentsOf(engine)).toEqual(['b', 'c']);
  });
});

describe('a storage that is full', () => {
  async function openFull(whenFull: 'evict' | 'refuse' = 'evict') {
    let schedule: Schedule = () => undefined;
    const storage = createFaultyStorage(createLastingStorage(), {
      schedule: (operation) => schedule(operation),
    });
    const opened = await open({ whenFull }, { storage });
    for (let number = 0; number < 5; number++) await opened.engine.add({ content: `memory ${number}` });
    await opened.idle();
    return {
      ...opened,
      refuse: (next: Schedule) => {
        schedule = next;
      },
    };
  }
  /** Refuses every write that adds something, and lets deletions and folds pass. */
  const refuseWrites: Schedule = ({ commit }) =>
    commit?.puts?.some(({ key }) => key.startsWith('op/')) ? { kind: 'quota' } : undefined;

  it('gets room once, and the write lands', async () => {
    const { engine, refuse } = await openFull();
    refuse(quotaSchedule(0, 1));
    await engine.add({ content: 'urgent' });
    // Its row in the log takes more than a memory in blocks does.
    expect(await contentsOf(engine)).toEqual(['memory 2', 'memory 3', 'memory 4', 'urgent']);
    expect((await engine.status()).limits).toMatchObject({ evicted: 2, lastEviction: { reason: 'storage' } });
  });

  it('that stays full refuses with a typed error, and costs what one try costs, however often it is asked', async () => {
    const { engine, refuse } = await openFull();
    refuse(refuseWrites);
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(engine.add({ content: 'urgent' })).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect((await engine.status()).limits.evicted).toBe(2);
    refuse(() => undefined);
    await engine.add({ content: 'room again', priority: 'high' });
    expect(await contentsOf(engine)).toEqual(['memory 2', 'memory 3', 'memory 4', 'room again']);
    refuse(refuseWrites);
    // Not enough can go for this one, and so nothing does.
    await expect(engine.add({ content: filler(30_000, 1) })).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
    expect((await engine.status()).limits.evicted).toBe(2);
  });

  it('costs nothing protected and nothing unsaid, whichever of its commits is refused', {
    timeout: 60_000,
  }, async () => {
    let isOver = false;
    for (let at = 0; !isOver; at++) {
      const { engine, idle, refuse } = await openFull();
      await engine.update((await engine.list({ order: 'oldest' })).memories[0]?.id ?? '', {
        priority: 'critical',
      });
      await idle();
      const before = (await engine.list()).memories;
      let commits = 0;
      // The write itself, and then any one of those that make room for it.
      refuse(({ commit }) => {
        if (commit === undefined) return undefined;
        commits += 1;
        return commits === 1 || commits === at + 2 ? { kind: 'quota' } : undefined;
      });
      const outcome = await engine.add({ content: 'urgent' }).catch((error: unknown) => error);
      isOver = commits < at + 2;
      if (!isOver) expect(outcome).toMatchObject({ code: 'QUOTA_EXCEEDED' });
      const after = new Set(await contentsOf(engine));
      expect(after.has('memory 0')).toBe(true);
      for (const { id, content } of before)
        if (!after.has(content)) expect(await engine.history(id)).toMatchObject([{ reason: 'evicted' }]);
      expect((await engine.status()).limits.evicted).toBe(
        before.filter(({ content }) => !after.has(content)).length,
      );
    }
  });

  it('that does not even let a memory go refuses with a typed error, and nothing changes', async () => {
    const { engine, refuse } = await openFull();
    refuse(quotaSchedule(0));
    await expect(engine.add({ content: 'urgent' })).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    await expect(
      engine.update((await engine.list()).memories[0]?.id ?? '', { tags: ['x'] }),
    ).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    refuse(() => undefined);
    expect(await contentsOf(engine)).toHaveLength(5);
    expect((await engine.status()).limits.evicted).toBe(0);
  });

  it('makes nothing go where the host wants it so', async () => {
    const { engine, refuse } = await openFull('refuse');
    refuse(quotaSchedule(0, 1));
    await expect(engine.add({ content: 'urgent' })).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(await contentsOf(engine)).toHaveLength(5);
  });
});

describe('in any history', () => {
  const MAX_MEMORIES = 12;
  const MAX_BYTES = 1_000_000;
  const memory = fc.record({
    priority: fc.constantFrom<Priority>('low', 'medium', 'high', 'critical'),
    importance: fc.constantFrom(0, 0.3, 0.5, 1),
    legalHold: fc.constantFrom(false, false, false, true),
    bytes: fc.constantFrom(20, 5_000, 30_000, 32_000),
  });
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        does: fc.constant('add' as const),
        memories: fc.array(memory, { minLength: 1, maxLength: 3 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('get' as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('delete' as const), which: fc.nat() }) },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant('protect' as const), which: fc.nat(), isOn: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('idle' as const) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('reopen' as const) }) },
  );

  it('no limit is exceeded, nothing protected is evicted, and a write is refused only for want of what may go', {
    timeout: 240_000,
  }, async () => {
    let evictions = 0;
    let refusals = 0;
    const run = async (steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) => {
      const storage = createLastingStorage();
      const limits = { maxBytes: MAX_BYTES, maxMemories: MAX_MEMORIES };
      let { engine, clock, idle } = await open(limits, { storage });
      const model = new Map<string, Known>();
      let number = 0;
      const at = (which: number) => [...model.keys()][which % Math.max(1, model.size)];
      const check = async (known: readonly (readonly [string, Known])[], changed: string | undefined) => {
        const { bytesByKind, count } = await engine.stats();
        expect(count).toBeLessThanOrEqual(MAX_MEMORIES);
        expect(sum(bytesByKind)).toBeLessThanOrEqual(MAX_BYTES);
        const now = clock.now();
        const there = new Set((await engine.list({ limit: 100 })).memories.map(({ id }) => id));
        const gone = known.filter(([id]) => model.has(id) && !there.has(id));
        for (const [id, { isProtected }] of gone) {
          expect(isProtected, 'a protected memory is gone').toBe(false);
          expect((await engine.history(id)).at(-1)?.reason).toBe('evicted');
          model.delete(id);
          evictions += 1;
        }
        const stayed = known.filter(
          ([id, { isProtected }]) => there.has(id) && !isProtected && id !== changed,
        );
        const most = Math.max(...gone.map(([, each]) => memoryValue(each, now)));
        // Recency has gone on a little since.
        for (const [, each] of stayed) expect(memoryValue(each, now)).toBeGreaterThan(most - 1e-4);
        expect(model.size).toBe(count);
      };
      for (const each of steps) {
        const known = [...model];
        if (each.does === 'add') {
          const memories = each.memories.map(({ bytes, ...fields }) => ({
            ...fields,
            content: filler(bytes, number++),
          }));
          try {
            const { ids } = await engine.addMany(memories);
            ids.forEach((id, i) => {
              const { priority, legalHold } = memories[i] ?? {};
              model.set(id, {
                priority: priority ?? 'low',
                importance: memories[i]?.importance ?? 0,
                accessCount: 0,
                lastUsedAt: clock.now(),
                isProtected: priority === 'critical' || legalHold === true,
              });
            });
          } catch (error) {
            expect(error).toMatchObject({ code: 'QUOTA_EXCEEDED' });
            refusals += 1;
            const held = [...model.values()].filter(({ isProtected }) => isProtected).length;
            const { usedBytes } = (await engine.status()).limits;
            expect(held + memories.length > MAX_MEMORIES || usedBytes > 300_000, 'there was room').toBe(true);
          }
        }
        const id = 'which' in each ? at(each.which) : undefined;
        const state = model.get(id ?? '');
        if (each.does === 'get' && id !== undefined && state !== undefined && (await engine.get(id)) !== null)
          model.set(id, { ...state, accessCount: state.accessCount + 1, lastUsedAt: clock.now() });
        if (each.does === 'protect' && id !== undefined) {
          await engine.update(id, { priority: each.isOn ? 'critical' : 'low', legalHold: false });
          const priority = each.isOn ? 'critical' : 'low';
          if (state !== undefined)
            model.set(id, { ...state, priority, lastUsedAt: clock.now(), isProtected: each.isOn });
        }
        if (each.does === 'delete' && id !== undefined) {
          await engine.update(id, { legalHold: false });
          await engine.delete(id);
          model.delete(id);
          await idle();
        }
        if (each.does === 'idle') await idle();
        if (each.does === 'reopen') {
          await engine.close();
          ({ engine, clock, idle } = await open(limits, { storage }));
        }
        await check(known, each.does === 'protect' ? id : undefined);
      }
      await engine.close();
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), run), { numRuns: 25 });
    // Histories in which nothing happens would show nothing.
    expect(evictions).toBeGreaterThan(15);
    expect(refusals).toBeGreaterThan(0);
  });
});
