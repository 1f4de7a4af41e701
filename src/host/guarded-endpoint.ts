/**
 * A door before Comlink: it walks any path a message names (`constructor`, `__proto__` …), so only
 * calls of methods in the table are let through.
 */

import type { Endpoint } from 'comlink';
import { refusal } from '../envelope.ts';
import { LociError } from '../errors.ts';

interface ComlinkMessage {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly path?: unknown;
}

/** The endpoint, with every message refused that is not a call of one of the methods. */
export function guardEndpoint(endpoint: Endpoint, methods: ReadonlySet<string>): Endpoint {
  const wrapped = new Map<EventListenerOrEventListenerObject, EventListener>();
  return {
    postMessage: (message, transfer) => endpoint.postMessage(message, transfer ?? []),
    addEventListener: (type, listener, options) => {
      const guard: EventListener = (event) => {
        const message = (event as MessageEvent<ComlinkMessage | null>).data;
        if (isAllowed(message, methods)) deliver(listener, event);
        else refuse(endpoint, message);
      };
      wrapped.set(listener, guard);
      endpoint.addEventListener(type, guard, options);
    },
    removeEventListener: (type, listener, options) => {
      const guard = wrapped.get(listener);
      if (guard !== undefined) endpoint.removeEventListener(type, guard, options);
      wrapped.delete(listener);
    },
    ...(endpoint.start === undefined ? {} : { start: () => endpoint.start?.() }),
  };
}

function isAllowed(message: ComlinkMessage | null, methods: ReadonlySet<string>): boolean {
  if (message?.type === 'RELEASE') return true;
  if (message?.type !== 'APPLY' || !Array.isArray(message.path) || message.path.length !== 1) return false;
  return methods.has(String(message.path[0]));
}

function refuse(endpoint: Endpoint, message: ComlinkMessage | null): void {
  if (message?.id === undefined) return; // not a call: nobody waits for an answer
  const error = new LociError('METHOD_NOT_ALLOWED', 'the engine has no such method', {
    hint: 'Call the verbs of MemoryEngine.',
  });
  endpoint.postMessage({ id: message.id, type: 'RAW', value: refusal(error) });
}

function deliver(listener: EventListenerOrEventListenerObject, event: Event): void {
  if (typeof listener === 'function') listener(event);
  else listener.handleEvent(event);
}
