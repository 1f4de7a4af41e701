/** What the specs share: where things are, pages that are ready, and browsers that can be restarted. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, expect, type Locator, type Page, test } from '@playwright/test';
import { CHROMIUM_ARGS, findBrowser } from '../scripts/browser.ts';

const beside = (path: string) => fileURLToPath(new URL(`../../shared/${path}`, import.meta.url));

/** The real model, where there is one. */
export const MODELS = process.env.LOCI_MODEL_DIR || beside('models');
/** Real conversations, where there are any. */
export const LOCOMO = process.env.LOCI_DATA_DIR
  ? join(process.env.LOCI_DATA_DIR, 'locomo/locomo-dev5.json')
  : beside('data/locomo/locomo-dev5.json');
export const SAMPLE = fileURLToPath(new URL('../demo/sample-conversation.json', import.meta.url));

/** Skips the test, and says why, where a file of the evaluation data is absent. */
export function needs(path: string): void {
  const reason = `there is no ${path.split('/').slice(-2).join('/')} beside the project`;
  if (!existsSync(path)) console.warn(`skipped: ${reason}`);
  test.skip(!existsSync(path), reason);
}

export function url(path = '', query: Readonly<Record<string, string>> = {}): string {
  const base = process.env.LOCI_E2E_URL;
  if (base === undefined) throw new Error('the demo is not served');
  const address = new URL(path, base);
  for (const [key, value] of Object.entries(query)) address.searchParams.set(key, value);
  return address.href;
}

/** A namespace that no other test has. */
export const freshNamespace = () => `e2e-${crypto.randomUUID()}`;

/** Opens the demo and waits until it can be talked to. */
export async function openDemo(page: Page, query: Readonly<Record<string, string>> = {}): Promise<void> {
  await page.goto(url('', { embedder: 'builtin', ...query }));
  await expect(page.getByTestId('status-role')).toContainText(/owner|follower/);
}

/** Says something, and waits for the answer's end. */
export async function say(page: Page, text: string) {
  const answers = page.getByTestId('answer');
  const count = await answers.count();
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.keyboard.press('Enter');
  const answer = answers.nth(count);
  await expect(answer).toHaveAttribute('data-state', 'done');
  return answer;
}

/** The line to type in. */
export const messageBox = (page: Page) => page.getByRole('textbox', { name: 'Message' });

/** Opens the list of what was recalled for an answer. */
export async function openRecalled(answer: Locator): Promise<Locator> {
  await answer.locator('summary').click();
  return answer.getByTestId('hit');
}

/** Shows one of the side panel's tabs. */
export async function openPanel(
  page: Page,
  name: 'Memories' | 'Import' | 'Backup' | 'Settings',
): Promise<void> {
  await page.getByRole('tab', { name }).click();
  await expect(page.getByRole('tab', { name })).toHaveAttribute('aria-selected', 'true');
}

/** Forgets everything by way of the dialog. */
export async function forgetAll(page: Page): Promise<void> {
  await openPanel(page, 'Memories');
  await page.getByRole('button', { name: 'Forget all …' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget all' }).click();
  await expectCount(page, 0);
}

/** How many memories the page says there are. */
export async function expectCount(page: Page, count: number): Promise<void> {
  await expect(page.getByTestId('status-count')).toHaveText(new RegExp(`^Count\\s*${count} memories$`));
}

/** The line that says how an import ended. */
export const importResult = (page: Page) => page.getByRole('status', { name: 'Import result' });

/** Imports a file by the panel. */
export async function importFile(
  page: Page,
  file: string | { name: string; mimeType: string; buffer: Buffer },
) {
  await page.getByRole('tab', { name: 'Import' }).click();
  await page.getByLabel('Conversation file').setInputFiles(file);
}

/** Opens the page that holds the engine for a program to drive, with its workers to be had as `window.workers`. */
export async function openConsole(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const workers: Worker[] = [];
    const Native = window.Worker;
    window.Worker = class extends Native {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        workers.push(this);
      }
    };
    Object.assign(window, { workers });
  });
  await page.goto(url('console.html'));
  await page.waitForFunction(() => 'loci' in window);
}

declare global {
  interface Window {
    workers: Worker[];
  }
}

/** A browser profile that outlives its browser. */
export class Profile {
  readonly directory = mkdtempSync(join(tmpdir(), 'loci-e2e-'));
  #context: BrowserContext | undefined;

  async launch(): Promise<BrowserContext> {
    const executablePath = findBrowser()?.path;
    this.#context = await chromium.launchPersistentContext(this.directory, {
      headless: true,
      args: [...CHROMIUM_ARGS],
      ...(executablePath === undefined ? {} : { executablePath }),
    });
    return this.#context;
  }

  async restart(): Promise<BrowserContext> {
    await this.#context?.close();
    return this.launch();
  }

  async remove(): Promise<void> {
    await this.#context?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
