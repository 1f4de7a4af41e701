/** Makes a history's calls, concludes from each end what the model must be, and repeats what is unknown. */

import { firstOf } from '../../src/testing/faulty-storage.ts';
import type { AddResult, MemoryEngine, NewMemory, WriteResult } from '../../src/types.ts';
import type { Call } from './history.ts';
import { begin, type Effect, type Entry, fail, succeed } from './model.ts';
import { type Planned, planCall } from './plan.ts';
import { codeOf, type Scene } from './scene.ts';
import { deathWithin, FIXED_KILLS } from './troubles.ts';
import { Violation } from './violation.ts';
import type { Outcome } from './world.ts';

/** How often a caller repeats a write of unknown outcome while faults go on. */
const PATIENCE = 3;

/** What may be answered in place of a result while storage fails. */
const STORAGE_CODES: ReadonlySet<string> = new Set([
  ...['STORAGE_FAILED', 'STORAGE_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'QUOTA_EXCEEDED', 'OUTCOME_UNKNOWN'],
  ...['STALE_EPOCH', 'CLOSED'],
]);

/** A write of an owner that is being replaced. */
interface LateWrite {
  readonly effect: Effect;
  readonly ended: Promise<{ readonly answer?: AddResult; readonly error?: unknown }> | undefined;
}

export class Calls {
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Makes calls at once, and compares each answer with what there was before or after the others. */
  async make(calls: readonly Call[]): Promise<void> {
    const busy = new Set<Entry>();
    const planned = calls.flatMap((call) => {
      const plan = planCall(call, this.#scene.model, busy);
      for (const { entry } of plan?.effect?.changes ?? []) busy.add(entry);
      return plan === undefined ? [] : [{ plan, args: this.#withOpId(plan) }];
    });
    for (const { plan } of planned) if (plan.effect !== undefined) begin(plan.effect);
    const made = planned.map(async ({ plan, args }) => ({
      plan,
      args,
      outcome: await this.#measured(plan, args),
    }));
    const ended = await this.#scene.world.settled(
      Promise.all(made),
      `${planned.map(({ plan }) => plan.method)}`,
    );
    // Reads first: while they ran, each write was on its way.
    for (const { plan, outcome } of ended) if (plan.effect === undefined) this.#concludeRead(plan, outcome);
    for (const { plan, args, outcome } of ended)
      if (plan.effect !== undefined) await this.#concludeWrite(plan, plan.effect, args, outcome);
  }

  /** A write that was acknowledged, made again: it answers the same, and changes nothing. */
  async repeat(which: number): Promise<void> {
    const chosen = this.#scene.acknowledged[which % Math.max(1, this.#scene.acknowledged.length)];
    if (chosen === undefined || this.#scene.isDamaged) return;
    const { planned, args, answer } = chosen;
    const outcome = await this.#scene.world.settled(this.#measured(planned, args), `${planned.method} again`);
    this.#traceEnd(planned, outcome.error === undefined ? 'answered again' : codeOf(outcome.error));
    if (outcome.error !== undefined) this.#expectCode(planned, outcome.error);
    else if (essenceOf(outcome.answer) !== essenceOf(answer))
      throw new Violation(
        'appliedTwice',
        `${planned.method} answered ${essenceOf(answer)}, and made again ${essenceOf(outcome.answer)}`,
      );
  }

  /** Another owner opens while a write of the first is on its way; from then on the first writes in vain. */
  async fence(): Promise<void> {
    const first = this.#scene.world.tab;
    const engine = await this.#scene.openedEngine();
    this.#scene.world.tab = this.#scene.world.newTab();
    this.#scene.formerTabs.push(first);
    const inFlight = this.#lateWrite(engine);
    const opening = this.#scene.world.call('stats', []);
    const { error } = await this.#scene.world.settled(opening, 'the second owner');
    if (error !== undefined) this.#scene.typed(error);
    await this.#concludeLate(inFlight, false);
    const second = await this.#scene.openedEngine();
    // On a full disk it could not claim the store, and only reads.
    const reasons = (await second?.health())?.reasons ?? [];
    const isFenced = second !== undefined && reasons.every(({ code }) => code !== 'read-only');
    await this.#concludeLate(this.#lateWrite(engine), isFenced);
    // What it loaded may be old by now: a tab with the lock would have had the first let go.
    if (second !== undefined && !isFenced) this.#scene.kill();
    if (this.#scene.random() < 0.5) return;
    await this.#scene.world.settled(
      first.close().catch((failure: unknown) => this.#scene.typed(failure)),
      'close',
    );
    this.#scene.world.kill(first);
  }

  #withOpId({ args, optionsAt }: Planned): readonly unknown[] {
    if (optionsAt === undefined) return args;
    const before = Array.from({ length: optionsAt }, (_, index) => args[index]);
    return [...before, { ...(args[optionsAt] as object | undefined), opId: this.#scene.newOpId() }];
  }

  /** Makes the call; under the fixed schedule it may die of it, and counts for availability. */
  async #measured(plan: Planned, args: readonly unknown[]): Promise<Outcome> {
    this.#scene.tally.operations += 1;
    if (this.#scene.history.profile !== 'fixed') return this.#scene.world.call(plan.method, args);
    const isDeadly = this.#scene.random() < FIXED_KILLS && !this.#scene.isLeftOut('killed');
    const { schedule } = this.#scene.world;
    const death = isDeadly ? deathWithin(this.#scene.random) : undefined;
    if (death !== undefined) this.#scene.world.schedule = firstOf(death.schedule, schedule);
    const isBack = this.#scene.world.tab.isOpen;
    const outcome = await this.#scene.world.call(plan.method, args);
    death?.spare();
    if (isDeadly && !outcome.wasKilled && this.#scene.counted('killedBetween')) this.#scene.kill();
    const code = codeOf(outcome.error);
    const isRight = outcome.error === undefined || code === plan.refusal;
    const refusal = isRight ? undefined : `${plan.method} ${code}`;
    if (refusal !== undefined) this.#scene.tally.refuse(refusal);
    this.#scene.tally.measure(this.#scene.tally.calls, refusal);
    const isRead = plan.optionsAt === undefined && plan.method !== 'flush';
    if (isRead && isBack && !outcome.wasKilled) this.#scene.tally.measure(this.#scene.tally.reads, refusal);
    return outcome;
  }

  #concludeRead(plan: Planned, { answer, error }: Outcome): void {
    if (error === undefined) {
      if (plan.refusal !== undefined) throw new Violation('wrong', `${plan.method} was not refused`);
      this.#traceEnd(plan, 'answered');
      plan.check(answer);
      return;
    }
    this.#traceEnd(plan, codeOf(error));
    this.#expectCode(plan, error);
  }

  async #concludeWrite(
    plan: Planned,
    effect: Effect,
    args: readonly unknown[],
    outcome: Outcome,
  ): Promise<void> {
    for (let tries = 0; ; tries++) {
      if (outcome.error === undefined) return this.#acknowledge(plan, effect, args, outcome.answer);
      const code = codeOf(outcome.error);
      this.#traceEnd(plan, code);
      this.#expectCode(plan, outcome.error);
      const isUnknown = code === 'OUTCOME_UNKNOWN' || outcome.wasKilled;
      if (!isUnknown) return fail(effect);
      // A caller who is told so repeats the call with its id; one who has gone home never learns.
      if (tries === 0 && this.#scene.random() < 0.3) return;
      if (tries === PATIENCE) return;
      const again = await this.#scene.world.settled(this.#scene.world.call(plan.method, args), plan.method);
      outcome = { ...again, wasKilled: true };
    }
  }

  #acknowledge(plan: Planned, effect: Effect, args: readonly unknown[], answer: unknown): void {
    this.#traceEnd(plan, 'acknowledged');
    plan.check(answer);
    succeed(effect);
    this.#scene.tally.acknowledged += effect.changes.length;
    if (effect.changes.length > 0) this.#scene.acknowledged.push({ planned: plan, args, answer });
  }

  #traceEnd({ method, args }: Planned, end: string): void {
    this.#scene.trace(() => `   ${method} ${JSON.stringify(args).slice(0, 120)}: ${end}`);
  }

  /** Any failure is typed, and of a kind that is due. */
  #expectCode({ method, refusal }: Planned, error: unknown): void {
    this.#scene.typed(error);
    const code = codeOf(error);
    if (code === refusal || STORAGE_CODES.has(code)) return;
    const message = `${method} failed with ${code}: ${String(error)}`;
    if (code === 'STORAGE_CORRUPT')
      throw new Violation(this.#scene.isDamaged ? 'corrupt' : 'falseAlarm', message);
    throw new Violation(code === 'NOT_FOUND' ? 'lost' : 'wrong', message);
  }

  #lateWrite(engine: MemoryEngine | undefined): LateWrite {
    const { memories, effect } = this.#scene.model.plan([
      { words: [0], tags: [], priority: 0, importance: 0, session: undefined, vector: [1, 0, 0, 0] },
    ]);
    begin(effect);
    const [memory] = memories as readonly [NewMemory];
    const work = engine?.add(memory, { opId: this.#scene.newOpId() });
    const ended = work?.then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    );
    return { effect, ended };
  }

  async #concludeLate({ effect, ended }: LateWrite, isFenced: boolean): Promise<void> {
    if (ended === undefined) return fail(effect);
    const { answer, error } = await this.#scene.world.settled(ended, 'a late write');
    this.#scene.tally.operations += 1;
    if (answer !== undefined) {
      if (isFenced) throw new Violation('wrong', 'a write of an owner that was replaced is acknowledged');
      for (const { entry } of effect.changes) entry.id = answer.id;
      succeed(effect);
      this.#scene.tally.acknowledged += 1;
      return;
    }
    this.#scene.typed(error);
    if (codeOf(error) !== 'OUTCOME_UNKNOWN') fail(effect);
  }
}

/** An answer without the level reached: that may differ when the call is repeated. */
function essenceOf(answer: unknown): string {
  return JSON.stringify({ ...(answer as WriteResult), durability: undefined });
}
