/** Runs one history against the engine on faulty storage, and holds every answer against the model. */

import { isLociError } from '../../src/errors.ts';
import { damageAtRest } from '../../src/testing/damage.ts';
import { createRandom } from '../../src/testing/environment.ts';
import {
  type FaultKind,
  firstOf,
  quotaSchedule,
  randomSchedule,
  type Schedule,
} from '../../src/testing/faulty-storage.ts';
import type { AddResult, ListPage, MemoryEngine, NewMemory, WriteResult } from '../../src/types.ts';
import type { Call, History, Step } from './history.ts';
import { begin, type Effect, type Entry, fail, Model, remainderOf, succeed } from './model.ts';
import { checkFound, entryOf, type Planned, planCall } from './plan.ts';
import { DIED, type Tab } from './tab.ts';
import type { Tally } from './tally.ts';
import { Violation } from './violation.ts';
import { type Outcome, World } from './world.ts';

export interface RunOptions {
  /** The storage lies: one commit in so many is acknowledged and not written, or written but for one put. */
  readonly lie?: { readonly kind: 'lie' | 'droppedPut'; readonly oneIn: number } | undefined;
  /** Kinds of faults that are left out. */
  readonly without?: ReadonlySet<string> | undefined;
  /** Told of each step and how its calls ended. */
  readonly trace?: ((line: string) => void) | undefined;
}

type Shares = Readonly<Partial<Record<FaultKind, number>>>;

/** Of the fixed schedule: one storage operation in a hundred. */
const FIXED: Shares = { failed: 0.004, answerLost: 0.003, notLanded: 0.001, closed: 0.001, hang: 0.001 };
/** Kills a call, of the fixed schedule: ten in a thousand. */
const FIXED_KILLS = 0.01;
/** Storage operations of a call among which the one is drawn by which a tab dies. */
const KILL_WITHIN = 4;
/** Of a step with some noise. */
const SOME: Shares = {
  ...{ failed: 0.02, answerLost: 0.015, notLanded: 0.01, closed: 0.01, hang: 0.005, hangLanded: 0.005 },
  ...{ staleEpoch: 0.01, flippedRead: 0.01, killed: 0.005, killedLanded: 0.01 },
};
/** How much more there is in a step with many. */
const MANY = 5;
/** How often a caller repeats a write of unknown outcome while faults go on. */
const PATIENCE = 3;
/** Memories of one page where all are read. */
const PAGE = 1_000;

/** What may be answered in place of a result while storage fails. */
const STORAGE_CODES: ReadonlySet<string> = new Set([
  ...['STORAGE_FAILED', 'STORAGE_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'QUOTA_EXCEEDED', 'OUTCOME_UNKNOWN'],
  ...['STALE_EPOCH', 'CLOSED'],
]);

interface Acknowledged {
  readonly planned: Planned;
  readonly args: readonly unknown[];
  readonly answer: unknown;
}

/** A write of an owner that is being replaced. */
interface LateWrite {
  readonly effect: Effect;
  readonly ended: Promise<{ readonly answer?: AddResult; readonly error?: unknown }> | undefined;
}

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
  readonly #history: History;
  readonly #tally: Tally;
  readonly #options: RunOptions;
  readonly #world: World;
  readonly #model = new Model();
  readonly #lies: Schedule;
  readonly #acknowledged: Acknowledged[] = [];
  readonly #formerTabs: Tab[] = [];
  #quota: Schedule = () => undefined;
  #random = createRandom(0);
  #opIds = 0;
  /** Since something at rest was damaged. */
  #isDamaged = false;
  /** Whether the engine has told of it since. */
  #wasReported = false;
  /** Nothing can be read any more, and it was said. */
  #isOver = false;

  constructor(history: History, seed: number, tally: Tally, options: RunOptions) {
    this.#history = history;
    this.#tally = tally;
    this.#options = options;
    this.#world = new World({ seed, index: history.index, onFault: (kind) => tally.count(kind) });
    this.#lies = liesOf(options, createRandom(seed));
  }

  async run(): Promise<void> {
    for (const [number, step] of this.#history.steps.entries()) {
      if (this.#isOver) return;
      this.#options.trace?.(`${number + 1}. ${JSON.stringify(step)}`);
      this.#arm(step);
      await this.#guarded(() => this.#do(step));
      if (this.#isDamaged) await this.#noteReport();
    }
    if (this.#isOver) return;
    this.#random = createRandom(1);
    await this.#guarded(() => this.#verify('kill'));
    if (!this.#isOver) await this.#guarded(() => this.#verify('close'));
    for (const tab of this.#formerTabs) this.#world.kill(tab);
    this.#world.kill(this.#world.tab);
  }

  /** What follows from damage at rest is no violation where the engine says that there is damage. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#isDamaged || !(error instanceof Violation)) throw error;
      if (!['lost', 'corrupt', 'cameBack', 'wrong'].includes(error.kind)) throw error;
      this.#options.trace?.(`   after damage: ${error.message}`);
      this.#calm();
      // Opens it, if it is not open: it may know by now.
      await this.#world.settled(this.#world.call('status', []), 'status');
      await this.#noteReport();
      if (error.kind !== 'corrupt' && !this.#wasReported) throw error;
      await this.#adopt();
    }
  }

  #arm({ noise, seed }: Step): void {
    this.#random = createRandom(seed);
    const isFixed = this.#history.profile === 'fixed';
    const shares = isFixed ? FIXED : this.#history.profile === 'calm' || noise === 0 ? {} : sharesOf(noise);
    const known = Object.entries(shares).filter(([kind]) => !this.#isLeftOut(kind));
    const noisy = randomSchedule(createRandom(seed + 1), Object.fromEntries(known));
    this.#world.schedule = firstOf(this.#lies, this.#quota, noisy);
  }

  /** From here on nothing goes wrong but lies. */
  #calm(): void {
    this.#quota = () => undefined;
    this.#world.schedule = this.#lies;
  }

  #isLeftOut(kind: string): boolean {
    return this.#options.without?.has(kind) ?? false;
  }

  async #do(step: Step): Promise<void> {
    const { profile } = this.#history;
    const isGentle = profile === 'fixed' || profile === 'calm';
    switch (step.does) {
      case 'call':
        if (step.call.verb === 'repeat') return this.#repeat(step.call.which);
        return this.#calls([step.call]);
      case 'together':
        return this.#calls(step.calls);
      case 'idle':
        await this.#world.settled(this.#world.clock.advance(step.ms), 'idle time');
        return;
      case 'close':
        return this.#close();
      case 'verify':
        return this.#verify(this.#random() < 0.5 ? 'kill' : 'close');
      case 'kill':
        if (!isGentle && this.#counted('killedBetween')) this.#kill();
        return;
      case 'fence':
        if (!isGentle && this.#counted('secondOwner')) await this.#fence();
        return;
      case 'quota':
        if (!isGentle && !this.#isLeftOut('quota')) this.#quota = quotaSchedule(step.bytes, step.refusals);
        return;
      case 'damage':
        if (profile === 'damaged') await this.#damage(step.kind);
        return;
      case 'evict':
        if (!isGentle && this.#counted('deleted')) await this.#evict();
    }
  }

  #counted(kind: string): boolean {
    if (this.#isLeftOut(kind)) return false;
    this.#tally.count(kind);
    return true;
  }

  #kill(): void {
    this.#world.kill(this.#world.tab);
    this.#world.tab = this.#world.newTab();
  }

  async #close(): Promise<void> {
    const { tab } = this.#world;
    await this.#world.settled(
      tab.close().catch((error: unknown) => this.#typed(error)),
      'close',
    );
    this.#kill();
  }

  /** Makes calls at once, and compares each answer with what there was before or after the others. */
  async #calls(calls: readonly Call[]): Promise<void> {
    const busy = new Set<Entry>();
    const planned = calls.flatMap((call) => {
      const plan = planCall(call, this.#model, busy);
      for (const { entry } of plan?.effect?.changes ?? []) busy.add(entry);
      return plan === undefined ? [] : [{ plan, args: this.#withOpId(plan) }];
    });
    for (const { plan } of planned) if (plan.effect !== undefined) begin(plan.effect);
    const made = planned.map(async ({ plan, args }) => ({
      plan,
      args,
      outcome: await this.#measured(plan, args),
    }));
    const ended = await this.#world.settled(Promise.all(made), `${planned.map(({ plan }) => plan.method)}`);
    // Reads first: while they ran, each write was on its way.
    for (const { plan, outcome } of ended) if (plan.effect === undefined) this.#concludeRead(plan, outcome);
    for (const { plan, args, outcome } of ended)
      if (plan.effect !== undefined) await this.#concludeWrite(plan, plan.effect, args, outcome);
    await this.#checkStatus();
  }

  #withOpId({ args, optionsAt }: Planned): readonly unknown[] {
    if (optionsAt === undefined) return args;
    const before = Array.from({ length: optionsAt }, (_, index) => args[index]);
    return [...before, { ...(args[optionsAt] as object | undefined), opId: `op-${++this.#opIds}` }];
  }

  /** Makes the call; under the fixed schedule it may die of it, and counts for availability. */
  async #measured(plan: Planned, args: readonly unknown[]): Promise<Outcome> {
    this.#tally.operations += 1;
    if (this.#history.profile !== 'fixed') return this.#world.call(plan.method, args);
    const isDeadly = this.#random() < FIXED_KILLS && !this.#isLeftOut('killed');
    const spare = isDeadly ? this.#killWithin() : () => undefined;
    const isBack = this.#world.tab.isOpen;
    const outcome = await this.#world.call(plan.method, args);
    spare();
    if (isDeadly && !outcome.wasKilled && this.#counted('killedBetween')) this.#kill();
    const code = codeOf(outcome.error);
    const isRight = outcome.error === undefined || code === plan.refusal;
    const refusal = isRight ? undefined : `${plan.method} ${code}`;
    if (refusal !== undefined) this.#tally.refuse(refusal);
    this.#tally.measure(this.#tally.calls, refusal);
    const isRead = plan.optionsAt === undefined && plan.method !== 'flush';
    if (isRead && isBack && !outcome.wasKilled) this.#tally.measure(this.#tally.reads, refusal);
    return outcome;
  }

  /** The tab dies at one of the next storage operations, before or after it landed, unless it is spared before. */
  #killWithin(): () => void {
    let left = Math.floor(this.#random() * KILL_WITHIN) + 1;
    const kind = this.#random() < 0.5 ? 'killed' : 'killedLanded';
    const { schedule } = this.#world;
    this.#world.schedule = (operation) => {
      left -= 1;
      if (left !== 0) return schedule(operation);
      return { kind: operation.commit === undefined ? 'killed' : kind };
    };
    return () => {
      left = 0;
    };
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
      if (tries === 0 && this.#random() < 0.3) return;
      if (tries === PATIENCE) return;
      const again = await this.#world.settled(this.#world.call(plan.method, args), plan.method);
      outcome = { ...again, wasKilled: true };
    }
  }

  #acknowledge(plan: Planned, effect: Effect, args: readonly unknown[], answer: unknown): void {
    this.#traceEnd(plan, 'acknowledged');
    plan.check(answer);
    succeed(effect);
    this.#tally.acknowledged += effect.changes.length;
    if (effect.changes.length > 0) this.#acknowledged.push({ planned: plan, args, answer });
  }

  /** A write that was acknowledged, made again: it answers the same, and changes nothing. */
  async #repeat(which: number): Promise<void> {
    const chosen = this.#acknowledged[which % Math.max(1, this.#acknowledged.length)];
    if (chosen === undefined || this.#isDamaged) return;
    const { planned, args, answer } = chosen;
    const outcome = await this.#world.settled(this.#measured(planned, args), `${planned.method} again`);
    this.#traceEnd(planned, outcome.error === undefined ? 'answered again' : codeOf(outcome.error));
    if (outcome.error !== undefined) this.#expectCode(planned, outcome.error);
    else if (essenceOf(outcome.answer) !== essenceOf(answer))
      throw new Violation(
        'appliedTwice',
        `${planned.method} answered ${essenceOf(answer)}, and made again ${essenceOf(outcome.answer)}`,
      );
  }

  #traceEnd({ method, args }: Planned, end: string): void {
    this.#options.trace?.(`   ${method} ${JSON.stringify(args).slice(0, 120)}: ${end}`);
  }

  /** Any failure is typed, and of a kind that is due. */
  #expectCode({ method, refusal }: Planned, error: unknown): void {
    this.#typed(error);
    const code = codeOf(error);
    if (code === refusal || STORAGE_CODES.has(code)) return;
    const message = `${method} failed with ${code}: ${String(error)}`;
    if (code === 'STORAGE_CORRUPT') throw new Violation(this.#isDamaged ? 'corrupt' : 'falseAlarm', message);
    throw new Violation(code === 'NOT_FOUND' ? 'lost' : 'wrong', message);
  }

  #typed(error: unknown): void {
    if (isLociError(error) && error.code !== 'INTERNAL') return;
    this.#tally.untypedErrors += 1;
    const stack = error instanceof Error ? error.stack : String(error);
    throw new Violation('untyped', String(stack));
  }

  /** Damage is told only where there is some. */
  async #checkStatus(): Promise<void> {
    const engine = await this.#openedEngine();
    if (engine === undefined || this.#isDamaged) return;
    const { damaged } = await engine.status();
    if (damaged > 0) throw new Violation('falseAlarm', `status() counts ${damaged} damaged`);
  }

  async #openedEngine(): Promise<MemoryEngine | undefined> {
    const opened = await this.#world.settled(
      Promise.race([this.#world.tab.opened(), this.#world.tab.died]),
      'opening',
    );
    return opened === DIED ? undefined : opened;
  }

  /** Another owner opens while a write of the first is on its way; from then on the first writes in vain. */
  async #fence(): Promise<void> {
    const first = this.#world.tab;
    const engine = await this.#openedEngine();
    this.#world.tab = this.#world.newTab();
    this.#formerTabs.push(first);
    const inFlight = this.#lateWrite(engine);
    const opening = this.#world.call('stats', []);
    const { error } = await this.#world.settled(opening, 'the second owner');
    if (error !== undefined) this.#typed(error);
    await this.#concludeLate(inFlight, false);
    const isFenced = (await this.#openedEngine()) !== undefined;
    await this.#concludeLate(this.#lateWrite(engine), isFenced);
    if (this.#random() < 0.5) return;
    await this.#world.settled(
      first.close().catch((failure: unknown) => this.#typed(failure)),
      'close',
    );
    this.#world.kill(first);
  }

  #lateWrite(engine: MemoryEngine | undefined): LateWrite {
    const { memories, effect } = this.#model.plan([
      { words: [0], tags: [], priority: 0, importance: 0, session: undefined, vector: [1, 0, 0, 0] },
    ]);
    begin(effect);
    const [memory] = memories as readonly [NewMemory];
    const work = engine?.add(memory, { opId: `op-${++this.#opIds}` });
    const ended = work?.then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    );
    return { effect, ended };
  }

  async #concludeLate({ effect, ended }: LateWrite, isFenced: boolean): Promise<void> {
    if (ended === undefined) return fail(effect);
    const { answer, error } = await this.#world.settled(ended, 'a late write');
    this.#tally.operations += 1;
    if (answer !== undefined) {
      if (isFenced) throw new Violation('wrong', 'a write of an owner that was replaced is acknowledged');
      for (const { entry } of effect.changes) entry.id = answer.id;
      succeed(effect);
      this.#tally.acknowledged += 1;
      return;
    }
    this.#typed(error);
    if (codeOf(error) !== 'OUTCOME_UNKNOWN') fail(effect);
  }

  async #damage(kind: 'flipped' | 'torn'): Promise<void> {
    const fault = `${kind}AtRest`;
    if (this.#isLeftOut(fault)) return;
    const key = await damageAtRest(this.#world.stored, kind, this.#random);
    if (key === undefined) return;
    this.#tally.count(fault);
    this.#options.trace?.(`   ${kind}: the row ${key}`);
    this.#isDamaged = true;
    this.#wasReported = false;
  }

  /** The browser deletes all; the engine must find that out at its next write, and say so. */
  async #evict(): Promise<void> {
    const { stored } = this.#world;
    this.#calm();
    await stored.commit({
      expectEpoch: await stored.epoch(),
      nextEpoch: 0,
      deleteRanges: [{ from: '', to: '\uffff' }],
      durability: 'journaled',
    });
    const live = this.#model.live.length;
    for (const entry of this.#model.entries.values()) entry.allowed = [undefined];
    this.#acknowledged.length = 0;
    const memory = { words: [], tags: [], priority: 0, importance: 0, session: undefined, vector: undefined };
    await this.#calls([{ verb: 'add', memory, isFlushed: false }]);
    const status = await (await this.#openedEngine())?.status();
    // Damage there was is gone with the rest.
    this.#isDamaged = false;
    const says = JSON.stringify(status?.storage ?? {});
    if (!/"new|newOrEvicted":\s*true/.test(says))
      throw new Violation('lost', `the database was deleted, and status() says ${says}`, live);
    this.#tally.evicted += live;
  }

  /** Compares everything, as it is in memory and after the owner has ended. */
  async #verify(end: 'kill' | 'close'): Promise<void> {
    this.#calm();
    await this.#compare();
    if (end === 'close') await this.#close();
    else this.#kill();
    const found = await this.#compare();
    this.#settleModel(found);
    await this.#checkStatus();
    await this.#checkOrigin();
  }

  /** A store that holds what was acknowledged must not be taken for a new one. */
  async #checkOrigin(): Promise<void> {
    const origin = (await (await this.#openedEngine())?.status())?.storage.origin;
    if (origin === 'new' && this.#acknowledged.length > 0)
      throw new Violation('lost', 'a store that holds memories says that it is new');
  }

  /** Holds all memories against the model; answers them by key. */
  async #compare(): Promise<ReadonlyMap<string, ListPage['memories'][number]>> {
    const found = new Map<string, ListPage['memories'][number]>();
    const lost: Violation[] = [];
    const seen = new Set<string>();
    for (const memory of await this.#readAll()) {
      const entry = entryOf(this.#model, memory, seen);
      const isBare = memory.embedding !== undefined && memory.vector === undefined;
      if (isBare && !this.#isDamaged) throw new Violation('lost', `${entry.key} lost its vector`);
      found.set(entry.key, memory);
    }
    for (const entry of this.#model.entries.values()) {
      try {
        checkFound(entry, found.get(entry.key));
      } catch (error) {
        if (!(error instanceof Violation) || error.kind === 'garbage') throw error;
        lost.push(error);
      }
    }
    const [first] = lost;
    if (first !== undefined)
      throw new Violation(first.kind, lost.map(({ message }) => message).join(', '), lost.length);
    return found;
  }

  async #readAll(): Promise<ListPage['memories']> {
    const limit = this.#random() < 0.2 ? 7 : PAGE;
    const all: ListPage['memories'][number][] = [];
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const options = { limit, cursor, order: 'oldest', includeVector: true };
      const { answer, error } = await this.#world.settled(this.#world.call('list', [options]), 'list');
      if (error !== undefined) this.#unavailable(error);
      const page = answer as ListPage;
      all.push(...page.memories);
      cursor = page.nextCursor;
    }
    return all;
  }

  #unavailable(error: unknown): never {
    this.#typed(error);
    const isDamage = this.#isDamaged && codeOf(error) === 'STORAGE_CORRUPT';
    throw new Violation(
      isDamage ? 'corrupt' : 'unavailable',
      `though all is well, list fails: ${String(error)}`,
    );
  }

  /** What was uncertain is what was found, now that nothing is on its way. */
  #settleModel(found: ReadonlyMap<string, ListPage['memories'][number]>): void {
    const batches = new Map<number, { there: number; all: number; isWhole: boolean }>();
    for (const entry of this.#model.entries.values()) {
      const memory = found.get(entry.key);
      const isNew = entry.allowed.length === 2 && entry.versions.length === 1;
      const batch = batches.get(entry.batch) ?? { there: 0, all: 0, isWhole: true };
      batches.set(entry.batch, {
        there: batch.there + (memory === undefined ? 0 : 1),
        all: batch.all + 1,
        isWhole: batch.isWhole && isNew,
      });
      entry.allowed = [checkFound(entry, memory)];
      if (memory !== undefined) entry.id = memory.id;
    }
    for (const { there, all, isWhole } of batches.values())
      if (isWhole && there > 0 && there < all)
        throw new Violation('wrong', `${there} of the ${all} memories of one addMany are there`);
  }

  /** Whether the engine that is open says that something was damaged: in `status()` or in `health()`. */
  async #noteReport(): Promise<void> {
    const engine = await this.#openedEngine();
    if (engine === undefined) return;
    const { damaged } = await engine.status();
    this.#wasReported ||= damaged > 0 || (await healthOf(engine)) !== 'ok';
  }

  /** After damage: what is there now is what must stay; each memory is as it was at some time. */
  async #adopt(): Promise<void> {
    this.#kill();
    let memories: ListPage['memories'];
    try {
      memories = await this.#readAll();
    } catch (error) {
      if (!(error instanceof Violation) || error.kind !== 'corrupt') throw error;
      await this.#expectServed(error);
      return;
    }
    const found = new Map(memories.map((memory) => [memory.externalId, memory]));
    for (const entry of this.#model.entries.values()) {
      const memory = found.get(entry.key);
      try {
        entry.allowed = [checkFound(entry, memory)];
      } catch (error) {
        if (!(error instanceof Violation) || error.kind === 'garbage') throw error;
        this.#tally.reportedDamaged += 1;
        const remainder = memory && remainderOf(memory, entry.versions);
        if (remainder !== undefined) entry.versions.push(remainder);
        entry.allowed = [remainder];
      }
      if (memory !== undefined) entry.id = memory.id;
    }
  }

  /** Nothing at all may be served only where the store cannot be opened, and says so. */
  async #expectServed(violation: Violation): Promise<void> {
    const { error } = await this.#world.settled(this.#world.call('status', []), 'status');
    if (codeOf(error) !== 'STORAGE_CORRUPT')
      throw new Violation(
        'unavailable',
        `one broken row keeps all others from being listed: ${violation.message}`,
      );
    this.#tally.reportedDamaged += this.#model.live.length;
    this.#isOver = true;
  }
}

function sharesOf(noise: number): Shares {
  if (noise < 2) return SOME;
  return Object.fromEntries(Object.entries(SOME).map(([kind, share]) => [kind, share * MANY]));
}

function liesOf({ lie }: RunOptions, random: () => number): Schedule {
  if (lie === undefined) return () => undefined;
  return ({ commit }) =>
    commit !== undefined && random() * lie.oneIn < 1
      ? { kind: lie.kind, which: Math.floor(random() * 2 ** 30) }
      : undefined;
}

function codeOf(error: unknown): string {
  return isLociError(error) ? error.code : String(error);
}

/** An answer without the level reached: that may differ when the call is repeated. */
function essenceOf(answer: unknown): string {
  return JSON.stringify({ ...(answer as WriteResult), durability: undefined });
}

/** What `health()` says, in an engine that has it; `ok` in one that has not. */
async function healthOf(engine: MemoryEngine): Promise<string> {
  const { health } = engine as { readonly health?: () => Promise<object> };
  if (health === undefined) return 'ok';
  const words = Object.values(await health.call(engine)).map(String);
  return words.find((word) => word === 'lost' || word === 'degraded') ?? 'ok';
}
