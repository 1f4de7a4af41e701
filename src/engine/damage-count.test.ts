/** How damage is counted: once, by name where that is known, and no longer than it lasts. */
import { describe, expect, it } from 'vitest';
import { damageText } from '../testing/damage.ts';
import { createLastingStorage, openTestEngine } from './engine-test-util.ts';

/** A store of three memories of which the second has lost its content. */
async function damaged() {
  const storage = createLastingStorage();
  const engine = await openTestEngine({ storage });
  const { ids } = await engine.addMany(['one', 'two', 'three'].map((content) => ({ content })));
  await engine.close();
  await damageText(storage, 'content/', 'two');
  return { storage, ids, lost: ids[1] ?? '' };
}

const namesIt = (id: string) => [{ code: 'contents-lost', count: 1, ids: [id] }];

describe('a memory that has lost its content', () => {
  it('is named, also after its page was written anew and the namespace opened again', async () => {
    const { storage, ids, lost } = await damaged();
    const engine = await openTestEngine({ storage });
    await engine.list();
    expect((await engine.health()).reasons).toMatchObject(namesIt(lost));
    await engine.update(ids[0] ?? '', { content: 'one again' });
    await engine.close();
    for (let times = 0; times < 2; times++) {
      const again = await openTestEngine({ storage });
      expect((await again.health()).reasons).toMatchObject(namesIt(lost));
      await again.list();
      expect((await again.status()).damaged).toBe(1);
      await again.close();
    }
  });

  it.each([false, true])(
    'is lost no more once it has another (page written anew before: %s)',
    async (isAnew) => {
      const { storage, ids, lost } = await damaged();
      if (isAnew) {
        const first = await openTestEngine({ storage });
        await first.update(ids[0] ?? '', { content: 'one again' });
        await first.close();
      }
      const engine = await openTestEngine({ storage });
      await engine.list();
      expect((await engine.health()).state).toBe('lost');
      await engine.update(lost, { content: 'two again' });
      expect((await engine.health()).state).toBe('ok');
      await engine.close();
      const again = await openTestEngine({ storage });
      expect((await again.list()).memories).toHaveLength(3);
      expect((await again.health()).state).toBe('ok');
    },
  );

  it('is lost no more once it is deleted', async () => {
    const { storage, lost } = await damaged();
    const engine = await openTestEngine({ storage });
    await engine.list();
    await engine.delete(lost);
    expect((await engine.health()).state).toBe('ok');
    await engine.close();
    expect((await (await openTestEngine({ storage })).health()).state).toBe('ok');
  });

  it('stays lost where only its tags change', async () => {
    const { storage, lost } = await damaged();
    const engine = await openTestEngine({ storage });
    await engine.list();
    await engine.update(lost, { tags: ['x'] });
    expect((await engine.health()).reasons).toMatchObject(namesIt(lost));
  });
});

it('a memory of which record, content and vector are broken is counted once, before and after', async () => {
  const storage = createLastingStorage();
  const engine = await openTestEngine({ storage });
  const { ids } = await engine.addMany(['one', 'two', 'three'].map((content) => ({ content })));
  await engine.close();
  await damageText(storage, 'content/', 'three');
  for (const prefix of ['record/', 'vector/']) {
    const [row] = await storage.getRange({ from: prefix, to: `${prefix}\uffff` });
    if (row === undefined) throw new Error(`there is no ${prefix}`);
    const value = row.value.map((byte, i) => (i === row.value.length - 1 ? byte ^ 1 : byte));
    const puts = [{ key: row.key, value }];
    await storage.commit({ expectEpoch: await storage.epoch(), puts, durability: 'journaled' });
  }
  for (let times = 0; times < 3; times++) {
    const again = await openTestEngine({ storage });
    expect((await again.list()).memories).toHaveLength(2);
    expect((await again.status()).damaged).toBe(1);
    await again.update(ids[0] ?? '', { content: `one ${times}` });
    expect((await again.status()).damaged).toBe(1);
    await again.close();
  }
});
