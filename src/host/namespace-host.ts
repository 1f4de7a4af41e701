/** A namespace as a worker has it: its own engine if it is the owner, else the way to the owner's. */

import { type Environment, systemEnvironment } from '../engine/environment.ts';
import { type Envelope, intoEnvelope, outOfEnvelope, refusal } from '../envelope.ts';
import { isLociError, LociError } from '../errors.ts';
import { STEAL_JITTER_MS } from '../limits.ts';
import type { EngineEvent, Status } from '../types.ts';
import { Election } from './election.ts';
import type { ResolvedConfig } from './open-engine.ts';
import { type Memo, OwnedEngine } from './owned-engine.ts';
import { type EngineMethod, isWrite, laterReleaseError } from './protocol.ts';
import { TabChannel } from './tab-channel.ts';

export interface NamespaceHostParts {
  readonly config: ResolvedConfig;
  /** Told of every event, of the own engine and of another tab's. */
  readonly onEvent: (event: EngineEvent) => void;
  /** Whether the window remembers that something was stored in the namespace. */
  readonly hasStored?: boolean | undefined;
  /** A lock that nobody but this worker holds. */
  readonly ownLock?: string | undefined;
  readonly environment?: Environment | undefined;
}

export class NamespaceHost {
  readonly #parts: NamespaceHostParts;
  readonly #environment: Environment;
  readonly #memo: Memo;
  readonly #channel: TabChannel;
  readonly #election: Election;
  /** From the moment of being elected to that of being deposed. */
  #own: OwnedEngine | undefined;
  /** Set once a later release was met: this tab no longer writes. */
  #outdated: LociError | undefined;
  #isClosed = false;

  constructor(parts: NamespaceHostParts) {
    this.#parts = parts;
    this.#environment = parts.environment ?? systemEnvironment;
    this.#memo = { hasStored: parts.hasStored ?? false };
    const { storage, tenant, namespace } = parts.config;
    // An engine in memory is this tab's own: it shares neither lock nor channel with others.
    const scope = storage === 'memory' ? [crypto.randomUUID()] : [tenant, namespace];
    const name = `loci:${scope.map(encodeURIComponent).join(':')}`;
    this.#channel = new TabChannel(
      name,
      {
        answer: (method, args) => this.#answerOther(method, args),
        isOwner: () => this.#own !== undefined && !this.#isClosed,
        event: (event) => this.#onOthersEvent(event),
        ownerSilent: () => this.#onOwnerSilent(),
        laterRelease: (release) => this.#onLaterRelease(laterReleaseError(release)),
      },
      { environment: this.#environment },
    );
    this.#election = new Election(name, {
      elected: () => this.#becomeOwner(),
      deposed: () => this.#becomeFollower(),
    });
  }

  /** Resolves when calls can be answered, with the status; rejects with what keeps the engine from opening. */
  async ready(): Promise<Status> {
    return (await this.call('status', [])) as Status;
  }

  async call(method: EngineMethod, args: readonly unknown[]): Promise<unknown> {
    await this.#election.decided;
    for (;;) {
      if (this.#isClosed)
        throw new LociError('CLOSED', 'the namespace is closed', { hint: 'Open it again.' });
      if (this.#outdated !== undefined && isWrite(method)) throw this.#outdated;
      const own = this.#own;
      if (own === undefined) return this.#callOwner(method, args);
      try {
        return await own.call(method, args, () => this.#isOwner(own));
      } catch (error) {
        // Deposed in the middle of the call: the owner that came after answers it, a write by its operation id.
        if (this.#own === own || this.#isClosed) throw error;
      }
    }
  }

  /** Meets what may have happened to storage while the page was away. */
  async wake(): Promise<void> {
    await this.#election.decided;
    const own = this.#own;
    if (own === undefined || this.#outdated !== undefined) return;
    if (await this.#isOwner(own)) await own.probe();
  }

  /** The page is hidden, and may never be seen again: what was written is asked onto the disk. */
  async rest(): Promise<void> {
    await this.#own?.flush();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.#own?.close();
    } finally {
      this.#channel.close();
      this.#election.withdraw();
    }
  }

  async #callOwner(method: EngineMethod, args: readonly unknown[]): Promise<unknown> {
    const value = outOfEnvelope(await this.#channel.call(method, args));
    return method === 'status' ? this.#asFollower(value as Status) : value;
  }

  /** Another tab's call, where this one is the owner; if it goes meanwhile, the next owner is asked again. */
  async #answerOther(method: EngineMethod, args: readonly unknown[]): Promise<Envelope | undefined> {
    if (this.#own === undefined || this.#isClosed) return undefined;
    const envelope = await intoEnvelope(() => this.call(method, args));
    return this.#isClosed && !envelope.ok ? undefined : envelope;
  }

  #becomeOwner(): void {
    if (this.#isClosed || this.#outdated !== undefined) return;
    const { config, onEvent } = this.#parts;
    const own: OwnedEngine = new OwnedEngine({
      config,
      memo: this.#memo,
      tell: (event) => {
        if (this.#own !== own) return;
        onEvent(event);
        this.#channel.tell(event);
      },
      laterRelease: (error) => this.#onLaterRelease(error),
    });
    this.#own = own;
    // Whoever waited for the owner before asks again, and waits for the engine to open.
    this.#channel.announceOwner();
    own.open().catch(() => undefined); // the next call meets the failure, or opens again
    // Calls made while another tab was the owner: with their operation ids they are applied once.
    for (const { call, resolve } of this.#channel.takePending())
      void intoEnvelope(() => this.call(call.method, call.args)).then(resolve);
  }

  /** Another tab took the lock: it found us silent, and its epoch fences us off. */
  #becomeFollower(): void {
    const own = this.#own;
    if (own === undefined) return;
    this.#own = undefined;
    // It cannot write any more; what it had not folded is in the log, and the owner's now.
    own.close().catch((error: unknown) => console.error('loci: a deposed engine did not close', error));
    this.call('status', []).then(
      (status) => this.#parts.onEvent({ type: 'status', status: status as Status }),
      () => undefined, // no owner answers: the next call is told
    );
  }

  /** Whether an engine is still the owner's; where the news of a lost lock has not come yet, it is now. */
  async #isOwner(own: OwnedEngine): Promise<boolean> {
    if (this.#own !== own) return false;
    if (await this.#election.isHeld(this.#parts.ownLock)) return true;
    if (this.#own === own) this.#becomeFollower();
    return false;
  }

  #onOthersEvent(event: EngineEvent): void {
    if (this.#own !== undefined) return; // of an owner that does not know yet that it was deposed
    this.#memo.hasStored ||= event.type === 'change' || event.status.storage.origin === 'existing';
    this.#parts.onEvent(
      event.type === 'status' ? { ...event, status: this.#asFollower(event.status) } : event,
    );
  }

  /** Takes the place of an owner that does not answer, unless another tab has done so meanwhile. */
  #onOwnerSilent(): void {
    if (this.#outdated !== undefined) {
      const envelope = refusal(this.#outdated);
      for (const { resolve } of this.#channel.takePending()) resolve(envelope);
      return;
    }
    const { timesHeard } = this.#channel;
    const [random = 0] = this.#environment.randomBytes(1);
    this.#environment.schedule((random / 256) * STEAL_JITTER_MS, () => {
      if (!this.#isClosed && this.#channel.timesHeard === timesHeard) this.#election.steal();
    });
  }

  /** From here on the later release writes: reads go on for as long as they can, and the lock is let go. */
  #onLaterRelease(error: LociError): void {
    if (this.#outdated !== undefined || this.#isClosed) return;
    this.#outdated = error;
    const stopping = this.#own?.stopWriting(error) ?? Promise.resolve();
    void stopping.finally(() => this.#election.withdraw());
    if (this.#own === undefined) void this.#tellOutdated();
  }

  async #tellOutdated(): Promise<void> {
    try {
      this.#parts.onEvent({ type: 'status', status: (await this.call('status', [])) as Status });
    } catch (error) {
      if (!isLociError(error)) throw error; // whoever calls next is told the same
    }
  }

  #asFollower(status: Status): Status {
    const readOnly = this.#outdated?.message;
    return { ...status, role: 'follower', ...(readOnly === undefined ? {} : { readOnly }) };
  }
}
