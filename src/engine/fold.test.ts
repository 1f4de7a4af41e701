import { describe, expect, it } from 'vitest';
import { LociError } from '../errors.ts';
import { BLOCK_ROWS, FOLD_BLOCKS, MAX_BATCH } from '../limits.ts';
import type { Storage } from '../storage/storage.ts';
import { createExactIndex } from '../vector/exact.ts';
import { createLastingStorage, openTestEngine } from './engine-test-util.ts';

/** Some unit vector of so many dimensions. */
function vectorOf(dimensions: number, number = 0): Float32Array {
  return Float32Array.from({ length: dimensions }, (_, i) => (i === number % dimensions ? 1 : 0));
}

const ofHost = (dimensions: number, number = 0) => ({
  modelId: 'host',
  space: 's',
  vector: vectorOf(dimensions, number),
});

/** A store that takes so many commits more, as if the process ended then. */
function dyingAfter(inner: Storage, commits: () => number): Storage {
  let made = 0;
  return {
    ...inner,
    commit: (commit) =>
      made++ < commits() ? inner.commit(commit) : Promise.reject(new LociError('STORAGE_FAILED', 'dead')),
  };
}

describe('a fold that was cut off between two of its transactions', () => {
  it('leaves words that are those of the contents', async () => {
    const storage = createLastingStorage();
    const createIndex = async (dimensions: number) => createExactIndex(dimensions);
    const engine = await openTestEngine({ storage, createIndex });
    const ids: string[] = [];
    const scattered = FOLD_BLOCKS + 3;
    for (let at = 0; at < scattered * BLOCK_ROWS; at += MAX_BATCH) {
      const contents = Array.from({ length: MAX_BATCH }, (_, i) => `alpha number${at + i}`);
      const memories = contents.map((content, i) => ({ content, embedding: ofHost(8, i) }));
      ids.push(...(await engine.addMany(memories)).ids);
    }
    await engine.close();
    let commits = Number.POSITIVE_INFINITY;
    const second = await openTestEngine({ storage: dyingAfter(storage, () => commits), createIndex });
    for (let i = 0; i < scattered; i++)
      await second.update(ids[i * BLOCK_ROWS] ?? '', { content: `zebra stripes${i}` });
    commits = 1 + scattered + 1; // the claim, the updates, and one part of the fold
    await second.close().catch(() => undefined); // storage is dead: it cannot flush either
    const third = await openTestEngine({ storage, createIndex });
    const found = (await third.search('zebra', { limit: 50 })).hits.filter(({ why }) => why.lexical);
    expect(found).toHaveLength(scattered);
    const stale = (await third.search('number0')).hits.filter(({ id, why }) => id === ids[0] && why.lexical);
    expect(stale).toEqual([]);
  }, 120_000);
});

describe('a memory that is deleted and added again under its id', () => {
  const texts = async (storage: Storage) => {
    const rows = await storage.getRange({ from: '', to: '\uffff' });
    return rows.map(({ value }) => Buffer.from(value).toString('latin1')).join('\n');
  };
  const tell = async (engine: { history(id: string): Promise<readonly { type: string }[]> }, id: string) =>
    (await engine.history(id)).map(({ type }) => type);

  it('leaves nothing of its former texts, before it was folded', async () => {
    const storage = createLastingStorage();
    const engine = await openTestEngine({ storage });
    const { id } = await engine.add({ content: 'first secret' });
    await engine.update(id, { content: 'second secret' });
    await engine.delete(id);
    await engine.add({ id, content: 'harmless' });
    await engine.update(id, { content: 'harmless too' });
    expect(await tell(engine, id)).toEqual(['delete', 'add', 'update']);
    await engine.close();
    expect(await texts(storage)).not.toContain('secret');
    const again = await openTestEngine({ storage });
    expect(await tell(again, id)).toEqual(['delete', 'add', 'update']);
  });

  it('leaves nothing of its former texts, after it was folded', async () => {
    const storage = createLastingStorage();
    const engine = await openTestEngine({ storage });
    const { id } = await engine.add({ content: 'first secret' });
    await engine.update(id, { content: 'second secret' });
    await engine.close();
    const second = await openTestEngine({ storage });
    await second.delete(id);
    await second.add({ id, content: 'harmless' });
    expect(await tell(second, id)).toEqual(['delete', 'add']);
    await second.close();
    expect(await texts(storage)).not.toContain('secret');
    expect(await tell(await openTestEngine({ storage }), id)).toEqual(['delete', 'add']);
  });

  it('has a history in order, and keeps what it was changed to in its present life', async () => {
    const storage = createLastingStorage();
    const engine = await openTestEngine({ storage });
    const { id } = await engine.add({ content: 'first' });
    await engine.delete(id);
    await engine.close();
    const second = await openTestEngine({ storage });
    await second.add({ id, content: 'second' });
    await second.close().catch(() => undefined); // storage is dead: it cannot flush either
    const third = await openTestEngine({ storage });
    await third.update(id, { content: 'third' });
    await third.close();
    const history = await (await openTestEngine({ storage })).history(id);
    expect(history.map(({ seq, type }) => `${seq} ${type}`)).toEqual(['2 delete', '3 add', '4 update']);
    expect(history.at(-1)?.changes.content).toEqual({ before: 'second', after: 'third' });
  });
});
