/** What the page shows where input is bad, or where nothing can be kept. */

import { expect, test } from '@playwright/test';
import { expectCount, messageBox, openConsole, openDemo, say } from './support.ts';

test('a message too long to remember is refused on the page, and the next one is remembered', async ({
  page,
}) => {
  await openDemo(page);
  await messageBox(page).fill('A very long story. '.repeat(2_000));
  await messageBox(page).press('Enter');
  await expect(page.getByTestId('answer')).toHaveAttribute('data-state', 'failed');
  await expect(page.getByRole('alert')).toHaveAttribute('data-code', 'INVALID_INPUT');
  await page.getByRole('alert').getByRole('button').click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await say(page, 'My sister Ana lives in Lisbon.');
  await expectCount(page, 1);
});

test('text that looks like HTML or a command is shown as text', async ({ page }) => {
  await openDemo(page);
  const statement = 'My note is <img src=x onerror="document.title=1"><b>bold</b> & done.';
  await say(page, statement);
  await expect(page.getByTestId('memory')).toContainText(statement);
  await expect(await say(page, 'What is my note, bold or done?')).toContainText(statement);
  await expect(page.locator('.log img, .memories img')).toHaveCount(0);
});

test('where it was opened in memory, the page says that nothing survives a reload, and nothing does', async ({
  page,
}) => {
  await openDemo(page, { storage: 'memory' });
  const durability = page.getByRole('status', { name: 'Durability' });
  await expect(durability).toHaveText('in memory only: nothing survives a reload');
  await say(page, 'My sister Ana lives in Lisbon.');
  await expect(page.getByTestId('user-turn')).toContainText('remembered, not saved yet');
  await expect(durability).toHaveText('in memory only: nothing survives a reload');
  await expectCount(page, 1);
  await page.reload();
  await expect(page.getByTestId('status-role')).toContainText('owner');
  await expectCount(page, 0);
});

test('where the browser has no IndexedDB for workers, memory serves, and the page says why', async ({
  page,
  context,
}) => {
  let isPatched = false;
  await context.route(/engine\.worker[^/]*\.js/, async (route) => {
    const response = await route.fetch();
    const body = `Object.defineProperty(globalThis, 'indexedDB', { value: undefined });${await response.text()}`;
    isPatched = true;
    await route.fulfill({ response, body });
  });
  await openDemo(page);
  expect(isPatched).toBe(true);
  await expect(page.getByRole('status', { name: 'Durability' })).toHaveText(
    'in memory only: nothing survives a reload',
  );
  await expect(page.getByTestId('status-durability')).toHaveAttribute('title', /no storage/);
  await say(page, 'My sister Ana lives in Lisbon.');
  await expect(await say(page, 'Where does my sister live?')).toContainText('Lisbon');
  await openConsole(page);
  const status = await page.evaluate(async () => (await window.loci.openMemory()).status());
  expect(status.storage).toMatchObject({ kind: 'memory', persistent: false });
  expect(status.storage.reason).toMatch(/no storage/);
});
