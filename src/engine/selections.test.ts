import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SearchHit } from '../types.ts';
import { NOW, openTestEngine } from './engine-test-util.ts';
import { EngineState } from './state.ts';

const select = vi.spyOn(EngineState.prototype, 'select');

afterEach(() => {
  select.mockClear();
});

const HOUR_MS = 3_600_000;
const MEMORIES = [
  { content: 'The feline of last year', createdAt: NOW - 9_000 * HOUR_MS, tags: ['pet'] },
  { content: 'The feline of yesterday', createdAt: NOW - 30 * HOUR_MS, tags: ['pet'] },
  { content: 'The cat of today', createdAt: NOW - HOUR_MS, tags: ['pet'] },
  { content: 'The cat of the neighbours', createdAt: NOW - HOUR_MS },
];

async function open() {
  const engine = await openTestEngine();
  const { ids } = await engine.addMany(MEMORIES);
  return { engine, ids };
}

const found = (hits: readonly SearchHit[]) => hits.map(({ memory }) => memory.content).sort();

describe('what a search may find', () => {
  const filter = { tags: 'pet' };

  it('is selected once for all wordings, and for the expanded question too', async () => {
    const { engine } = await open();
    const { hits } = await engine.search('cat', {
      ...{ filter, queries: ['feline', 'kitten', 'tom'], expand: true, arms: ['lexical'] },
    });
    expect(found(hits)).toEqual(['The cat of today', 'The feline of last year', 'The feline of yesterday']);
    expect(select).toHaveBeenCalledTimes(1);
    await engine.close();
  });

  it('is selected once more for a wording that is bound to a time of its own', async () => {
    const { engine } = await open();
    const { hits } = await engine.search('cat', {
      ...{
        filter,
        queries: ['feline in the last 48 hours', 'feline in the last 48 hours'],
        arms: ['lexical'],
      },
    });
    expect(found(hits)).toEqual(['The cat of today', 'The feline of yesterday']);
    expect(select).toHaveBeenCalledTimes(2);
    await engine.close();
  });

  it('is not selected where nothing binds it', async () => {
    const { engine } = await open();
    await engine.search('cat', { queries: ['feline'] });
    expect(select).not.toHaveBeenCalled();
    await engine.close();
  });

  it('is selected anew after a write: nothing is found that no longer meets the filter', async () => {
    const { engine, ids } = await open();
    const search = () => engine.search('cat', { filter, arms: ['lexical'] });
    expect(found((await search()).hits)).toEqual(['The cat of today']);
    await engine.update(ids[2] ?? '', { tags: [] });
    expect((await search()).hits).toEqual([]);
    await engine.close();
  });
});
