/**
 * How tabs of one origin reach the owner of a namespace: calls and answers over a BroadcastChannel.
 * Why not over ports: docs/decisions/0007-tabs-over-broadcast-channel.md.
 */

import { type Environment, systemEnvironment } from '../engine/environment.ts';
import { type Envelope, refusal } from '../envelope.ts';
import { LociError } from '../errors.ts';
import type { EngineEvent } from '../types.ts';
import { OwnerWatch } from './owner-watch.ts';
import {
  compareReleases,
  type EngineMethod,
  isEngineMethod,
  laterReleaseError,
  OWN_RELEASE,
  type Release,
} from './protocol.ts';

interface Call {
  readonly kind: 'call';
  readonly callId: string;
  readonly method: EngineMethod;
  readonly args: readonly unknown[];
}

type Body =
  | Call
  | { readonly kind: 'reply'; readonly callId: string; readonly envelope: Envelope }
  | { readonly kind: 'event'; readonly event: EngineEvent }
  /** A new owner is there: whoever waits for an answer asks again. */
  | { readonly kind: 'owner' }
  /** Somebody waits for the owner's answer and asks whether it is there; */
  | { readonly kind: 'ping' }
  /** it is. */
  | { readonly kind: 'alive' }
  /** A tab has come. Understood by every release from protocol 2 on, whatever its own. */
  | { readonly kind: 'hello' };

type Message = Release & Body;

/** A call that no owner has answered yet. */
export interface PendingCall {
  readonly call: Call;
  readonly resolve: (envelope: Envelope) => void;
}

export interface TabChannelHandlers {
  /** Answers another tab's call; with undefined where this tab is not the owner, or no longer. */
  readonly answer: (method: EngineMethod, args: readonly unknown[]) => Promise<Envelope | undefined>;
  /** Whether this tab is the owner. */
  readonly isOwner: () => boolean;
  /** The owner in another tab told of something. */
  readonly event: (event: EngineEvent) => void;
  /** Calls wait for an owner that does not answer. */
  readonly ownerSilent: () => void;
  /** Another tab runs a later release. */
  readonly laterRelease: (release: Release) => void;
}

export interface TabChannelOptions {
  readonly environment?: Pick<Environment, 'schedule'> | undefined;
  /** Default: this one. */
  readonly release?: Release | undefined;
}

export class TabChannel {
  readonly #channel: BroadcastChannel;
  readonly #handlers: TabChannelHandlers;
  readonly #release: Release;
  readonly #pending = new Map<string, PendingCall>();
  readonly #watch: OwnerWatch;
  #timesHeard = 0;
  #isClosed = false;

  constructor(name: string, handlers: TabChannelHandlers, options: TabChannelOptions = {}) {
    const { environment = systemEnvironment, release = OWN_RELEASE } = options;
    this.#handlers = handlers;
    this.#release = release;
    this.#watch = new OwnerWatch({
      environment,
      isWaiting: () => this.#pending.size > 0,
      ask: () => this.#post({ kind: 'ping' }),
      silent: () => handlers.ownerSilent(),
    });
    this.#channel = new BroadcastChannel(name);
    this.#channel.addEventListener('message', ({ data }: MessageEvent<Message>) => this.#receive(data));
    this.#post({ kind: 'hello' });
  }

  /** How often the owner in another tab was heard of. */
  get timesHeard(): number {
    return this.#timesHeard;
  }

  /**
   * Calls the owner. It settles when an owner answers: the caller has the deadline. A write must
   * carry an operation id, since it is repeated when the owner changes.
   */
  call(method: EngineMethod, args: readonly unknown[]): Promise<Envelope> {
    const call: Call = { kind: 'call', callId: crypto.randomUUID(), method, args };
    return new Promise((resolve) => {
      this.#pending.set(call.callId, { call, resolve });
      this.#post(call);
      this.#watch.start();
    });
  }

  /** Calls that no owner has answered; they are taken out, to be answered here. */
  takePending(): readonly PendingCall[] {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    return pending;
  }

  announceOwner(): void {
    this.#post({ kind: 'owner' });
  }

  tell(event: EngineEvent): void {
    this.#post({ kind: 'event', event });
  }

  close(): void {
    this.#isClosed = true;
    this.#watch.stop();
    this.#channel.close();
    for (const { resolve } of this.takePending())
      resolve(refusal(new LociError('CLOSED', 'the tab let go of the namespace')));
  }

  #post(body: Body): void {
    const message: Message = { ...this.#release, ...body };
    this.#channel.postMessage(message);
  }

  #receive(message: Message): void {
    const order = compareReleases(message, this.#release);
    if (order === 0) this.#take(message);
    else if (order < 0) this.#meetEarlier(message);
    else if (message.kind === 'hello') this.#handlers.laterRelease(message);
    // Whatever else a later release says is for its own kind: it asks again when it is the owner.
  }

  #take(message: Message): void {
    switch (message.kind) {
      case 'call':
        this.#answer(message);
        return;
      case 'reply':
        this.#hear();
        this.#settle(message.callId, message.envelope);
        return;
      case 'event':
        this.#hear();
        this.#handlers.event(message.event);
        return;
      case 'owner':
        this.#hear();
        for (const { call } of this.#pending.values()) this.#post(call);
        return;
      case 'ping':
        if (this.#handlers.isOwner()) this.#post({ kind: 'alive' });
        return;
      case 'alive':
        this.#hear();
    }
  }

  #settle(callId: string, envelope: Envelope): void {
    this.#pending.get(callId)?.resolve(envelope);
    this.#pending.delete(callId);
  }

  #hear(): void {
    this.#timesHeard += 1;
    this.#watch.heard();
  }

  #answer({ callId, method, args }: Call): void {
    if (!isEngineMethod(method)) return;
    void this.#handlers.answer(method, args).then((envelope) => {
      if (envelope !== undefined && !this.#isClosed) this.#post({ kind: 'reply', callId, envelope });
    });
  }

  /** A tab of an earlier release: it is greeted, so that it stops writing, and refused in its own words. */
  #meetEarlier(message: Message): void {
    if (message.kind === 'hello') this.#post({ kind: 'hello' });
    // An owner of protocol 1 does not step down: its refusal is all there is to be had.
    if (message.kind === 'reply') this.#settle(message.callId, message.envelope);
    if (message.kind !== 'call' || !this.#handlers.isOwner()) return;
    const { version, format, callId } = message;
    const envelope = refusal(laterReleaseError(this.#release, { version, format }));
    this.#channel.postMessage({ version, format, kind: 'reply', callId, envelope });
  }
}
