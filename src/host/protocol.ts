/** What window, worker and tabs say to each other: the methods there are. */

import { READ_DEADLINE_MS, WRITE_DEADLINE_MS } from '../limits.ts';
import type { MemoryEngine } from '../types.ts';

/** Raised whenever an older tab could not talk to a newer one. */
export const PROTOCOL_VERSION = 1;

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
  delete: { deadlineMs: WRITE_DEADLINE_MS, optionsAt: 1 },
  deleteAll: { deadlineMs: WRITE_DEADLINE_MS, optionsAt: 1 },
  get: READ,
  list: READ,
  search: READ,
  history: READ,
  stats: READ,
  health: READ,
  status: READ,
  flush: { deadlineMs: WRITE_DEADLINE_MS },
});

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
