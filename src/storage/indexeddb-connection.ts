/** One connection to an IndexedDB database that is dropped when it dies and opened again when needed. */

import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import { openDB } from 'idb';
import { isLociError } from '../errors.ts';
import { STORAGE_REOPEN_ATTEMPTS, STORAGE_REOPEN_BACKOFF_MS } from '../limits.ts';
import { pause } from './deadline.ts';
import {
  blockedError,
  connectionLostError,
  deadlineError,
  noIndexedDbError,
  toOpenError,
  toStorageError,
} from './indexeddb-errors.ts';
import { closedError } from './refusals.ts';

/** Version of the two stores below; a change of what is in the rows is a new format, and a new database. */
const SCHEMA_VERSION = 1;

interface Schema extends DBSchema {
  rows: { key: string; value: Uint8Array };
  /** Numbers by name: `epoch`. */
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
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
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

  /** Lets running transactions end, and refuses all others. */
  close(): void {
    this.#closed = true;
    this.#forget();
  }

  async #withReopening<T>(attempt: (db: Database) => Promise<T>): Promise<T> {
    for (let reopened = 0; ; reopened++) {
      try {
        return await attempt(await this.#handle());
      } catch (error) {
        if (!isLociError(error) || error.code !== 'STORAGE_UNAVAILABLE' || !error.retryable) throw error;
        this.#forget();
        if (reopened === STORAGE_REOPEN_ATTEMPTS) throw error;
        if (reopened > 0) await pause(STORAGE_REOPEN_BACKOFF_MS * 2 ** (reopened - 1));
      }
    }
  }

  async #handle(): Promise<Database> {
    if (this.#closed) throw closedError();
    if (this.#db !== undefined) return this.#db;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<Database> {
    const db = await openDatabase(this.#options, (lost) => {
      if (this.#db === lost) this.#db = undefined;
    });
    if (this.#closed) {
      db.close();
      throw closedError();
    }
    this.#db = db;
    return db;
  }

  #forget(): void {
    this.#db?.close();
    this.#db = undefined;
  }
}

function begin<M extends Mode>(db: Database, plan: TransactionPlan<M>): Transaction<M> {
  const stores: StoreName[] = ['rows', 'meta'];
  try {
    return db.transaction(stores, plan.mode, { durability: plan.durability });
  } catch (error) {
    // Outside an upgrade this exception has one meaning: the connection is closed or closing.
    if (error instanceof DOMException && error.name === 'InvalidStateError') {
      throw connectionLostError('The database connection is closed', error);
    }
    throw toStorageError(error, 'Beginning a transaction');
  }
}

/**
 * Opens the database once, within its deadlines. `onGone` tells that the connection must not be used
 * any more: the browser ended it, or it was closed because another tab wants to upgrade or delete.
 */
async function openDatabase(options: ConnectionOptions, onGone: (db: Database) => void): Promise<Database> {
  if (findIndexedDb() === undefined) throw noIndexedDbError();
  const { name, deadlineMs, blockedDeadlineMs } = options;
  let db: Database | undefined;
  let isAbandoned = false;
  const gone = (): void => {
    db?.close();
    if (db !== undefined) onGone(db);
  };
  return new Promise((resolve, reject) => {
    const abandon = (error: Error): void => {
      isAbandoned = true;
      reject(error);
    };
    const timers = [setTimeout(() => abandon(deadlineError(`Opening ${name}`, deadlineMs)), deadlineMs)];
    const blocked = (): void => {
      timers.push(setTimeout(() => abandon(blockedError(name)), blockedDeadlineMs));
    };
    open(name, { blocked, blocking: gone, terminated: gone })
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

/** Async, so that what `indexedDB.open` throws at once is a rejection too. */
async function open(
  name: string,
  callbacks: { blocked(): void; blocking(): void; terminated(): void },
): Promise<Database> {
  return openDB<Schema>(name, SCHEMA_VERSION, {
    ...callbacks,
    upgrade(database) {
      database.createObjectStore('rows');
      database.createObjectStore('meta');
    },
  });
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
