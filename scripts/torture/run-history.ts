/** Runs one history against the engine on faulty storage, and holds every answer against the model. */

import { damageAtRest } from '../../src/testing/damage.ts';
import { createRandom } from '../../src/testing/environment.ts';
import { firstOf, quotaSchedule } from '../../src/testing/faulty-storage.ts';
import { Calls } from './calls.ts';
import type { Call, History, Step } from './history.ts';
import { type RunOptions, Scene } from './scene.ts';
import type { Tally } from './tally.ts';
import { deathWithin } from './troubles.ts';
import { Verification } from './verification.ts';
import { Violation } from './violation.ts';

/** Share of idle times in which the tab dies. */
const IDLE_KILLS = 0.2;

/** @throws Violation for the first thing that does not hold. */
export async function runHistory(
  history: History,
  seed: number,
  tally: Tally,
  options: RunOptions = {},
): Promise<void> {
  await new HistoryRun(history, seed, tally, options).run();
}

class HistoryRun {
  readonly #scene: Scene;
  readonly #calls: Calls;
  readonly #verification: Verification;

  constructor(history: History, seed: number, tally: Tally, options: RunOptions) {
    this.#scene = new Scene(history, seed, tally, options);
    this.#calls = new Calls(this.#scene);
    this.#verification = new Verification(this.#scene);
  }

  async run(): Promise<void> {
    for (const [number, step] of this.#scene.history.steps.entries()) {
      if (this.#scene.isOver) return;
      this.#scene.trace(() => `${number + 1}. ${JSON.stringify(step)}`);
      this.#scene.arm(step);
      await this.#guarded(() => this.#do(step));
      if (this.#scene.isDamaged) await this.#verification.noteReport();
    }
    if (this.#scene.isOver) return;
    this.#scene.random = createRandom(1);
    await this.#guarded(() => this.#verification.verify('kill'));
    if (!this.#scene.isOver) await this.#guarded(() => this.#verification.verify('close'));
    for (const tab of this.#scene.formerTabs) this.#scene.world.kill(tab);
    this.#scene.world.kill(this.#scene.world.tab);
  }

  /** What follows from damage at rest is no violation where the engine says that there is damage. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#scene.isDamaged || !(error instanceof Violation)) throw error;
      if (!['lost', 'corrupt', 'cameBack', 'wrong'].includes(error.kind)) throw error;
      this.#scene.trace(() => `   after damage: ${error.message}`);
      this.#scene.calm();
      // Opens it, if it is not open: it may know by now.
      await this.#scene.world.settled(this.#scene.world.call('status', []), 'status');
      await this.#verification.noteReport();
      if (error.kind !== 'corrupt' && !this.#scene.wasReported) throw error;
      await this.#verification.adopt();
    }
  }

  async #do(step: Step): Promise<void> {
    const { profile } = this.#scene.history;
    const isGentle = profile === 'fixed' || profile === 'calm';
    switch (step.does) {
      case 'call':
        if (step.call.verb === 'repeat') return this.#calls.repeat(step.call.which);
        return this.#call([step.call]);
      case 'together':
        return this.#call(step.calls);
      case 'idle':
        return this.#idle(step.ms, isGentle);
      case 'close':
        return this.#scene.close();
      case 'verify':
        return this.#verification.verify(this.#scene.random() < 0.5 ? 'kill' : 'close');
      case 'kill':
        if (!isGentle && this.#scene.counted('killedBetween')) this.#scene.kill();
        return;
      case 'fence':
        if (!isGentle && this.#scene.counted('secondOwner')) await this.#calls.fence();
        return;
      case 'quota':
        if (!isGentle && !this.#scene.isLeftOut('quota'))
          this.#scene.limit(quotaSchedule(step.bytes, step.refusals));
        return;
      case 'damage':
        if (profile === 'damaged') await this.#damage(step.kind);
        return;
      case 'evict':
        if (!isGentle && this.#scene.counted('deleted')) await this.#evict();
    }
  }

  /** Time for work in the background, in which the tab may die between two of its transactions. */
  async #idle(ms: number, isGentle: boolean): Promise<void> {
    const { world } = this.#scene;
    const isDeadly = !isGentle && this.#scene.random() < IDLE_KILLS && !this.#scene.isLeftOut('killed');
    const death = isDeadly ? deathWithin(this.#scene.random) : undefined;
    if (death !== undefined) world.schedule = firstOf(death.schedule, world.schedule);
    await world.settled(world.clock.advance(ms), 'idle time');
    death?.spare();
  }

  async #call(calls: readonly Call[]): Promise<void> {
    await this.#calls.make(calls);
    await this.#verification.checkStatus();
  }

  async #damage(kind: 'flipped' | 'torn'): Promise<void> {
    const fault = `${kind}AtRest`;
    if (this.#scene.isLeftOut(fault)) return;
    const key = await damageAtRest(this.#scene.world.stored, kind, this.#scene.random);
    if (key === undefined) return;
    this.#scene.tally.count(fault);
    this.#scene.trace(() => `   ${kind}: the row ${key}`);
    this.#scene.isDamaged = true;
    this.#scene.wasReported = false;
  }

  /** The browser deletes all; the engine must find that out at its next write, and say so. */
  async #evict(): Promise<void> {
    const { stored } = this.#scene.world;
    this.#scene.calm();
    await stored.commit({
      expectEpoch: await stored.epoch(),
      nextEpoch: 0,
      deleteRanges: [{ from: '', to: '\uffff' }],
      durability: 'journaled',
    });
    const live = this.#scene.model.live.length;
    for (const entry of this.#scene.model.entries.values()) entry.allowed = [undefined];
    this.#scene.acknowledged.length = 0;
    const memory = { words: [], tags: [], priority: 0, importance: 0, session: undefined, vector: undefined };
    await this.#call([{ verb: 'add', memory, isFlushed: false }]);
    const status = await (await this.#scene.openedEngine())?.status();
    // Damage there was is gone with the rest.
    this.#scene.isDamaged = false;
    const says = JSON.stringify(status?.storage ?? {});
    if (!/"new|newOrEvicted":\s*true/.test(says))
      throw new Violation('lost', `the database was deleted, and status() says ${says}`, live);
    this.#scene.tally.evicted += live;
  }
}
