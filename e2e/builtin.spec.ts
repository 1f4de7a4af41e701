/** The built-in model on a first visit: without a network, and where its table cannot be had. */

import type { BrowserContext, Page, Route } from '@playwright/test';
import { expect, test } from '@playwright/test';
import { freshNamespace, openConsole, openDemo, say, url } from './support.ts';

/** No word of the question is in what answers it, nor in the others. */
const QUESTION = 'Which shoes did she buy?';
const ANSWER = 'Mira got herself a pair of red leather boots';
const OTHERS = [
  'The train to Porto was forty minutes late',
  'Bo paid the electricity bill on Tuesday',
  'We planted tomatoes behind the shed',
  'The printer on the second floor is out of toner',
  'Ines bakes rye bread for the market',
  'Their flight was cancelled because of fog',
  'He broke his left arm while skiing',
  'The meeting about the budget moved to Thursday',
];

/** Lets through nothing but what this site itself serves, models apart; answers what was asked for beside that. */
async function cutNetwork(context: BrowserContext): Promise<string[]> {
  const own = new URL(url()).origin;
  const refused: string[] = [];
  await context.route('**', (route) => {
    const { origin, pathname, href } = new URL(route.request().url());
    if (origin === own && !pathname.startsWith('/models/')) return route.continue();
    refused.push(href);
    return route.abort('internetdisconnected');
  });
  return refused;
}

/** Adds all, asks, and tells what came of it. */
function ask(page: Page, embedder: { kind: 'builtin' } | { kind: 'transformers' }) {
  return page.evaluate(
    async ({ namespace, embedder, question, contents }) => {
      const memory = await window.loci.openMemory({ namespace, embedder });
      const before = (await memory.status()).embedder;
      await memory.addMany(contents.map((content) => ({ content })));
      const { hits } = await memory.search(question, { limit: 3 });
      let { embedder: after } = await memory.status();
      // On a busy machine the model's host is asked long after the answer.
      for (; after.state === 'loading'; { embedder: after } = await memory.status())
        await new Promise((resolve) => setTimeout(resolve, 50));
      const { byModel } = await memory.stats();
      await memory.close();
      const found = hits.map(({ memory: { content }, why }) => ({
        content,
        words: why.lexical?.terms ?? [],
      }));
      return { before, after, byModel, found };
    },
    { namespace: freshNamespace(), embedder, question: QUESTION, contents: [...OTHERS, ANSWER] },
  );
}

test('with the network cut before the first visit’s model load, a question finds what it shares no word with', async ({
  page,
  context,
}) => {
  const refused = await cutNetwork(context);
  await openConsole(page);
  const { before, after, byModel, found } = await ask(page, { kind: 'transformers' });
  expect(found[0]).toEqual({ content: ANSWER, words: [] });
  expect(before.builtin?.state).toBe('idle');
  expect(after.builtin).toMatchObject({ state: 'ready', progress: 1 });
  expect(after).toMatchObject({ activeId: after.builtin?.id, preferredId: 'all-MiniLM-L6-v2@q8' });
  expect(byModel).toEqual({ [after.activeId]: OTHERS.length + 1 });
  expect(after.state).toBe('failed');
  expect(refused.some((href) => href.includes('huggingface.co'))).toBe(true);
});

test('the page finds by meaning though the model’s host is cut off, and says that it is', async ({
  page,
  context,
}) => {
  await cutNetwork(context);
  await openDemo(page, { namespace: freshNamespace(), embedder: 'hub' });
  for (const content of [...OTHERS.slice(0, 3), ANSWER]) await say(page, content);
  await expect(await say(page, QUESTION)).toContainText('boots');
  await expect(page.getByTestId('status-model')).toHaveText(
    /MiniLM could not be loaded: built-in model serves/,
  );
});

test('a page that was opened goes on finding by meaning when the network goes', async ({ page, context }) => {
  await openDemo(page, { namespace: freshNamespace() });
  await expect(page.getByTestId('status-model')).toHaveText(/^Model\s*built-in model$/);
  await context.setOffline(true);
  for (const content of [...OTHERS.slice(0, 3), ANSWER]) await say(page, content);
  await expect(await say(page, QUESTION)).toContainText('boots');
});

test('the table is not fetched for a namespace whose vectors are all given', async ({ page, context }) => {
  const fetched: string[] = [];
  context.on(
    'request',
    (request) => void (/table.*\.bin/.test(request.url()) && fetched.push(request.url())),
  );
  await openConsole(page);
  const use = (isGiven: boolean) =>
    page.evaluate(
      async ({ namespace, isGiven }) => {
        const memory = await window.loci.openMemory({ namespace });
        const embedding = { modelId: 'own', space: 'own', vector: Float32Array.of(0.6, 0.8) };
        await memory.add({ content: 'Ana lives in Lisbon', ...(isGiven ? { embedding } : {}) });
        const { hits } = await memory.search('Lisbon', isGiven ? { embedding } : {});
        await memory.close();
        return hits.length;
      },
      { namespace: freshNamespace(), isGiven },
    );
  expect(await use(true)).toBe(1);
  expect(fetched).toEqual([]);
  // Where one is to be embedded it is, and the test would see it.
  expect(await use(false)).toBe(1);
  expect(fetched).toHaveLength(1);
});

const BROKEN: Readonly<Record<string, (route: Route) => Promise<void>>> = {
  missing: (route) => route.fulfill({ status: 404 }),
  'another file': (route) => route.fulfill({ status: 200, body: 'no table at all'.repeat(100) }),
  blocked: (route) => route.abort('blockedbyclient'),
};

for (const [what, answer] of Object.entries(BROKEN))
  test(`where the table is ${what}, words are hashed, and page and status say so`, async ({
    page,
    context,
  }) => {
    await context.route('**/table*.bin', answer);
    await openConsole(page);
    const { after, byModel, found } = await ask(page, { kind: 'builtin' });
    expect(byModel).toEqual({ 'hashing-384-v1': OTHERS.length + 1 });
    expect(after).toMatchObject({ activeId: 'hashing-384-v1', state: 'failed' });
    expect(after.builtin).toMatchObject({ state: 'fallback', error: expect.stringContaining('table') });
    expect(found).not.toHaveLength(0);

    await openDemo(page, { namespace: freshNamespace() });
    const model = page.getByTestId('status-model');
    await expect(model).toHaveText(/built-in model could not be loaded: word hashing serves/);
    await expect(model).toHaveAttribute('title', /table\.bin/);
    await say(page, 'My sister Ana lives in Lisbon.');
    await expect(await say(page, 'Where does my sister live?')).toContainText('Lisbon');
  });

test('a table that comes at the second try takes over, and embeds anew what was hashed', async ({
  page,
  context,
}) => {
  let isBroken = true;
  await context.route('**/table*.bin', (route) =>
    isBroken ? route.fulfill({ status: 503 }) : route.continue(),
  );
  await openConsole(page);
  const namespace = freshNamespace();
  const hashed = await page.evaluate(
    async ({ namespace, contents }) => {
      const memory = await window.loci.openMemory({ namespace });
      await memory.addMany(contents.map((content) => ({ content })));
      Object.assign(window, { memory });
      return (await memory.stats()).byModel;
    },
    { namespace, contents: [...OTHERS, ANSWER] },
  );
  expect(hashed).toEqual({ 'hashing-384-v1': OTHERS.length + 1 });
  isBroken = false;
  const { byModel, first } = await page.evaluate(async (question) => {
    const { memory } = window as unknown as { memory: Awaited<ReturnType<typeof window.loci.openMemory>> };
    for (;;) {
      const { byModel } = await memory.stats();
      if (!('hashing-384-v1' in byModel)) {
        const { hits } = await memory.search(question, { limit: 1 });
        return { byModel, first: hits[0]?.memory.content };
      }
      await new Promise((next) => setTimeout(next, 100));
    }
  }, QUESTION);
  expect(Object.keys(byModel)).toEqual([expect.stringMatching(/^builtin-/)]);
  expect(first).toBe(ANSWER);
});
