/** Backing up to a real edge on this computer, and restoring from it, here and in another browser. */

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { type RunningEdge, startEdge } from '../scripts/edge.ts';
import {
  expectCount,
  forgetAll,
  importFile,
  importResult,
  openDemo,
  openPanel,
  SAMPLE,
  say,
  url,
} from './support.ts';

const SAMPLE_TURNS = 29;

let edge: RunningEdge;
let folder: string;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'loci-edge-'));
  const { origin } = new URL(url());
  edge = await startEdge({ port: await freePort(), folder, origin, isQuiet: true });
});

test.afterAll(async () => {
  await edge?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

async function press(
  page: Page,
  button: 'Back up' | 'Restore the latest',
  token = edge.token,
): Promise<void> {
  await openPanel(page, 'Backup');
  await page.getByLabel('Edge URL').fill(edge.url);
  await page.getByLabel('Access token').fill(token);
  await page.getByRole('button', { name: button }).click();
}

test('what was backed up is found again after everything was forgotten, and in another browser', async ({
  page,
  browser,
}) => {
  const result = (of: Page) => of.getByRole('status', { name: 'Backup result' });
  await openDemo(page);
  await importFile(page, SAMPLE);
  await expect(importResult(page)).toContainText(`Imported ${SAMPLE_TURNS}`);
  await press(page, 'Back up');
  await expect(result(page)).toContainText(`Backed up ${SAMPLE_TURNS} memories`);

  await forgetAll(page);
  await expect(await say(page, 'Where does the oven come from?')).toContainText('I know nothing');
  await press(page, 'Restore the latest');
  await expect(result(page)).toHaveText(`Restored ${SAMPLE_TURNS} memories, 0 were here already.`);
  await expectCount(page, SAMPLE_TURNS);
  await expect(await say(page, 'Where does the oven come from?')).toContainText('Bologna');
  await press(page, 'Restore the latest');
  await expect(result(page)).toHaveText(`Restored 0 memories, ${SAMPLE_TURNS} were here already.`);

  const other = await browser.newContext();
  const elsewhere = await other.newPage();
  await openDemo(elsewhere);
  await press(elsewhere, 'Restore the latest');
  await expect(result(elsewhere)).toContainText(`Restored ${SAMPLE_TURNS} memories`);
  await expect(await say(elsewhere, 'Where does the oven come from?')).toContainText('Bologna');
  await other.close();
});

test('a token that is none is refused in an alert, and nothing is lost', async ({ page }) => {
  await openDemo(page);
  await say(page, 'My sister Ana lives in Lisbon.');
  await press(page, 'Back up', 'not-a-token');
  await expect(page.getByRole('alert')).toHaveAttribute('data-code', 'UNAUTHORIZED');
  await expectCount(page, 1);
});
