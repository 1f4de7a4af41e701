import { describe, expect, it } from 'vitest';
import { exportMemories } from '../snapshot/export.ts';
import { importExported } from '../snapshot/import.ts';
import { refusalOf } from '../testing/refusal.ts';
import { createLastingStorage, openTestEngine } from './engine-test-util.ts';

const CAPITAL = '0190163D-8694-739B-AEA5-966C26F8AD01';
const ID = CAPITAL.toLowerCase();

describe('an id in capital letters', () => {
  it('is answered in small ones, and finds the memory with every verb', async () => {
    const engine = await openTestEngine();
    expect((await engine.add({ id: CAPITAL, content: 'a' })).id).toBe(ID);
    for (const id of [CAPITAL, ID]) {
      expect((await engine.get(id))?.id).toBe(ID);
      expect((await engine.list({ filter: { id } })).total).toBe(1);
      expect((await engine.list({ filter: { id: { $in: [id] } } })).total).toBe(1);
      expect(await engine.history(id)).not.toEqual([]);
      await engine.update(id, { tags: [id] });
    }
    expect((await engine.delete(CAPITAL)).deleted).toBe(1);
    expect((await engine.list()).total).toBe(0);
  });

  it('is taken once it is there, also in another case and after opening anew', async () => {
    const storage = createLastingStorage();
    const engine = await openTestEngine({ storage });
    await engine.add({ id: CAPITAL, content: 'one' });
    for (const id of [CAPITAL, ID])
      expect((await refusalOf(engine.add({ id, content: 'two' }))).code).toBe('ALREADY_EXISTS');
    const both = engine.addMany([
      { id: CAPITAL.replace('1', '2'), content: 'a' },
      { id: ID.replace('1', '2'), content: 'b' },
    ]);
    expect((await refusalOf(both)).code).toBe('ALREADY_EXISTS');
    await engine.close();
    const again = await openTestEngine({ storage });
    expect((await again.list()).memories.map(({ id }) => id)).toEqual([ID]);
    expect((await again.delete(CAPITAL)).deleted).toBe(1);
  });

  it('links to the memory, and the link is found', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'a', related: [{ id: CAPITAL, strength: 1 }] });
    expect((await engine.get(id))?.related).toEqual([{ id: ID, strength: 1 }]);
    expect((await engine.list({ filter: { 'related.id': CAPITAL } })).total).toBe(1);
  });

  it('is skipped by an import of a memory that is there', async () => {
    const source = await openTestEngine();
    await source.add({ id: ID, content: 'a' });
    const file = await new Response(exportMemories(source)).text();
    const lines = file.trim().split('\n').slice(0, 2);
    const trailer = '{"end":true,"count":1}';
    const older = [
      lines[0]?.replace(/"version":\d+/, '"version":1'),
      lines[1]?.replace(ID, CAPITAL),
      trailer,
    ];
    const { skipped } = await importExported(source, new Blob([`${older.join('\n')}\n`]));
    expect(skipped).toBe(1);
  });
});
