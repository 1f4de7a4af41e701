/** The engine of the tab that owns a namespace: opened when needed, and anew when it is out of step with storage. */

import { isLociError, LociError } from '../errors.ts';
import { isDatabaseGone } from '../storage/indexeddb-errors.ts';
import type { EngineEvent, Health, HealthReason, Status } from '../types.ts';
import {
  type BrowserEngine,
  openBrowserEngine,
  type ResolvedConfig,
  refuseNewerFormats,
} from './open-engine.ts';
import { callEngine, type EngineMethod } from './protocol.ts';

/** What is known of a namespace beyond the life of one engine. */
export interface Memo {
  /** Whether something was stored in it before: where nothing is found then, it was evicted or deleted. */
  hasStored: boolean;
}

export interface OwnedEngineParts {
  readonly config: ResolvedConfig;
  readonly memo: Memo;
  /** Told of every event of the engine. */
  readonly tell: (event: EngineEvent) => void;
  /** Told that a later release has stored the namespace. */
  readonly laterRelease: (error: LociError) => void;
}

export class OwnedEngine {
  readonly #parts: OwnedEngineParts;
  #opening: Promise<BrowserEngine> | undefined;
  /** Once it is open. */
  #open: BrowserEngine | undefined;
  #isEvicted = false;
  #isClosed = false;
  /** Why nothing is written any more. */
  #readOnly: LociError | undefined;

  constructor(parts: OwnedEngineParts) {
    this.#parts = parts;
  }

  /** Opens it, if it is not open; one that could not be opened is tried again by the next call. */
  async open(): Promise<void> {
    await this.#engine();
  }

  /**
   * Calls the engine.
   *
   * @param isOwner asked before an engine that was replaced is opened anew: a deposed one must not be.
   */
  async call(
    method: EngineMethod,
    args: readonly unknown[],
    isOwner: () => Promise<boolean>,
  ): Promise<unknown> {
    const opening = this.#engine();
    try {
      return await this.#answer(opening, method, args);
    } catch (error) {
      if (this.#isClosed || !isLociError(error)) throw error;
      await this.#meet(error, opening);
      // Moved by the later release, and not lost.
      if (this.#readOnly !== undefined && isDatabaseGone(error)) throw this.#readOnly;
      if (this.#readOnly !== undefined || !isOutOfStep(error) || !(await isOwner())) throw error;
      // With its operation id a write is applied once, whatever became of the first try.
      await this.#discard(opening);
      return this.#answer(this.#engine(), method, args).catch((again: unknown) => {
        throw afterUnknown(error, again);
      });
    }
  }

  /**
   * Meets what may have happened while nobody looked (a dead handle, a deleted database, a later
   * release), before a user's call does.
   */
  async probe(): Promise<void> {
    const opening = this.#engine();
    const { tenant, namespace } = this.#parts.config;
    try {
      const { database } = await opening;
      if (database === undefined) return;
      await database.probe();
      await refuseNewerFormats(tenant, namespace);
    } catch (error) {
      if (isLociError(error)) await this.#meet(error, opening);
      throw error;
    }
  }

  /** Asks the disk to keep all that was written, if anything is open. */
  async flush(): Promise<void> {
    if (this.#readOnly === undefined) await this.#open?.engine.flush();
  }

  /** Refuses writes from now on, and goes on answering reads; resolves when no commit is under way any more. */
  async stopWriting(why: LociError): Promise<void> {
    this.#readOnly ??= why;
    const open = await this.#opening?.catch(() => undefined); // it never opened: nothing is written
    await open?.database?.stopCommits(why);
    await this.#tellStatus();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const open = await this.#opening?.catch(() => undefined); // it never opened: nothing to close
    await open?.engine.close();
  }

  #engine(): Promise<BrowserEngine> {
    // To open it is to claim its next epoch, which is a write.
    if (this.#readOnly !== undefined && this.#opening === undefined) return Promise.reject(this.#readOnly);
    this.#opening ??= this.#start().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #start(): Promise<BrowserEngine> {
    const { config, memo, tell } = this.#parts;
    const opened = await openBrowserEngine(config, {
      onConnectionChange: () => void this.#tellStatus(),
      onConnectionEnded: () => void this.#lookAfter(),
    });
    const { engine, database } = opened;
    const status = await engine.status();
    const isNew = database !== undefined && status.storage.origin === 'newOrEvicted';
    this.#isEvicted ||= memo.hasStored && isNew;
    memo.hasStored ||= status.storage.origin === 'existing';
    engine.subscribe((event) => {
      if (event.type === 'change') memo.hasStored = true;
      tell(event.type === 'status' ? { ...event, status: this.#complete(event.status, database) } : event);
    });
    if (this.#readOnly !== undefined) await database?.stopCommits(this.#readOnly);
    this.#open = opened;
    tell({ type: 'status', status: this.#complete(status, database) });
    return opened;
  }

  async #answer(
    opening: Promise<BrowserEngine>,
    method: EngineMethod,
    args: readonly unknown[],
  ): Promise<unknown> {
    const { engine, database } = await opening;
    const answer = await callEngine(engine, method, args);
    if (method === 'health') return this.#completeHealth(answer as Health);
    return method === 'status' ? this.#complete(answer as Status, database) : answer;
  }

  /** The engine's status with what is known here. */
  #complete(status: Status, database: BrowserEngine['database']): Status {
    return {
      ...status,
      storage: {
        ...status.storage,
        ...(this.#isEvicted ? { evicted: true } : {}),
        ...(database === undefined ? {} : { connection: database.connection() }),
      },
      ...(this.#readOnly === undefined ? {} : { readOnly: this.#readOnly.message }),
    };
  }

  /** The engine's health with what is known here. */
  #completeHealth(health: Health): Health {
    const reasons: HealthReason[] = [...health.reasons];
    if (this.#readOnly !== undefined) reasons.push({ code: 'read-only', message: this.#readOnly.message });
    if (this.#isEvicted)
      reasons.unshift({
        code: 'evicted',
        message:
          'what was stored before is gone: the browser evicted it, or it was deleted. Restore a backup, if there is one',
      });
    if (reasons.length === health.reasons.length) return health;
    return { ...health, reasons, state: this.#isEvicted || health.state === 'lost' ? 'lost' : 'degraded' };
  }

  /** Tells of a connection that died or came back. */
  async #tellStatus(): Promise<void> {
    const open = this.#open;
    if (open === undefined || this.#isClosed) return;
    try {
      const status = await open.engine.status();
      if (this.#open === open)
        this.#parts.tell({ type: 'status', status: this.#complete(status, open.database) });
    } catch {
      // It was closed meanwhile: there is nothing to tell.
    }
  }

  /** The connection was ended while nobody asked for anything: better to learn why now than with the next call. */
  async #lookAfter(): Promise<void> {
    if (this.#open === undefined || this.#isClosed) return;
    await this.probe().catch(() => undefined); // shown in `status().storage.connection`, and met by the next call
  }

  /** Draws the consequences of what storage said. */
  async #meet(error: LociError, opening: Promise<BrowserEngine>): Promise<void> {
    if (error.code === 'NEWER_FORMAT') this.#parts.laterRelease(error);
    if (!isDatabaseGone(error)) return;
    // What was acknowledged is gone with it: the engine is opened anew, and its status says so.
    this.#parts.memo.hasStored = true;
    await this.#discard(opening);
    if (this.#isClosed || this.#readOnly !== undefined) return;
    this.#engine().catch(() => undefined); // met by the next call
  }

  /** Lets go of an engine, unless another call did before. */
  async #discard(opening: Promise<BrowserEngine>): Promise<void> {
    if (this.#opening !== opening) return;
    this.#opening = undefined;
    this.#open = undefined;
    const { engine } = await opening;
    // It is given up because its storage fails it: that the last flush fails too is nothing new to the call.
    await engine.close().catch(() => undefined);
  }
}

/** Whether the engine's memory may differ from storage: it is to be opened anew. */
function isOutOfStep({ code }: LociError): boolean {
  // An engine is closed under a call where another call found it out of step before.
  return code === 'STALE_EPOCH' || code === 'OUTCOME_UNKNOWN' || code === 'CLOSED';
}

/** What a second try's error says of the call: where nobody knows of the first try, it says nothing of that. */
function afterUnknown(first: LociError, second: unknown): unknown {
  if (first.code !== 'OUTCOME_UNKNOWN' || (isLociError(second) && second.code === 'OUTCOME_UNKNOWN'))
    return second;
  return new LociError('OUTCOME_UNKNOWN', first.message, {
    retryable: true,
    hint: first.hint,
    opId: first.opId,
    cause: second,
  });
}
