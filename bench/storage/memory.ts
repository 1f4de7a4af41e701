/** What a worker holds, as the browser's debugger counts it. */

import type { CDPSession, Page } from 'playwright';

export interface WorkerBytes {
  /** All of the following. */
  readonly total: number;
  /** V8's heap after a collection. */
  readonly jsHeap: number;
  /** What the browser's own objects of the worker take. */
  readonly embedder: number;
  /** Contents of array buffers, and strings outside of the heap. */
  readonly arrayBuffers: number;
  /** Lengths of all `WebAssembly.Memory`, which the three above leave out. */
  readonly wasm: number;
}

/** Longest wait for a worker to be found and to answer, ms. */
const DEADLINE_MS = 30_000;

/**
 * Measures the worker of a page whose script's URL contains a name: collects garbage first.
 *
 * `performance.measureUserAgentSpecificMemory()` leaves out WASM memory too, so that the debugger is
 * asked for every living `WebAssembly.Memory`.
 */
export async function measureWorker(page: Page, script: string): Promise<WorkerBytes> {
  const session = await page.context().newCDPSession(page);
  try {
    return await inTime(measure(session, script));
  } finally {
    await session.detach();
  }
}

async function measure(session: CDPSession, script: string): Promise<WorkerBytes> {
  const sessionId = await attach(session, script);
  const send = sender(session, sessionId);
  await send('HeapProfiler.collectGarbage', {});
  const wasm = await wasmBytes(send);
  const heap = await send<{
    readonly usedSize: number;
    readonly embedderHeapUsedSize?: number;
    readonly backingStorageSize?: number;
  }>('Runtime.getHeapUsage', {});
  if (heap.backingStorageSize === undefined) throw new Error('this Chromium does not count array buffers');
  const { usedSize: jsHeap, embedderHeapUsedSize: embedder = 0, backingStorageSize: arrayBuffers } = heap;
  return { total: jsHeap + embedder + arrayBuffers + wasm, jsHeap, embedder, arrayBuffers, wasm };
}

type Send = <T>(method: string, params: object) => Promise<T>;

async function wasmBytes(send: Send): Promise<number> {
  const { result } = await send<{ readonly result: { readonly objectId: string } }>('Runtime.evaluate', {
    expression: 'WebAssembly.Memory.prototype',
  });
  const { objects } = await send<{ readonly objects: { readonly objectId: string } }>(
    'Runtime.queryObjects',
    {
      prototypeObjectId: result.objectId,
    },
  );
  const answer = await send<{ readonly result: { readonly value: number } }>('Runtime.callFunctionOn', {
    objectId: objects.objectId,
    functionDeclaration: 'function () { return this.reduce((sum, each) => sum + each.buffer.byteLength, 0) }',
    returnByValue: true,
  });
  return answer.result.value;
}

/** A session with the worker; not a flat one, for Playwright sends to its own sessions only. */
function attach(session: CDPSession, script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (targetInfo.type === 'worker' && targetInfo.url.includes(script)) resolve(sessionId);
    });
    session
      .send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false })
      .catch(reject);
  });
}

function sender(session: CDPSession, sessionId: string): Send {
  let lastId = 0;
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  session.on('Target.receivedMessageFromTarget', (event) => {
    if (event.sessionId !== sessionId) return;
    const { id, result, error } = JSON.parse(event.message);
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result as never);
    else call?.reject(new Error(`the debugger: ${error.message}`));
  });
  return (method, params) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      const message = JSON.stringify({ id: lastId, method, params });
      session.send('Target.sendMessageToTarget', { sessionId, message }).catch(reject);
    });
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the worker was not measured in time')), DEADLINE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
