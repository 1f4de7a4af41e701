import { afterEach, describe, expect, it, vi } from 'vitest';
import { statementsOf } from '../memory/change/change-rule.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { NOW, openTestEngine, until } from './engine-test-util.ts';

vi.mock('../memory/change/change-rule.ts', async (load) => {
  const actual = await load<typeof import('../memory/change/change-rule.ts')>();
  return { ...actual, statementsOf: vi.fn(actual.statementsOf) };
});

afterEach(() => {
  vi.mocked(statementsOf).mockClear();
});

const TEXTS = 300;
const changing = (i: number, place: string) => ({
  content: `I no longer use Tool${i}. I now live in ${place}. I stopped eating meat${i}. I now work at ${place} Works.`,
  speaker: 'Ana',
});

describe('what a batch contradicts', () => {
  it('is found by reading each text before in the batch once, and each stored one once', async () => {
    const engine = await openTestEngine();
    const batch = (place: string) => Array.from({ length: TEXTS }, (_, i) => changing(i, place));
    await engine.addMany(batch('Porto'));
    expect(vi.mocked(statementsOf).mock.calls.length).toBeLessThan(TEXTS);
    vi.mocked(statementsOf).mockClear();
    await engine.addMany(batch('Lisbon'));
    expect(vi.mocked(statementsOf).mock.calls.length).toBeLessThan(2 * TEXTS);
    await engine.close();
  });

  it('is found however far before in the batch it was said, behind any number of other statements', async () => {
    const engine = await openTestEngine();
    const others = Array.from({ length: 200 }, (_, i) => ({ content: `I use Tool${i}`, speaker: 'Ana' }));
    const { ids } = await engine.addMany([
      { content: 'I live in Lisbon. I use Vim', speaker: 'Ana' },
      ...others,
      { content: 'I moved to Porto', speaker: 'Ana' },
      { content: 'I no longer use Vim', speaker: 'Ana' },
    ]);
    for (const place of [201, 202])
      expect((await engine.get(ids[place] ?? ''))?.contradicts).toEqual([ids[0]]);
    await engine.close();
  });

  it('costs no reading where no text tells of a change', async () => {
    const engine = await openTestEngine();
    await engine.addMany([{ content: 'I live in Lisbon' }, { content: 'I eat meat' }]);
    expect(statementsOf).not.toHaveBeenCalled();
    await engine.close();
  });

  it('lets other calls have their turn while it takes long', async () => {
    const environment = createTestEnvironment({ seed: 7, now: NOW });
    let clockMs = 0;
    let pauses = 0;
    const engine = await openTestEngine({
      environment: {
        ...environment,
        monotonicMs: () => clockMs++,
        schedule: (ms, callback) => {
          pauses += 1;
          return environment.schedule(ms, callback);
        },
      },
    });
    const before = pauses;
    const added = engine.addMany(Array.from({ length: 50 }, (_, i) => changing(i, 'Porto')));
    await until(async () => {
      await environment.advance(1);
      return pauses - before > 10;
    });
    expect((await engine.list()).total).toBe(0);
    const isAdded = vi.fn();
    void added.then(isAdded);
    await until(async () => {
      await environment.advance(1);
      return isAdded.mock.calls.length > 0;
    });
    expect((await engine.list()).total).toBe(50);
    await engine.close();
  });
});
