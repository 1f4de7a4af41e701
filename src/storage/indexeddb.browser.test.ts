import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LociError } from '../errors.ts';
import {
  abortAfterPut,
  failOpen,
  failRequest,
  lock,
  openOneVersionHigher,
  type RequestFault,
  request,
  smallBucket,
  swallowCompletion,
} from '../testing/indexeddb-faults.ts';
import { describeStorageContract } from '../testing/storage-contract.ts';
import {
  databaseName,
  deleteDatabase,
  type IndexedDbStorage,
  listFormats,
  openIndexedDbStorage,
} from './indexeddb.ts';
import type { Commit, Storage } from './storage.ts';

let count = 0;
const beginTransaction = IDBDatabase.prototype.transaction;
const newName = (): string => databaseName('test', `indexeddb-${++count}`, 1);
const ALL = { from: '', to: '\uffff' };
const commitOf = (key: string, change: Partial<Commit> = {}): Commit => ({
  expectEpoch: 0,
  puts: [{ key, value: new Uint8Array([1]) }],
  durability: 'journaled',
  ...change,
});
const failing = (code: string, more: object = {}) =>
  expect.objectContaining({ name: 'LociError', code, hint: expect.any(String), ...more });
const keysOf = async (storage: Storage) => (await storage.getRange(ALL)).map(({ key }) => key);

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const names = new WeakMap<Storage, string>();
const openNamed = async (name: string): Promise<Storage> => {
  const storage = await openIndexedDbStorage({ name });
  names.set(storage, name);
  return storage;
};
describeStorageContract('IndexedDB storage', {
  create: () => openNamed(newName()),
  reopen: (storage) => openNamed(names.get(storage) ?? ''),
});

describe('an IndexedDB connection', () => {
  let name: string;
  let storage: IndexedDbStorage;
  let raw: IDBDatabase | undefined;
  beforeEach(async () => {
    name = newName();
    storage = await openIndexedDbStorage({ name });
    await storage.commit(commitOf('a'));
    raw = undefined;
    const transaction = IDBDatabase.prototype.transaction;
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
      if (this.name === name) raw = this;
      return transaction.apply(this, args);
    });
  });
  afterEach(() => storage.close());

  it('that was closed under us is opened again by the next call', async () => {
    await storage.get('a');
    raw?.close();
    expect(await keysOf(storage)).toEqual(['a']);
    raw?.close();
    await storage.commit(commitOf('b'));
    expect(await keysOf(storage)).toEqual(['a', 'b']);
  });

  it('that the browser ended is opened again by the next call', async () => {
    await storage.get('a');
    const first = raw;
    first?.dispatchEvent(new Event('close'));
    expect(await keysOf(storage)).toEqual(['a']);
    expect(raw).not.toBe(first);
  });

  it('lets another tab delete the database, and says that what was stored is gone', async () => {
    await request(indexedDB.deleteDatabase(name));
    const gone = failing('STORAGE_UNAVAILABLE', { details: { reason: 'database-gone' }, retryable: false });
    await expect(storage.commit(commitOf('b'))).rejects.toEqual(gone);
    await expect(storage.getRange(ALL)).rejects.toEqual(gone);
    expect((await indexedDB.databases()).map((database) => database.name)).not.toContain(name);
    expect(storage.connection()).toMatchObject({
      state: 'failed',
      lastError: { code: 'STORAGE_UNAVAILABLE' },
    });
  });

  it('never goes on in another database of the same name, whose epochs count anew', async () => {
    await request(indexedDB.deleteDatabase(name));
    const other = await openIndexedDbStorage({ name });
    await other.commit(commitOf('of the other'));
    const gone = failing('STORAGE_UNAVAILABLE', { details: { reason: 'database-gone' } });
    await expect(storage.commit(commitOf('b'))).rejects.toEqual(gone);
    expect(await keysOf(other)).toEqual(['of the other']);
    await other.close();
  });

  it('lets another tab upgrade the database, and the next call says that it is newer', async () => {
    const newer = await request(indexedDB.open(name, 2));
    await expect(storage.get('a')).rejects.toEqual(failing('NEWER_FORMAT'));
    newer.close();
  });

  it('that stays dead is reopened three times and then given up, retryably', async () => {
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw new DOMException('The database connection is closing.', 'InvalidStateError');
    });
    const expected = failing('STORAGE_UNAVAILABLE', {
      retryable: true,
      details: { reason: 'connection-lost' },
    });
    await expect(storage.commit(commitOf('b'))).rejects.toEqual(expected);
    expect(transaction).toHaveBeenCalledTimes(4);
  });

  it('shows its state, how often it was opened again, and what it met last', async () => {
    await storage.get('a');
    expect(storage.connection()).toEqual({ state: 'open', reopened: 0 });
    raw?.dispatchEvent(new Event('close'));
    const lastError = { code: 'STORAGE_UNAVAILABLE', message: expect.stringContaining('ended') };
    expect(storage.connection()).toEqual({ state: 'idle', reopened: 0, lastError });
    await storage.get('a');
    expect(storage.connection()).toEqual({ state: 'open', reopened: 1, lastError });
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw new DOMException('The database connection is closing.', 'InvalidStateError');
    });
    await expect(storage.get('a')).rejects.toEqual(failing('STORAGE_UNAVAILABLE'));
    expect(storage.connection().state).toBe('failed');
    vi.restoreAllMocks();
    expect(await keysOf(storage)).toEqual(['a']);
    expect(storage.connection().state).toBe('open');
    await storage.close();
    expect(storage.connection().state).toBe('closed');
  });

  it('tells whom it concerns when it changes, and when it was ended', async () => {
    const told: string[] = [];
    let watched: IndexedDbStorage | undefined;
    watched = await openIndexedDbStorage({
      name,
      onConnectionChange: () => told.push(watched?.connection().state ?? 'not open yet'),
      onConnectionEnded: () => told.push('ended'),
    });
    await watched.get('a');
    raw?.dispatchEvent(new Event('close'));
    await watched.get('a');
    expect(told).toEqual(['not open yet', 'not open yet', 'idle', 'ended', 'reopening', 'open']);
    await watched.close();
  });

  it('that is dead is found by a probe, and replaced before a call meets it', async () => {
    await storage.get('a');
    raw?.close();
    await storage.probe();
    expect(storage.connection()).toMatchObject({ state: 'open', reopened: 1 });
  });

  it('that does not answer a probe is dropped, and a new one is asked', async () => {
    vi.mocked(IDBDatabase.prototype.transaction).mockImplementationOnce(function (
      this: IDBDatabase,
      ...args
    ) {
      const made = beginTransaction.apply(this, args);
      made.addEventListener('complete', (event) => event.stopImmediatePropagation());
      return made;
    });
    await storage.probe();
    expect(storage.connection()).toMatchObject({ state: 'open', reopened: 1 });
    expect(storage.connection().lastError?.code).toBe('DEADLINE_EXCEEDED');
  });

  it('whose server is lost in the middle of a read is opened again for it', async () => {
    vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementationOnce(() => {
      throw new DOMException('Connection to Indexed Database server lost.', 'UnknownError');
    });
    expect(await storage.get('a')).toEqual(new Uint8Array([1]));
  });
});

describe('an IndexedDB commit', () => {
  let storage: IndexedDbStorage;
  let name: string;
  beforeEach(async () => {
    name = newName();
    storage = await openIndexedDbStorage({ name, deadlineMs: 300 });
    await storage.commit(commitOf('a'));
  });
  afterEach(() => storage.close());

  it('asks for relaxed durability when journaled and strict when flushed', async () => {
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await storage.commit(commitOf('b', { durability: 'journaled' }));
    await storage.commit(commitOf('c', { durability: 'flushed' }));
    const stores = ['rows', 'meta'];
    expect(transaction.mock.calls).toEqual([
      [stores, 'readwrite', { durability: 'relaxed' }],
      [stores, 'readwrite', { durability: 'strict' }],
    ]);
    const made = transaction.mock.results.map(({ value }) => value.durability);
    expect(made).toEqual(['relaxed', 'strict']);
  });

  it('makes its first request in the turn that begins its transaction, and every read too', async () => {
    const begun = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
      this: IDBDatabase,
      ...args
    ) {
      const made = beginTransaction.apply(this, args);
      const isAsked = () =>
        asked.mock.contexts.some((store) => (store as IDBObjectStore).transaction === made);
      queueMicrotask(() => firstTurns.push(isAsked()));
      return made;
    });
    const firstTurns: boolean[] = [];
    const asked = vi.spyOn(IDBObjectStore.prototype, 'get');
    await storage.commit(commitOf('b'));
    await storage.get('b');
    await storage.epoch();
    await storage.getMany(['a', 'b']);
    expect(firstTurns).toEqual(begun.mock.calls.map(() => true));
    expect(firstTurns).toHaveLength(4);
  });

  it('asks the browser to commit after the last put', async () => {
    const commit = vi.spyOn(IDBTransaction.prototype, 'commit');
    await storage.commit(commitOf('b'));
    expect(commit).toHaveBeenCalledTimes(1);
  });

  it('that is aborted between two puts is a typed error and changes nothing', async () => {
    abortAfterPut(2);
    const puts = ['b', 'c', 'd'].map((key) => ({ key, value: new Uint8Array([1]) }));
    await expect(storage.commit(commitOf('', { puts, deletes: ['a'] }))).rejects.toEqual(
      failing('STORAGE_FAILED'),
    );
    vi.restoreAllMocks();
    expect(await keysOf(storage)).toEqual(['a']);
    await storage.commit(commitOf('b'));
  });

  it('with a value that cannot be stored is a typed error and changes nothing', async () => {
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
      throw new DOMException('could not be cloned', 'DataCloneError');
    });
    const refused = storage.commit(commitOf('b', { deletes: ['a'] }));
    await expect(refused).rejects.toEqual(failing('STORAGE_FAILED', { cause: expect.any(DOMException) }));
    expect(await keysOf(storage)).toEqual(['a']);
  });

  it('whose request fails names the cause, not the abort that follows, and changes nothing', async () => {
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function (
      this: IDBObjectStore,
      value,
      key,
    ) {
      // A second `add` of one key is a failing request in an otherwise healthy transaction.
      this.add(value, key);
      return this.add(value, key);
    });
    const refused = storage.commit(commitOf('b', { deletes: ['a'] }));
    await expect(refused).rejects.toThrow(/ConstraintError/);
    await expect(refused).rejects.toEqual(failing('STORAGE_FAILED'));
    expect(await keysOf(storage)).toEqual(['a']);
  });

  it('that meets a locked store is called back at its deadline, and never lands', async () => {
    const unlock = await lock(name);
    await expect(storage.commit(commitOf('b'))).rejects.toEqual(
      failing('DEADLINE_EXCEEDED', { retryable: true }),
    );
    await unlock();
    expect(await keysOf(storage)).toEqual(['a']);
  });

  it('that was handed over and never confirmed has an unknown outcome', async () => {
    swallowCompletion();
    await expect(storage.commit(commitOf('b'))).rejects.toEqual(failing('OUTCOME_UNKNOWN'));
    vi.restoreAllMocks();
    expect(await keysOf(storage)).toEqual(['a', 'b']);
  });

  it('whose connection dies between the write and its confirmation has an unknown outcome', async () => {
    swallowCompletion((transaction) => transaction.dispatchEvent(new Event('abort')));
    await expect(storage.commit(commitOf('b'))).rejects.toEqual(failing('OUTCOME_UNKNOWN'));
  });

  it('is refused once a later release writes, those under way are waited for, and reads go on', async () => {
    const later = new LociError('NEWER_FORMAT', 'later', { hint: 'reload' });
    const underWay = storage.commit(commitOf('b'));
    let isStopped = false;
    const stopping = storage.stopCommits(later).then(() => (isStopped = true));
    await expect(storage.commit(commitOf('c'))).rejects.toBe(later);
    await underWay;
    await stopping;
    expect(isStopped).toBe(true);
    expect(await keysOf(storage)).toEqual(['a', 'b']);
  });

  it('beyond the quota of the browser is QUOTA_EXCEEDED and changes nothing', async () => {
    vi.stubGlobal('indexedDB', await smallBucket());
    const small = await openIndexedDbStorage({ name });
    await small.commit(commitOf('a'));
    const value = crypto.getRandomValues(new Uint8Array(65_536));
    const puts = Array.from({ length: 100 }, (_, i) => ({ key: `big/${i}`, value }));
    const refused = small.commit(commitOf('', { puts, deletes: ['a'] }));
    await expect(refused).rejects.toEqual(failing('QUOTA_EXCEEDED', { retryable: false }));
    expect(await keysOf(small)).toEqual(['a']);
    await small.commit({ expectEpoch: 0, deletes: ['a'], durability: 'journaled' });
    expect(await keysOf(small)).toEqual([]);
    await small.close();
  });
});

describe('whatever request goes wrong', () => {
  const history: readonly Commit[] = [
    commitOf('a'),
    commitOf('b', { deletes: ['a'] }),
    commitOf('', { puts: ['c', 'd'].map((key) => ({ key, value: new Uint8Array([2]) })) }),
    commitOf('', { puts: [], deleteRanges: [{ from: 'c', to: 'd' }], nextEpoch: 1 }),
    commitOf('e', { expectEpoch: 1 }),
  ];
  const apply = (state: readonly string[], { deletes = [], deleteRanges = [], puts = [] }: Commit) =>
    [
      ...new Set([
        ...state
          .filter((key) => !deletes.includes(key))
          .filter((key) => !deleteRanges.some(({ from, to }) => key >= from && key < to)),
        ...puts.map(({ key }) => key),
      ]),
    ].sort();

  const FAULTS: readonly RequestFault[] = ['throws', 'fails', 'aborts', 'dies', 'is not confirmed'];

  it.each(FAULTS)(
    'and %s: only the state before or after is there, and what resolved has landed',
    async (fault) => {
      for (let number = 1; ; number++) {
        const name = newName();
        const storage = await openIndexedDbStorage({ name, deadlineMs: 2_000 });
        const count = failRequest(number, fault);
        let certain: readonly string[] = [];
        let unknown: readonly string[] | undefined;
        for (const commit of history) {
          const after = apply(certain, commit);
          try {
            await storage.commit(commit);
            certain = after;
          } catch (error) {
            expect(error).toBeInstanceOf(LociError);
            if ((error as LociError).code === 'OUTCOME_UNKNOWN') unknown = after;
            break; // what follows rests on it
          }
          // A read may fail, and must not answer anything else.
          const read = await keysOf(storage).catch((error: unknown) => error);
          if (Array.isArray(read)) expect(read).toEqual(certain);
          else expect(read).toBeInstanceOf(LociError);
        }
        const requests = count();
        vi.restoreAllMocks();
        await storage.close();
        const again = await openIndexedDbStorage({ name });
        const found = await keysOf(again);
        await again.close();
        if (unknown === undefined) expect(found, `${fault} at request ${number}`).toEqual(certain);
        else expect([certain, unknown], `${fault} at request ${number}`).toContainEqual(found);
        if (requests < number) {
          expect(number).toBeGreaterThan(15);
          return;
        }
      }
    },
  );
});

describe('opening an IndexedDB storage', () => {
  const noIndexedDb = failing('STORAGE_UNAVAILABLE', {
    retryable: false,
    details: { reason: 'no-indexeddb' },
  });

  it('says so where there is no IndexedDB', async () => {
    vi.stubGlobal('indexedDB', undefined);
    await expect(openIndexedDbStorage({ name: newName() })).rejects.toEqual(noIndexedDb);
    expect(await listFormats('a', 'b')).toEqual([]);
  });

  it.each([
    ['a sandboxed frame', 'access to the Indexed Database API is denied', 'SecurityError'],
    ['a private window', 'A mutation operation was attempted on a database', 'InvalidStateError'],
  ])('says so in %s', async (_, message, errorName) => {
    failOpen(new DOMException(message, errorName));
    await expect(openIndexedDbStorage({ name: newName() })).rejects.toEqual(noIndexedDb);
  });

  it.each([
    ['QuotaExceededError', 'QUOTA_EXCEEDED'],
    ['UnknownError', 'STORAGE_FAILED'],
    ['InvalidStateError', 'STORAGE_FAILED'],
    ['AbortError', 'STORAGE_FAILED'],
  ])('never takes %s for a missing IndexedDB', async (errorName, code) => {
    failOpen(new DOMException('something else', errorName));
    await expect(openIndexedDbStorage({ name: newName() })).rejects.toEqual(failing(code));
  });

  it('tries again when the backing store fails once', async () => {
    const error = new DOMException(
      'Internal error opening backing store for indexedDB.open.',
      'UnknownError',
    );
    const open = failOpen(error, 1);
    const storage = await openIndexedDbStorage({ name: newName() });
    expect(open).toHaveBeenCalledTimes(2);
    await storage.close();
  });

  it('refuses a database of a newer version', async () => {
    const name = newName();
    (await request(indexedDB.open(name, 2))).close();
    await expect(openIndexedDbStorage({ name })).rejects.toEqual(
      failing('NEWER_FORMAT', { retryable: false }),
    );
  });

  it('gives up on a tab that holds an older version, and leaves nothing open', async () => {
    const name = newName();
    const holder = await request(indexedDB.open(name, 1));
    openOneVersionHigher();
    const blocked = openIndexedDbStorage({ name, blockedDeadlineMs: 50 });
    await expect(blocked).rejects.toEqual(
      failing('UPGRADE_BLOCKED', { retryable: true, hint: expect.stringContaining('other tabs') }),
    );
    vi.restoreAllMocks();
    holder.close();
    await request(indexedDB.deleteDatabase(name));
  });

  it('gives up when open never returns, and leaves nothing open when it does after all', async () => {
    const name = newName();
    const holder = await request(indexedDB.open(name, 1));
    // An open behind a blocked deletion gets no event at all (w3c/IndexedDB #223).
    const deleting = request(indexedDB.deleteDatabase(name));
    await expect(openIndexedDbStorage({ name, deadlineMs: 50 })).rejects.toEqual(
      failing('DEADLINE_EXCEEDED', { retryable: true }),
    );
    holder.close();
    const close = vi.spyOn(IDBDatabase.prototype, 'close');
    await deleting;
    await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1));
  });
});

describe('database names', () => {
  it('keep tenants and namespaces apart, whatever is in them', () => {
    expect(databaseName('acme', 'notes', 1)).toBe('loci:acme:notes:f1');
    expect(databaseName('a:b', 'c', 1)).not.toBe(databaseName('a', 'b:c', 1));
    expect(databaseName('é 😀', 'x', 2)).toBe('loci:%C3%A9%20%F0%9F%98%80:x:f2');
    expect(() => databaseName('\ud800', 'x', 1)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });

  it('list the formats of one namespace and of no other', async () => {
    const made = ['loci:t%3A:list:f10', 'loci:t%3A:list:f2', 'loci:t%3A:list:fx', 'loci:t%3A:lister:f3'];
    for (const name of made) (await request(indexedDB.open(name))).close();
    expect(await listFormats('t:', 'list')).toEqual([2, 10]);
    expect(await listFormats('t:', 'none')).toEqual([]);
  });

  it('are found one by one where the browser cannot list its databases, and none is made on the way', async () => {
    (await request(indexedDB.open('loci:t:unlisted:f2'))).close();
    const list = IDBFactory.prototype.databases;
    Reflect.set(IDBFactory.prototype, 'databases', undefined);
    try {
      expect(await listFormats('t', 'unlisted', [1, 2, 3])).toEqual([2]);
    } finally {
      Reflect.set(IDBFactory.prototype, 'databases', list);
    }
    expect(await listFormats('t', 'unlisted')).toEqual([2]);
  });

  it('are never answered with an empty list when the list cannot be read', async () => {
    vi.spyOn(IDBFactory.prototype, 'databases').mockRejectedValue(new DOMException('broken', 'UnknownError'));
    await expect(listFormats('t', 'list')).rejects.toEqual(failing('STORAGE_FAILED'));
  });
});

describe('deleting a database', () => {
  it('answers whether it is gone, in time, and leaves no timer running', async () => {
    const name = newName();
    const held = await request(indexedDB.open(name));
    const set = vi.spyOn(globalThis, 'setTimeout');
    const cleared = vi.spyOn(globalThis, 'clearTimeout');
    expect(await deleteDatabase(name, 50)).toBe(false);
    held.close();
    set.mockClear();
    expect(await deleteDatabase(name)).toBe(true);
    const timers = set.mock.results.map(({ value }) => value);
    expect(timers).toHaveLength(1);
    expect(cleared.mock.calls.map(([timer]) => timer)).toEqual(expect.arrayContaining(timers));
  });
});
