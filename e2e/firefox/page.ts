/** Runs by itself, and sends what it found to the server it came from. */

import { openMemory } from '../../src/index.ts';
import type { MemoryEngine } from '../../src/types.ts';

/** How the two pages of the test talk. */
const talk = new BroadcastChannel('firefox-test');
const said = (wanted: string) =>
  new Promise<unknown>((resolve) => {
    talk.addEventListener('message', ({ data }) => {
      if (data.kind === wanted) resolve(data.value);
    });
  });

async function kernelInWorker(): Promise<unknown> {
  const worker = new Worker(new URL('./kernel.worker.ts', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message || 'the worker failed'));
  });
}

async function memoryTwice(): Promise<unknown> {
  const first = await openMemory({ namespace: 'firefox' });
  const { durability } = await first.add({ content: 'Ana lives in Lisbon' });
  await first.close();
  const second = await openMemory({ namespace: 'firefox' });
  const { hits, plan } = await second.search('Where does Ana live?');
  const { storage } = await second.status();
  await second.close();
  return { durability, content: hits[0]?.memory.content, index: plan.index, storage: storage.kind };
}

const contentsOf = async (memory: MemoryEngine) =>
  (await memory.list({ order: 'oldest' })).memories.map(({ content }) => content);

/** The first page: the owner, until it closes with the other's write under way. */
async function asFirstTab(): Promise<unknown> {
  const memory = await openMemory({ namespace: 'firefox-tabs' });
  await memory.add({ content: 'of the first' });
  const { role } = await memory.status();
  const written = said('written');
  const done = said('done');
  window.open('/?second');
  await written;
  const contents = await contentsOf(memory);
  talk.postMessage({ kind: 'closing' });
  await memory.close();
  return { role, contents, second: await done };
}

/** The second page: reaches the owner, and takes its place. */
async function asSecondTab(): Promise<void> {
  const memory = await openMemory({ namespace: 'firefox-tabs' });
  const before = (await memory.status()).role;
  await memory.add({ content: 'of the second' });
  const closing = said('closing');
  talk.postMessage({ kind: 'written' });
  await closing;
  const writes = Array.from({ length: 20 }, (_, i) => memory.add({ content: `while it closes ${i}` }));
  await Promise.all(writes);
  const { role: after } = await memory.status();
  const contents = await contentsOf(memory);
  talk.postMessage({
    kind: 'done',
    value: { before, after, count: contents.length, different: new Set(contents).size },
  });
}

/** Adds, reloads the page, and finds again; answers on the second load. */
async function acrossReload(): Promise<unknown> {
  const memory = await openMemory({ namespace: 'firefox-reload' });
  if (sessionStorage.getItem('reloaded') === null) {
    await memory.add({ content: 'Bo moved to Porto' });
    sessionStorage.setItem('reloaded', 'yes');
    location.reload();
    return new Promise(() => undefined);
  }
  const { hits } = await memory.search('Where did Bo move?');
  const { storage } = await memory.status();
  return { content: hits[0]?.memory.content, origin: storage.origin, connection: storage.connection?.state };
}

if (location.search === '?second') await asSecondTab();
else {
  const found = async () => ({
    reload: await acrossReload(),
    kernel: await kernelInWorker(),
    memory: await memoryTwice(),
    tabs: await asFirstTab(),
  });
  const told = await found().catch((error: unknown) => ({ error: String(error) }));
  await fetch('/found', { method: 'POST', body: JSON.stringify(told) });
}
