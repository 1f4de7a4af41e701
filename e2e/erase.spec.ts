/** Erase means erase: what was deleted or has expired is in no stored value, whatever the tabs were doing. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import type { MemoryEngine } from '../src/types.ts';
import { freshNamespace, openConsole, Profile } from './support.ts';

interface Tab extends Window {
  memory: MemoryEngine;
}

/** Words that no dictionary has, without a common beginning that a word index could leave out. */
function newMarker(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(14)), (byte) =>
    String.fromCharCode(97 + (byte % 26)),
  ).join('');
}

interface Marked {
  readonly deleted: Readonly<Record<string, string>>;
  readonly expired: Readonly<Record<string, string>>;
  readonly kept: string;
}

function newMarkers(): Marked {
  const fields = ['content', 'former', 'tag', 'metadata', 'speaker', 'externalId', 'session'];
  const mark = () => Object.fromEntries(fields.map((field) => [field, newMarker()]));
  return { deleted: mark(), expired: mark(), kept: newMarker() };
}

const erased = ({ deleted, expired }: Marked) => [...Object.values(deleted), ...Object.values(expired)];

async function openIn(page: Page, namespace: string): Promise<void> {
  await openConsole(page);
  await page.evaluate(async (name) => {
    (window as unknown as Tab).memory = await window.loci.openMemory({ namespace: name });
  }, namespace);
}

/** Remembers marked texts in all fields, changes them, and reads them; answers the ids. */
async function remember(page: Page, marked: Marked, lifeMs: number) {
  return page.evaluate(
    async ([{ deleted, expired, kept }, life]) => {
      const { memory } = window as unknown as Tab;
      const memoryOf = (marks: Readonly<Record<string, string>>) => ({
        content: `It was ${marks.former} at first.`,
        tags: [marks.tag ?? ''],
        metadata: { note: marks.metadata ?? '', deep: [{ note: marks.metadata ?? '' }] },
        speaker: marks.speaker,
        externalId: marks.externalId,
        sessionId: marks.session,
      });
      const ids: string[] = [];
      for (const marks of [deleted, expired]) {
        const { id } = await memory.add(memoryOf(marks), { opId: `add-${crypto.randomUUID()}` });
        ids.push(id);
      }
      const expiresAt = Date.now() + life;
      for (const [i, marks] of [deleted, expired].entries())
        await memory.update(ids[i] ?? '', {
          content: `It is ${marks.content} now.`,
          metadata: { note: marks.metadata ?? '' },
          ...(i === 1 ? { expiresAt } : {}),
        });
      await memory.add({ content: `What stays is ${kept}.` });
      for (const id of ids) await memory.get(id, { includeVector: true });
      await memory.search(deleted.content ?? '');
      return ids;
    },
    [marked, lifeMs] as const,
  );
}

/** Which of the texts are in a key or a value of any IndexedDB database, as UTF-8 or UTF-16, byte by byte. */
const foundIn = (page: Page, texts: readonly string[]) =>
  page.evaluate(async (wanted) => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    // One byte is one character: what is looked for in either encoding is a text again.
    const latin = new TextDecoder('latin1');
    const wide = (text: string) => [...text].join('\0');
    const textOf = (value: unknown): string => {
      if (value instanceof ArrayBuffer) return latin.decode(value);
      if (ArrayBuffer.isView(value))
        return latin.decode(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      return JSON.stringify(value) ?? '';
    };
    const found = new Set<string>();
    let values = 0;
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const rows = database.transaction(store).objectStore(store);
        const [keys, held] = await Promise.all([done(rows.getAllKeys()), done(rows.getAll())]);
        values += held.length;
        for (const each of [...keys, ...held]) {
          const text = textOf(each);
          // The beginning may be shared with another word and left out.
          for (const word of wanted)
            if (text.includes(word.slice(4)) || text.includes(wide(word.slice(4)))) found.add(word);
        }
      }
      database.close();
    }
    return { found: [...found], values };
  }, texts);

const waitUntilErased = (page: Page, marked: Marked) =>
  expect.poll(async () => (await foundIn(page, erased(marked))).found, { timeout: 30_000 }).toEqual([]);

/** Files of the profile in which a text lies as UTF-8 or UTF-16, where a browser's own compression leaves it so. */
function filesWith(directory: string, texts: readonly string[]): readonly string[] {
  const wanted = texts.flatMap((text) => [Buffer.from(text, 'utf8'), Buffer.from(text, 'utf16le')]);
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.includes('IndexedDB'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const bytes = readFileSync(path);
      return wanted.some((each) => bytes.includes(each));
    })
    .map((path) => path.slice(path.indexOf('IndexedDB')));
}

/** Writes so many MB of memories that have nothing to do with it. */
async function addNoise(page: Page, megabytes: number): Promise<void> {
  await page.evaluate(async (count) => {
    const random = () => crypto.getRandomValues(new Uint8Array(20_000));
    const text = () => Array.from(random(), (byte) => String.fromCharCode(97 + (byte % 26))).join('');
    const memories = Array.from({ length: count }, () => ({ content: text() }));
    await (window as unknown as Tab).memory.addMany(memories);
  }, megabytes * 50);
  // Folded, and compacted by the browser.
  await page.waitForTimeout(3_000);
}

test('no stored value holds anything of a memory that was deleted or has expired, with two tabs open', async ({
  context,
}) => {
  const namespace = freshNamespace();
  const marked = newMarkers();
  const [owner, follower] = [await context.newPage(), await context.newPage()];
  for (const page of [owner, follower]) await openIn(page, namespace);
  const LIFE_MS = 8_000;
  const started = Date.now();
  const [deleted] = await remember(follower, marked, LIFE_MS);
  // In the log, with all that it was before; then folded.
  const inLog = (await foundIn(owner, erased(marked))).found;
  expect(inLog).toEqual(expect.arrayContaining([marked.deleted.former, marked.deleted.content]));
  await owner.waitForTimeout(3_000);
  const folded = (await foundIn(owner, erased(marked))).found;
  for (const field of ['content', 'former', 'tag', 'metadata', 'speaker', 'externalId', 'session'])
    expect(folded).toEqual(expect.arrayContaining([marked.deleted[field], marked.expired[field]]));

  await follower.evaluate(async (id = '') => {
    const { memory } = window as unknown as Tab;
    // Asked for while it goes, by both tabs' ways.
    const reading = Promise.allSettled([memory.get(id), memory.history(id), memory.search('now')]);
    await memory.delete(id, { opId: `delete-${crypto.randomUUID()}` });
    await reading;
  }, deleted);
  await owner.waitForTimeout(Math.max(0, LIFE_MS - (Date.now() - started)) + 100);
  await owner.evaluate(() => (window as unknown as Tab).memory.add({ content: 'Something else.' }));
  await waitUntilErased(owner, marked);
  const { found, values } = await foundIn(follower, [marked.kept]);
  expect(found).toEqual([marked.kept]);
  expect(values).toBeGreaterThan(5);

  await owner.close();
  await follower.close();
  const again = await context.newPage();
  await openIn(again, namespace);
  expect((await foundIn(again, erased(marked))).found).toEqual([]);
  expect((await foundIn(again, [marked.kept])).found).toEqual([marked.kept]);
});

/** Most that the browser may write before it has compacted away what was erased, MB. */
const MOST_MEGABYTES = 40;

/** Follows marked texts through the files of a profile, from storing them to their end. */
async function follow(title: string, erase: (page: Page, namespace: string, ids: string[]) => Promise<void>) {
  const profile = new Profile();
  const marked = newMarkers();
  const report: string[] = [title];
  const look = (when: string) => {
    const files = filesWith(profile.directory, erased(marked));
    report.push(`${when}: ${files.join(', ') || 'in no file'}`);
    return files;
  };
  try {
    let page = await (await profile.launch()).newPage();
    const namespace = freshNamespace();
    await openIn(page, namespace);
    const ids = await remember(page, marked, 3_600_000);
    await page.waitForTimeout(3_000);
    expect(look('stored')).not.toEqual([]);
    await erase(page, namespace, ids);
    await waitUntilErased(page, marked);
    look('in no stored value');
    page = await (await profile.restart()).newPage();
    await openIn(page, freshNamespace());
    let left = look('after a restart of the browser');
    for (let megabytes = 4; megabytes <= MOST_MEGABYTES && left.length > 0; megabytes += 4) {
      await addNoise(page, 4);
      left = look(`after ${megabytes} MB more`);
    }
    expect(left).toEqual([]);
  } finally {
    console.log(report.join('\n  '));
    await profile.remove();
  }
}

test('what the browser’s own files keep of an erased memory is gone once they are compacted', async () => {
  test.setTimeout(180_000);
  await follow('a deleted memory', (page, _, ids) =>
    page.evaluate(async (each) => {
      for (const id of each) await (window as unknown as Tab).memory.delete(id);
    }, ids),
  );
});

test('what they keep of a deleted database is gone then too', async () => {
  test.setTimeout(180_000);
  await follow('a deleted database', (page, namespace) =>
    page.evaluate(async (part) => {
      await (window as unknown as Tab).memory.close();
      for (const { name = '' } of await indexedDB.databases())
        if (name.includes(part))
          await new Promise((resolve, reject) => {
            const request = indexedDB.deleteDatabase(name);
            request.onsuccess = resolve;
            request.onerror = () => reject(request.error);
          });
    }, namespace),
  );
});
