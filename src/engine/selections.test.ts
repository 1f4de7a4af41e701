import { afterEach, describe, expect, it, vi } from 'vitest';
import type { TimeRange } from '../retrieval/time/index.ts';
import type { SearchHit } from '../types.ts';
import { createKernelIndex } from '../vector/kernel-index.ts';
import { NOW, openTestEngine } from './engine-test-util.ts';
import { Selections } from './selections.ts';
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

const range = (fromMs: number, toMs: number): TimeRange => ({
  ...{ fromMs, toMs, kind: 'range', text: 'then', isOpenEnded: false, scaleMs: 1 },
});

async function open() {
  const engine = await openTestEngine();
  await engine.addMany(MEMORIES);
  return engine;
}

const found = (hits: readonly SearchHit[]) => hits.map(({ memory }) => memory.content).sort();

describe('what a search may find', () => {
  const filter = { tags: 'pet' };

  it('is selected once for all wordings, and for the expanded question too', async () => {
    const engine = await open();
    const { hits } = await engine.search('cat', {
      ...{ filter, queries: ['feline', 'kitten', 'tom'], expand: true, arms: ['lexical'] },
    });
    expect(found(hits)).toEqual(['The cat of today', 'The feline of last year', 'The feline of yesterday']);
    expect(select).toHaveBeenCalledTimes(1);
    await engine.close();
  });

  it('is selected once more for a wording that is bound to a time of its own', async () => {
    const engine = await open();
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
    const engine = await open();
    await engine.search('cat', { queries: ['feline'] });
    expect(select).not.toHaveBeenCalled();
    await engine.close();
  });

  it('is selected anew once something was written: nothing is found that no longer meets the filter', () => {
    const state = new EngineState((dimensions) => createKernelIndex(dimensions));
    const base = { id: '0190163d-8694-739b-aea5-966c26f8ad10', at: 0, opId: 'op' };
    state.apply({
      ...{ type: 'add', ...base, seq: 1, ordinal: 0 },
      fields: {
        ...{ kind: 'semantic', tier: 'working', priority: 'medium', importance: 0.5, tags: ['pet'] },
        ...{ source: 'test', createdAt: 5, legalHold: false, related: [], metadata: {}, content: 'cat' },
      },
    });
    const selections = new Selections(state, { filter }, NOW);
    expect(selections.within([])?.count).toBe(1);
    expect(selections.within([range(0, 5)])?.count).toBe(0);
    expect(selections.within([range(0, 9), range(5, 20)])?.count).toBe(1);
    expect(selections.within([])?.count).toBe(1);
    expect(select).toHaveBeenCalledTimes(3);
    state.apply({ type: 'update', ...base, seq: 2, after: { tags: [] }, before: {} });
    expect(selections.within([])?.count).toBe(0);
    expect(select).toHaveBeenCalledTimes(4);
  });
});
