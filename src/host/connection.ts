/** One engine worker as the window sees it: calls with a deadline, and an end to all of them when it dies. */

import { type ProxyMethods, type Remote, releaseProxy, transfer, wrap } from 'comlink';
import { type Envelope, outOfEnvelope } from '../envelope.ts';
import { isLociError, LociError } from '../errors.ts';
import { OPEN_DEADLINE_MS } from '../limits.ts';
import type { EngineConfig, EngineEvent, Status } from '../types.ts';
import type { EngineFacade, Opened } from './serve.ts';

type Ending = (reason: LociError) => void;
type RemoteMethod = ProxyMethods & ((...args: readonly unknown[]) => Promise<Envelope>);

export class Connection {
  readonly #worker: Worker;
  readonly #remote: Remote<EngineFacade>;
  /** One proxy a method, and no more: each has a finalizer, see {@link Connection.#release}. */
  readonly #methods = new Map<keyof EngineFacade, RemoteMethod>();
  readonly #events = new MessageChannel();
  readonly #pending = new Set<Ending>();
  /** Of the wait for the worker's end: a page that waits for a lock may not be kept for going back to. */
  readonly #watching = new AbortController();
  /** Set once the worker is dead: every later call fails with it. */
  #death: LociError | undefined;

  /** @param onDeath called once when the worker is found dead. */
  constructor(worker: Worker, onEvent: (event: EngineEvent) => void, onDeath: () => void) {
    this.#worker = worker;
    this.#remote = wrap<EngineFacade>(worker);
    this.#events.port1.addEventListener('message', ({ data }: MessageEvent<EngineEvent>) => onEvent(data));
    this.#events.port1.start();
    const die = (why: string) => {
      if (this.#death !== undefined) return;
      this.#end(workerDied(why));
      onDeath();
    };
    worker.addEventListener('error', (event) =>
      die(event.message || 'its script could not be loaded or threw'),
    );
    worker.addEventListener('messageerror', () => die('a message could not be read'));
    this.#watch = (lockName) => {
      const { signal } = this.#watching;
      // Granted when the worker is gone, however it went.
      navigator.locks.request(lockName, { signal }, () => die('it was ended')).catch(() => undefined); // the worker was ended here, or the page is going away
    };
  }

  readonly #watch: (lockName: string) => void;

  /** @param hasStored whether something is known to have been stored in the namespace. */
  async open(config: EngineConfig, hasStored: boolean): Promise<Status> {
    const { port2 } = this.#events;
    const opened = await this.call(
      () => this.#method('open')(config, transfer(port2, [port2]), hasStored),
      OPEN_DEADLINE_MS,
      'open',
    );
    const { lifeLock, status } = opened as Opened;
    if (lifeLock !== undefined) this.#watch(lifeLock);
    return status;
  }

  /** Calls a method by its name. */
  invoke(
    method: Exclude<keyof EngineFacade, 'open'>,
    args: readonly unknown[],
    deadlineMs: number,
  ): Promise<unknown> {
    return this.call(() => this.#method(method)(...args), deadlineMs, method);
  }

  #method(name: keyof EngineFacade): RemoteMethod {
    const made = this.#methods.get(name) ?? (this.#remote[name] as unknown as RemoteMethod);
    this.#methods.set(name, made);
    return made;
  }

  async call(send: () => Promise<Envelope>, deadlineMs: number, what: string): Promise<unknown> {
    if (this.#death !== undefined) throw this.#death;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ending: Ending | undefined;
    const ended = new Promise<never>((_, reject) => {
      ending = reject;
      this.#pending.add(reject);
      timer = setTimeout(() => reject(deadlineExceeded(what, deadlineMs)), deadlineMs);
    });
    try {
      return outOfEnvelope(await Promise.race([send(), ended]));
    } catch (error) {
      throw isNotCloneable(error) ? notCloneable(error) : error;
    } finally {
      clearTimeout(timer);
      if (ending !== undefined) this.#pending.delete(ending);
    }
  }

  /** Ends the worker; calls still waiting fail. */
  terminate(): void {
    this.#end(new LociError('CLOSED', 'the memory is closed', { hint: 'Open it again.' }));
  }

  /** Ends the worker at once, since the page is about to be frozen; calls still waiting are to be made again. */
  suspend(): void {
    this.#end(new LociError('CLOSED', 'the page is frozen', { details: { reason: SUSPENDED } }));
  }

  #end(reason: LociError): void {
    if (this.#death !== undefined) return;
    this.#death = reason;
    this.#worker.terminate();
    this.#events.port1.close();
    this.#watching.abort();
    this.#release();
    for (const reject of this.#pending) reject(reason);
    this.#pending.clear();
  }

  /**
   * Takes Comlink's proxies from its finalizers: Chromium throws a page out of its back/forward cache in
   * which one runs, and collects garbage when the page goes there.
   */
  #release(): void {
    for (const proxy of [this.#remote, ...this.#methods.values()]) proxy[releaseProxy]();
  }
}

const SUSPENDED = 'suspended';

/** Whether a call was cut off by {@link Connection.suspend}. */
export function isSuspended(error: unknown): boolean {
  return isLociError(error) && error.details?.reason === SUSPENDED;
}

function workerDied(why: string): LociError {
  return new LociError('WORKER_DIED', `the engine's worker died: ${why}`, {
    retryable: true,
    hint: 'Call again: a new worker is started, and what was acknowledged is there.',
  });
}

function deadlineExceeded(what: string, deadlineMs: number): LociError {
  return new LociError('DEADLINE_EXCEEDED', `${what} took longer than ${deadlineMs} ms`, {
    retryable: true,
    hint: 'Try again; if it stays so, another tab that owns the memories may be frozen: close or reload it.',
  });
}

/** What `postMessage` throws for functions and the like, and for what is nested too deep. */
function isNotCloneable(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof DOMException && error.name === 'DataCloneError');
}

function notCloneable(cause: unknown): LociError {
  return new LociError('INVALID_INPUT', 'an argument cannot be sent to the worker', {
    hint: 'Give plain data: no functions, no elements, no class instances, nothing nested thousands deep.',
    cause,
  });
}
