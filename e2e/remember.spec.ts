import { expect, test } from '@playwright/test';
import { freshNamespace, openDemo, Profile, say } from './support.ts';

const STATEMENT = 'My sister Ana lives in Lisbon and grows tomatoes.';
const QUESTION = 'Where does my sister live?';

test('what was said is known after a reload, and the answer shows which memory it used and why', async ({
  page,
}) => {
  const namespace = freshNamespace();
  await openDemo(page, { namespace });
  await say(page, STATEMENT);
  await expect(page.getByTestId('user-turn')).toContainText('remembered and saved');
  await page.reload();
  await expect(page.getByTestId('status-role')).toContainText('owner');
  const answer = await say(page, QUESTION);
  await expect(answer).toContainText('Ana lives in Lisbon');
  await answer.getByText(/^Recalled \d+ memor/).click();
  const hit = answer.getByTestId('hit').first();
  await expect(hit).toContainText(STATEMENT);
  await expect(hit).toContainText(/cosine/);
  await expect(hit).toContainText(/BM25 .*sister/);
});

test('what is said in one tab is seen at once in another, and known there', async ({ context, page }) => {
  const namespace = freshNamespace();
  await openDemo(page, { namespace });
  const other = await context.newPage();
  await openDemo(other, { namespace });
  await expect(other.getByTestId('status-role')).toContainText('follower');
  await say(page, STATEMENT);
  await expect(other.getByTestId('memory').filter({ hasText: 'Lisbon' })).toBeVisible();
  await expect(await say(other, QUESTION)).toContainText('Lisbon');
  await say(other, 'Bo moved to Porto in May.');
  await expect(page.getByTestId('memory').filter({ hasText: 'Porto' })).toBeVisible();
  await page.close();
  await expect(other.getByTestId('status-role')).toContainText('owner');
  await expect(await say(other, 'Where did Bo move?')).toContainText('Porto');
});

test('what was said is known after the browser was closed and started again', async () => {
  const namespace = freshNamespace();
  const profile = new Profile();
  try {
    const before = await (await profile.launch()).newPage();
    await openDemo(before, { namespace });
    await say(before, STATEMENT);
    const after = await (await profile.restart()).newPage();
    await openDemo(after, { namespace });
    await expect(after.getByTestId('status-count')).toContainText('1');
    await expect(await say(after, QUESTION)).toContainText('Lisbon');
  } finally {
    await profile.remove();
  }
});

test('nothing is made up: where nothing is known, the answer says so', async ({ page }) => {
  await openDemo(page, { namespace: freshNamespace() });
  await expect(await say(page, QUESTION)).toContainText('I know nothing about that');
});

test('one memory is forgotten, then all of them, and the questions about them find nothing', async ({
  page,
}) => {
  const namespace = freshNamespace();
  await openDemo(page, { namespace });
  for (const text of [STATEMENT, 'Bo bakes rye bread.', 'Cy repairs ship models.']) await say(page, text);
  await page.getByRole('button', { name: /^Forget: My sister/ }).click();
  await expect(page.getByTestId('memory')).toHaveCount(2);
  await expect(await say(page, QUESTION)).toContainText('I know nothing about that');
  await page.getByRole('button', { name: 'Forget all …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByTestId('memory')).toHaveCount(2);
  await page.getByRole('button', { name: 'Forget all …' }).click();
  await dialog.getByRole('button', { name: 'Forget all' }).click();
  await expect(page.getByTestId('memory')).toHaveCount(0);
  await page.reload();
  await expect(page.getByTestId('status-count')).toContainText('0');
});

test('what is forgotten leaves the log too, in every tab and after a reload', async ({ context, page }) => {
  const namespace = freshNamespace();
  await openDemo(page, { namespace });
  await say(page, STATEMENT);
  await say(page, QUESTION);
  const other = await context.newPage();
  await openDemo(other, { namespace });
  await other.getByRole('button', { name: /^Forget: My sister/ }).click();
  await expect(page.getByTestId('memory')).toHaveCount(0);
  await expect(page.getByRole('main')).not.toContainText('Lisbon');
  await page.reload();
  await expect(page.getByTestId('answer')).toHaveCount(2);
  await expect(page.getByRole('main')).not.toContainText('Lisbon');
});

test('the list is searched, and filtered by kind', async ({ page }) => {
  await openDemo(page, { namespace: freshNamespace() });
  for (const text of [STATEMENT, 'Bo bakes rye bread.']) await say(page, text);
  const search = page.getByRole('searchbox', { name: 'Search memories' });
  await search.fill('bread');
  await expect(page.getByTestId('memory')).toHaveText([/Bo bakes rye bread.*score/]);
  await search.fill('');
  await expect(page.getByTestId('list-summary')).toHaveText('1–2 of 2');
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('procedural');
  await expect(page.getByTestId('memory')).toHaveCount(0);
});
