/**
 * How tabs of one origin reach the owner of a namespace: calls and answers over a BroadcastChannel.
 * It carries copies only, which works everywhere; ports are an optimisation for later.
 */

import { type Envelope, refusal } from '../envelope.ts';
import { LociError } from '../errors.ts';
import type { EngineEvent } from '../types.ts';
import { type EngineMethod, isEngineMethod, PROTOCOL_VERSION } from './protocol.ts';

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
  /** A new owner is ready: whoever waits for an answer asks again. */
  | { readonly kind: 'owner' };

type Message = Body & { readonly version: number };

export interface TabChannelHandlers {
  /** Answers another tab's call; undefined while this tab is not the owner. */
  readonly answer: (method: EngineMethod, args: readonly unknown[]) => Promise<Envelope> | undefined;
  /** The owner in another tab told of something. */
  readonly event: (event: EngineEvent) => void;
}

export class TabChannel {
  readonly #channel: BroadcastChannel;
  readonly #handlers: TabChannelHandlers;
  readonly #pending = new Map<
    string,
    { readonly call: Call; readonly resolve: (envelope: Envelope) => void }
  >();

  constructor(name: string, handlers: TabChannelHandlers) {
    this.#handlers = handlers;
    this.#channel = new BroadcastChannel(name);
    this.#channel.addEventListener('message', ({ data }: MessageEvent<Message>) => this.#receive(data));
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
    });
  }

  /** Calls that no owner has answered; they are taken out, to be answered here. */
  takePending(): readonly { readonly call: Call; readonly resolve: (envelope: Envelope) => void }[] {
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
    this.#channel.close();
    for (const { resolve } of this.takePending())
      resolve(refusal(new LociError('CLOSED', 'the tab let go of the namespace')));
  }

  #post(body: Body): void {
    const message: Message = { version: PROTOCOL_VERSION, ...body };
    this.#channel.postMessage(message);
  }

  #receive(message: Message): void {
    if (message.version !== PROTOCOL_VERSION) {
      this.#refuseOther(message);
      return;
    }
    switch (message.kind) {
      case 'call':
        this.#answer(message);
        return;
      case 'reply':
        this.#pending.get(message.callId)?.resolve(message.envelope);
        this.#pending.delete(message.callId);
        return;
      case 'event':
        this.#handlers.event(message.event);
        return;
      case 'owner':
        for (const { call } of this.#pending.values()) this.#post(call);
    }
  }

  #answer({ callId, method, args }: Call): void {
    if (!isEngineMethod(method)) return;
    const answering = this.#handlers.answer(method, args);
    void answering?.then((envelope) => this.#post({ kind: 'reply', callId, envelope }));
  }

  /** A tab that runs another version of Loci: its calls are refused in its own words. */
  #refuseOther(message: Message): void {
    if (message.kind !== 'call' || this.#handlers.answer('status', []) === undefined) return;
    const error = new LociError('CONFLICT', 'another tab runs another version of Loci', {
      hint: 'Reload both tabs.',
    });
    this.#channel.postMessage({
      version: message.version,
      kind: 'reply',
      callId: message.callId,
      envelope: refusal(error),
    });
  }
}
