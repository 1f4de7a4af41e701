/** What window, worker and tabs say to each other: the methods there are. */

import { STORAGE_FORMAT } from '../engine/blocks/manifest.ts';
import { LociError } from '../errors.ts';
import { READ_DEADLINE_MS, WRITE_DEADLINE_MS } from '../limits.ts';
import type { MemoryEngine } from '../types.ts';

/**
 * Raised whenever an older tab could not talk to a newer one.
 *
 * 1: calls, replies, events, and an owner that says that it is there.
 * 2: every message names the storage format too; tabs greet each other, and ask whether the owner is there.
 * 3: `supersede` and `reinforce`, and memories with what they supersede and contradict; `related`, `path`, `concepts`
 * and `concept`; times, context, neighbours and other options of `search`.
 */
export const PROTOCOL_VERSION = 3;

/** What a tab runs, as far as other tabs are concerned. */
export interface Release {
  /** Of what tabs say to each other. */
  readonly version: number;
  /** Of what is stored; absent in messages of protocol 1. */
  readonly format?: number | undefined;
}

export const OWN_RELEASE: Release = Object.freeze({ version: PROTOCOL_VERSION, format: STORAGE_FORMAT });

/** Below zero where `a` is the older of two releases, 0 where they understand each other. */
export function compareReleases(a: Release, b: Release): number {
  return (a.format ?? 0) - (b.format ?? 0) || a.version - b.version;
}

/** What an older tab says that meets a later release: it stops writing. */
export function laterReleaseError(other: Release, own: Release = OWN_RELEASE): LociError {
  const isFormat = (other.format ?? 0) !== (own.format ?? 0);
  const what = isFormat ? `storage format ${other.format}` : `protocol ${other.version}`;
  return new LociError(
    isFormat ? 'NEWER_FORMAT' : 'CONFLICT',
    `another tab runs a later release of Loci (${what}): this one no longer writes`,
    { hint: 'Reload this tab to get the later release. What was acknowledged is kept.' },
  );
}

/** The verbs that cross a boundary; `subscribe` is a stream of events, `close` the host's own. */
export type EngineMethod = Exclude<keyof MemoryEngine, 'subscribe' | 'close'>;

interface MethodTraits {
  /** Longest wait, ms. */
  readonly deadlineMs: number;
  /** Where among the arguments the write options stand; absent for a read. */
  readonly optionsAt?: number;
}

const READ: MethodTraits = { deadlineMs: READ_DEADLINE_MS };

/** The table of methods: a name that is not in it is refused. */
export const ENGINE_METHODS: Readonly<Record<EngineMethod, MethodTraits>> = Object.freeze({
  add: { deadlineMs: WRITE_DEADLINE_MS, optionsAt: 1 },
  addMany: { deadlineMs: WRITE_DEADLINE_MS, optionsAt: 1 },
  update: { deadlineMs: WRITE_DEADLINE_MS, optionsAt: 2 },
  supersede: { deadlineMs: WRITE_DEADLINE_MS, optionsAt: 2 },
  reinforce: { deadlineMs: WRITE_DEADLINE_MS, optionsAt: 2 },
  delete: { deadlineMs: WRITE_DEADLINE_MS, optionsAt: 1 },
  deleteAll: { deadlineMs: WRITE_DEADLINE_MS, optionsAt: 1 },
  get: READ,
  list: READ,
  search: READ,
  history: READ,
  related: READ,
  path: READ,
  concepts: READ,
  concept: READ,
  stats: READ,
  health: READ,
  status: READ,
  flush: { deadlineMs: WRITE_DEADLINE_MS },
});

/** Whether a call of this method may write to storage. */
export function isWrite(method: EngineMethod): boolean {
  return ENGINE_METHODS[method].optionsAt !== undefined;
}

export function isEngineMethod(name: unknown): name is EngineMethod {
  return typeof name === 'string' && Object.hasOwn(ENGINE_METHODS, name);
}

/** Calls a method of an engine by its name. */
export function callEngine(
  engine: MemoryEngine,
  method: EngineMethod,
  args: readonly unknown[],
): Promise<unknown> {
  const verb = engine[method].bind(engine) as (...args: readonly unknown[]) => Promise<unknown>;
  return verb(...args);
}
