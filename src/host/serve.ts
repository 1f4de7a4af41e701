/** The worker's side: a frozen facade of named methods over Comlink. */

import { type Endpoint, expose, transfer } from 'comlink';
import { type Envelope, intoEnvelope } from '../envelope.ts';
import { LociError } from '../errors.ts';
import type { EngineConfig, EngineEvent } from '../types.ts';
import { guardEndpoint } from './guarded-endpoint.ts';
import { NamespaceHost } from './namespace-host.ts';
import { resolveConfig } from './open-engine.ts';
import { ENGINE_METHODS, type EngineMethod } from './protocol.ts';

/** What the window calls. Every method answers an envelope and never rejects. */
export type EngineFacade = {
  /** Opens the namespace; events go to the port. Answers the name of a lock that the worker holds while it lives. */
  readonly open: (config: EngineConfig, events: MessagePort) => Promise<Envelope>;
  readonly close: () => Promise<Envelope>;
} & { readonly [M in EngineMethod]: (...args: readonly unknown[]) => Promise<Envelope> };

/** Serves one namespace on an endpoint (a worker's global scope, or a port). */
export function serveEngine(endpoint: Endpoint): void {
  let host: NamespaceHost | undefined;
  const open = (config: EngineConfig, events: MessagePort) =>
    intoEnvelope(async () => {
      if (host !== undefined) throw new LociError('CONFLICT', 'the worker has a namespace open already');
      const resolved = resolveConfig(config);
      const lifeLock = await holdLifeLock();
      host = new NamespaceHost(resolved, (event: EngineEvent) => events.postMessage(event));
      await host.ready();
      return lifeLock;
    });
  const close = () => intoEnvelope(async () => host?.close());
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
    Object.assign(Object.create(null) as object, { open, close }, Object.fromEntries(verbs)),
  ) as EngineFacade;
  expose(facade, guardEndpoint(endpoint, new Set(Object.keys(facade))));
}

/** `terminate()` fires no event: whoever is granted this lock knows that the worker is dead. */
async function holdLifeLock(): Promise<string | undefined> {
  if (navigator.locks === undefined) return undefined;
  const name = `loci:worker:${crypto.randomUUID()}`;
  await new Promise<void>((held) => {
    void navigator.locks.request(name, () => {
      held();
      return new Promise<never>(() => undefined);
    });
  });
  return name;
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
