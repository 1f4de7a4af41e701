/** What the host's tests in a browser share: engines that are closed after each test, and workers that can hang. */

import { afterEach } from 'vitest';
import type { EngineEvent, MemoryEngine, Status } from '../types.ts';
import { type OpenOptions, openMemory } from './client.ts';

export interface TabsOptions {
  /** Whether {@link stall} and {@link loseConnection} reach the workers. Default false. */
  readonly areFragile?: boolean;
  /** Whether the workers have Web Locks. Default true. */
  readonly haveLocks?: boolean;
}

/** The engines and the workers of one test. */
export function createTabs({ areFragile = false, haveLocks = true }: TabsOptions = {}) {
  const engines: MemoryEngine[] = [];
  const workers: Worker[] = [];
  const createWorker = (): Worker => {
    const worker =
      areFragile || !haveLocks
        ? new Worker(fragileScript(haveLocks), { type: 'module' })
        : new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
    workers.push(worker);
    return worker;
  };
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.close();
    workers.length = 0;
  });
  return {
    /** In the order of their making. */
    workers,
    /** Opens a namespace as another tab would; one that no other test has, unless it is named. */
    async open(options: OpenOptions = {}): Promise<MemoryEngine> {
      const engine = await openMemory({ namespace: crypto.randomUUID(), createWorker, ...options });
      engines.push(engine);
      return engine;
    },
  };
}

/** Keeps a worker busy for so long. */
export function stall(worker: Worker | undefined, stallMs: number): void {
  if (worker === undefined) throw new Error('there is no such worker');
  worker.postMessage({ stallMs });
}

/** Closes a worker's databases without a word, as a browser may that was asleep. */
export function loseConnection(worker: Worker | undefined): void {
  if (worker === undefined) throw new Error('there is no such worker');
  worker.postMessage({ isConnectionLost: true });
}

/** The engine's worker, which can be told what is to go wrong. */
function fragileScript(hasLocks: boolean): string {
  const script = `
    ${hasLocks ? '' : "Object.defineProperty(navigator, 'locks', { value: undefined });"}
    const databases = [];
    const transaction = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (...args) {
      if (!databases.includes(this)) databases.push(this);
      return transaction.apply(this, args);
    };
    addEventListener('message', ({ data }) => {
      const end = Date.now() + (data?.stallMs ?? 0);
      while (Date.now() < end);
      if (data?.isConnectionLost) for (const database of databases.splice(0)) database.close();
    });
    // Messages that come while it loads are kept for it.
    const early = [];
    const keep = (event) => early.push(event.data);
    addEventListener('message', keep);
    await import(${JSON.stringify(new URL('./engine.worker.ts', import.meta.url).href)});
    removeEventListener('message', keep);
    for (const data of early) dispatchEvent(new MessageEvent('message', { data }));`;
  return URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
}

/** The first status told that meets a condition. */
export function statusOf(engine: MemoryEngine, isMeant: (status: Status) => boolean): Promise<Status> {
  return new Promise((resolve) => {
    engine.subscribe((event: EngineEvent) => {
      if (event.type === 'status' && isMeant(event.status)) resolve(event.status);
    });
  });
}

export const contentsOf = async (engine: MemoryEngine) =>
  (await engine.list({ order: 'oldest', limit: 1_000 })).memories.map(({ content }) => content);

/** Locks that are held, or waited for, on behalf of a namespace. */
export async function locksOf(namespace: string): Promise<number> {
  const { held = [], pending = [] } = await navigator.locks.query();
  return [...held, ...pending].filter(({ name }) => name?.endsWith(`:${namespace}`)).length;
}
