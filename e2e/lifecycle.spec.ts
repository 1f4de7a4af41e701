/** What becomes of a memory when its page is left, hidden, frozen, or robbed of its storage. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { CHROMIUM_ARGS, findBrowser } from '../scripts/browser.ts';
import type { EngineConfig, LimitsStatus, MemoryEngine } from '../src/types.ts';
import { expectCount, freshNamespace, openConsole, openDemo, openPanel, say, url } from './support.ts';

interface Tab extends Window {
  memory: MemoryEngine;
  wasKept: boolean;
}

const STATEMENT = 'My sister Ana lives in Lisbon and grows tomatoes.';

const deleteDatabases = (page: Page, namespace: string) =>
  page.evaluate(async (part) => {
    const names = (await indexedDB.databases()).map(({ name = '' }) => name);
    for (const name of names.filter((each) => each.includes(part)))
      await new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase(name);
        request.onsuccess = resolve;
        request.onerror = () => reject(request.error);
      });
  }, namespace);

test('a page that was left is gone back to as it was, from the browser’s own cache', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'loci-e2e-'));
  const executablePath = findBrowser()?.path;
  const context = await chromium.launchPersistentContext(directory, {
    headless: true,
    args: [...CHROMIUM_ARGS],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    ...(executablePath === undefined ? {} : { executablePath }),
  });
  try {
    const page = await context.newPage();
    const namespace = freshNamespace();
    await openConsole(page);
    await page.evaluate(async (name) => {
      const tab = window as unknown as Tab;
      tab.memory = await window.loci.openMemory({ namespace: name });
      await tab.memory.add({ content: 'acknowledged' });
      addEventListener('pageshow', ({ persisted }) => {
        tab.wasKept = persisted;
      });
      Object.assign(window, { pending: tab.memory.add({ content: 'asked while leaving' }) });
    }, namespace);
    await page.goto(url('sample-conversation.json'));
    await page.goBack({ waitUntil: 'commit' });
    const seen = await page.evaluate(async () => {
      const tab = window as unknown as Tab & { pending?: Promise<{ durability: string }> };
      const pending = await tab.pending;
      const count = (await tab.memory?.stats())?.count;
      return { wasKept: tab.wasKept, durability: pending?.durability, count };
    });
    expect(seen).toEqual({ wasKept: true, durability: 'journaled', count: 2 });
  } finally {
    await context.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

interface Outcome {
  readonly acknowledged: readonly string[];
  readonly codes: readonly string[];
  readonly limits: LimitsStatus;
}

/** Adds memories of some 27 KB, up to so many or three refusals. */
const addLarge = (page: Page, namespace: string, count: number, options: Pick<EngineConfig, 'limits'>) =>
  page.evaluate(
    async ({ name, wanted, given }): Promise<Outcome> => {
      const memory = await window.loci.openMemory({ namespace: name, ...given });
      const acknowledged: string[] = [];
      const codes: string[] = [];
      for (let i = 0; i < wanted && codes.length < 3; i++) {
        const random = crypto.getRandomValues(new Uint8Array(20_000));
        const content = `${i} ${Array.from(random, (byte) => byte.toString(36)).join('')}`.slice(0, 30_000);
        try {
          acknowledged.push((await memory.add({ content })).id);
        } catch (error) {
          codes.push((error as { code: string }).code);
        }
      }
      const { limits } = await memory.status();
      await memory.close();
      return { acknowledged, codes, limits };
    },
    { name: namespace, wanted: count, given: options },
  );

/** What became of memories, as a page that is opened anew finds them. */
const fateOf = (page: Page, namespace: string, ids: readonly string[]) =>
  page.evaluate(
    async ({ name, wanted }) => {
      const memory = await window.loci.openMemory({ namespace: name });
      const found = await Promise.all(wanted.map((id) => memory.get(id)));
      const gone = wanted.filter((_, i) => found[i] === null);
      const histories = await Promise.all(gone.map((id) => memory.history(id)));
      const isSaid = histories.map((entries) => entries.at(-1)?.reason === 'evicted');
      return { kept: wanted.length - gone.length, evicted: isSaid.filter(Boolean).length, gone: gone.length };
    },
    { name: namespace, wanted: ids },
  );

async function withQuota(
  browser: Browser,
  quotaSize: number,
  use: (page: Page, lift: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await openConsole(page);
  const cdp = await context.newCDPSession(page);
  const { origin } = new URL(url());
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize });
  await use(page, () => cdp.send('Storage.overrideQuotaForOrigin', { origin }));
  await context.close();
}

test('a full disk is a typed error, and nothing that was acknowledged is missing', async ({ browser }) => {
  await withQuota(browser, 3_000_000, async (page, lift) => {
    const namespace = freshNamespace();
    const seen = await addLarge(page, namespace, 400, { limits: { whenFull: 'refuse' } });
    expect(seen.codes).toEqual(['QUOTA_EXCEEDED', 'QUOTA_EXCEEDED', 'QUOTA_EXCEEDED']);
    expect(seen.acknowledged.length).toBeGreaterThan(10);
    await lift();
    await openConsole(page);
    expect(await fateOf(page, namespace, seen.acknowledged)).toMatchObject({ gone: 0 });
  });
});

test('a full disk costs nothing that does not say that it was evicted', async ({ browser }) => {
  await withQuota(browser, 3_000_000, async (page, lift) => {
    const namespace = freshNamespace();
    const seen = await addLarge(page, namespace, 400, {});
    // Chromium lets no fold pass once it is full: then nothing goes, for nothing would be gained.
    expect(seen.codes).toEqual(['QUOTA_EXCEEDED', 'QUOTA_EXCEEDED', 'QUOTA_EXCEEDED']);
    await lift();
    await openConsole(page);
    const { gone, evicted } = await fateOf(page, namespace, seen.acknowledged);
    expect(evicted).toBe(gone);
    expect(gone).toBe(seen.limits.evicted);
  });
});

test('within limits a small disk never fills up: every write lands, and what went for it says so', async ({
  browser,
}) => {
  await withQuota(browser, 12_000_000, async (page, lift) => {
    const namespace = freshNamespace();
    const limits = { maxBytes: 2_000_000 };
    // In all some 10 MB of contents, and as much again of logs and blocks that were replaced.
    const seen = await addLarge(page, namespace, 400, { limits });
    expect(seen.codes).toEqual([]);
    expect(seen.limits.usedBytes).toBeLessThanOrEqual(limits.maxBytes);
    expect(seen.limits.evicted).toBeGreaterThan(300);
    const { usage = 0 } = await page.evaluate(() => navigator.storage.estimate());
    expect(usage).toBeLessThan(12_000_000);
    await lift();
    await openConsole(page);
    const { kept, gone, evicted } = await fateOf(page, namespace, seen.acknowledged);
    expect(evicted).toBe(gone);
    expect(kept).toBeGreaterThan(10);
  });
});

test('memories that were evicted are missed: the page says so, and offers to restore them', async ({
  page,
  context,
}) => {
  const namespace = freshNamespace();
  await openDemo(page, { namespace });
  await expect(page.getByTestId('evicted')).toHaveCount(0);
  await say(page, STATEMENT);
  await page.close();
  const other = await context.newPage();
  await openConsole(other);
  await deleteDatabases(other, namespace);
  await openDemo(other, { namespace });
  await expect(other.getByTestId('evicted')).toContainText('they are gone');
  await expectCount(other, 0);
  await other.getByTestId('evicted').getByRole('button', { name: 'Restore a backup' }).click();
  await expect(other.getByRole('button', { name: 'Restore the latest' })).toBeVisible();
  await other.getByTestId('evicted').getByRole('button', { name: 'Import a file' }).click();
  await expect(other.getByLabel('Conversation file')).toBeAttached();
});

test('a database deleted while the page is open is missed at once', async ({ page, context }) => {
  const namespace = freshNamespace();
  await openDemo(page, { namespace });
  await say(page, STATEMENT);
  const other = await context.newPage();
  await openConsole(other);
  await deleteDatabases(other, namespace);
  await expect(page.getByTestId('evicted')).toContainText('they are gone');
  await say(page, 'Bo moved to Porto in May.');
  await openPanel(page, 'Memories');
  await expect(page.getByTestId('memory').filter({ hasText: 'Porto' })).toBeVisible();
});

test('a tab that a later release has overtaken says that it no longer saves, and still answers', async ({
  page,
  context,
}) => {
  const namespace = freshNamespace();
  await openDemo(page, { namespace });
  await say(page, STATEMENT);
  const later = await context.newPage();
  await later.goto(url('sample-conversation.json'));
  await later.evaluate((name) => {
    new BroadcastChannel(name).postMessage({ version: 1_000, format: 1_000, kind: 'hello' });
  }, `loci:default:${namespace}`);
  await expect(page.getByTestId('read-only')).toContainText('no longer saves');
  await expect(page.getByTestId('read-only').getByRole('button', { name: 'Reload' })).toBeVisible();
  await expect(page.getByTestId('memory').filter({ hasText: 'Lisbon' })).toBeVisible();
});

test('the browser is asked once to keep the memories, and the answer is shown', async ({ page }) => {
  await page.addInitScript(() => {
    const asked = { times: 0 };
    Object.assign(window, { asked });
    navigator.storage.persist = async () => {
      asked.times += 1;
      return true;
    };
  });
  await openDemo(page, { namespace: freshNamespace() });
  await expect(page.getByTestId('persistence')).toContainText('asked for with the first memory');
  await say(page, STATEMENT);
  await say(page, 'Bo moved to Porto in May.');
  await expect(page.getByTestId('persistence')).toContainText('will not evict it');
  expect(await page.evaluate(() => (window as unknown as { asked: { times: number } }).asked.times)).toBe(1);
});
