/** Makes of a call in a history what is asked of the engine, what that changes, and what the answer must be. */

import { SIGNAL_NAMES } from '../../src/retrieval/signals.ts';
import type {
  AddManyResult,
  AddResult,
  DeleteResult,
  HistoryEntry,
  ListPage,
  Memory,
  NewMemory,
  SearchResult,
  Stats,
} from '../../src/types.ts';
import type { Call, FilterSeed } from './history.ts';
import {
  cosineOf,
  differenceOf,
  type Effect,
  type Entry,
  filterOf,
  type Model,
  remainderOf,
  SPACE,
  toPatch,
  type Version,
  wordOf,
} from './model.ts';
import type { Method } from './tab.ts';
import { Violation } from './violation.ts';

/** The order of hits is known where nothing but the cosine counts. */
const NEARNESS_ALONE = { ...Object.fromEntries(SIGNAL_NAMES.map((name) => [name, 0])), meaning: 1 };
/** Rounding of scores: rows of an index have 12 bits a number. */
const SCORE_TOLERANCE = 2e-3;
/** An id that no memory has. */
const NOBODY = '0190163d-8694-739b-aea5-966c26f8ad91';

/** A call as it is made. */
export interface Planned {
  readonly method: Method;
  readonly args: readonly unknown[];
  /** Of a write: where among the arguments the options stand. */
  readonly optionsAt?: number | undefined;
  readonly effect?: Effect | undefined;
  /** Throws a `Violation` where the answer is not the model's. */
  readonly check: (answer: unknown) => void;
  /** The code it must be refused with. */
  readonly refusal?: string | undefined;
}

/** The call against the model as it is; undefined where there is nothing to call it with. */
export function planCall(call: Call, model: Model, busy: ReadonlySet<Entry>): Planned | undefined {
  switch (call.verb) {
    case 'add': {
      const { memories, effect } = model.plan([call.memory]);
      return planAdd(memories[0], call.isFlushed, effect);
    }
    case 'addMany': {
      const seeds = Array.from({ length: call.times }, () => call.memories).flat();
      const { memories, effect } = model.plan(seeds);
      return {
        method: 'addMany',
        args: [memories],
        optionsAt: 1,
        effect,
        check: (answer) => takeIds(effect, (answer as AddManyResult).ids),
      };
    }
    case 'update': {
      const entry = pick(model.live, call.target, busy);
      if (entry?.id === undefined) return undefined;
      const patch = toPatch(entry.key, call.patch);
      return {
        method: 'update',
        args: [entry.id, patch],
        optionsAt: 2,
        effect: model.change(entry, call.patch),
        check: () => undefined,
      };
    }
    case 'delete': {
      const entry = pick(model.live, call.target, busy);
      if (entry?.id === undefined) return undefined;
      return {
        method: 'delete',
        args: [entry.id],
        optionsAt: 1,
        effect: model.remove([entry]),
        check: (answer) => expectDeleted(answer, 1, 1),
      };
    }
    case 'supersede': {
      const entry = pick(model.live, call.target, busy);
      if (entry?.id === undefined) return undefined;
      const { memory, effect } = model.supersede(entry, call.memory);
      const added = { changes: effect.changes.slice(0, 1) };
      return {
        method: 'supersede',
        args: [entry.id, memory],
        optionsAt: 2,
        effect,
        check: (answer) => takeIds(added, [(answer as AddResult).id]),
      };
    }
    case 'reinforce': {
      const entry = pick(model.live, call.target, busy);
      if (entry?.id === undefined) return undefined;
      return {
        method: 'reinforce',
        args: [entry.id, call.isUseful],
        optionsAt: 2,
        effect: model.reinforce(entry, call.isUseful),
        check: () => undefined,
      };
    }
    case 'deleteAll':
      return planDeleteAll(call.filter, model);
    case 'repeat':
      return undefined;
    case 'wrong':
      return planWrong(call.which, model);
    case 'absent':
      return planAbsent(call, model);
    default:
      return planRead(call, model, busy);
  }
}

function planAdd(memory: NewMemory | undefined, isFlushed: boolean, effect: Effect): Planned {
  const durability = isFlushed ? 'flushed' : 'journaled';
  return {
    method: 'add',
    args: [memory, { durability }],
    optionsAt: 1,
    effect,
    check: (answer) => {
      const { id, durability: reached } = answer as AddResult;
      if (reached !== durability && reached !== 'flushed')
        throw new Violation('wrong', `add answered ${reached} and was asked for ${durability}`);
      takeIds(effect, [id]);
    },
  };
}

function planDeleteAll(seed: FilterSeed, model: Model): Planned {
  const { filter, isMeant } = filterOf(seed);
  const { least, most } = model.count(isMeant);
  return {
    method: 'deleteAll',
    args: [{ filter }],
    optionsAt: 1,
    effect: model.remove(model.entries.values(), isMeant),
    check: (answer) => expectDeleted(answer, least, most),
  };
}

function planAbsent({ target, method }: Extract<Call, { verb: 'absent' }>, model: Model): Planned {
  const id = pick(
    model.gone.filter(({ id }) => id !== undefined),
    target,
  )?.id;
  const args = [id ?? NOBODY];
  if (method === 'get') return { method, args, check: (answer) => expectNull(answer) };
  if (method === 'delete')
    return { method, args, optionsAt: 1, check: (answer) => expectDeleted(answer, 0, 0) };
  return {
    method,
    args: [...args, { priority: 'high' }],
    optionsAt: 2,
    refusal: 'NOT_FOUND',
    check: () => undefined,
  };
}

/** Calls that must be refused, and change nothing. */
function planWrong(which: number, model: Model): Planned | undefined {
  const id = pick(model.live, which)?.id;
  const nan = Float32Array.of(1, Number.NaN, 0, 0);
  const wrong: readonly [Method, readonly unknown[], string][] = [
    ['add', [{ content: ' ' }], 'INVALID_INPUT'],
    ['add', [{ content: 'x', embedding: { modelId: 'given', space: SPACE, vector: nan } }], 'INVALID_VECTOR'],
    ['addMany', [[{ content: 'good' }, { content: '' }]], 'INVALID_INPUT'],
    ['deleteAll', [{ filter: {} }], 'SCOPE_REQUIRED'],
    ['list', [{ filter: { nothing: 1 } }], 'INVALID_FILTER'],
    ['search', [''], 'INVALID_INPUT'],
    ['get', [5], 'INVALID_INPUT'],
    ['add', [{ content: 'twice', id }], 'ALREADY_EXISTS'],
    ['update', [id, { content: '' }], 'INVALID_INPUT'],
  ];
  const chosen = wrong[which % wrong.length];
  if (chosen === undefined) return undefined;
  const [method, args, refusal] = chosen;
  if (id === undefined && (refusal === 'ALREADY_EXISTS' || method === 'update')) return undefined;
  return { method, args, refusal, check: () => undefined };
}

function planRead(
  call: Extract<Call, { verb: 'get' | 'list' | 'search' | 'recall' | 'history' | 'stats' | 'flush' }>,
  model: Model,
  busy: ReadonlySet<Entry>,
): Planned | undefined {
  switch (call.verb) {
    case 'stats':
      return { method: 'stats', args: [], check: (answer) => expectCount(model, (answer as Stats).count) };
    case 'flush':
      return {
        method: 'flush',
        args: [],
        check: (answer) => {
          if ((answer as { durability: string }).durability !== 'flushed')
            throw new Violation('wrong', `flush answered ${JSON.stringify(answer)}`);
        },
      };
    case 'list':
      return planList(call, model);
    case 'search':
      return planSearch(call, model);
    case 'get':
    case 'recall':
    case 'history': {
      const entry = pick(model.live, call.target, call.verb === 'get' ? undefined : busy);
      if (entry?.id === undefined) return undefined;
      if (call.verb === 'recall') return planRecall(entry, model);
      if (call.verb === 'history') return planHistory(entry);
      const { id } = entry;
      return {
        method: 'get',
        args: [id, { includeVector: call.includeVector }],
        check: (answer) => checkFound(entry, (answer as Memory | null) ?? undefined),
      };
    }
  }
}

function planList(
  { filter: seed, isOldestFirst, limit }: Extract<Call, { verb: 'list' }>,
  model: Model,
): Planned {
  const { filter, isMeant } =
    seed === undefined ? { filter: undefined, isMeant: () => true } : filterOf(seed);
  const order = isOldestFirst ? 'oldest' : 'newest';
  return {
    method: 'list',
    args: [{ filter, limit, order }],
    check: (answer) => {
      const { memories, total } = answer as ListPage;
      const { least, most } = model.count(isMeant);
      if (total < least || total > most)
        throw new Violation('wrong', `list says ${total} in all, and there are ${range(least, most)}`);
      if (memories.length !== Math.min(limit, total))
        throw new Violation('wrong', `list answered ${memories.length} of ${total} at a limit of ${limit}`);
      checkEach(model, memories, isMeant);
    },
  };
}

function planSearch(
  { vector, filter: seed, limit }: Extract<Call, { verb: 'search' }>,
  model: Model,
): Planned {
  const { filter, isMeant } =
    seed === undefined ? { filter: undefined, isMeant: () => true } : filterOf(seed);
  return {
    method: 'search',
    args: [
      '',
      {
        filter,
        limit,
        weights: NEARNESS_ALONE,
        embedding: { space: SPACE, vector: Float32Array.from(vector) },
      },
    ],
    check: (answer) => {
      const { hits } = answer as SearchResult;
      const memories = hits.map(({ memory }) => memory);
      checkEach(model, memories, isMeant);
      const found = hits.map(({ why }) => why.vector?.raw ?? Number.NaN);
      hits.forEach(({ memory }, index) => {
        const entry = model.entries.get(memory.externalId ?? '');
        const isOwn = entry?.allowed.some(
          (version) => version && near(cosineOf(version, vector), found[index]),
        );
        if (isOwn !== true)
          throw new Violation('wrong', `search gives ${memory.externalId} the cosine ${found[index]}`);
      });
      checkNearest(model, vector, limit, isMeant, found);
    },
  };
}

/** What comparing every row finds, where it is known what rows there are. */
function checkNearest(
  model: Model,
  query: readonly number[],
  limit: number,
  isMeant: (version: Version) => boolean,
  found: readonly number[],
): void {
  if (!model.isCertain) return;
  const wanted = model.live
    .flatMap(({ allowed: [version] }) =>
      version !== undefined && isMeant(version) ? (cosineOf(version, query) ?? []) : [],
    )
    // What has no share in the query is no hit; at the edge rounding decides.
    .filter((cosine) => cosine > SCORE_TOLERANCE)
    .sort((a, b) => b - a);
  // What has ended is ranked down: it comes in another order, and not before a limit that others fill.
  const isRanked = model.live.some(({ allowed: [version] }) => version?.hasEnded);
  const best = isRanked ? [...found].sort((a, b) => b - a) : found;
  const isCut = isRanked && wanted.length > limit;
  const isMissing = isCut
    ? found.length !== limit
    : wanted.slice(0, limit).some((cosine, index) => !near(cosine, best[index]));
  if (isMissing) throw new Violation('wrong', `search found cosines ${found} and should find ${wanted}`);
}

function near(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && Math.abs(a - b) < SCORE_TOLERANCE;
}

/** A word that one memory has finds it. */
function planRecall(entry: Entry, model: Model): Planned {
  return {
    method: 'search',
    args: [wordOf(entry.key)],
    check: (answer) => {
      const { hits } = answer as SearchResult;
      checkEach(
        model,
        hits.map(({ memory }) => memory),
        () => true,
      );
      const isFound = hits.some(({ memory }) => memory.externalId === entry.key);
      const mustBe = entry.allowed.every((version) => version !== undefined);
      if (mustBe && !isFound) throw new Violation('wrong', `search does not find ${entry.key} by its word`);
    },
  };
}

function planHistory(entry: Entry): Planned {
  return {
    method: 'history',
    args: [entry.id],
    check: (answer) => {
      const types = (answer as readonly HistoryEntry[]).map(({ type }) => type).join(' ');
      const revision = entry.allowed[0]?.revision ?? 0;
      const wanted = ['add', ...Array.from({ length: revision - 1 }, () => 'update')].join(' ');
      if (types !== wanted)
        throw new Violation('wrong', `the history of ${entry.key} is ${types} and should be ${wanted}`);
    },
  };
}

/** That what was found of a memory is what may be found. */
export function checkFound(entry: Entry, memory: Memory | undefined): Version | undefined {
  const { key, allowed } = entry;
  if (memory === undefined) {
    if (allowed.includes(undefined)) return undefined;
    throw new Violation('lost', `${key} is not there`);
  }
  const differences = allowed.map((version) =>
    version === undefined ? 'it should not be there' : differenceOf(memory, version),
  );
  const at = differences.indexOf(undefined);
  if (at >= 0) return allowed[at];
  const remainder = remainderOf(memory, entry.versions);
  if (remainder === undefined || differenceOf(memory, remainder) !== undefined)
    throw new Violation('garbage', `${key} was never like that: ${differences.join('; or ')}`);
  const isGone = allowed.every((version) => version === undefined);
  throw new Violation(isGone ? 'cameBack' : 'lost', `${key}: ${differences.join('; or ')}`);
}

/** That each memory answered is one that may be found, meets the filter, and comes once. */
function checkEach(model: Model, memories: readonly Memory[], isMeant: (version: Version) => boolean): void {
  const seen = new Set<string>();
  for (const memory of memories) {
    const entry = entryOf(model, memory, seen);
    const version = checkFound(entry, memory);
    const isAllowed = entry.allowed.some((each) => each !== undefined && isMeant(each));
    if (version === undefined || !isAllowed)
      throw new Violation('wrong', `${entry.key} was answered, and the filter excludes it`);
  }
}

/** The entry of a memory that was read; each is read once. */
export function entryOf(model: Model, memory: Memory, seen: Set<string>): Entry {
  const key = memory.externalId ?? '';
  const entry = model.entries.get(key);
  if (entry === undefined)
    throw new Violation('cameBack', `${memory.id} (${memory.content}) was never acknowledged`);
  if (seen.has(key)) throw new Violation('appliedTwice', `there are two memories ${key}`);
  seen.add(key);
  return entry;
}

function takeIds({ changes }: Effect, ids: readonly string[]): void {
  changes.forEach(({ entry }, index) => {
    const id = ids[index];
    if (id === undefined) throw new Violation('wrong', `no id was answered for ${entry.key}`);
    if (entry.id !== undefined && entry.id !== id)
      throw new Violation('appliedTwice', `${entry.key} has the ids ${entry.id} and ${id}`);
    entry.id = id;
  });
}

function expectCount(model: Model, count: number): void {
  const { least, most } = model.count();
  if (count < least || count > most)
    throw new Violation('wrong', `stats counts ${count}, and there are ${range(least, most)}`);
}

function expectDeleted(answer: unknown, least: number, most: number): void {
  const { deleted } = answer as DeleteResult;
  if (deleted < least || deleted > most)
    throw new Violation('wrong', `${deleted} were deleted, and should be ${range(least, most)}`);
}

function expectNull(answer: unknown): void {
  if (answer !== null) throw new Violation('cameBack', `get answers ${JSON.stringify(answer)}`);
}

function range(least: number, most: number): string {
  return least === most ? String(least) : `${least} to ${most}`;
}

/** One of several by any number, but none that another call has in hand. */
function pick(entries: readonly Entry[], which: number, busy?: ReadonlySet<Entry>): Entry | undefined {
  const free = busy === undefined ? entries : entries.filter((entry) => !busy.has(entry));
  return free[which % Math.max(1, free.length)];
}
