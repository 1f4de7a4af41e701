/** Many tabs of one namespace: one owner, and nothing lost or done twice when it goes, hangs or is frozen. */

import { expect, type Page, test } from '@playwright/test';
import type { MemoryEngine } from '../src/types.ts';
import { PlainTab } from './plain-tab.ts';
import { freshNamespace, openConsole, url } from './support.ts';

/** What a page of these tests has beside the console. */
interface Tab extends Window {
  memory: MemoryEngine;
  acknowledged: string[];
  writing: Promise<void>;
}

/** Opens the namespace in a page, as `window.memory`. */
async function openIn(page: Page, namespace: string): Promise<void> {
  await openConsole(page);
  await page.evaluate(async (name) => {
    const tab = window as unknown as Tab;
    tab.memory = await window.loci.openMemory({ namespace: name });
    tab.acknowledged = [];
  }, namespace);
}

const roleOf = (page: Page) =>
  page.evaluate(async () => (await (window as unknown as Tab).memory.status()).role);

/** Starts adding so many memories, one after another, each of them noted once it is acknowledged. */
async function startWriting(page: Page, prefix: string, count: number): Promise<void> {
  await page.evaluate(
    ([name, times]) => {
      const tab = window as unknown as Tab;
      const write = async () => {
        for (let i = 0; i < times; i++) {
          const content = `${name} ${i}`;
          const opId = crypto.randomUUID();
          for (;;) {
            try {
              tab.acknowledged.push((await tab.memory.add({ content }, { opId })).id);
              break;
            } catch (error) {
              if (!window.loci.isLociError(error) || !error.retryable) throw error;
            }
          }
        }
      };
      tab.writing = write();
    },
    [prefix, count] as const,
  );
}

const acknowledgedBy = (page: Page) =>
  page.evaluate(async () => {
    const tab = window as unknown as Tab;
    await tab.writing;
    return tab.acknowledged;
  });

/** Ids and contents of all memories, as a page sees them. */
const allOf = (page: Page) =>
  page.evaluate(async () => {
    const { memory } = window as unknown as Tab;
    const { memories } = await memory.list({ limit: 1_000 });
    return memories.map(({ id, content }) => ({ id, content }));
  });

/** That all that was acknowledged is there, and nothing twice. */
async function expectKept(page: Page, acknowledged: readonly string[]): Promise<void> {
  const all = await allOf(page);
  const ids = new Set(all.map(({ id }) => id));
  expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
  expect(new Set(all.map(({ content }) => content)).size).toBe(all.length);
}

/** Keeps the page's engine from doing anything for a while. */
function stall(page: Page, ms: number): void {
  const worker = page.workers().find((each) => each.url().includes('engine.worker'));
  if (worker === undefined) throw new Error('the page has no engine worker');
  void worker
    .evaluate((duration) => {
      const end = Date.now() + duration;
      while (Date.now() < end);
    }, ms)
    .catch(() => undefined); // the worker may be ended before
}

test('an owner that hangs loses its lock: calls in flight are answered by the next, and applied once', async ({
  context,
}) => {
  const namespace = freshNamespace();
  const [owner, follower] = [await context.newPage(), await context.newPage()];
  for (const page of [owner, follower]) await openIn(page, namespace);
  expect([await roleOf(owner), await roleOf(follower)]).toEqual(['owner', 'follower']);
  await startWriting(follower, 'of the follower', 400);
  await startWriting(owner, 'of the owner', 400);
  stall(owner, 15_000);
  const acknowledged = await acknowledgedBy(follower);
  expect(await roleOf(follower)).toBe('owner');
  acknowledged.push(...(await acknowledgedBy(owner)));
  expect(acknowledged).toHaveLength(800);
  expect(await roleOf(owner)).toBe('follower');
  for (const page of [owner, follower]) {
    await expectKept(page, acknowledged);
    expect(await allOf(page)).toHaveLength(800);
  }
});

test('an owner that is frozen lets go: the other tab writes on, and it follows when it runs again', async ({
  context,
}) => {
  const namespace = freshNamespace();
  const [owner, follower] = [await context.newPage(), await context.newPage()];
  for (const page of [owner, follower]) await openIn(page, namespace);
  await startWriting(owner, 'of the owner', 400);
  await startWriting(follower, 'of the follower', 400);
  // A page driven by Playwright counts as seen, and Chromium freezes hidden ones only: the event alone is made
  // here, and the next test has tabs that are frozen by the browser.
  await owner.evaluate(() => document.dispatchEvent(new Event('freeze')));
  const acknowledged = await acknowledgedBy(follower);
  expect(await roleOf(follower)).toBe('owner');
  await owner.evaluate(() => document.dispatchEvent(new Event('resume')));
  acknowledged.push(...(await acknowledgedBy(owner)));
  expect(await roleOf(owner)).toBe('follower');
  expect(acknowledged).toHaveLength(800);
  for (const page of [owner, follower]) await expectKept(page, acknowledged);
});

test('an owner whose tab the browser freezes lets go, and follows when it runs again', async ({
  browser,
}) => {
  const namespace = freshNamespace();
  const tabs: PlainTab[] = [];
  try {
    for (let i = 0; i < 2; i++) {
      const tab = await PlainTab.open(browser, url('console.html'));
      tabs.push(tab);
      await tab.until("'loci' in window");
      await tab.evaluate(`(async () => {
        window.events = [];
        for (const type of ['freeze', 'resume']) document.addEventListener(type, () => events.push(type));
        window.memory = await loci.openMemory({ namespace: ${JSON.stringify(namespace)} });
        window.acknowledged = [];
      })()`);
    }
    const [owner, follower] = tabs as [PlainTab, PlainTab];
    const role = (tab: PlainTab) => tab.evaluate('memory.status().then(({ role }) => role)');
    expect([await role(owner), await role(follower)]).toEqual(['owner', 'follower']);
    const add = (text: string) => `memory.add({ content: ${JSON.stringify(text)} }).then(({ id }) => id)`;
    const first = await owner.evaluate(add('before'));
    // In the middle of writing.
    await owner.evaluate(`void Promise.all(Array.from({ length: 50 }, async (_, i) =>
      acknowledged.push((await memory.add({ content: 'of the owner ' + i })).id))).then(() => { window.isDone = true; })`);
    await follower.show();
    await owner.until("document.visibilityState === 'hidden'");
    await owner.setLifecycle('frozen');
    const second = await follower.evaluate(add('while it was frozen'));
    expect(await role(follower)).toBe('owner');
    await owner.setLifecycle('active');
    await owner.show();
    await owner.until('window.isDone === true');
    expect(await owner.evaluate('events.join()')).toBe('freeze,resume');
    expect(await role(owner)).toBe('follower');
    const ids = (await owner.evaluate('acknowledged')) as string[];
    const all = (await follower.evaluate(
      'memory.list({ limit: 1000 }).then(({ memories }) => memories.map(({ id }) => id))',
    )) as string[];
    expect([...all].sort()).toEqual([...ids, first, second].sort());
  } finally {
    for (const tab of tabs) await tab.close();
  }
});

test('of three tabs that write, tabs and workers are ended, and nothing acknowledged is missing or there twice', async ({
  context,
}) => {
  const namespace = freshNamespace();
  const keeper = await context.newPage();
  await openIn(keeper, namespace);
  await startWriting(keeper, 'of the keeper', 300);
  const acknowledged: string[] = [];
  for (let round = 0; round < 4; round++) {
    const [doomed, other] = [await context.newPage(), await context.newPage()];
    for (const page of [doomed, other]) {
      await page.exposeFunction('acknowledge', (id: string) => acknowledged.push(id));
      await openIn(page, namespace);
      void page
        .evaluate(
          async (name) => {
            const { memory } = window as unknown as Tab;
            const { acknowledge } = window as unknown as { acknowledge: (id: string) => Promise<void> };
            for (let i = 0; ; i++) await acknowledge((await memory.add({ content: `${name} ${i}` })).id);
          },
          `${round} ${page === doomed}`,
        )
        .catch(() => undefined); // the tab is closed under it
    }
    await keeper.waitForTimeout(150);
    // In turns the owner's worker is ended, and the tabs are closed in the order of their coming or against it.
    if (round % 2 === 0) await keeper.evaluate(() => window.workers.at(-1)?.terminate());
    for (const page of round < 2 ? [doomed, other] : [other, doomed]) await page.close();
  }
  acknowledged.push(...(await acknowledgedBy(keeper)));
  expect(acknowledged.length).toBeGreaterThan(310);
  expect(await roleOf(keeper)).toBe('owner');
  const ids = await keeper.evaluate(async () => {
    const { memory } = window as unknown as Tab;
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await memory.list({ limit: 1_000, cursor });
      found.push(...page.memories.map(({ id, content }) => `${id} ${content}`));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  });
  const kept = new Set(ids.map((line) => line.slice(0, 36)));
  expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  expect(new Set(ids.map((line) => line.slice(37))).size).toBe(ids.length);
});

test('a tab of a later release is not kept from writing by an earlier one, which says that it stopped', async ({
  context,
}) => {
  const namespace = freshNamespace();
  const [earlier, later] = [await context.newPage(), await context.newPage()];
  await openIn(earlier, namespace);
  await startWriting(earlier, 'of the earlier', 3);
  const acknowledged = await acknowledgedBy(earlier);
  await later.goto(earlier.url());
  // What a later release does on opening: it greets the others, and waits for the lock.
  const isOwner = await later.evaluate(async (name) => {
    const channel = new BroadcastChannel(name);
    channel.postMessage({ version: 1_000, format: 1_000, kind: 'hello' });
    return navigator.locks.request(name, () => true);
  }, `loci:default:${namespace}`);
  expect(isOwner).toBe(true);
  const seen = await earlier.evaluate(async () => {
    const { memory } = window as unknown as Tab;
    const refused = await memory.add({ content: 'too late' }).catch((error: unknown) => error);
    const { code, hint } = refused as { code: string; hint: string };
    return { code, hint, readOnly: (await memory.status()).readOnly };
  });
  expect(seen).toMatchObject({ code: 'NEWER_FORMAT', hint: expect.stringMatching(/reload/i) });
  expect(seen.readOnly).toMatch(/later release/);
  await expectKept(earlier, acknowledged);
});
