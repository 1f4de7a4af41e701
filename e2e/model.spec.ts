import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { freshNamespace, importFile, MODELS, needs, openConsole, openDemo, SAMPLE, say } from './support.ts';

test('MiniLM arrives, embeds anew what the built-in embedder had, and search goes on all the while', async ({
  page,
}) => {
  needs(join(MODELS, 'all-MiniLM-L6-v2'));
  await openConsole(page);
  const seen = await page.evaluate(async (namespace) => {
    const { loci } = window;
    const first = await loci.openMemory({ namespace });
    await first.addMany(
      Array.from({ length: 120 }, (_, i) => ({ content: `Note ${i}: the bakery opens late on Mondays` })),
    );
    await first.add({ content: 'Her aunt lent her the money for the stove' });
    const builtin = (await first.stats()).byModel;
    await first.close();

    const memory = await loci.openMemory({
      namespace,
      embedder: {
        kind: 'transformers',
        model: 'all-MiniLM-L6-v2',
        modelBaseUrl: new URL('/models/', location.href).href,
        wasmUrl: loci.ortWasmUrl,
      },
    });
    const progress: number[] = [];
    const mixtures = new Set<number>();
    const found: number[] = [];
    memory.subscribe((event) => {
      if (event.type === 'status') progress.push(event.status.embedder.progress);
    });
    for (;;) {
      const { hits } = await memory.search('bakery on Mondays');
      found.push(hits.length);
      const { byModel } = await memory.stats();
      mixtures.add(Object.keys(byModel).length);
      if (byModel['all-MiniLM-L6-v2@q8'] === 121) break;
    }
    const { hits } = await memory.search('Who financed the oven?', { limit: 3 });
    const status = await memory.status();
    await memory.close();
    return {
      builtin,
      progress,
      mixtures: [...mixtures],
      found,
      status,
      byMeaning: hits.map((hit) => hit.memory.content),
    };
  }, freshNamespace());
  expect(seen.builtin).toEqual({ 'hashing-384-v1': 121 });
  expect(seen.status.embedder).toMatchObject({
    state: 'ready',
    activeId: 'all-MiniLM-L6-v2@q8',
    progress: 1,
  });
  expect(seen.progress).toEqual([...seen.progress].sort((a, b) => a - b));
  expect(seen.progress.filter((share) => share > 0 && share < 1).length).toBeGreaterThan(0);
  expect(seen.mixtures).toContain(2);
  expect(new Set(seen.found)).toEqual(new Set([10]));
  expect(seen.byMeaning).toContain('Her aunt lent her the money for the stove');
});

test('the page shows the model, and after a reload nothing is embedded again', async ({ page }) => {
  needs(join(MODELS, 'all-MiniLM-L6-v2'));
  const namespace = freshNamespace();
  await openDemo(page, { namespace });
  await importFile(page, SAMPLE);
  await expect(page.getByTestId('status-count')).toContainText('29');
  const model = page.getByTestId('status-model');
  await expect(model).toContainText('built-in');
  await openDemo(page, { namespace, embedder: 'minilm' });
  await expect(model).toHaveText(/MiniLM$/);
  await expect(await say(page, 'Who lent money for the oven?')).toContainText('aunt Marta');

  await openConsole(page);
  const embedded = await page.evaluate(async (name) => {
    const { loci } = window;
    const memory = await loci.openMemory({
      namespace: name,
      embedder: {
        kind: 'transformers',
        model: 'all-MiniLM-L6-v2',
        modelBaseUrl: new URL('/models/', location.href).href,
        wasmUrl: loci.ortWasmUrl,
      },
    });
    while ((await memory.status()).embedder.state === 'loading')
      await new Promise((next) => setTimeout(next, 50));
    const answer = {
      byModel: (await memory.stats()).byModel,
      total: (await memory.status()).reembedding.total,
    };
    await memory.close();
    return answer;
  }, namespace);
  expect(embedded).toEqual({ byModel: { 'all-MiniLM-L6-v2@q8': 29 }, total: 0 });
});

test('where the model is missing the built-in embedder serves, and the page says so', async ({ page }) => {
  await openDemo(page, { namespace: freshNamespace(), embedder: 'minilm', models: '/nowhere/' });
  await expect(page.getByTestId('status-model')).toContainText('could not be loaded');
  await say(page, 'My sister Ana lives in Lisbon.');
  await expect(await say(page, 'Where does my sister live?')).toContainText('Lisbon');
});
