/** Models that give what is no vector: nothing of it may reach the log, and nothing that did may close a namespace. */

import { describe, expect, it } from 'vitest';
import type { Embedder, EmbedderLoader } from '../embedding/embedder.ts';
import { createHashingEmbedder } from '../embedding/hashing.ts';
import type { LociError } from '../errors.ts';
import type { Operation } from '../memory/operation.ts';
import { createLastingStorage, NOW, openTestEngine, until } from './engine-test-util.ts';
import { encodeBatch, logKey } from './layout.ts';

const USELESS: Readonly<Record<string, (vector: Float32Array) => Float32Array>> = {
  NaN: (vector) => vector.map(() => Number.NaN),
  'infinite numbers': (vector) => vector.map(() => Number.POSITIVE_INFINITY),
  zeros: (vector) => vector.map(() => 0),
  'too few numbers': (vector) => vector.subarray(1),
  'too many numbers': (vector) => Float32Array.from([...vector, 0]),
};

const good = createHashingEmbedder();

/** The hashing model, that spoils the vectors of some texts. */
function spoiling(
  spoil: (vector: Float32Array) => Float32Array,
  isSpoilt: (text: string) => boolean,
): Embedder {
  const embed = async (texts: readonly string[]) =>
    (await good.embed(texts)).map((vector, i) => (isSpoilt(texts[i] ?? '') ? spoil(vector) : vector));
  return { ...good, embed };
}

/** A model that is there when it is asked for. */
function ready(embedder: Embedder): EmbedderLoader {
  const { id, space, dimensions } = embedder;
  return { id, space, dimensions, load: async () => embedder };
}

for (const [what, spoil] of Object.entries(USELESS))
  describe(`a model that gives ${what}`, () => {
    it('as the built-in one has a write refused, which changes nothing', async () => {
      const storage = createLastingStorage();
      const builtin = spoiling(spoil, (text) => text === 'poison');
      const engine = await openTestEngine({ storage, builtin });
      const { id } = await engine.add({ content: 'before' });
      const before = await storage.getKeys({ from: '', to: '\uffff' });
      await expect(engine.add({ content: 'poison' })).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
      await expect(engine.update(id, { content: 'poison' })).rejects.toMatchObject({
        code: 'MODEL_UNAVAILABLE',
      });
      expect(await storage.getKeys({ from: '', to: '\uffff' })).toEqual(before);
      const { hits, plan } = await engine.search('poison before');
      expect(hits[0]?.id).toBe(id);
      expect(plan.degraded).toBeUndefined();
      expect((await engine.search('poison')).plan.degraded).toContain('gave');
      await engine.close();
      const again = await openTestEngine({ storage });
      expect((await again.list()).total).toBe(1);
    });

    it('as the one wanted leaves the text to the built-in one, says so, and goes on with the others', async () => {
      const storage = createLastingStorage();
      const former = await openTestEngine({ storage });
      await former.addMany([{ content: 'fine' }, { content: 'poison' }, { content: 'fine too' }]);
      await former.close();
      const wanted = { ...spoiling(spoil, (text) => text === 'poison'), id: 'wanted', space: 'wanted' };
      const engine = await openTestEngine({ storage, preferred: ready(wanted) });
      await until(async () => (await engine.stats()).byModel.wanted === 2);
      await engine.add({ content: 'fine again' });
      expect((await engine.stats()).byModel).toEqual({ wanted: 3, [good.id]: 1 });
      expect((await engine.status()).embedder.error).toContain('wanted');
      await engine.close();
      const again = await openTestEngine({ storage });
      expect((await again.list()).total).toBe(4);
      expect((await again.health()).state).toBe('ok');
    });
  });

it('a model that gives fewer vectors than texts is not asked for ever', async () => {
  let asked = 0;
  const embed = async (texts: readonly string[]) => {
    asked += 1;
    return (await good.embed(texts)).slice(1);
  };
  const wanted = { ...good, id: 'wanted', space: 'wanted', embed };
  const engine = await openTestEngine({ preferred: ready(wanted) });
  await engine.addMany([{ content: 'one' }, { content: 'two' }]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(asked).toBeLessThan(10);
  expect((await engine.status()).embedder).toMatchObject({ state: 'failed' });
  expect((await engine.list()).total).toBe(2);
});

describe('a log with a vector that no index takes', () => {
  const add = (number: number, vector: Float32Array, dimensions = vector.length): Operation => ({
    type: 'add',
    id: `0190163d-8694-739b-aea5-96000000000${number}`,
    ordinal: number,
    seq: number + 1,
    at: NOW,
    opId: `op-${number}`,
    fields: {
      content: `memory ${number}`,
      kind: 'episodic',
      tier: 'working',
      priority: 'medium',
      importance: 0.5,
      tags: [],
      source: 'test',
      createdAt: NOW,
      legalHold: false,
      related: [],
      metadata: {},
    },
    embedding: { modelId: 'host', space: 's', dimensions, origin: 'host' },
    vector,
  });

  for (const [what, bad] of [
    ['NaN', Float32Array.of(Number.NaN, 0, 0)],
    ['zeros', Float32Array.of(0, 0, 0)],
    ['another length', Float32Array.of(1, 0)],
  ] as const)
    it(`(${what}) is opened; its memory is found by its words and counted`, async () => {
      const storage = createLastingStorage();
      await (await openTestEngine({ storage })).close();
      const operations = [add(0, Float32Array.of(1, 0, 0)), add(1, bad), add(2, Float32Array.of(0, 1, 0))];
      await storage.commit({
        expectEpoch: await storage.epoch(),
        puts: [{ key: logKey(1), value: encodeBatch(operations) }],
        durability: 'journaled',
      });
      for (let opening = 0; opening < 3; opening++) {
        const engine = await openTestEngine({ storage }).catch((error: LociError) => error);
        if (engine instanceof Error) throw engine;
        expect((await engine.list()).total).toBe(3);
        const { hits } = await engine.search('memory', { limit: 3 });
        expect(hits).toHaveLength(3);
        const embedding = { space: 's', vector: Float32Array.of(0, 1, 0) };
        expect((await engine.search('', { embedding })).hits[0]?.memory.content).toBe('memory 2');
        const { state, reasons } = await engine.health();
        expect(state).toBe('degraded');
        expect(reasons).toEqual([expect.objectContaining({ code: 'vectors-lost', count: 1 })]);
        await engine.close();
      }
    });
});
