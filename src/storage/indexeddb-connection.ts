/** One connection to an IndexedDB database that is dropped when it dies and opened again when needed. */

import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import { openDB } from 'idb';
import { isLociError, toLociError } from '../errors.ts';
import { STORAGE_REOPEN_ATTEMPTS, STORAGE_REOPEN_BACKOFF_MS } from '../limits.ts';
import type { ConnectionStatus } from '../types.ts';
import { pause } from './deadline.ts';
import {
  blockedError,
  connectionLostError,
  databaseGoneError,
  deadlineError,
  noIndexedDbError,
  toOpenError,
  toStorageError,
} from './indexeddb-errors.ts';
import { closedError } from './refusals.ts';

/** Version of the two stores below; a change of what is in the rows is a new format, and a new database. */
const SCHEMA_VERSION = 1;

/** Under which name a database keeps the number that tells it from a later one of the same name. */
const IDENTITY_KEY = 'identity';

interface Schema extends DBSchema {
  rows: { key: string; value: Uint8Array };
  /** Numbers by name: `epoch`, `identity`. */
  meta: { key: string; value: number };
}

type StoreName = 'rows' | 'meta';
type Mode = 'readonly' | 'readwrite';
type Database = IDBPDatabase<Schema>;
export type Transaction<M extends Mode> = IDBPTransaction<Schema, StoreName[], M>;

export interface ConnectionOptions {
  readonly name: string;
  readonly deadlineMs: number;
  readonly blockedDeadlineMs: number;
  /** Told whenever {@link Connection.status} changes. */
  readonly onChange?: (() => void) | undefined;
  /** Told when the browser or another tab ended the connection, and nobody has asked for anything. */
  readonly onEnded?: (() => void) | undefined;
}

/** How a transaction is made, and whether its caller still waits. */
export interface TransactionPlan<M extends Mode> {
  readonly mode: M;
  readonly durability: IDBTransactionDurability;
  /** Asked before a transaction is made: nothing may start for a caller who has been told it failed. */
  isExpired(): boolean;
}

export class Connection {
  readonly #options: ConnectionOptions;
  #db: Database | undefined;
  #opening: Promise<Database> | undefined;
  #status: ConnectionStatus = { state: 'idle', reopened: 0 };
  /** The database that was opened first: there is no going on with another one. */
  #identity: number | undefined;
  #hasBeenOpen = false;
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Opens the database, if it is not open. */
  async open(): Promise<void> {
    await this.#withReopening(async () => undefined);
  }

  /**
   * Calls `work` with a new transaction, in the same turn of the event loop (Safari ends a transaction
   * that gets no request in it). `work` must reject with `STORAGE_UNAVAILABLE` only where the
   * connection died and the transaction surely changed nothing: it is called again then.
   */
  transact<M extends Mode, T>(
    plan: TransactionPlan<M>,
    work: (transaction: Transaction<M>) => Promise<T>,
  ): Promise<T> {
    return this.#withReopening((db) => {
      if (plan.isExpired()) throw deadlineError('The operation', this.#options.deadlineMs);
      return work(begin(db, plan));
    });
  }

  /** Forgets a handle that no longer answers: the next call opens another. */
  drop(why: unknown): void {
    this.#forget();
    if (!this.#isClosed) this.#enter('idle', why);
  }

  /** Lets running transactions end, and refuses all others. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forget();
    this.#enter('closed');
  }

  async #withReopening<T>(attempt: (db: Database) => Promise<T>): Promise<T> {
    for (let reopened = 0; ; reopened++) {
      try {
        return await attempt(await this.#handle());
      } catch (error) {
        if (!isLociError(error) || error.code !== 'STORAGE_UNAVAILABLE' || !error.retryable) throw error;
        const isLast = reopened === STORAGE_REOPEN_ATTEMPTS;
        this.#forget();
        if (!this.#isClosed) this.#enter(isLast ? 'failed' : 'idle', error);
        if (isLast) throw error;
        if (reopened > 0) await pause(STORAGE_REOPEN_BACKOFF_MS * 2 ** (reopened - 1));
      }
    }
  }

  async #handle(): Promise<Database> {
    if (this.#isClosed) throw closedError();
    if (this.#db !== undefined) return this.#db;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<Database> {
    this.#enter(this.#hasBeenOpen ? 'reopening' : 'opening');
    try {
      return await this.#openOnce();
    } catch (error) {
      if (!this.#isClosed) this.#enter('failed', error);
      throw error;
    }
  }

  async #openOnce(): Promise<Database> {
    const { name } = this.#options;
    const db = await openDatabase(this.#options, this.#hasBeenOpen, (lost, why) => {
      if (this.#db !== lost) return;
      this.drop(why);
      this.#options.onEnded?.();
    });
    const identity = await readIdentity(db);
    if (this.#isClosed) {
      db.close();
      throw closedError();
    }
    // Its epochs count from the beginning: a writer of the one before might pass for one of its own.
    if (this.#hasBeenOpen && identity !== this.#identity) {
      db.close();
      throw databaseGoneError(name);
    }
    this.#identity = identity;
    this.#db = db;
    const { reopened } = this.#status;
    this.#status = { ...this.#status, reopened: this.#hasBeenOpen ? reopened + 1 : reopened };
    this.#hasBeenOpen = true;
    this.#enter('open');
    return db;
  }

  #forget(): void {
    this.#db?.close();
    this.#db = undefined;
  }

  #enter(state: ConnectionStatus['state'], why?: unknown): void {
    this.#status = { ...this.#status, state };
    if (why !== undefined) {
      const { code, message } = toLociError(why, 'STORAGE_FAILED');
      this.#status = { ...this.#status, lastError: { code, message } };
    }
    this.#options.onChange?.();
  }
}

function begin<M extends Mode>(db: Database, plan: TransactionPlan<M>): Transaction<M> {
  const stores: StoreName[] = ['rows', 'meta'];
  try {
    return db.transaction(stores, plan.mode, { durability: plan.durability });
  } catch (error) {
    throw toBeginError(error);
  }
}

function toBeginError(error: unknown): Error {
  // Outside an upgrade this exception has one meaning: the connection is closed or closing.
  if (error instanceof DOMException && error.name === 'InvalidStateError')
    return connectionLostError('The database connection is closed', error);
  return toStorageError(error, 'Beginning a transaction');
}

/** The number given to the database when it was made; those of earlier releases have none. */
async function readIdentity(db: Database): Promise<number | undefined> {
  try {
    const transaction = db.transaction('meta');
    const [identity] = await Promise.all([transaction.store.get(IDENTITY_KEY), transaction.done]);
    return identity;
  } catch (error) {
    db.close();
    throw toBeginError(error);
  }
}

/**
 * Opens the database once, within its deadlines. `onGone` tells that the connection must not be used
 * any more: the browser ended it, or it was closed because another tab wants to upgrade or delete.
 *
 * @param mustExist refuse to make the database anew: memory holds what was in the one before.
 */
async function openDatabase(
  options: ConnectionOptions,
  mustExist: boolean,
  onGone: (db: Database, why: Error) => void,
): Promise<Database> {
  if (findIndexedDb() === undefined) throw noIndexedDbError();
  const { name, deadlineMs, blockedDeadlineMs } = options;
  let db: Database | undefined;
  let isAbandoned = false;
  const gone = (why: string): void => {
    db?.close();
    if (db !== undefined) onGone(db, connectionLostError(why, undefined));
  };
  return new Promise((resolve, reject) => {
    const abandon = (error: Error): void => {
      isAbandoned = true;
      reject(error);
    };
    const timers = [setTimeout(() => abandon(deadlineError(`Opening ${name}`, deadlineMs)), deadlineMs)];
    const callbacks: OpenCallbacks = {
      blocked: () => timers.push(setTimeout(() => abandon(blockedError(name)), blockedDeadlineMs)),
      blocking: (_, version) =>
        gone(version === null ? 'Another tab deletes the database' : 'Another tab upgrades the database'),
      terminated: () => gone('The browser ended the connection'),
    };
    open(name, mustExist, callbacks)
      .then((opened) => {
        db = opened;
        // Nobody waits for it any more, and an open connection nobody uses would block other tabs.
        if (isAbandoned) opened.close();
        else resolve(opened);
      })
      .catch((error: unknown) => reject(toOpenError(error, name)))
      .finally(() => timers.forEach(clearTimeout));
  });
}

interface OpenCallbacks {
  blocked(): void;
  blocking(currentVersion: number, blockedVersion: number | null): void;
  terminated(): void;
}

/** Async, so that what `indexedDB.open` throws at once is a rejection too. */
async function open(name: string, mustExist: boolean, callbacks: OpenCallbacks): Promise<Database> {
  /** Why we ended the upgrade, where we did: the request tells of an abort only. */
  let why: unknown;
  try {
    return await openDB<Schema>(name, SCHEMA_VERSION, {
      ...callbacks,
      upgrade(database, _from, _to, transaction) {
        transaction.done.catch(() => undefined); // the opening fails with it, which is what is told
        try {
          if (mustExist) throw databaseGoneError(name);
          createStores(database);
        } catch (error) {
          why = error;
          transaction.abort(); // an empty database is not left behind
        }
      },
    });
  } catch (error) {
    throw why ?? error;
  }
}

function createStores(database: Database): void {
  database.createObjectStore('rows');
  const identity = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const asked = database.createObjectStore('meta').put(identity, IDENTITY_KEY);
  asked.catch(() => undefined); // the opening fails with it
}

/** The browser's IndexedDB, if it has one for us; some sandboxed frames throw at the mere mention of it. */
export function findIndexedDb(): IDBFactory | undefined {
  try {
    return globalThis.indexedDB ?? undefined;
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
