/** Exporting to a file in one browser, and importing it in another. */

import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import {
  expectCount,
  forgetAll,
  importFile,
  importResult,
  openConsole,
  openDemo,
  openPanel,
  SAMPLE,
  say,
} from './support.ts';

const SAMPLE_TURNS = 29;

const file = (text: string, name = 'memories.ndjson') => ({
  name,
  mimeType: 'application/x-ndjson',
  buffer: Buffer.from(text),
});

/** Exports by the panel, and answers what was saved. */
async function exportFile(page: Page): Promise<{ readonly name: string; readonly text: string }> {
  await openPanel(page, 'Backup');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export to a file' }).click(),
  ]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

test('what was exported in one browser is found again in another, with its vectors', async ({
  page,
  browser,
}) => {
  await openDemo(page);
  await importFile(page, SAMPLE);
  await expect(importResult(page)).toContainText(`Imported ${SAMPLE_TURNS}`);
  const { name, text } = await exportFile(page);
  await expect(page.getByRole('status', { name: 'Export result' })).toContainText(
    `Exported ${SAMPLE_TURNS} memories to ${name}`,
  );
  const lines = text.trimEnd().split('\n');
  expect(lines).toHaveLength(SAMPLE_TURNS + 2);
  for (const line of lines.slice(1, -1))
    expect(JSON.parse(line).embedding.vector.length).toBeGreaterThan(100);

  const other = await browser.newContext();
  const elsewhere = await other.newPage();
  await openDemo(elsewhere);
  await importFile(elsewhere, file(text, name));
  const result = importResult(elsewhere);
  await expect(result).toHaveText(`${name}: ${SAMPLE_TURNS} memories would be added.`);
  await expectCount(elsewhere, 0);
  await elsewhere.getByRole('button', { name: `Import ${SAMPLE_TURNS} memories` }).click();
  await expect(result).toHaveText(`Imported ${SAMPLE_TURNS} memories from ${name}.`);
  await expectCount(elsewhere, SAMPLE_TURNS);
  await expect(await say(elsewhere, 'Where does the oven come from?')).toContainText('Bologna');

  await importFile(elsewhere, file(text, name));
  await expect(result).toContainText(`0 memories would be added, skipped ${SAMPLE_TURNS} already here`);
  await expect(elsewhere.getByRole('button', { name: /^Import \d+ memories/ })).toHaveCount(0);

  // Not only said: the other browser exports the same memories, vectors and all.
  await elsewhere.reload();
  await openDemo(elsewhere);
  const again = (await exportFile(elsewhere)).text.trimEnd().split('\n');
  for (const line of lines.slice(1, -1)) expect(again).toContain(line);
  await other.close();
});

test('a dry run that is dismissed changes nothing', async ({ page }) => {
  await openDemo(page);
  await say(page, 'My sister Ana lives in Lisbon.');
  await expectCount(page, 1);
  const { text } = await exportFile(page);
  await forgetAll(page);
  await importFile(page, file(text));
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('button', { name: 'Import 1 memories' })).toHaveCount(0);
  await expectCount(page, 0);
  // What was forgotten comes back only when it is asked for.
  await importFile(page, file(text));
  await page.getByRole('button', { name: 'Import 1 memories' }).click();
  await expectCount(page, 1);
});

test('a broken file is refused with its line, and nothing of it is kept', async ({ page, browser }) => {
  await openDemo(page);
  await importFile(page, SAMPLE);
  await expect(importResult(page)).toContainText(`Imported ${SAMPLE_TURNS}`);
  const { text } = await exportFile(page);
  const other = await browser.newContext();
  const fresh = await other.newPage();
  await openDemo(fresh);
  const alert = fresh.getByRole('alert');
  for (const [broken, reason] of [
    [text.slice(0, -300), /ends in the middle/],
    [text.replace('"episodic"', '"episodiC"'), /Line 2 .*kind/],
    [text.replace('oven', 'even'), /checksum/],
    [text.replace('"version":3', '"version":99'), /version 99/],
  ] as const) {
    await importFile(fresh, file(broken));
    await expect(alert.last()).toContainText(reason);
    await expect(fresh.getByRole('button', { name: /^Import \d+ memories/ })).toHaveCount(0);
    await expectCount(fresh, 0);
  }
  await other.close();
});

test('through the worker, thousands of memories are streamed out and in, stopped and gone on with', async ({
  page,
}) => {
  await openConsole(page);
  const result = await page.evaluate(async () => {
    const { openMemory, exportMemories, importExported, isLociError } = window.loci;
    const source = await openMemory({ namespace: `transfer-${crypto.randomUUID()}` });
    const vector = (n: number) => Float32Array.from({ length: 8 }, (_, i) => Math.cos(n * (i + 1)));
    const memories = Array.from({ length: 2_500 }, (_, n) => ({
      content: `memory number ${n}`,
      embedding: { modelId: 'mine@1', space: 'mine', vector: vector(n) },
    }));
    for (let at = 0; at < memories.length; at += 500) await source.addMany(memories.slice(at, at + 500));
    const pieces: number[] = [];
    const stream = exportMemories(source, { onProgress: ({ bytes }) => pieces.push(bytes) });
    const file = await new Response(stream).blob();
    await source.close();

    const target = await openMemory({ namespace: `transfer-${crypto.randomUUID()}` });
    const dry = await importExported(target, file, { dryRun: true });
    const afterDry = (await target.stats()).count;
    const stopper = new AbortController();
    const stopped = await importExported(target, file.stream(), {
      signal: stopper.signal,
      onProgress: ({ memories: count }) => count >= 1_000 && stopper.abort(),
    }).catch((error: unknown) => error);
    if (!isLociError(stopped)) throw new Error('it was not stopped');
    const done = Number(stopped.details?.added);
    const rest = await importExported(target, file, { resumeFrom: String(stopped.details?.resumeToken) });
    const found = await target.search('', { embedding: { space: 'mine', vector: vector(1_234) }, limit: 1 });
    const count = (await target.stats()).count;
    await target.close();
    return {
      pieces: pieces.length,
      size: file.size,
      last: pieces.at(-1),
      dry: dry.added,
      afterDry,
      code: stopped.code,
      done,
      rest: rest.added,
      count,
      found: found.hits[0]?.memory.content,
    };
  });
  expect(result).toMatchObject({ dry: 2_500, afterDry: 0, code: 'ABORTED', count: 2_500 });
  expect(result.found).toBe('memory number 1234');
  expect(result.done).toBeGreaterThanOrEqual(1_000);
  expect(result.done).toBeLessThan(2_500);
  expect(result.done + result.rest).toBe(2_500);
  expect(result.pieces).toBeGreaterThan(2);
  expect(result.last).toBe(result.size);
});
