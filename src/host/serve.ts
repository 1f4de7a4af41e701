/** The worker's side: a frozen facade of named methods over Comlink. */

import { type Endpoint, expose, transfer } from 'comlink';
import { type Envelope, intoEnvelope } from '../envelope.ts';
import { LociError } from '../errors.ts';
import type { EngineConfig, EngineEvent, Status } from '../types.ts';
import { guardEndpoint } from './guarded-endpoint.ts';
import { NamespaceHost } from './namespace-host.ts';
import { resolveConfig } from './open-engine.ts';
import { ENGINE_METHODS, type EngineMethod } from './protocol.ts';

/** What the window calls. Every method answers an envelope and never rejects. */
export type EngineFacade = {
  /** Opens the namespace; events go to the port. Answers {@link Opened}. */
  readonly open: (config: EngineConfig, events: MessagePort, hasStored: boolean) => Promise<Envelope>;
  readonly close: () => Promise<Envelope>;
  /** The page is shown again: looks whether storage is there before a call needs it. */
  readonly wake: () => Promise<Envelope>;
  /** The page is hidden: asks the disk to keep what was written. */
  readonly rest: () => Promise<Envelope>;
} & { readonly [M in EngineMethod]: (...args: readonly unknown[]) => Promise<Envelope> };

/** What `open` answers. */
export interface Opened {
  /** Name of a lock that the worker holds while it lives. */
  readonly lifeLock: string | undefined;
  readonly status: Status;
}

/** Serves one namespace on an endpoint (a worker's global scope, or a port). */
export function serveEngine(endpoint: Endpoint): void {
  let host: NamespaceHost | undefined;
  const open = (config: EngineConfig, events: MessagePort, hasStored: boolean) =>
    intoEnvelope(async (): Promise<Opened> => {
      if (host !== undefined) throw new LociError('CONFLICT', 'the worker has a namespace open already');
      const resolved = resolveConfig(config);
      const lifeLock = await holdLifeLock();
      host = new NamespaceHost({
        config: resolved,
        onEvent: (event: EngineEvent) => events.postMessage(event),
        hasStored,
        ownLock: lifeLock,
      });
      return { lifeLock, status: await host.ready() };
    });
  const close = () => intoEnvelope(async () => host?.close());
  const wake = () => intoEnvelope(async () => host?.wake());
  const rest = () => intoEnvelope(async () => host?.rest());
  const verbs = Object.keys(ENGINE_METHODS).map((name) => {
    const method = name as EngineMethod;
    const call = (...args: readonly unknown[]) =>
      intoEnvelope(async () => {
        if (host === undefined)
          throw new LociError('CLOSED', 'no namespace is open', { hint: 'Call open first.' });
        return host.call(method, args);
      }).then(withTransfer);
    return [method, call] as const;
  });
  const facade = Object.freeze(
    Object.assign(Object.create(null) as object, { open, close, wake, rest }, Object.fromEntries(verbs)),
  ) as EngineFacade;
  expose(facade, guardEndpoint(endpoint, new Set(Object.keys(facade))));
}

/** `terminate()` fires no event: whoever is granted this lock knows that the worker is dead. */
async function holdLifeLock(): Promise<string | undefined> {
  if (navigator.locks === undefined) return undefined;
  const name = `loci:worker:${crypto.randomUUID()}`;
  return new Promise((resolve) => {
    const hold = () => {
      resolve(name);
      return new Promise<never>(() => undefined);
    };
    // A sandboxed frame has the interface, and no locks for us.
    navigator.locks.request(name, hold).catch(() => resolve(undefined));
  });
}

/** Vectors are handed over, not copied: they were read for this answer alone. */
function withTransfer(envelope: Envelope): Envelope {
  const vectors = new Set<ArrayBufferLike>();
  if (envelope.ok) collectVectors(envelope.value, vectors);
  return vectors.size === 0 ? envelope : transfer(envelope, [...vectors] as Transferable[]);
}

function collectVectors(value: unknown, into: Set<ArrayBufferLike>): void {
  if (typeof value !== 'object' || value === null) return;
  if ('vector' in value && value.vector instanceof Float32Array) into.add(value.vector.buffer);
  if ('memory' in value) collectVectors(value.memory, into);
  for (const key of ['memories', 'hits'] as const) {
    const list = (value as Readonly<Record<string, unknown>>)[key];
    if (Array.isArray(list)) for (const each of list) collectVectors(each, into);
  }
}
