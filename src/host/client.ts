/** The window's side: a `MemoryEngine` whose work is done in a worker. */

import { checkListener, checkOptions, WRITE_OPTIONS } from '../engine/arguments.ts';
import { LociError, toLociError, withOpId } from '../errors.ts';
import { WRITE_DEADLINE_MS } from '../limits.ts';
import type { EngineConfig, EngineEvent, MemoryEngine, WriteOptions } from '../types.ts';
import { Connection } from './connection.ts';
import { ENGINE_METHODS, type EngineMethod } from './protocol.ts';

export interface OpenOptions extends EngineConfig {
  /** Makes the engine's worker. Default: the package's own; needed where a bundler cannot find that. */
  readonly createWorker?: (() => Worker) | undefined;
}

/**
 * Opens a namespace: starts a worker that hosts the engine, or reaches the one of another tab.
 *
 * Every call ends in a result, a typed error, or a deadline. If the worker dies, the calls in flight
 * fail (a write with `OUTCOME_UNKNOWN` and its operation id: repeated with that id it is applied
 * once), and the next call starts a new worker.
 *
 * @throws LociError `INVALID_INPUT`, `NEWER_FORMAT`, `STORAGE_UNAVAILABLE`, `WORKER_DIED`, …
 *
 * @example
 * const memory = await openMemory({ namespace: 'notes' });
 * await memory.add({ content: 'Ana lives in Lisbon.' });
 * const { hits } = await memory.search('Where does Ana live?');
 */
export async function openMemory(options: OpenOptions = {}): Promise<MemoryEngine> {
  const { createWorker = createEngineWorker, ...config }: OpenOptions = checkOptions(options, OPEN_OPTIONS);
  const client = new Client(config, createWorker);
  await client.connect();
  return client.engine;
}

const OPEN_OPTIONS = [
  ...(['tenant', 'namespace', 'storage', 'index', 'embedder', 'durability', 'createWorker'] as const),
] satisfies readonly (keyof OpenOptions)[];

function createEngineWorker(): Worker {
  return new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module', name: 'loci-engine' });
}

class Client {
  readonly #config: EngineConfig;
  readonly #createWorker: () => Worker;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  #connecting: Promise<Connection> | undefined;
  #closing: Promise<void> | undefined;
  readonly #calls = new Set<Promise<unknown>>();

  constructor(config: EngineConfig, createWorker: () => Worker) {
    this.#config = config;
    this.#createWorker = createWorker;
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
  connect(): Promise<Connection> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    this.#connecting ??= this.#start();
    return this.#connecting;
  }

  async #start(): Promise<Connection> {
    const forget = () => {
      this.#connecting = undefined;
    };
    try {
      const connection = new Connection(this.#createWorker(), (event) => this.#tell(event), forget);
      try {
        await connection.open(this.#config);
        return connection;
      } catch (error) {
        connection.terminate();
        throw error;
      }
    } catch (error) {
      forget();
      throw toLociError(error, 'WORKER_DIED');
    }
  }

  async #call(method: EngineMethod, args: readonly unknown[]): Promise<unknown> {
    const { deadlineMs, optionsAt } = ENGINE_METHODS[method];
    if (optionsAt === undefined) return (await this.connect()).invoke(method, args, deadlineMs);
    // Named here and not in the worker: the id must outlive it.
    const options: WriteOptions = checkOptions(args[optionsAt] as WriteOptions | undefined, WRITE_OPTIONS);
    const opId = options.opId ?? crypto.randomUUID();
    const before = Array.from({ length: optionsAt }, (_, i) => args[i]);
    const named = [...before, { ...options, opId }];
    const connection = await this.connect();
    try {
      return await connection.invoke(method, named, deadlineMs);
    } catch (error) {
      throw withOpId(asWriteError(toLociError(error), method), opId);
    }
  }

  /** Keeps a call in mind until it has ended. */
  #tracked<T>(call: Promise<T>): Promise<T> {
    const ended = () => this.#calls.delete(call);
    this.#calls.add(call);
    call.then(ended, ended);
    return call;
  }

  async #close(): Promise<void> {
    // What was asked before is answered before.
    await Promise.allSettled(this.#calls);
    const connection = await this.#connecting?.catch(() => undefined); // it never opened: nothing to close
    try {
      await connection?.invoke('close', [], WRITE_DEADLINE_MS);
    } finally {
      connection?.terminate();
      this.#connecting = undefined;
      this.#listeners.clear();
    }
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
