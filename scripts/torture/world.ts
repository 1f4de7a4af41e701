/** The bytes, the clock and the tabs of one history; tabs come and go, bytes stay. */

import { createHashingEmbedder } from '../../src/embedding/hashing.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { createLastingStorage } from '../../src/engine/engine-test-util.ts';
import type { Environment } from '../../src/engine/environment.ts';
import { STORAGE_DEADLINE_MS } from '../../src/limits.ts';
import { createMemoryStorage } from '../../src/storage/memory.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createTestEnvironment, settle } from '../../src/testing/environment.ts';
import {
  createFaultyStorage,
  type FaultKind,
  type FaultyStorage,
  type Schedule,
} from '../../src/testing/faulty-storage.ts';
import type { MemoryEngine } from '../../src/types.ts';
import { createExactIndex } from '../../src/vector/exact.ts';
import { createKernelIndex } from '../../src/vector/kernel-index.ts';
import type { VectorIndex } from '../../src/vector/vector-index.ts';
import { DIED, type Method, Tab } from './tab.ts';
import { Violation } from './violation.ts';

const NOW = 1_700_000_000_000;
/** Turns of the event loop after which a call may be waiting for a pause of the engine's own. */
const PATIENT_TURNS = 100;
/** How far the clock goes then, ms. */
const PAUSE_MS = 50;
/** Turns after which it may be waiting for something real; from then on a turn takes a millisecond. */
const VIRTUAL_TURNS = 2_000;
/** Turns after which a call counts as one that never ends: minutes of the clock, and seconds of the machine's. */
const MAX_TURNS = 12_000;

export interface WorldOptions {
  readonly seed: number;
  readonly index: 'exact' | 'kernel';
  readonly onFault: (kind: FaultKind) => void;
}

/** How a call ended; a call whose tab died is made again by the next one. */
export interface Outcome {
  readonly answer?: unknown;
  readonly error?: unknown;
  /** Whether a tab died of it, or during it. */
  readonly wasKilled: boolean;
}

export class World {
  readonly #options: WorldOptions;
  readonly clock;
  /** The single copy. */
  readonly stored: Storage = createLastingStorage(createMemoryStorage());
  /** What goes wrong with the present owner's storage operations. */
  schedule: Schedule = () => undefined;
  tab: Tab;
  readonly #storages = new Map<Tab, Set<FaultyStorage>>();

  constructor(options: WorldOptions) {
    this.#options = options;
    this.clock = createTestEnvironment({ seed: options.seed, now: NOW });
    this.tab = this.newTab();
  }

  newTab(): Tab {
    return new Tab({ open: (tab) => this.#open(tab) });
  }

  /** Ends a tab without a word. */
  kill(tab: Tab): void {
    tab.kill();
    for (const storage of this.#storages.get(tab) ?? []) storage.kill();
    this.#storages.delete(tab);
  }

  /** Makes the call of the present owner, and of the next one if it dies of it, with the same arguments. */
  async call(method: Method, args: readonly unknown[]): Promise<Outcome> {
    for (let wasKilled = false; ; wasKilled = true) {
      const { tab } = this;
      try {
        const answer = await tab.call(method, args);
        if (answer !== DIED) return { answer, wasKilled };
      } catch (error) {
        return { error, wasKilled };
      }
      if (this.tab === tab) this.tab = this.newTab();
    }
  }

  /** What the work comes to; the clock goes on while it waits for a deadline or a pause. */
  async settled<T>(work: Promise<T>, what: string): Promise<T> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      await (turn < VIRTUAL_TURNS ? settle() : new Promise((resolve) => setTimeout(resolve, 1)));
      if (isDone) return work;
      if (this.#hanging() > 0) await this.clock.advance(STORAGE_DEADLINE_MS);
      else if (turn > PATIENT_TURNS) await this.clock.advance(PAUSE_MS);
    }
    throw new Violation('hung', `${what} never ended`);
  }

  #hanging(): number {
    let sum = 0;
    for (const storages of this.#storages.values()) for (const storage of storages) sum += storage.hanging();
    return sum;
  }

  /** As `openBrowserEngine` does, and what the host does with the engine at once. */
  async #open(tab: Tab): Promise<MemoryEngine> {
    const storage = createFaultyStorage(this.stored, {
      schedule: (operation) => (tab === this.tab ? this.schedule(operation) : undefined),
      after: (ms, callback) => this.clock.schedule(ms, callback),
      onFault: this.#options.onFault,
      onDeath: () => this.kill(tab),
    });
    const storages = this.#storages.get(tab) ?? new Set();
    this.#storages.set(tab, storages.add(storage));
    try {
      const engine = await openEngine({
        storage,
        createIndex: (dimensions) => this.#createIndex(dimensions),
        indexKind: this.#options.index,
        builtin: createHashingEmbedder(),
        // Whatever is missing was lost: evictions have histories of their own, in quota.test.ts.
        limits: { whenFull: 'refuse' },
        environment: this.#environmentOf(tab),
      });
      await engine.status();
      return engine;
    } catch (error) {
      await storage.close();
      throw error;
    }
  }

  async #createIndex(dimensions: number): Promise<VectorIndex> {
    return this.#options.index === 'exact' ? createExactIndex(dimensions) : createKernelIndex(dimensions);
  }

  /** The clock that all share; of a tab that is gone no timer goes off. */
  #environmentOf(tab: Tab): Environment {
    const { clock } = this;
    return {
      now: clock.now,
      monotonicMs: clock.monotonicMs,
      randomBytes: clock.randomBytes,
      schedule: (ms, callback) => clock.schedule(ms, () => (tab.isAlive ? callback() : undefined)),
    };
  }
}
