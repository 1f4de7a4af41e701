import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { PARAPHRASE_TOPICS } from '../bench/embedding/paraphrase/set.ts';
import {
  expectCount,
  freshNamespace,
  importFile,
  MODELS,
  needs,
  openConsole,
  openDemo,
  SAMPLE,
  say,
  url,
} from './support.ts';

/** No content word of these questions is in their answers. */
const PAIRS = PARAPHRASE_TOPICS.flatMap(({ pairs }) => pairs)
  .filter(({ question }) =>
    /^(When did they wed|What film made her cry|How many kids has|Will it be wet)/.test(question),
  )
  .map(({ question, answer }) => [question, answer] as const);
const SENTENCES = PARAPHRASE_TOPICS.flatMap(({ pairs, others }) => [
  ...pairs.map(({ answer }) => answer),
  ...others,
]);

test('MiniLM arrives, and a question is answered by meaning before, in the middle of the change and after it', async ({
  page,
}) => {
  needs(join(MODELS, 'all-MiniLM-L6-v2'));
  await openConsole(page);
  const seen = await page.evaluate(
    async ({ namespace, questions, contents, modelBaseUrl }) => {
      const { loci } = window;
      const first = await loci.openMemory({ namespace });
      await first.addMany(contents.map((content) => ({ content })));
      const builtin = (await first.stats()).byModel;
      /** For each question, the first ten. */
      const ask = (memory: typeof first) =>
        Promise.all(
          questions.map(async (question) =>
            (await memory.search(question, { limit: 10 })).hits.map((hit) => hit.memory.content),
          ),
        );
      const before = await ask(first);
      await first.close();

      const embedder = { kind: 'transformers', model: 'all-MiniLM-L6-v2', modelBaseUrl } as const;
      const memory = await loci.openMemory({ namespace, embedder });
      const progress: number[] = [];
      memory.subscribe((event) => {
        if (event.type === 'status') progress.push(event.status.embedder.progress);
      });
      /** What was found while both models' vectors were there. */
      const meanwhile: string[][][] = [];
      for (;;) {
        const found = await ask(memory);
        const { byModel } = await memory.stats();
        if (byModel['all-MiniLM-L6-v2@q8'] === contents.length) break;
        if (Object.keys(byModel).length === 2) meanwhile.push(found);
      }
      const after = await ask(memory);
      const { embedder: model } = await memory.status();
      await memory.close();
      return { builtin, progress, before, meanwhile, after, model };
    },
    {
      namespace: freshNamespace(),
      questions: PAIRS.map(([question]) => question),
      contents: SENTENCES,
      modelBaseUrl: url('models/'),
    },
  );
  const [builtinId = ''] = Object.keys(seen.builtin);
  expect(builtinId).toMatch(/^builtin-[0-9a-f]{8}@384$/);
  expect(seen.builtin).toEqual({ [builtinId]: SENTENCES.length });
  expect(seen.model).toMatchObject({ state: 'ready', activeId: 'all-MiniLM-L6-v2@q8', progress: 1 });
  expect(seen.progress).toEqual([...seen.progress].sort((a, b) => a - b));
  expect(seen.progress.filter((share) => share > 0 && share < 1).length).toBeGreaterThan(0);
  expect(seen.meanwhile.length).toBeGreaterThan(2);
  for (const found of [seen.before, ...seen.meanwhile, seen.after])
    for (const [i, [, answer]] of PAIRS.entries()) expect(found[i]).toContain(answer);
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

test('where the model is missing the built-in one serves, and the page says so', async ({ page }) => {
  await openDemo(page, { namespace: freshNamespace(), embedder: 'minilm', models: '/nowhere/' });
  await expect(page.getByTestId('status-model')).toContainText('could not be loaded');
  await say(page, 'My sister Ana lives in Lisbon.');
  await expect(await say(page, 'Where does my sister live?')).toContainText('Lisbon');
});

test('the page shows the loading and the re-embedding, answers meanwhile, and does neither twice', async ({
  page,
}) => {
  needs(join(MODELS, 'all-MiniLM-L6-v2'));
  const namespace = freshNamespace();
  await page.addInitScript(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    const look = () => {
      const text = document.querySelector('[data-testid="status-model"]')?.textContent;
      if (text && said.at(-1) !== text) said.push(text);
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  });
  const saidOf = () => page.evaluate(() => (window as unknown as { said: string[] }).said);
  await openDemo(page, { namespace });
  await importFile(page, SAMPLE);
  await expectCount(page, 29);
  const turns = Array.from({ length: 120 }, (_, i) => ({
    speaker: 'Ines',
    dia_id: `N:${i}`,
    text: `On day ${i} of the diary we sold ${i * 3} loaves and swept the floor.`,
  }));
  const diary = JSON.stringify({ sample_id: 'diary', conversation: { session_1: turns } });
  await importFile(page, {
    name: 'diary.json',
    mimeType: 'application/json',
    buffer: Buffer.from(diary),
  });
  await expectCount(page, 149);

  await openDemo(page, { namespace, embedder: 'minilm' });
  const model = page.getByTestId('status-model');
  let answers = 0;
  while (/loading|re-embedding/.test(await model.innerText())) {
    await expect(await say(page, 'Where does the oven come from?')).toContainText('Bologna');
    answers += 1;
  }
  expect(answers).toBeGreaterThan(0);
  await expect(model).toHaveText(/^Model\s*MiniLM$/);
  const said = await saidOf();
  expect(said.some((text) => /loading MiniLM \d+ %, built-in model serves/.test(text))).toBe(true);
  expect(said.some((text) => /MiniLM, re-embedding \d+\/149/.test(text))).toBe(true);

  await page.reload();
  await expect(model).toHaveText(/^Model\s*MiniLM$/);
  await expect(await say(page, 'Where does the oven come from?')).toContainText('Bologna');
  expect((await saidOf()).filter((text) => text.includes('re-embedding'))).toEqual([]);
  const byModel = await byModelIn(page, namespace);
  expect(byModel).toEqual({ 'all-MiniLM-L6-v2@q8': 149 });
});

/** How many memories each model has embedded, as another tab is told. */
async function byModelIn(page: Page, namespace: string): Promise<Readonly<Record<string, number>>> {
  const other = await page.context().newPage();
  await openConsole(other);
  return other.evaluate(async (name) => {
    const memory = await window.loci.openMemory({ namespace: name });
    return (await memory.stats()).byModel;
  }, namespace);
}
