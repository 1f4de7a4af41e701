/** Bad days of a real IndexedDB, made to happen in Vitest’s browser; `vi.restoreAllMocks` ends them. */

import { vi } from 'vitest';

/** The result of a plain IndexedDB request. */
export function request<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/** The databases of a storage bucket of 1 MB: Chromium remembers for a while that the default one has room. */
export async function smallBucket(): Promise<IDBFactory> {
  const { storageBuckets } = navigator as Navigator & {
    storageBuckets: { open(name: string, options: { quota: number }): Promise<{ indexedDB: IDBFactory }> };
  };
  return (await storageBuckets.open('small', { quota: 1_000_000 })).indexedDB;
}

/** Aborts the transaction of the put that has this number, counted from 1. */
export function abortAfterPut(number: number): void {
  const put = IDBObjectStore.prototype.put;
  let puts = 0;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
    const asked = put.apply(this, args);
    if (++puts === number) this.transaction.abort();
    return asked;
  });
}

/** Holds the rows with a transaction of another connection until the function answered is called. */
export async function lock(name: string): Promise<() => Promise<void>> {
  const db = await request(indexedDB.open(name));
  const transaction = db.transaction(['rows', 'meta'], 'readwrite');
  let isLocked = true;
  const hold = (): void => {
    transaction.objectStore('rows').get('none').onsuccess = () => (isLocked ? hold() : undefined);
  };
  hold();
  const ended = new Promise<void>((resolve) => {
    transaction.oncomplete = () => resolve();
  });
  return async () => {
    isLocked = false;
    await ended;
    db.close();
  };
}

/** Lets every transaction land and keeps its completion from being heard; `then` happens instead. */
export function swallowCompletion(then: (transaction: IDBTransaction) => void = () => undefined): void {
  const transaction = IDBDatabase.prototype.transaction;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
    const made = transaction.apply(this, args);
    made.addEventListener('complete', (event) => {
      event.stopImmediatePropagation();
      then(made);
    });
    return made;
  });
}

/** The first opens (all, unless told otherwise) throw. */
export function failOpen(error: DOMException, times = Number.POSITIVE_INFINITY) {
  const open = IDBFactory.prototype.open;
  let opens = 0;
  return vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(function (this: IDBFactory, ...args) {
    if (++opens <= times) throw error;
    return open.apply(this, args);
  });
}

/** What may befall a request, or the transaction it belongs to. */
export type RequestFault = 'throws' | 'fails' | 'aborts' | 'dies' | 'is not confirmed';

/**
 * Lets the request that has this number go wrong, counted from 1 over all reads and writes of all
 * transactions. Answers how many requests there were so far.
 */
export function failRequest(number: number, fault: RequestFault): () => number {
  let requests = 0;
  const methods = ['get', 'getAll', 'getAllKeys', 'put', 'delete'] as const;
  for (const method of methods) {
    const native = IDBObjectStore.prototype[method] as (...args: unknown[]) => IDBRequest;
    vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (
      this: IDBObjectStore,
      ...args: unknown[]
    ) {
      requests += 1;
      if (requests !== number) return native.apply(this, args);
      return befall(this, fault, () => native.apply(this, args));
    } as never);
  }
  return () => requests;
}

function befall(store: IDBObjectStore, fault: RequestFault, ask: () => IDBRequest): IDBRequest {
  const { transaction } = store;
  switch (fault) {
    case 'throws':
      throw new DOMException('Connection to Indexed Database server lost.', 'UnknownError');
    case 'fails':
      // A request that fails in earnest, and takes its transaction along: a key that is there already.
      if (transaction.mode === 'readonly') throw new DOMException('the disk failed', 'UnknownError');
      store.add(new Uint8Array(1), 'there already');
      return store.add(new Uint8Array(1), 'there already');
    case 'aborts': {
      const asked = ask();
      transaction.abort();
      return asked;
    }
    case 'dies': {
      const asked = ask();
      transaction.db.close();
      transaction.db.dispatchEvent(new Event('close'));
      return asked;
    }
    case 'is not confirmed':
      transaction.addEventListener('complete', (event) => {
        event.stopImmediatePropagation();
        transaction.dispatchEvent(new Event('abort'));
      });
      return ask();
  }
}

/** Opens databases as a later release of this package would. */
export function openOneVersionHigher(): void {
  const open = IDBFactory.prototype.open;
  vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(function (this: IDBFactory, name, version) {
    return open.call(this, name, (version ?? 1) + 1);
  });
}
