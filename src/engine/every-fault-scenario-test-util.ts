/** The fixed scenario in which every operation is made to fail, on any storage. */

import { createHashingEmbedder } from '../embedding/hashing.ts';
import { FOLD_IDLE_MS } from '../limits.ts';
import type { Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import type { ScenarioCall } from '../testing/every-fault.ts';
import type { LimitsConfig, MemoryEngine, NewMemory } from '../types.ts';
import { createExactIndex } from '../vector/exact.ts';
import { openEngine } from './engine.ts';
import { NOW } from './engine-test-util.ts';

const idOf = (number: number) => `0190163d-8694-739b-aea5-966c26f8ad${String(number).padStart(2, '0')}`;

const memory = (number: number, content: string): NewMemory => ({
  id: idOf(number),
  content,
  tags: ['scenario'],
  embedding: { modelId: 'given', space: 'given', vector: Float32Array.of(1, number, 0) },
});

/** Each engine has a seed of its own: two with one would make the same ids. */
let nextSeed = 1;

/** An engine whose time stands still but for `idle`, so that a repeated scenario ends the same. */
export async function openScenarioEngine(
  storage: Storage,
  // By default nothing is evicted: what is missing in the end was lost.
  limits: LimitsConfig = { whenFull: 'refuse' },
): Promise<{ readonly engine: MemoryEngine; readonly idle: () => Promise<void> }> {
  const clock = createTestEnvironment({ seed: nextSeed++, now: NOW });
  const engine = await openEngine({
    storage,
    createIndex: async (dimensions) => createExactIndex(dimensions),
    indexKind: 'exact',
    builtin: createHashingEmbedder(),
    limits,
    environment: { ...clock, now: () => NOW },
  });
  return { engine, idle: () => clock.advance(FOLD_IDLE_MS) };
}

/**
 * What lies there before the scenario begins: memories that are folded, and one still in the log, of an
 * owner that ended without closing.
 */
export async function fill(open: () => Promise<Storage>): Promise<void> {
  const { engine } = await openScenarioEngine(await open());
  await engine.addMany(
    [memory(1, 'Ana lives in Lisbon'), { ...memory(2, 'Bo reads'), tags: [] }, memory(3, 'tomatoes')],
    { opId: 'fill' },
  );
  await engine.update(idOf(2), { speaker: 'Bo' }, { opId: 'speaker' });
  await engine.close();
  const last = await openScenarioEngine(await open());
  // Without the tag by which the scenario deletes: it must be there at the end.
  await last.engine.add({ ...memory(8, 'left in the log'), tags: [] }, { opId: 'left' });
}

/** Few enough for memories to be evicted in the evicting scenario. */
export const EVICTING_LIMITS: LimitsConfig = { maxMemories: 20 };

/** What lies there before it begins: nearly as much as may, each worth more than the one before. */
export async function fillNearly(open: () => Promise<Storage>): Promise<void> {
  const { engine } = await openScenarioEngine(await open());
  const memories = Array.from({ length: 17 }, (_, i) => ({
    ...memory(i, `number ${i}`),
    importance: i / 50,
  }));
  await engine.addMany(memories, { opId: 'fill' });
  await engine.close();
}

/** Writes that make others go: ahead of need, and where there is no room. */
export function evictingScenario(idle: () => Promise<void>): readonly ScenarioCall[] {
  const added = (number: number, importance: number): NewMemory => ({
    ...memory(number, `added ${number}`),
    importance,
  });
  return [
    (engine) => engine.addMany([added(20, 0.8), added(21, 0.9)], { opId: 'soft' }),
    idle,
    (engine) =>
      engine.addMany(
        [22, 23, 24, 25, 26].map((number) => added(number, 0.9)),
        { opId: 'hard' },
      ),
    (engine) => engine.add(added(27, 0.9), { opId: 'harder' }),
    idle,
  ];
}

/** @param idle lets the engine's background work run. */
export function scenario(idle: () => Promise<void>): readonly ScenarioCall[] {
  return [
    (engine) => engine.add(memory(4, 'added'), { opId: 'add' }),
    (engine) => engine.addMany([memory(5, 'one'), memory(6, 'two')], { opId: 'addMany' }),
    (engine) => engine.update(idOf(1), { content: 'Ana lives in Porto', tags: [] }, { opId: 'update' }),
    (engine) => engine.supersede(idOf(2), { ...memory(9, 'Bo sings'), tags: [] }, { opId: 'supersede' }),
    (engine) => engine.reinforce(idOf(8), true, { opId: 'reinforce' }),
    idle,
    (engine) => engine.delete(idOf(3), { opId: 'delete' }),
    (engine) => engine.search('Porto'),
    (engine) => engine.flush(),
    (engine) => engine.deleteAll({ filter: { tags: 'scenario' } }, { opId: 'deleteAll' }),
    idle,
    (engine) => engine.add(memory(7, 'last'), { opId: 'last', durability: 'flushed' }),
  ];
}
