/** The page itself: accessible in light, dark and narrow, usable by keyboard, and its picture for the README. */

import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import {
  importFile,
  importResult,
  MODELS,
  messageBox,
  openDemo,
  openPanel,
  openRecalled,
  SAMPLE,
  say,
  url,
} from './support.ts';

const PANELS = ['Memories', 'Import', 'Backup', 'Settings'] as const;

async function expectAccessible(page: Page, where: string): Promise<void> {
  // What fades in has another contrast for a moment.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((each) => each.finished.catch(() => undefined))),
  );
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  expect(found, where).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 390]) {
    test(`every panel is accessible, ${colorScheme}, ${width} px wide`, async ({ page }) => {
      const isNarrow = width < 860;
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 844 });
      await openDemo(page);
      await expectAccessible(page, 'empty');
      await say(page, 'My sister Ana lives in Lisbon.');
      await openRecalled(await say(page, 'Where does my sister live?'));
      await expectAccessible(page, 'chat');
      if (isNarrow) await page.getByRole('button', { name: 'Memories (1)' }).click();
      for (const panel of PANELS) {
        await openPanel(page, panel);
        await expectAccessible(page, panel);
      }
      await page.getByRole('combobox', { name: 'Responder' }).selectOption('openai');
      await expectAccessible(page, 'Settings of an endpoint');
      await importFile(page, { name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{') });
      await expect(page.getByRole('alert')).toBeVisible();
      await expectAccessible(page, 'an alert');
      await openPanel(page, 'Memories');
      await page.getByRole('button', { name: 'Forget all …' }).click();
      await expectAccessible(page, 'the dialog');
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, 'pixels beside the screen').toBeLessThanOrEqual(0);
    });
  }
}

test('the page throws nothing and asks nobody but its own site, MiniLM included where it is served', async ({
  page,
  context,
}) => {
  const errors: string[] = [];
  const strangers: string[] = [];
  context.on('weberror', (event) => errors.push(event.error().message));
  context.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith('http') && host !== new URL(url()).host) strangers.push(request.url());
  });
  await openDemo(page, { embedder: 'auto' });
  await say(page, 'My sister Ana lives in Lisbon.');
  await expect(page.getByTestId('status-model')).not.toContainText(/loading|re-embedding/);
  await expect(await say(page, 'Where does my sister live?')).toContainText('Lisbon');
  expect({ errors, strangers }).toEqual({ errors: [], strangers: [] });
});

test('a message is sent, and the panels are reached and changed, with the keyboard alone', async ({
  page,
}) => {
  await openDemo(page);
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.id ?? '';
    });
  const tabUntil = async (wanted: string) => {
    for (let presses = 0; presses < 20 && (await focused()) !== wanted; presses++)
      await page.keyboard.press('Tab');
    expect(await focused()).toBe(wanted);
  };
  await tabUntil('message');
  await page.keyboard.type('My sister Ana lives in Lisbon.');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Send');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('answer')).toHaveAttribute('data-state', 'done');
  await expect(messageBox(page)).toBeFocused();
  await page.keyboard.type('Where does my sister live?');
  await page.keyboard.press('Shift+Enter');
  await expect(messageBox(page)).toHaveValue('Where does my sister live?\n');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('answer').last()).toContainText('Lisbon');

  await tabUntil('tab-memories');
  await page.keyboard.press('ArrowRight');
  expect(await focused()).toBe('tab-import');
  await expect(page.getByRole('tab', { name: 'Import' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('heading', { name: 'Import' })).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  expect(await focused()).toBe('tab-settings');
  await page.keyboard.press('ArrowRight');
  await tabUntil('Forget: My sister Ana lives in Lisbon.');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('memory')).toHaveCount(0);
});

test('on a narrow screen the panel opens over the chat and closes again', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openDemo(page);
  await say(page, 'My sister Ana lives in Lisbon.');
  await expect(page.getByRole('region', { name: 'Memory' })).toBeHidden();
  await page.getByRole('button', { name: 'Memories (1)' }).click();
  await expect(page.getByTestId('memory')).toContainText('Lisbon');
  await page.getByRole('button', { name: 'Back to chat' }).click();
  await expect(messageBox(page)).toBeVisible();
});

const picture = process.env.LOCI_SCREENSHOT;

// No test of anything: it takes the README's picture, and only when asked.
if (picture !== undefined)
  test('the picture for the README', async ({ page }) => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await openDemo(page, { embedder: existsSync(MODELS) ? 'minilm' : 'builtin' });
    await importFile(page, SAMPLE);
    await expect(importResult(page)).toContainText('Imported');
    await openPanel(page, 'Memories');
    await expect(page.getByTestId('status-model')).not.toContainText(/loading|re-embedding/, {
      timeout: 30_000,
    });
    await say(page, 'My sister Ana lives in Lisbon and loves figs.');
    await openRecalled(await say(page, 'Where does the oven come from?'));
    // The log follows its newest line; the picture is of its beginning.
    await page.getByRole('log', { name: 'Conversation' }).evaluate((log) => log.scrollTo({ top: 0 }));
    await page.mouse.move(0, 0);
    await page.screenshot({ path: picture });
  });
