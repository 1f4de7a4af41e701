/** Why a memory was recalled, as the page says it, and what the user tells of its use. */

import { expect, test } from '@playwright/test';
import { freshNamespace, openDemo, openRecalled, say } from './support.ts';

const STATEMENT = 'My sister Ana lives in Lisbon and grows tomatoes.';
const QUESTION = 'Where does my sister live?';

test('a recalled memory shows what found it and what its score is made of', async ({ page }) => {
  await openDemo(page, { namespace: freshNamespace() });
  await say(page, STATEMENT);
  const hit = (await openRecalled(await say(page, QUESTION))).first();
  await expect(hit).toContainText('Found by meaning and by words');
  await expect(hit).toContainText(/cosine 0\.\d+ · BM25 .*sister/);
  const parts = hit.getByRole('list', { name: /^Parts of the score of/ }).getByRole('listitem');
  await expect(parts.first()).toHaveText(/^score\s*\d\.\d\d$/);
  await expect(parts.filter({ hasText: 'its meaning' })).toHaveText(/\+0\.\d\d/);
  const numbers = (await parts.locator('.number').allTextContents()).map((text) =>
    Number(text.replace('−', '-')),
  );
  const [score = 0, ...shares] = numbers;
  const sum = shares.reduce((total, share) => total + share, 0);
  expect(Math.abs(sum - score), `${numbers.join(' ')}, each rounded`).toBeLessThan(0.005 * numbers.length);
});

test('that a memory was not useful is known after a reload, and counts in the next search', async ({
  page,
}) => {
  const namespace = freshNamespace();
  await openDemo(page, { namespace });
  await say(page, STATEMENT);
  const hit = (await openRecalled(await say(page, QUESTION))).first();
  const button = hit.getByRole('button', { name: /^Not useful: My sister/ });
  await expect(button).toHaveAttribute('aria-pressed', 'false');
  await button.click();
  await expect(button).toHaveAttribute('aria-pressed', 'true');
  await expect(hit.getByTestId('feedback')).toHaveText('told not useful once');
  await button.click();
  await page.reload();
  await expect(page.getByTestId('status-role')).toContainText('owner');
  const again = (await openRecalled(await say(page, QUESTION))).first();
  await expect(again.getByTestId('feedback')).toHaveText('told not useful once');
  await expect(again.getByRole('listitem').filter({ hasText: 'you found it not useful' })).toHaveText(
    /−0\.\d\d/,
  );
  const before = await openRecalled(page.getByTestId('answer').nth(1));
  await expect(before.getByRole('button', { name: /^Not useful/ })).toHaveAttribute('aria-pressed', 'true');
});

test('what was said to be over is marked with what took its place', async ({ page }) => {
  await openDemo(page, { namespace: freshNamespace() });
  await say(page, 'I live in Lisbon.');
  await say(page, 'I no longer live in Lisbon, I moved to Porto.');
  const hits = await openRecalled(await say(page, 'Do I live in Lisbon or in Porto?'));
  const outdated = hits.filter({ hasText: /contradicted by “I no longer live in Lisbon/ });
  await expect(outdated).toHaveCount(1);
  await expect(outdated).toContainText('does not hold now');
});

test('a time in a question is read, said, and answered by', async ({ page }) => {
  await openDemo(page, { namespace: freshNamespace() });
  await say(page, STATEMENT);
  const answer = await say(page, 'What happened today?');
  await expect(answer).toContainText('Lisbon');
  await openRecalled(answer);
  await expect(answer.getByTestId('times')).toHaveText(/^Read “today” as /);
});
