/** The window's side: a `MemoryEngine` whose work is done in a worker. */

import { checkListener, WRITE_OPTIONS } from '../engine/arguments.ts';
import { LociError, toLociError, withOpId } from '../errors.ts';
import { IDLE_WORKER_MS, WRITE_DEADLINE_MS } from '../limits.ts';
import { checkOptions } from '../memory/options.ts';
import type { EngineConfig, EngineEvent, MemoryEngine, Status, WriteOptions, WriteResult } from '../types.ts';
import { Connection, isSuspended } from './connection.ts';
import { isPageHidden, watchPage } from './page-life.ts';
import { Persistence } from './persistence.ts';
import { ENGINE_METHODS, type EngineMethod, isWrite } from './protocol.ts';

export interface OpenOptions extends EngineConfig {
  /** Makes the engine's worker. Default: the package's own; needed where a bundler cannot find that. */
  readonly createWorker?: (() => Worker) | undefined;
  /**
   * How long the page is hidden and asks nothing before the worker is ended, ms, which frees its memory;
   * the next call starts another. 0: never. Default 5 minutes. A memory that nothing persists is kept.
   */
  readonly idleMs?: number | undefined;
}

/**
 * Opens a namespace: starts a worker that hosts the engine, or reaches the one of another tab.
 *
 * Every call ends in a result, a typed error, or a deadline. If the worker dies, the calls in flight
 * fail (a write with `OUTCOME_UNKNOWN` and its operation id: repeated with that id it is applied
 * once), and the next call starts a new worker.
 *
 * A page that is frozen, or kept for going back to, lets go of everything that others could wait for;
 * calls in flight are made again when it comes back. When a hidden page is shown again after its worker
 * was ended, subscribers are told the status: what changed meanwhile is to be read anew.
 *
 * @throws LociError `INVALID_INPUT`, `NEWER_FORMAT`, `STORAGE_UNAVAILABLE`, `WORKER_DIED`, …
 *
 * @example
 * const memory = await openMemory({ namespace: 'notes' });
 * await memory.add({ content: 'Ana lives in Lisbon.' });
 * const { hits } = await memory.search('Where does Ana live?');
 */
export async function openMemory(options: OpenOptions = {}): Promise<MemoryEngine> {
  const checked: OpenOptions = checkOptions(options, OPEN_OPTIONS);
  const { createWorker = createEngineWorker, idleMs = IDLE_WORKER_MS, ...config } = checked;
  const client = new Client(config, createWorker, checkIdle(idleMs));
  await client.connect();
  return client.engine;
}

/** Each of them, or this does not compile. */
const IS_OPEN_OPTION: Readonly<Record<keyof OpenOptions, true>> = {
  tenant: true,
  namespace: true,
  storage: true,
  index: true,
  embedder: true,
  queryEmbedder: true,
  reranker: true,
  language: true,
  changeRule: true,
  durability: true,
  limits: true,
  createWorker: true,
  idleMs: true,
};
const OPEN_OPTIONS = Object.keys(IS_OPEN_OPTION) as readonly (keyof OpenOptions)[];

function checkIdle(idleMs: number): number {
  if (Number.isFinite(idleMs) && idleMs >= 0) return idleMs;
  throw new LociError('INVALID_INPUT', 'idleMs must be a number of milliseconds, 0 or more', {
    hint: 'Give 0 to keep the worker.',
  });
}

function createEngineWorker(): Worker {
  return new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module', name: 'loci-engine' });
}

class Client {
  readonly #config: EngineConfig;
  readonly #createWorker: () => Worker;
  readonly #idleMs: number;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #persistence: Persistence;
  readonly #unwatch: () => void;
  #connecting: Promise<Connection> | undefined;
  /** The worker's, from its start on. */
  #connection: Connection | undefined;
  /** What the engine said of itself last. */
  #status: Status | undefined;
  /** While the page is frozen: until it runs again. */
  #frozen: { readonly over: Promise<void>; readonly end: () => void } | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #closing: Promise<void> | undefined;
  readonly #calls = new Set<Promise<unknown>>();

  constructor(config: EngineConfig, createWorker: () => Worker, idleMs: number) {
    this.#config = config;
    this.#createWorker = createWorker;
    this.#idleMs = idleMs;
    const { tenant = 'default', namespace = 'default' } = config;
    this.#persistence = new Persistence(tenant, namespace, () => this.#tellStatus());
    this.#unwatch = watchPage({
      hidden: () => this.#onHidden(),
      shown: () => this.#onShown(),
      suspended: () => this.#suspend(),
      resumed: () => this.#resume(),
    });
  }

  /** The verbs, each a call of the worker. */
  get engine(): MemoryEngine {
    const verbs = Object.keys(ENGINE_METHODS).map((name) => {
      const method = name as EngineMethod;
      return [method, (...args: readonly unknown[]) => this.#tracked(this.#call(method, args))] as const;
    });
    return Object.freeze({
      ...(Object.fromEntries(verbs) as unknown as Pick<MemoryEngine, EngineMethod>),
      subscribe: (listener: (event: EngineEvent) => void) => {
        if (this.#closing !== undefined) throw closed();
        checkListener(listener);
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      close: () => {
        this.#closing ??= this.#close();
        return this.#closing;
      },
    });
  }

  /** The living worker's connection; a dead one is replaced. */
  async connect(): Promise<Connection> {
    for (;;) {
      await this.#frozen?.over;
      this.#connecting ??= this.#start();
      try {
        return await this.#connecting;
      } catch (error) {
        if (!isSuspended(error)) throw error;
      }
    }
  }

  async #start(): Promise<Connection> {
    const forget = () => {
      if (this.#connection === made) this.#connecting = this.#connection = undefined;
    };
    let made: Connection | undefined;
    try {
      made = new Connection(this.#createWorker(), (event) => this.#onEvent(event), forget);
      this.#connection = made;
      this.#onStatus(await made.open(this.#config, this.#persistence.hasStored));
      return made;
    } catch (error) {
      made?.terminate();
      forget();
      throw toLociError(error, 'WORKER_DIED');
    }
  }

  async #call(method: EngineMethod, given: readonly unknown[]): Promise<unknown> {
    if (this.#closing !== undefined) throw closed();
    const { deadlineMs, optionsAt } = ENGINE_METHODS[method];
    const { args, opId } = optionsAt === undefined ? { args: given } : withOperationId(given, optionsAt);
    for (;;) {
      const connection = await this.connect();
      try {
        return this.#onAnswer(method, await connection.invoke(method, args, deadlineMs));
      } catch (error) {
        // Made again when the page runs again: with its operation id it is applied once.
        if (isSuspended(error)) continue;
        if (opId === undefined) throw error;
        throw withOpId(asWriteError(toLociError(error), method), opId);
      }
    }
  }

  #onAnswer(method: EngineMethod, answer: unknown): unknown {
    if (method === 'status') return this.#onStatus(answer as Status);
    if (isWrite(method) && (answer as WriteResult).durability !== 'accepted') this.#persistence.noteWrite();
    return answer;
  }

  #onStatus(status: Status): Status {
    const complete = this.#persistence.complete(status);
    if (status.storage.persistent && status.storage.origin === 'existing') this.#persistence.noteExisting();
    this.#status = complete;
    return complete;
  }

  #onEvent(event: EngineEvent): void {
    this.#tell(event.type === 'status' ? { ...event, status: this.#onStatus(event.status) } : event);
  }

  /** Keeps a call in mind until it has ended. */
  #tracked<T>(call: Promise<T>): Promise<T> {
    const ended = () => this.#calls.delete(call);
    this.#calls.add(call);
    call.then(ended, ended);
    return call;
  }

  #onHidden(): void {
    // A failure shows in `status().storage.connection`; what was acknowledged is journaled all the same.
    this.#connection?.invoke('rest', [], WRITE_DEADLINE_MS).catch(() => undefined);
    this.#rest();
  }

  #onShown(): void {
    this.#resume();
    clearTimeout(this.#idleTimer);
    if (this.#connection !== undefined)
      this.#connection.invoke('wake', [], WRITE_DEADLINE_MS).catch(() => undefined); // met by the next call
    else this.#takePart();
  }

  /** Ends the worker at once. What it had not acknowledged is asked again, and the rest is in storage. */
  #suspend(): void {
    if (this.#frozen !== undefined || this.#closing !== undefined || !this.#canEnd()) return;
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#frozen = { over, end };
    const connection = this.#connection;
    this.#connecting = this.#connection = undefined;
    connection?.suspend();
  }

  #resume(): void {
    const frozen = this.#frozen;
    this.#frozen = undefined;
    frozen?.end();
    if (frozen !== undefined) this.#takePart();
  }

  /** Whether nothing is lost with the worker: what is in memory only would be. Before it is open there is nothing. */
  #canEnd(): boolean {
    return this.#status?.storage.persistent !== false;
  }

  /** Ends the worker once the page has been hidden and idle for long enough. */
  #rest(): void {
    clearTimeout(this.#idleTimer);
    if (this.#idleMs === 0) return;
    this.#idleTimer = setTimeout(() => {
      if (!isPageHidden() || this.#connection === undefined) return;
      if (this.#isBusy()) this.#rest();
      else void this.#endWorker();
    }, this.#idleMs);
  }

  #isBusy(): boolean {
    const { embedder, reembedding } = this.#status ?? {};
    const isReembedding = reembedding !== undefined && reembedding.done < reembedding.total;
    return this.#calls.size > 0 || !this.#canEnd() || embedder?.state === 'loading' || isReembedding;
  }

  async #endWorker(): Promise<void> {
    const connection = this.#connection;
    this.#connecting = this.#connection = undefined;
    try {
      await connection?.invoke('close', [], WRITE_DEADLINE_MS);
    } catch (error) {
      console.error('loci: an idle worker did not close in order', error); // nothing acknowledged depends on it
    } finally {
      connection?.terminate();
    }
  }

  /** Starts a worker for those who want to be told of changes, and tells them where things stand. */
  #takePart(): void {
    if (this.#closing !== undefined || this.#listeners.size === 0) return;
    this.connect().then(
      () => this.#tellStatus(),
      () => undefined, // met by the next call
    );
  }

  async #close(): Promise<void> {
    this.#unwatch();
    clearTimeout(this.#idleTimer);
    this.#resume();
    // What was asked before is answered before.
    await Promise.allSettled(this.#calls);
    const connection = await this.#connecting?.catch(() => undefined); // it never opened: nothing to close
    try {
      await connection?.invoke('close', [], WRITE_DEADLINE_MS);
    } finally {
      connection?.terminate();
      this.#connecting = this.#connection = undefined;
      this.#listeners.clear();
    }
  }

  #tellStatus(): void {
    if (this.#status !== undefined) this.#tell({ type: 'status', status: this.#onStatus(this.#status) });
  }

  #tell(event: EngineEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        console.error('loci: a subscriber threw', error); // its own fault: the others are told all the same
      }
    }
  }
}

/** The arguments with an operation id among their options. Named here and not in the worker: the id must outlive it. */
function withOperationId(args: readonly unknown[], at: number) {
  const options: WriteOptions = checkOptions(args[at] as WriteOptions | undefined, WRITE_OPTIONS);
  const opId = options.opId ?? crypto.randomUUID();
  return { opId, args: [...Array.from({ length: at }, (_, i) => args[i]), { ...options, opId }] };
}

function closed(): LociError {
  return new LociError('CLOSED', 'the memory is closed', { hint: 'Open it again.' });
}

/** A write that was cut off may have landed: nobody knows until it is repeated. */
function asWriteError(error: LociError, method: string): LociError {
  if (error.code !== 'WORKER_DIED' && error.code !== 'DEADLINE_EXCEEDED') return error;
  return new LociError('OUTCOME_UNKNOWN', `${method} was cut off: ${error.message}`, {
    retryable: true,
    hint: 'Repeat the call with the same operation id: it is applied once.',
    cause: error,
  });
}
