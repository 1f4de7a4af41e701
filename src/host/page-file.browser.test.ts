import { expect, it } from 'vitest';
import { PAGE_CACHE_BYTES, PAGE_FILE_PAGE_BYTES } from '../limits.ts';
import type { MemoryEngine } from '../types.ts';
import { createTabs } from './host-test-util.ts';

const { open } = createTabs();

const CONTENT_BYTES = 25_000;
/** Two of them do not fit into a page. */
const COUNT = Math.ceil(PAGE_CACHE_BYTES / CONTENT_BYTES) + 20;
const ALL_PAGES_BYTES = (COUNT - 1) * PAGE_FILE_PAGE_BYTES;
const embedding = { modelId: 'm', space: 's', vector: new Float32Array([1, 0]) };
const contentOf = (i: number, mark: string) => `memory ${i} ${mark} `.padEnd(CONTENT_BYTES, `${i}abc`);

/** More contents than are kept in memory, and waits until they are in the file. */
async function fill(engine: MemoryEngine, mark: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let from = 0; from < COUNT; from += 50) {
    const batch = Array.from({ length: Math.min(50, COUNT - from) }, (_, i) => contentOf(from + i, mark));
    ids.push(...(await engine.addMany(batch.map((content) => ({ content, embedding })))).ids);
  }
  await expect.poll(() => bytesIn(engine), { timeout: 20_000 }).toBeGreaterThan(ALL_PAGES_BYTES);
  return ids;
}

const bytesIn = async (engine: MemoryEngine) => (await engine.stats()).contentCache.fileBytes;

/** The text of all files of a namespace; one byte is one character. */
async function textOfFiles(namespace: string): Promise<string> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('loci').catch(() => undefined);
  const texts: string[] = [];
  for await (const [name, handle] of folder?.entries() ?? []) {
    if (!name.includes(namespace) || handle.kind !== 'file') continue;
    const file = await (handle as FileSystemFileHandle).getFile();
    texts.push(new TextDecoder('latin1').decode(await file.arrayBuffer()));
  }
  return texts.join('');
}

it('contents that memory does not keep are read from a file of the worker’s, also by the next worker', async () => {
  const namespace = crypto.randomUUID();
  const first = await open({ namespace });
  const ids = await fill(first, 'of the mill');
  const { misses } = (await first.stats()).contentCache;
  for (const i of [0, 60, COUNT - 1])
    expect((await first.get(ids[i] ?? ''))?.content).toBe(contentOf(i, 'of the mill'));
  expect((await first.stats()).contentCache.misses).toBe(misses);
  await first.close();
  const second = await open({ namespace });
  await expect.poll(() => bytesIn(second), { timeout: 20_000 }).toBeGreaterThan(ALL_PAGES_BYTES);
  expect((await second.get(ids[60] ?? ''))?.content).toBe(contentOf(60, 'of the mill'));
  expect((await second.stats()).contentCache.misses).toBe(0);
  expect((await second.status()).backgroundError).toBeUndefined();
});

it('what was deleted is in no file any more, and neither is anything once little is left', async () => {
  const namespace = crypto.randomUUID();
  const mark = crypto.randomUUID();
  const engine = await open({ namespace });
  const ids = await fill(engine, mark);
  const last = contentOf(COUNT - 1, mark).slice(0, 60);
  expect(await textOfFiles(namespace)).toContain(last);
  await engine.delete(ids.at(-1) ?? '');
  await expect.poll(() => textOfFiles(namespace), { timeout: 20_000 }).not.toContain(last);
  expect(await textOfFiles(namespace)).toContain(mark);
  await engine.deleteAll({ everything: true });
  await expect.poll(() => textOfFiles(namespace), { timeout: 20_000 }).not.toContain(mark);
});
