/** A namespace as a worker has it: its own engine if it is the owner, else the way to the owner's. */

import { intoEnvelope, outOfEnvelope } from '../envelope.ts';
import { type ErrorCode, isLociError, LociError } from '../errors.ts';
import type { EngineEvent, MemoryEngine, Status } from '../types.ts';
import { type Election, standForElection } from './election.ts';
import { openBrowserEngine, type ResolvedConfig } from './open-engine.ts';
import { callEngine, type EngineMethod } from './protocol.ts';
import { TabChannel } from './tab-channel.ts';

export class NamespaceHost {
  readonly #config: ResolvedConfig;
  readonly #onEvent: (event: EngineEvent) => void;
  readonly #channel: TabChannel;
  readonly #election: Election;
  /** From the moment of being elected. */
  #isOwner = false;
  #engine: Promise<MemoryEngine> | undefined;
  #isClosed = false;

  /** @param onEvent told of every event, of the own engine and of another tab's. */
  constructor(config: ResolvedConfig, onEvent: (event: EngineEvent) => void) {
    this.#config = config;
    this.#onEvent = onEvent;
    // An engine in memory is this tab's own: it shares neither lock nor channel with others.
    const scope = config.storage === 'memory' ? [crypto.randomUUID()] : [config.tenant, config.namespace];
    const name = `loci:${scope.map(encodeURIComponent).join(':')}`;
    this.#channel = new TabChannel(name, {
      answer: (method, args) => (this.#isOwner ? intoEnvelope(() => this.#callOwn(method, args)) : undefined),
      event: (event) =>
        onEvent(event.type === 'status' ? { ...event, status: asFollower(event.status) } : event),
    });
    this.#election = standForElection(name, () => this.#becomeOwner());
  }

  /** Resolves when calls can be answered; rejects with what keeps the engine from opening. */
  async ready(): Promise<void> {
    await this.#election.decided;
    await this.call('status', []);
  }

  async call(method: EngineMethod, args: readonly unknown[]): Promise<unknown> {
    if (this.#isClosed) throw new LociError('CLOSED', 'the namespace is closed', { hint: 'Open it again.' });
    await this.#election.decided;
    if (this.#isOwner) return this.#callOwn(method, args);
    const value = outOfEnvelope(await this.#channel.call(method, args));
    return method === 'status' ? asFollower(value as Status) : value;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      const engine = await this.#engine?.catch(() => undefined); // it never opened: nothing to close
      await engine?.close();
    } finally {
      this.#channel.close();
      this.#election.withdraw();
    }
  }

  #becomeOwner(): void {
    if (this.#isClosed) return;
    this.#isOwner = true;
    // Nobody may be waiting: then the next call meets the failure, or opens again.
    this.#ownEngine().catch(() => undefined);
    // Calls made while another tab was the owner: with their operation ids they are applied once.
    for (const { call, resolve } of this.#channel.takePending())
      void intoEnvelope(() => this.#callOwn(call.method, call.args)).then(resolve);
  }

  /** The own engine; one that could not be opened is tried again by the next call. */
  #ownEngine(): Promise<MemoryEngine> {
    this.#engine ??= this.#open().catch((error: unknown) => {
      this.#engine = undefined;
      throw error;
    });
    return this.#engine;
  }

  async #open(): Promise<MemoryEngine> {
    const engine = await openBrowserEngine(this.#config);
    const tell = (event: EngineEvent) => {
      this.#onEvent(event);
      this.#channel.tell(event);
    };
    engine.subscribe(tell);
    this.#channel.announceOwner();
    tell({ type: 'status', status: await engine.status() });
    return engine;
  }

  async #callOwn(method: EngineMethod, args: readonly unknown[]): Promise<unknown> {
    const opening = this.#ownEngine();
    try {
      return await callEngine(await opening, method, args);
    } catch (error) {
      if (this.#isClosed || !isLociError(error) || !isOutOfStep(error)) throw error;
      // With its operation id a write is applied once, whatever became of the first try.
      await this.#discard(opening);
      return callEngine(await this.#ownEngine(), method, args);
    }
  }

  /** Lets go of an engine, unless another call did before. */
  async #discard(opening: Promise<MemoryEngine>): Promise<void> {
    if (this.#engine !== opening) return;
    this.#engine = undefined;
    await (await opening).close();
  }
}

/** Whether the engine's memory may differ from storage: it is to be opened anew. */
function isOutOfStep({ code }: { readonly code: ErrorCode }): boolean {
  return code === 'STALE_EPOCH' || code === 'OUTCOME_UNKNOWN';
}

function asFollower(status: Status): Status {
  return { ...status, role: 'follower' };
}
