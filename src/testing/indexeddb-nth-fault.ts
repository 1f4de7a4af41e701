/** Makes the Nth request or transaction of a real IndexedDB fail, in Vitest’s browser; `disarm` ends it. */

/**
 * How it fails:
 * - `throws`: the request cannot be made; the method throws.
 * - `aborts`: the request is made, and its transaction is aborted at once.
 * - `abortsLate`: the request succeeds, and then the transaction is aborted, as Chromium does when space ends.
 * - `closes`: the browser closes the connection before the request.
 */
export type RequestFault = 'throws' | 'aborts' | 'abortsLate' | 'closes';

export interface ArmedFault {
  /** Gives the browser its own methods back; answers whether the fault struck. */
  disarm(): boolean;
}

type Method = (...args: never[]) => unknown;

/** Which methods are counted: every request of a store, and every beginning of a transaction. */
const REQUESTS = [
  'put',
  'add',
  'get',
  'getAll',
  'getAllKeys',
  'getKey',
  'count',
  'delete',
  'openCursor',
] as const;

/** From now on the request with this number, counted from 1 over the databases of that name, fails. */
export function failRequest(database: string, at: number, fault: RequestFault): ArmedFault {
  let count = 0;
  let hasStruck = false;
  const isDue = ({ name }: IDBDatabase): boolean => {
    if (name !== database) return false;
    count += 1;
    if (count !== at) return false;
    hasStruck = true;
    return true;
  };
  const store = IDBObjectStore.prototype;
  const restore = [
    ...REQUESTS.map((method) =>
      patch(store, method, (original) => {
        return function (this: IDBObjectStore, ...args: never[]) {
          return isDue(this.transaction.db)
            ? strike(this, original, args, fault)
            : original.apply(this, args);
        };
      }),
    ),
    patch(IDBDatabase.prototype, 'transaction', (original) => {
      return function (this: IDBDatabase, ...args: never[]) {
        if (!isDue(this)) return original.apply(this, args);
        if (fault === 'closes') this.close();
        if (fault === 'throws') throw new DOMException('failed by command', 'UnknownError');
        const made = original.apply(this, args) as IDBTransaction;
        if (fault === 'aborts') made.abort();
        if (fault === 'abortsLate') abortLate(made);
        return made;
      };
    }),
  ];
  return {
    disarm: () => {
      for (const each of restore) each();
      return hasStruck;
    },
  };
}

function strike(store: IDBObjectStore, original: Method, args: never[], fault: RequestFault): unknown {
  if (fault === 'throws') throw new DOMException('failed by command', 'UnknownError');
  if (fault === 'closes') {
    // What a lost connection looks like from within: its transactions end without a reason.
    store.transaction.db.close();
    store.transaction.abort();
    throw new DOMException('The database connection is closing.', 'InvalidStateError');
  }
  const request = original.apply(store, args) as IDBRequest;
  const { transaction } = store;
  if (fault === 'aborts') transaction.abort();
  else request.addEventListener('success', () => abortLate(transaction));
  return request;
}

/** A transaction that has ended already, or was told to commit, cannot be aborted. */
function abortLate(transaction: IDBTransaction): void {
  queueMicrotask(() => {
    try {
      transaction.abort();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error;
    }
  });
}

/** Puts another method in the place of one, and answers how to put it back. */
function patch<T extends object>(
  target: T,
  name: keyof T & string,
  make: (original: Method) => Method,
): () => void {
  const original = target[name] as Method;
  Object.defineProperty(target, name, { value: make(original), configurable: true, writable: true });
  return () => {
    Object.defineProperty(target, name, { value: original, configurable: true, writable: true });
  };
}
