/** Makes the Nth request or transaction of a real IndexedDB fail, by the browser's own methods; `disarm` ends it. */

/**
 * How it fails:
 * - `throws`: the request cannot be made; the method throws.
 * - `aborts`: the request is made, and its transaction is aborted before it is answered.
 * - `abortsLate`: the request succeeds, and then the transaction is aborted, as Chromium does when space ends.
 * - `closes`: the browser closes the connection, and the transaction ends with it.
 *
 * Reads are aborted once the code that runs has ended, as the browser does it. Writes are aborted at
 * once, or kept from committing until then: a transaction that was told to commit cannot be aborted by hand.
 */
export type RequestFault = 'throws' | 'aborts' | 'abortsLate' | 'closes';

export interface ArmedFault {
  /** Gives the browser its own methods back; answers whether the fault struck. */
  disarm(): boolean;
}

type Method = (...args: never[]) => unknown;

/** Requests of a store; these and the beginnings of transactions are counted. */
const READS = ['get', 'getAll', 'getAllKeys', 'getKey', 'count', 'openCursor'] as const;
const WRITES = ['put', 'add', 'delete'] as const;

/** Transactions that will be aborted. */
const doomed = new WeakSet<IDBTransaction>();

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
  const requestThatFails = (isWrite: boolean) => (original: Method) =>
    function (this: IDBObjectStore, ...args: never[]) {
      if (!isDue(this.transaction.db)) return original.apply(this, args);
      if (fault === 'throws') throw new DOMException('failed by command', 'UnknownError');
      const request = original.apply(this, args) as IDBRequest;
      strike(request, this.transaction, isWrite, fault);
      return request;
    };
  const restore = [
    ...READS.map((method) => patch(IDBObjectStore.prototype, method, requestThatFails(false))),
    ...WRITES.map((method) => patch(IDBObjectStore.prototype, method, requestThatFails(true))),
    patch(
      IDBDatabase.prototype,
      'transaction',
      (original) =>
        function (this: IDBDatabase, ...args: never[]) {
          if (!isDue(this)) return original.apply(this, args);
          if (fault === 'closes') this.close();
          if (fault === 'throws') throw new DOMException('failed by command', 'UnknownError');
          const made = original.apply(this, args) as IDBTransaction;
          abortSoon(made);
          return made;
        },
    ),
    patch(
      IDBTransaction.prototype,
      'commit',
      (original) =>
        function (this: IDBTransaction, ...args: never[]) {
          return doomed.has(this) ? undefined : original.apply(this, args);
        },
    ),
  ];
  return {
    disarm: () => {
      for (const each of restore) each();
      return hasStruck;
    },
  };
}

function strike(
  request: IDBRequest,
  transaction: IDBTransaction,
  isWrite: boolean,
  fault: Exclude<RequestFault, 'throws'>,
): void {
  doomed.add(transaction);
  if (fault === 'closes') transaction.db.close();
  if (fault === 'abortsLate') request.addEventListener('success', () => transaction.abort());
  else if (isWrite) transaction.abort();
  else abortSoon(transaction);
}

/** Aborts it once the code that runs has ended; one that has ended by then is left. */
function abortSoon(transaction: IDBTransaction): void {
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
  const set = (value: Method) =>
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  set(make(original));
  return () => void set(original);
}
