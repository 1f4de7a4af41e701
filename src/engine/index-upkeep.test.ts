import { expect, it } from 'vitest';
import { createTestEnvironment } from '../testing/environment.ts';
import { clusteredVectors } from '../testing/vector-data.ts';
import { createExactIndex } from '../vector/exact.ts';
import { createKernelIndex } from '../vector/kernel-index.ts';
import { openTestEngine } from './engine-test-util.ts';

const ROWS = clusteredVectors({ count: 3_000, dimensions: 32, seed: 51 });
const memories = ROWS.map((vector, i) => ({
  content: `note ${i}`,
  embedding: { modelId: 'host', space: 'host', vector },
}));

it('builds the graph in the background, and searches find every memory before, meanwhile and after', async () => {
  const environment = createTestEnvironment();
  const engine = await openTestEngine({
    environment,
    createIndex: (dimensions) => createKernelIndex(dimensions, { graphFromRows: 0 }),
  });
  for (let at = 0; at < memories.length; at += 1_000) await engine.addMany(memories.slice(at, at + 1_000));
  const ask = async (i: number) => {
    const vector = ROWS[i] ?? new Float32Array();
    const { hits, plan } = await engine.search('', {
      embedding: { space: 'host', vector },
      ef: 64,
      limit: 1,
    });
    expect(hits[0]?.memory.content).toBe(`note ${i}`);
    return plan.vector?.[0];
  };
  expect((await ask(2_999))?.pending).toBe(3_000);
  let slices = 0;
  while (((await ask((slices * 37) % 3_000))?.pending ?? 0) > 0) {
    await environment.advance(1);
    if (slices++ > 10_000) throw new Error('the graph is never done');
  }
  expect(slices).toBeGreaterThan(3);
  expect(await ask(0)).toMatchObject({ space: 'host', plan: 'graph', ef: 100, pending: 0 });
  await engine.close();
});

it('shows a slice that failed in the status, and goes on searching', async () => {
  const environment = createTestEnvironment();
  const engine = await openTestEngine({
    environment,
    createIndex: async (dimensions) => {
      const index = createExactIndex(dimensions);
      index.maintain = () => {
        throw new Error('the graph is broken');
      };
      return index;
    },
  });
  await engine.addMany(memories.slice(0, 3));
  await environment.advance(5);
  expect((await engine.status()).backgroundError).toContain('the graph is broken');
  expect((await engine.search('note')).hits.length).toBe(3);
  await engine.close();
});
