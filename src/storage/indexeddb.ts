/** A Storage in the browser's IndexedDB. */

import { deleteDB } from 'idb';
import { isLociError, LociError } from '../errors.ts';
import { BLOCKED_DEADLINE_MS, PROBE_DEADLINE_MS, STORAGE_DEADLINE_MS } from '../limits.ts';
import type { ConnectionStatus, Durability } from '../types.ts';
import { withDeadline } from './deadline.ts';
import type { Transaction } from './indexeddb-connection.ts';
import { Connection, findIndexedDb } from './indexeddb-connection.ts';
import {
  connectionLostError,
  deadlineError,
  isConnectionLost,
  isUnexplainedAbort,
  outcomeUnknownError,
  toOpenError,
  toStorageError,
} from './indexeddb-errors.ts';
import { staleEpochError } from './refusals.ts';
import type { Commit, KeyRange, RangeOptions, Row, Storage } from './storage.ts';

const EPOCH_KEY = 'epoch';

export interface IndexedDbStorageOptions {
  /** The database's name, as {@link databaseName} gives it. */
  readonly name: string;
  /** Longest wait for one operation, ms. Default `STORAGE_DEADLINE_MS`. */
  readonly deadlineMs?: number | undefined;
  /** Longest wait for another tab to let go of an older version, ms. Default `BLOCKED_DEADLINE_MS`. */
  readonly blockedDeadlineMs?: number | undefined;
  /** Told whenever `connection()` changes. */
  readonly onConnectionChange?: (() => void) | undefined;
  /** Told when the browser or another tab ended the connection: `probe()` finds out what is left. */
  readonly onConnectionEnded?: (() => void) | undefined;
}

/** A Storage whose connection can be looked at and cared for. */
export interface IndexedDbStorage extends Storage {
  connection(): ConnectionStatus;
  /**
   * Asks the database whether it is there, with a cheap read. A handle that does not answer is dropped
   * and another is opened, so that no user's call meets it.
   */
  probe(): Promise<void>;
  /** Refuses all commits from now on with this error; resolves when those under way have ended. Reads go on. */
  stopCommits(why: LociError): Promise<void>;
}

/**
 * Opens the store, or makes it where there is none.
 *
 * Rejects with `STORAGE_UNAVAILABLE` and `details.reason` `no-indexeddb` where the context has no
 * IndexedDB at all, and only there; else with `NEWER_FORMAT`, `UPGRADE_BLOCKED`, `DEADLINE_EXCEEDED`,
 * `QUOTA_EXCEEDED`, `STORAGE_FAILED`, or `STORAGE_UNAVAILABLE` that is retryable.
 *
 * @example
 * const storage = await openIndexedDbStorage({ name: databaseName('default', 'notes', 1) });
 */
export async function openIndexedDbStorage(options: IndexedDbStorageOptions): Promise<IndexedDbStorage> {
  const { name, deadlineMs = STORAGE_DEADLINE_MS, blockedDeadlineMs = BLOCKED_DEADLINE_MS } = options;
  const connection = new Connection({
    name,
    deadlineMs,
    blockedDeadlineMs,
    onChange: options.onConnectionChange,
    onEnded: options.onConnectionEnded,
  });
  const opening = connection.open();
  await withDeadline(opening, deadlineMs, () => {
    connection.close();
    return deadlineError(`Opening ${name}`, deadlineMs);
  });
  return new ConnectedStorage(connection, deadlineMs);
}

/** The name of a namespace's database: one per format, so that a new format is built beside the old one. */
export function databaseName(tenant: string, namespace: string, format: number): string {
  return `${namePrefix(tenant, namespace)}${format}`;
}

/**
 * The formats in which a namespace is stored here, ascending; empty where the browser has no IndexedDB.
 * Rejects where that could not be found out.
 *
 * @param candidates the formats that are looked for one by one where the browser cannot list its databases.
 */
export async function listFormats(
  tenant: string,
  namespace: string,
  candidates: readonly number[] = [],
): Promise<number[]> {
  const prefix = namePrefix(tenant, namespace);
  const factory = findIndexedDb();
  if (factory === undefined) return [];
  if (typeof factory.databases !== 'function') {
    const found: number[] = [];
    for (const format of candidates) if (await hasDatabase(factory, `${prefix}${format}`)) found.push(format);
    return found;
  }
  const listing = factory.databases().catch((error: unknown) => {
    throw toOpenError(error, prefix);
  });
  const databases = await withDeadline(listing, STORAGE_DEADLINE_MS, () =>
    deadlineError('Listing databases', STORAGE_DEADLINE_MS),
  );
  return databases
    .filter(({ name }) => name?.startsWith(prefix))
    .map(({ name }) => name?.slice(prefix.length) ?? '')
    .filter((format) => /^\d+$/.test(format))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Whether there is a database of a name: opens it, and gives up the one that would be made. */
function hasDatabase(factory: IDBFactory, name: string): Promise<boolean> {
  const looking = new Promise<boolean>((resolve, reject) => {
    let isNew = false;
    const request = factory.open(name);
    request.onupgradeneeded = () => {
      isNew = true;
      request.transaction?.abort();
    };
    request.onsuccess = () => {
      request.result.close();
      resolve(true);
    };
    request.onerror = () => (isNew ? resolve(false) : reject(request.error));
  }).catch((error: unknown) => {
    throw toOpenError(error, name);
  });
  return withDeadline(looking, STORAGE_DEADLINE_MS, () =>
    deadlineError(`Looking for ${name}`, STORAGE_DEADLINE_MS),
  );
}

/**
 * Deletes a database; answers whether it is gone. Where another connection keeps it open past the deadline, the
 * browser deletes it when that is closed.
 */
export async function deleteDatabase(name: string, deadlineMs = BLOCKED_DEADLINE_MS): Promise<boolean> {
  const deleting = deleteDB(name).then(
    () => true,
    (error: unknown) => {
      throw toOpenError(error, name);
    },
  );
  const late = deadlineError(`Deleting ${name}`, deadlineMs);
  try {
    return await withDeadline(deleting, deadlineMs, () => late);
  } catch (error) {
    if (error === late) return false;
    throw error;
  }
}

function namePrefix(tenant: string, namespace: string): string {
  try {
    return `loci:${encodeURIComponent(tenant)}:${encodeURIComponent(namespace)}:f`;
  } catch (error) {
    throw new LociError('INVALID_INPUT', 'A tenant or namespace is not well-formed text', {
      hint: 'Use names without half surrogate pairs.',
      cause: error,
    });
  }
}

/** A running operation, as its deadline needs to see it. */
interface Operation {
  isExpired: boolean;
  /** Whether the transaction was told to commit: from then on nobody can call it back. */
  isSubmitted: boolean;
  transaction: { abort(): void } | undefined;
}

interface RunPlan<M extends 'readonly' | 'readwrite'> {
  readonly mode: M;
  readonly durability: IDBTransactionDurability;
  /** Default: the storage's own. */
  readonly deadlineMs?: number | undefined;
}

class ConnectedStorage implements IndexedDbStorage {
  readonly kind = 'indexeddb';
  readonly persistent = true;
  readonly #connection: Connection;
  readonly #deadlineMs: number;
  readonly #commits = new Set<Promise<void>>();
  #stopped: LociError | undefined;

  constructor(connection: Connection, deadlineMs: number) {
    this.#connection = connection;
    this.#deadlineMs = deadlineMs;
  }

  epoch(): Promise<number> {
    return this.#read('Reading the epoch', readEpoch);
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#read('Reading a row', (tx) => tx.objectStore('rows').get(key));
  }

  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#read('Reading rows', (tx) => {
      const rows = tx.objectStore('rows');
      return Promise.all(keys.map((key) => ask(() => rows.get(key))));
    });
  }

  getRange(range: KeyRange, options: RangeOptions = {}): Promise<readonly Row[]> {
    return this.#read('Reading a range', async (tx) => {
      const query = toKeyRange(range);
      const { limit } = options;
      // A count of 0 means "all" to getAll.
      if (query === undefined || (limit !== undefined && limit < 1)) return [];
      const rows = tx.objectStore('rows');
      const [keys, values] = await Promise.all([
        ask(() => rows.getAllKeys(query, limit)),
        ask(() => rows.getAll(query, limit)),
      ]);
      return keys.flatMap((key, i) => {
        const value = values[i];
        return value === undefined ? [] : [{ key, value }];
      });
    });
  }

  getKeys(range: KeyRange, options: RangeOptions = {}): Promise<readonly string[]> {
    return this.#read('Reading keys', async (tx) => {
      const query = toKeyRange(range);
      const { limit } = options;
      // A count of 0 means "all" here too.
      if (query === undefined || (limit !== undefined && limit < 1)) return [];
      return tx.objectStore('rows').getAllKeys(query, limit);
    });
  }

  async commit(commit: Commit): Promise<Durability> {
    if (this.#stopped !== undefined) throw this.#stopped;
    // Copied before the first await. A whole copy also keeps a view from taking its entire buffer along.
    const puts = (commit.puts ?? []).map(({ key, value }) => ({ key, value: new Uint8Array(value) }));
    const durability = commit.durability === 'flushed' ? 'strict' : 'relaxed';
    const committing = this.#run('A commit', { mode: 'readwrite', durability }, (tx, operation) =>
      write(tx, { ...commit, puts }, operation),
    );
    this.#commits.add(committing);
    try {
      await committing;
    } finally {
      this.#commits.delete(committing);
    }
    return commit.durability;
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  connection(): ConnectionStatus {
    return this.#connection.status;
  }

  async probe(): Promise<void> {
    const look = () => this.#read('Asking the database', readEpoch, PROBE_DEADLINE_MS);
    try {
      await look();
    } catch (error) {
      if (!isLociError(error) || error.code !== 'DEADLINE_EXCEEDED') throw error;
      await look(); // the handle that did not answer was dropped
    }
  }

  async stopCommits(why: LociError): Promise<void> {
    this.#stopped ??= why;
    await Promise.allSettled(this.#commits);
  }

  #read<T>(
    action: string,
    work: (tx: Transaction<'readonly'>) => Promise<T>,
    deadlineMs?: number,
  ): Promise<T> {
    const plan = { mode: 'readonly', durability: 'default', deadlineMs } as const;
    return this.#run(action, plan, async (tx) => {
      try {
        const [answer] = await Promise.all([work(tx), tx.done]);
        return answer;
      } catch (error) {
        if (isUnexplainedAbort(error)) throw connectionLostError(`${action} was cut off`, error);
        throw toStorageError(error, action);
      }
    });
  }

  #run<M extends 'readonly' | 'readwrite', T>(
    action: string,
    { deadlineMs = this.#deadlineMs, ...how }: RunPlan<M>,
    work: (tx: Transaction<M>, operation: Operation) => Promise<T>,
  ): Promise<T> {
    const operation: Operation = { isExpired: false, isSubmitted: false, transaction: undefined };
    const plan = { ...how, isExpired: () => operation.isExpired };
    const running = this.#connection.transact(plan, (tx) => {
      operation.transaction = tx;
      return work(tx, operation);
    });
    return withDeadline(running, deadlineMs, () => {
      const error = expire(operation, action, deadlineMs);
      // Nobody can tell a slow database from a dead handle: a new handle is right for both.
      this.#connection.drop(error);
      return error;
    });
  }
}

/** Makes a request at once; what it throws is a rejection, so that the requests before it are not left unheard. */
async function ask<T>(request: () => Promise<T>): Promise<T> {
  return request();
}

/** Ends an operation that took too long, so that its rejection means "unchanged" wherever that can be had. */
function expire(operation: Operation, action: string, deadlineMs: number): LociError {
  operation.isExpired = true;
  if (operation.isSubmitted) {
    return outcomeUnknownError(`${action} was not confirmed within ${deadlineMs} ms`);
  }
  abort(operation.transaction);
  return deadlineError(action, deadlineMs);
}

/** One commit in its transaction, from the epoch's check to the last event. */
async function write(tx: Transaction<'readwrite'>, commit: Commit, operation: Operation): Promise<void> {
  const failures: unknown[] = [];
  try {
    await Promise.all([
      issue(tx, commit, operation, (request) => request.catch((error: unknown) => failures.push(error))),
      tx.done,
    ]);
  } catch (error) {
    // The requests of an aborted transaction, and often `done` itself, tell of an abort without its reason.
    const reason = [error, ...failures].find((each) => !isUnexplainedAbort(each)) ?? error;
    throw toCommitError(reason, operation.isSubmitted);
  }
}

async function issue(
  tx: Transaction<'readwrite'>,
  commit: Commit,
  operation: Operation,
  watch: (request: Promise<unknown>) => void,
): Promise<void> {
  const reading = readEpoch(tx);
  watch(reading);
  try {
    // The browser takes in the rows while the epoch is on its way; only the commit has to wait for it.
    const rows = tx.objectStore('rows');
    for (const range of commit.deleteRanges ?? []) {
      const query = toKeyRange(range);
      if (query !== undefined) watch(rows.delete(query));
    }
    for (const key of commit.deletes ?? []) watch(rows.delete(key));
    for (const { key, value } of commit.puts ?? []) watch(rows.put(value, key));
    if (commit.nextEpoch !== undefined) watch(tx.objectStore('meta').put(commit.nextEpoch, EPOCH_KEY));
    const found = await reading;
    if (found !== commit.expectEpoch) throw staleEpochError(commit.expectEpoch, found);
    tx.commit();
    operation.isSubmitted = true;
  } catch (error) {
    abort(tx);
    throw error;
  }
}

/**
 * Before it was submitted, a transaction that ended has changed nothing. After it, an error with a
 * reason came from the database itself and means the same; but a connection that just ended may have
 * died between the write and its confirmation.
 */
function toCommitError(error: unknown, isSubmitted: boolean): LociError {
  if (isUnexplainedAbort(error) || isConnectionLost(error)) {
    return isSubmitted
      ? outcomeUnknownError('The connection ended before the commit was confirmed', error)
      : connectionLostError('The connection ended before the commit', error);
  }
  return toStorageError(error, 'A commit');
}

async function readEpoch(tx: Transaction<'readonly' | 'readwrite'>): Promise<number> {
  return (await tx.objectStore('meta').get(EPOCH_KEY)) ?? 0;
}

function abort(transaction: { abort(): void } | undefined): void {
  try {
    transaction?.abort();
  } catch (error) {
    // It has ended already, which is all that was wanted.
    if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error;
  }
}

/** The range for IndexedDB, or undefined where nothing can be in it: IndexedDB throws then. */
function toKeyRange({ from, to }: KeyRange): IDBKeyRange | undefined {
  return from < to ? IDBKeyRange.bound(from, to, false, true) : undefined;
}
