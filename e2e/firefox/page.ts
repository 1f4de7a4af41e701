/** Runs by itself, and sends what it found to the server it came from. */

import { openMemory } from '../../src/index.ts';

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

const told = await Promise.all([kernelInWorker(), memoryTwice()]).then(
  ([kernel, memory]) => ({ kernel, memory }),
  (error: unknown) => ({ error: String(error) }),
);
await fetch('/found', { method: 'POST', body: JSON.stringify(told) });
