import { describe, expect, it } from 'vitest';
import { refusalOf } from '../testing/refusal.ts';
import type { MemoryEngine } from '../types.ts';
import { createLastingStorage, openTestEngine } from './engine-test-util.ts';

const [A, B, C] = ['a1', 'b2', 'c3'].map((end) => `0190163d-8694-739b-aea5-966c26f8ad${end}`) as [
  string,
  string,
  string,
];

async function refused(write: Promise<unknown>, engine: MemoryEngine, count: number) {
  const { code, hint, details } = await refusalOf(write);
  expect(code).toBe('INVALID_INPUT');
  expect(hint).toBeTruthy();
  expect(details).toMatchObject({ field: 'supersedes' });
  expect((await engine.stats()).count).toBe(count);
  return { ...details, hint };
}

describe('a memory that would take its own place', () => {
  it('is not added, and not changed to', async () => {
    const engine = await openTestEngine();
    const details = await refused(engine.add({ id: A, content: 'a', supersedes: [A] }), engine, 0);
    expect(details).toMatchObject({ id: A, circle: [A, A] });
    await refused(engine.addMany([{ content: 'b' }, { id: A, content: 'a', supersedes: [A] }]), engine, 0);
    await engine.add({ id: A, content: 'a' });
    await refused(engine.update(A, { content: 'another', supersedes: [A.toUpperCase()] }), engine, 1);
    expect(await engine.get(A)).toMatchObject({ content: 'a', revision: 1 });
    await engine.close();
  });
});

describe('memories that would take the place of each other', () => {
  it('are refused by an update, at any distance, and nothing changes', async () => {
    const engine = await openTestEngine();
    await engine.add({ id: A, content: 'a' });
    await engine.add({ id: B, content: 'b', supersedes: [A] });
    await engine.add({ id: C, content: 'c', supersedes: [B] });
    const details = await refused(engine.update(A, { supersedes: [C] }), engine, 3);
    expect(details).toMatchObject({ id: A, circle: [A, C, B, A] });
    expect(await engine.get(A)).toMatchObject({ revision: 1 });
    await engine.update(B, { supersedes: null });
    await engine.update(A, { supersedes: [C] });
    expect((await engine.get(A))?.supersedes).toEqual([C]);
    await engine.close();
  });

  it('are refused in one batch, and by an add that another waits for', async () => {
    const engine = await openTestEngine();
    const batch = [
      { id: A, content: 'a', supersedes: [B] },
      { id: B, content: 'b', supersedes: [A] },
    ];
    const together = await refused(engine.addMany(batch), engine, 0);
    expect(together.hint).toContain('written together');
    await engine.add({ id: A, content: 'a', supersedes: [B] });
    const apart = await refused(engine.add({ id: B, content: 'b', supersedes: [A] }), engine, 1);
    expect(apart.hint).toContain(`update('${A}'`);
    await refused(engine.supersede(A, { id: B, content: 'b' }), engine, 1);
    expect((await engine.get(A))?.invalidAt).toBeUndefined();
    await engine.add({ id: B, content: 'b' });
    await engine.close();
  });

  it('are refused though both are added at once, in one commit', async () => {
    const engine = await openTestEngine();
    const written = await Promise.allSettled([
      engine.add({ id: C, content: 'c' }),
      engine.add({ id: A, content: 'a', supersedes: [B] }),
      engine.add({ id: B, content: 'b', supersedes: [A] }),
    ]);
    expect(written.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect((await engine.stats()).count).toBe(2);
    await engine.close();
  });

  it('are refused after they were stored and opened again', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    await first.add({ id: A, content: 'a', supersedes: [B] });
    await first.close();
    const engine = await openTestEngine({ storage });
    await refused(engine.add({ id: B, content: 'b', supersedes: [A] }), engine, 1);
    await engine.close();
  });
});

describe('what makes no circle', () => {
  it('is taken: two that supersede the same, one that supersedes two, and a chain', async () => {
    const engine = await openTestEngine();
    await engine.addMany([
      { id: A, content: 'a' },
      { id: B, content: 'b', supersedes: [A] },
      { id: C, content: 'c', supersedes: [A, B] },
    ]);
    const { id } = await engine.supersede(C, { content: 'd', supersedes: [A] });
    expect((await engine.get(id))?.supersedes).toEqual([C, A]);
    await engine.update(B, { contradicts: [A] });
    await engine.update(A, { contradicts: [B] });
    await engine.close();
  });
});
