import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { freshNamespace, importFile, LOCOMO, needs, openDemo, SAMPLE, say } from './support.ts';

const file = (name: string, text: string) => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(text),
});
const sample = readFileSync(SAMPLE, 'utf8');

test('a conversation file is imported, its questions are answered, and a second import adds nothing', async ({
  page,
}) => {
  await openDemo(page, { namespace: freshNamespace() });
  await importFile(page, SAMPLE);
  const result = page.getByRole('status', { name: 'Import result' });
  await expect(result).toContainText('Imported 29 memories');
  await expect(await say(page, 'Where does the oven come from?')).toContainText('Bologna');
  await importFile(page, SAMPLE);
  await expect(result).toContainText('skipped 29');
  await expect(page.getByTestId('status-count')).toContainText('29');
});

test('a file dropped on the page is imported', async ({ page }) => {
  await openDemo(page, { namespace: freshNamespace() });
  const data = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], 'conversation.json', { type: 'application/json' }));
    return transfer;
  }, sample);
  for (const type of ['dragenter', 'dragover', 'drop'])
    await page.dispatchEvent('body', type, { dataTransfer: data });
  await expect(page.getByTestId('status-count')).toContainText('29');
});

test('a long import shows how far it is', async ({ page }) => {
  await openDemo(page, { namespace: freshNamespace() });
  const turns = Array.from({ length: 3_000 }, (_, i) => ({
    speaker: 'Ana',
    dia_id: `D1:${i}`,
    text: `Turn ${i}`,
  }));
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(window, { seen });
    new MutationObserver(() => {
      for (const bar of document.querySelectorAll('progress')) seen.push(bar.value / bar.max);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  await importFile(page, file('long.json', JSON.stringify({ conversation: { session_1: turns } })));
  await expect(page.getByTestId('status-count')).toContainText(/3,?000/, { timeout: 60_000 });
  const seen = await page.evaluate(() => (window as unknown as { seen: number[] }).seen);
  const between = seen.filter((share) => share > 0 && share < 1);
  expect(new Set(between).size).toBeGreaterThan(3);
  expect(between).toEqual([...between].sort((a, b) => a - b));
});

for (const [what, text, reason] of [
  ['half written', sample.slice(0, 900), /line \d+.*ends in the middle/],
  ['no JSON', 'hello', /line 1/],
  ['without an id for a turn', sample.replace('"dia_id": "D2:3"', '"id": "D2:3"'), /line \d+.*dia_id/],
] as const)
  test(`a file that is ${what} is refused with line and reason, and nothing of it is kept`, async ({
    page,
  }) => {
    await openDemo(page, { namespace: freshNamespace() });
    await importFile(page, file('broken.json', text));
    await expect(page.getByRole('alert')).toContainText(reason);
    await expect(page.getByTestId('status-count')).toContainText('0');
  });

test('a conversation of LoCoMo is imported, and a question shows its evidence', async ({ page }) => {
  needs(LOCOMO);
  await openDemo(page, { namespace: freshNamespace() });
  await importFile(page, LOCOMO);
  const choice = page.getByRole('combobox', { name: 'Conversation' });
  const option = choice.locator('option', { hasText: 'conv-26' });
  await choice.selectOption(await option.getAttribute('value'));
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('status', { name: 'Import result' })).toContainText('Imported 419');
  const answer = await say(page, 'When did Caroline go to the LGBTQ support group?');
  await answer.getByText(/^Recalled/).click();
  await expect(
    answer.getByTestId('hit').filter({ hasText: 'I went to a LGBTQ support group yesterday' }),
  ).toBeVisible();
});
