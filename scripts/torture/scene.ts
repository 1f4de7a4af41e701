/** What the parts of one history share: its world, its model, and what is known of both. */

import { isLociError } from '../../src/errors.ts';
import { createRandom } from '../../src/testing/environment.ts';
import { firstOf, type Schedule } from '../../src/testing/faulty-storage.ts';
import type { MemoryEngine } from '../../src/types.ts';
import type { History, Step } from './history.ts';
import { Model } from './model.ts';
import type { Planned } from './plan.ts';
import { DIED, type Tab } from './tab.ts';
import type { Tally } from './tally.ts';
import { type Lie, liesOf, noiseOf } from './troubles.ts';
import { Violation } from './violation.ts';
import { World } from './world.ts';

export interface RunOptions {
  readonly lie?: Lie | undefined;
  /** Kinds of faults that are left out. */
  readonly without?: ReadonlySet<string> | undefined;
  /** Told of each step and how its calls ended. */
  readonly trace?: ((line: string) => void) | undefined;
}

/** A write that was acknowledged. */
export interface Acknowledged {
  readonly planned: Planned;
  readonly args: readonly unknown[];
  readonly answer: unknown;
}

export class Scene {
  readonly history: History;
  readonly tally: Tally;
  readonly world: World;
  readonly model = new Model();
  readonly acknowledged: Acknowledged[] = [];
  /** Owners that were replaced, and live. */
  readonly formerTabs: Tab[] = [];
  readonly #options: RunOptions;
  readonly #lies: Schedule;
  #quota: Schedule = () => undefined;
  #opIds = 0;
  /** Chance of the step that is being done. */
  random = createRandom(0);
  /** Since something at rest was damaged. */
  isDamaged = false;
  /** Whether the engine has told of it since. */
  wasReported = false;
  /** Nothing can be read any more, and it was said. */
  isOver = false;

  constructor(history: History, seed: number, tally: Tally, options: RunOptions) {
    this.history = history;
    this.tally = tally;
    this.#options = options;
    this.world = new World({ seed, index: history.index, onFault: (kind) => tally.count(kind) });
    this.#lies = liesOf(options.lie, createRandom(seed));
  }

  /** From here on goes wrong what the step says. */
  arm(step: Step): void {
    this.random = createRandom(step.seed);
    const noise = noiseOf(step, this.history.profile, (kind) => this.isLeftOut(kind));
    this.world.schedule = firstOf(this.#lies, this.#quota, noise);
  }

  /** From here on nothing goes wrong but lies. */
  calm(): void {
    this.#quota = () => undefined;
    this.world.schedule = this.#lies;
  }

  /** Space ends by this schedule, from the next step on. */
  limit(quota: Schedule): void {
    this.#quota = quota;
  }

  newOpId(): string {
    this.#opIds += 1;
    return `op-${this.#opIds}`;
  }

  /** @param line made only where someone listens. */
  trace(line: () => string): void {
    this.#options.trace?.(line());
  }

  isLeftOut(kind: string): boolean {
    return this.#options.without?.has(kind) ?? false;
  }

  /** Whether a fault of this kind is to be; then it is counted. */
  counted(kind: string): boolean {
    if (this.isLeftOut(kind)) return false;
    this.tally.count(kind);
    return true;
  }

  /** Ends the owner without a word; the next call finds another. */
  kill(): void {
    this.world.kill(this.world.tab);
    this.world.tab = this.world.newTab();
  }

  async close(): Promise<void> {
    const { tab } = this.world;
    await this.world.settled(
      tab.close().catch((error: unknown) => this.typed(error)),
      'close',
    );
    this.kill();
  }

  /** @throws Violation where the error is not typed. */
  typed(error: unknown): void {
    if (isLociError(error) && error.code !== 'INTERNAL') return;
    this.tally.untypedErrors += 1;
    const stack = error instanceof Error ? error.stack : String(error);
    throw new Violation('untyped', String(stack));
  }

  /** The engine of the present owner, if one is open. */
  async openedEngine(): Promise<MemoryEngine | undefined> {
    const opened = await this.world.settled(
      Promise.race([this.world.tab.opened(), this.world.tab.died]),
      'opening',
    );
    return opened === DIED ? undefined : opened;
  }
}

export function codeOf(error: unknown): string {
  return isLociError(error) ? error.code : String(error);
}
