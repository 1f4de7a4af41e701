/**
 * A tab that owns a namespace, without a browser: it calls its engine by the policy of
 * `host/namespace-host.ts`, and can be killed at any storage operation.
 *
 * The policy: an engine is opened by the first call, and again by the next where opening failed. A
 * call that ends in `STALE_EPOCH` or `OUTCOME_UNKNOWN` lets go of the engine, opens it anew and is made
 * once more with the same operation id. Every other error reaches the caller.
 */

import { isLociError, LociError } from '../../src/errors.ts';
import type { MemoryEngine } from '../../src/types.ts';

export type Method = Exclude<keyof MemoryEngine, 'subscribe' | 'close'>;

/** What a call of a tab that died ends in. */
export const DIED: unique symbol = Symbol('died');

export interface TabParts {
  /** Opens the namespace anew, as its next owner. */
  readonly open: (tab: Tab) => Promise<MemoryEngine>;
}

export class Tab {
  readonly #parts: TabParts;
  #engine: Promise<MemoryEngine> | undefined;
  #died: (value: typeof DIED) => void = () => undefined;
  #isAlive = true;
  #isOpen = false;
  /** Resolves when the tab is killed. */
  readonly died: Promise<typeof DIED>;

  constructor(parts: TabParts) {
    this.#parts = parts;
    this.died = new Promise((resolve) => {
      this.#died = resolve;
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Whether an engine is open, so that a call need not wait for one. */
  get isOpen(): boolean {
    return this.#isAlive && this.#isOpen;
  }

  /** The engine that is open, without opening one. */
  async opened(): Promise<MemoryEngine | undefined> {
    return this.#engine?.catch(() => undefined); // it never opened: there is none
  }

  /** Ends the tab as a browser does: nothing it started goes on, and nobody is answered. */
  kill(): void {
    this.#isAlive = false;
    this.#died(DIED);
  }

  call(method: Method, args: readonly unknown[]): Promise<unknown> {
    const ended = this.#call(method, args);
    return Promise.race([this.died, ended]);
  }

  /** Lets go of the namespace as a tab does that is closed. */
  async close(): Promise<void> {
    const engine = await this.opened();
    await Promise.race([this.died, engine?.close()]);
    this.#isAlive = false;
  }

  async #call(method: Method, args: readonly unknown[]): Promise<unknown> {
    const opening = this.#own();
    try {
      return await callMethod(await opening, method, args);
    } catch (error) {
      if (!isLociError(error) || !isOutOfStep(error)) throw error;
      await this.#discard(opening);
      try {
        return await callMethod(await this.#own(), method, args);
      } catch (second) {
        throw afterUnknown(second, error);
      }
    }
  }

  #own(): Promise<MemoryEngine> {
    this.#engine ??= this.#open();
    return this.#engine;
  }

  async #open(): Promise<MemoryEngine> {
    try {
      const engine = await this.#parts.open(this);
      this.#isOpen = true;
      return engine;
    } catch (error) {
      this.#engine = undefined;
      throw error;
    }
  }

  async #discard(opening: Promise<MemoryEngine>): Promise<void> {
    if (this.#engine !== opening) return;
    this.#engine = undefined;
    this.#isOpen = false;
    await (await opening).close();
  }
}

function callMethod(engine: MemoryEngine, method: Method, args: readonly unknown[]): Promise<unknown> {
  const verb = engine[method].bind(engine) as (...args: readonly unknown[]) => Promise<unknown>;
  return verb(...args);
}

function isOutOfStep({ code }: LociError): boolean {
  return code === 'STALE_EPOCH' || code === 'OUTCOME_UNKNOWN' || code === 'CLOSED';
}

/** The failure of a second try says nothing of the first, which may have landed. */
export function afterUnknown(error: unknown, first: unknown): unknown {
  const wasUnknown = isLociError(first) && first.code === 'OUTCOME_UNKNOWN';
  if (!wasUnknown || !isLociError(error)) return error;
  return new LociError('OUTCOME_UNKNOWN', `it may have landed; made again it failed: ${error.message}`, {
    retryable: true,
    cause: error,
  });
}
