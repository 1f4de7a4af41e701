import { describe, expect, it } from 'vitest';
import { createRandom } from '../testing/environment.ts';
import type { MemoryEngine, NewMemory } from '../types.ts';
import { createExactIndex } from '../vector/exact.ts';
import { createLastingStorage, NOW, openTestEngine } from './engine-test-util.ts';

const TOPICS = [
  ['sail', 'harbour', 'lighthouse'],
  ['bread', 'oven', 'flour'],
  ['train', 'station', 'ticket'],
] as const;

/** Memories of three topics in turns, with vectors around three axes; of the first there are most. */
function memoriesOf(count: number, seed = 1): readonly NewMemory[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const topic = i % 4 === 3 ? 0 : i % 4;
    const numbers = Array.from({ length: 8 }, (_unused, d) => (d === topic ? 1 : 0) + 0.5 * (random() - 0.5));
    const words = TOPICS[topic] ?? TOPICS[0];
    return {
      content: `note${i} of the ${words[i % 3]} and the ${words[(i + 1) % 3]}`,
      tags: [`topic-${topic}`],
      createdAt: NOW - i * 86_400_000,
      embedding: { modelId: 'm', space: 's', vector: Float32Array.from(numbers) },
    };
  });
}

async function topicsOf(engine: MemoryEngine, id: string): Promise<readonly string[]> {
  const { members } = await engine.concept(id, { limit: 1_000 });
  return [...new Set(members.flatMap(({ memory }) => memory.tags))];
}

describe('concepts', () => {
  it('group memories by meaning, with labels of their own words, largest first', async () => {
    const engine = await openTestEngine();
    await engine.addMany(memoriesOf(120));
    const concepts = await engine.concepts();
    expect(concepts.map(({ size }) => size)).toEqual([60, 30, 30]);
    for (const { id, label, terms, members } of concepts) {
      const [tag = '', ...others] = await topicsOf(engine, id);
      expect(others).toEqual([]);
      const words = TOPICS[Number(tag.slice(-1))] ?? [];
      expect(label.split(', ').every((word) => words.some((each) => each === word))).toBe(true);
      expect(terms.length).toBeGreaterThanOrEqual(3);
      expect(members).toHaveLength(5);
    }
    expect(await engine.concepts({ limit: 1 })).toEqual(concepts.slice(0, 1));
  });

  it('list their members page by page, the most typical first, each once', async () => {
    const engine = await openTestEngine();
    await engine.addMany(memoriesOf(120));
    const [concept] = await engine.concepts();
    const id = concept?.id ?? '';
    const all = (await engine.concept(id, { limit: 1_000 })).members;
    expect(all).toHaveLength(60);
    expect(all.slice(0, 5).map((member) => member.id)).toEqual(concept?.members);
    const similarities = all.map(({ similarity }) => similarity);
    expect(similarities).toEqual([...similarities].sort((a, b) => b - a));
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await engine.concept(id, { limit: 25, cursor });
      expect(page.concept).toEqual(concept);
      paged.push(...page.members.map((member) => member.id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(paged).toEqual(all.map((member) => member.id));
  });

  it('are found by a query: by its words where the space has no model to ask with, else by its vector', async () => {
    const given = await openTestEngine();
    await given.addMany(memoriesOf(120));
    const [found] = await given.concepts({ query: 'fresh bread from the oven' });
    expect(await topicsOf(given, found?.id ?? '')).toEqual(['topic-1']);
    expect(found?.score).toBeGreaterThan(0.5);
    const own = await openTestEngine();
    await own.addMany(memoriesOf(60).map(({ embedding, ...memory }) => memory));
    const ranked = await own.concepts({ query: 'train station ticket' });
    expect(ranked.length).toBeGreaterThan(0);
    expect(await topicsOf(own, ranked[0]?.id ?? '')).toContain('topic-2');
    const scores = ranked.map(({ score }) => score ?? 0);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  it('keep their ids over a reopening, over additions, and with other indexes', async () => {
    const storage = createLastingStorage();
    const first = await openTestEngine({ storage });
    await first.addMany(memoriesOf(120));
    const before = await first.concepts();
    const asIds = (concepts: readonly { readonly id: string }[]) => concepts.map(({ id }) => id).sort();
    await first.close();
    const second = await openTestEngine({ storage });
    expect(asIds(await second.concepts())).toEqual(asIds(before));
    await second.addMany(
      memoriesOf(60, 2).map((memory) => ({ ...memory, content: `new ${memory.content}` })),
    );
    const after = await second.concepts();
    expect(asIds(after)).toEqual(asIds(before));
    expect(after.reduce((sum, { size }) => sum + size, 0)).toBe(180);
    await second.close();
    const createIndex = async (dimensions: number) => {
      const index = createExactIndex(dimensions);
      // As an index that a host has made, which cannot tell its vectors.
      return Object.assign(index, { vectorOf: undefined });
    };
    const third = await openTestEngine({ storage, createIndex });
    expect((await third.concepts()).map(({ size }) => size)).toEqual(after.map(({ size }) => size));
  });

  it('lose a memory that is deleted at once, and with it the words of their label that were its', async () => {
    const engine = await openTestEngine();
    await engine.addMany(memoriesOf(120));
    const [before] = await engine.concepts();
    const id = before?.id ?? '';
    const { members } = await engine.concept(id, { limit: 1_000 });
    const doomed = members.filter(({ memory }) => memory.content.includes('sail')).slice(0, 8);
    for (const member of doomed) await engine.delete(member.id);
    const { concept, members: left } = await engine.concept(id, { limit: 1_000 });
    expect(concept.size).toBe(60 - doomed.length);
    const gone = new Set(doomed.map((member) => member.id));
    expect(left.some((member) => gone.has(member.id))).toBe(false);
    expect(concept.members.some((member) => gone.has(member))).toBe(false);
    await engine.deleteAll({ everything: true });
    expect(await engine.concepts()).toEqual([]);
    await expect(engine.concept(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('take no word of a memory that was deleted or changed into a label again', async () => {
    const engine = await openTestEngine();
    const vector = Float32Array.of(1, 0.2, 0);
    const embedding = { modelId: 'm', space: 's', vector };
    const { ids } = await engine.addMany(
      ['secret plan of Ana', 'secret plan of Ben', 'plan of Carla', 'plan of Dora', 'plan of Emil'].map(
        (content) => ({
          content,
          embedding,
        }),
      ),
    );
    await engine.addMany(
      Array.from({ length: 60 }, (_, i) => ({
        content: `other ${i}`,
        embedding: { ...embedding, vector: Float32Array.of(0, -1, i / 60) },
      })),
    );
    const labelOfPlans = async () =>
      (await engine.concepts()).find(({ members }) => members.includes(ids[4] ?? ''))?.terms;
    expect(await labelOfPlans()).toContain('secret');
    await engine.delete(ids[0] ?? '');
    expect(await labelOfPlans()).not.toContain('secret');
    expect(await labelOfPlans()).toContain('plan');
  });

  it('are formed anew where contents have changed, not for feedback and other fields', async () => {
    const engine = await openTestEngine();
    const { ids } = await engine.addMany(memoriesOf(120));
    await engine.concepts();
    const late = memoriesOf(2, 2).map((memory) => ({ ...memory, content: `late ${memory.content}` }));
    const added = await engine.addMany(late);
    const isLateIn = async () => {
      for (const { id } of await engine.concepts()) {
        const { members } = await engine.concept(id, { limit: 1_000 });
        if (members.some((member) => member.id === added.ids[0])) return true;
      }
      return false;
    };
    for (const id of ids.slice(0, 20)) {
      await engine.reinforce(id, true);
      await engine.update(id, { metadata: { seen: true }, importance: 0.7 });
    }
    expect(await isLateIn()).toBe(false);
    for (const [i, id] of ids.slice(0, 20).entries()) await engine.update(id, { content: `changed ${i}` });
    expect(await isLateIn()).toBe(true);
  });

  it('are none where there is nothing, or nothing that holds together', async () => {
    const engine = await openTestEngine();
    expect(await engine.concepts()).toEqual([]);
    await engine.add({ content: 'alone' });
    expect(await engine.concepts({ query: 'alone' })).toEqual([]);
  });

  it('refuse what cannot be', async () => {
    const engine = await openTestEngine();
    const refused = { code: 'INVALID_INPUT' };
    for (const options of [{ limit: 0 }, { query: '' }, { query: 7 }, { kind: 'x' }, 'all'])
      await expect(engine.concepts(options as never)).rejects.toMatchObject(refused);
    for (const options of [{ cursor: 'x' }, { limit: -1 }, { query: 'a' }])
      await expect(engine.concept('concept-1', options as never)).rejects.toMatchObject(refused);
    await expect(engine.concept(undefined as never)).rejects.toMatchObject(refused);
    await expect(engine.concept('concept-1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await engine.close();
    await expect(engine.concepts()).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
