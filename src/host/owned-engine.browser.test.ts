import { afterEach, describe, expect, it, vi } from 'vitest';
import { isLociError, LociError } from '../errors.ts';
import { failRequest, type RequestFault } from '../testing/indexeddb-faults.ts';
import type { MemoryEngine } from '../types.ts';
import { resolveConfig } from './open-engine.ts';
import { OwnedEngine } from './owned-engine.ts';
import type { EngineMethod } from './protocol.ts';

const FAULTS: readonly RequestFault[] = ['throws', 'fails', 'aborts', 'dies', 'is not confirmed'];
/** How often a caller repeats what may be repeated. */
const MOST_TRIES = 5;

afterEach(() => {
  vi.restoreAllMocks();
});

function open(namespace: string): OwnedEngine {
  return new OwnedEngine({
    config: resolveConfig({ namespace, index: 'exact' }),
    memo: { hasStored: false },
    tell: () => undefined,
    laterRelease: () => undefined,
  });
}

const isOwner = async () => true;

/** Calls as a client does that repeats a write with its operation id until it is known to have landed. */
async function insist<M extends EngineMethod>(
  engine: OwnedEngine,
  method: M,
  ...args: Parameters<MemoryEngine[M]>
): Promise<Awaited<ReturnType<MemoryEngine[M]>>> {
  for (let tries = 1; ; tries++) {
    try {
      return (await engine.call(method, args, isOwner)) as Awaited<ReturnType<MemoryEngine[M]>>;
    } catch (error) {
      expect(error).toBeInstanceOf(LociError);
      if (!isLociError(error) || tries === MOST_TRIES) throw error;
    }
  }
}

/** Some calls, and what is there after them. */
async function live(engine: OwnedEngine): Promise<readonly string[]> {
  const first = await insist(engine, 'add', { content: 'first' }, { opId: '1' });
  const second = await insist(engine, 'add', { content: 'second' }, { opId: '2' });
  await insist(engine, 'update', first.id, { content: 'first, changed' }, { opId: '3' });
  await insist(engine, 'addMany', [{ content: 'third' }, { content: 'fourth' }], { opId: '4' });
  await insist(engine, 'delete', second.id, { opId: '5' });
  await insist(engine, 'flush');
  return ['first, changed', 'fourth', 'third'];
}

const contentsOf = async (engine: OwnedEngine) =>
  (await insist(engine, 'list', { limit: 100 })).memories.map(({ content }) => content).sort();

describe('an owner', () => {
  it('whose page is hidden asks the disk to keep what was written', async () => {
    const engine = open(crypto.randomUUID());
    await engine.flush(); // nothing is open, and nothing is opened for it
    await insist(engine, 'add', { content: 'a' }, { opId: '1' });
    const begun = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await engine.flush();
    expect(begun.mock.results.map(({ value }) => value.durability)).toContain('strict');
    await engine.close();
  });
});

describe('an owner whose database fails once, at any request', () => {
  it.each(FAULTS)(
    'and %s: each call is applied once in the end, and all of it is there when opened again',
    async (fault) => {
      for (let number = 1; ; number++) {
        const namespace = crypto.randomUUID();
        const engine = open(namespace);
        const count = failRequest(number, fault);
        const expected = await live(engine);
        expect(await contentsOf(engine), `${fault} at request ${number}`).toEqual(expected);
        await engine.close();
        const requests = count();
        vi.restoreAllMocks();
        const again = open(namespace);
        expect(await contentsOf(again), `${fault} at request ${number}, opened again`).toEqual(expected);
        await again.close();
        if (requests < number) {
          expect(number).toBeGreaterThan(20);
          return;
        }
      }
    },
    120_000,
  );
});
