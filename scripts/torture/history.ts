/** What a random history is made of: steps, each with a seed of its own, so that leaving one out changes no other. */

import fc from 'fast-check';

/** Numbers of a vector that a call gives: small whole numbers, so that equal scores happen. */
export const DIMENSIONS = 4;
/** Words that contents share. */
export const WORDS = ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heath'] as const;
export const TAGS = ['red', 'green', 'blue'] as const;
export const PRIORITIES = ['low', 'medium', 'high', 'critical'] as const;
export const SESSIONS = ['monday', 'tuesday'] as const;

/** A memory to be added, but for its key, which the run gives. */
export interface MemorySeed {
  readonly words: readonly number[];
  readonly tags: readonly number[];
  readonly priority: number;
  /** Quarters of 1. */
  readonly importance: number;
  readonly session: number | undefined;
  /** Undefined: the engine embeds the content. */
  readonly vector: readonly number[] | undefined;
}

/** What changes of a memory; at least one of these. */
export interface PatchSeed {
  readonly words?: readonly number[] | undefined;
  readonly tags?: readonly number[] | undefined;
  readonly priority?: number | undefined;
  /** `null` clears it. */
  readonly session?: number | null | undefined;
}

export type FilterSeed =
  | {
      readonly by: 'tag' | 'noTag' | 'session' | 'priority' | 'importance' | 'number';
      readonly value: number;
    }
  | { readonly by: 'either'; readonly tag: number; readonly priority: number };

/** A call; `target` names one of the memories that are there, counted from the first, modulo how many. */
export type Call =
  | { readonly verb: 'add'; readonly memory: MemorySeed; readonly isFlushed: boolean }
  | { readonly verb: 'addMany'; readonly memories: readonly MemorySeed[]; readonly times: number }
  | { readonly verb: 'update'; readonly target: number; readonly patch: PatchSeed }
  | { readonly verb: 'delete'; readonly target: number }
  | { readonly verb: 'supersede'; readonly target: number; readonly memory: MemorySeed }
  | { readonly verb: 'reinforce'; readonly target: number; readonly isUseful: boolean }
  | { readonly verb: 'deleteAll'; readonly filter: FilterSeed }
  | { readonly verb: 'get'; readonly target: number; readonly includeVector: boolean }
  | {
      readonly verb: 'list';
      readonly filter: FilterSeed | undefined;
      readonly isOldestFirst: boolean;
      readonly limit: number;
    }
  | {
      readonly verb: 'search';
      readonly vector: readonly number[];
      readonly filter: FilterSeed | undefined;
      readonly limit: number;
    }
  | { readonly verb: 'recall'; readonly target: number }
  | { readonly verb: 'history'; readonly target: number }
  | { readonly verb: 'stats' }
  | { readonly verb: 'flush' }
  /** A memory that is not there, or gone: got, deleted and changed. */
  | { readonly verb: 'absent'; readonly target: number; readonly method: 'get' | 'delete' | 'update' }
  /** A call that must be refused. */
  | { readonly verb: 'wrong'; readonly which: number }
  /** A call that was acknowledged, made again with its operation id. */
  | { readonly verb: 'repeat'; readonly which: number };

/** One step; in its storage operations faults strike as its `noise` and its `seed` say. */
export type Step = {
  /** 0 none, 1 some, 2 many. */
  readonly noise: number;
  readonly seed: number;
} & (
  | { readonly does: 'call'; readonly call: Call }
  | { readonly does: 'together'; readonly calls: readonly Call[] }
  | { readonly does: 'idle'; readonly ms: number }
  | { readonly does: 'close' }
  | { readonly does: 'kill' }
  /** Another owner opens while the first lives, and the first tries on. */
  | { readonly does: 'fence' }
  /** Space ends at so many bytes from here, and returns after so many refusals. */
  | { readonly does: 'quota'; readonly bytes: number; readonly refusals: number }
  /** A row goes bad where it lies. */
  | { readonly does: 'damage'; readonly kind: 'flipped' | 'torn' }
  /** The database is deleted under us. */
  | { readonly does: 'evict' }
  | { readonly does: 'verify' }
);

/**
 * Which bad days a history has: `fixed` has 1 % of storage operations failing and ten kills in a
 * thousand calls, by which availability is measured; `harsh` has every fault but damage at rest;
 * `damaged` has that too; `calm` has none of its own.
 */
export type Profile = 'fixed' | 'harsh' | 'damaged' | 'calm';

export interface History {
  readonly profile: Profile;
  readonly index: 'exact' | 'kernel';
  readonly steps: readonly Step[];
}

const target = fc.nat(1_000);
const words = fc.array(fc.nat(WORDS.length - 1), { maxLength: 4 });
const tags = fc.uniqueArray(fc.nat(TAGS.length - 1), { maxLength: 2 });
const priority = fc.nat(PRIORITIES.length - 1);
const session = fc.option(fc.nat(SESSIONS.length - 1), { nil: undefined });
const vector = fc
  .array(fc.integer({ min: -2, max: 2 }), { minLength: DIMENSIONS, maxLength: DIMENSIONS })
  .map((values) => (values.every((value) => value === 0) ? [1, ...values.slice(1)] : values));

const memory: fc.Arbitrary<MemorySeed> = fc.record({
  words,
  tags,
  priority,
  importance: fc.nat(4),
  session,
  // A third is embedded by the engine: texts cost more than vectors given.
  vector: fc.option(vector, { nil: undefined, freq: 2 }),
});

const patch: fc.Arbitrary<PatchSeed> = fc.oneof(
  fc.record({ words }),
  fc.record({ tags, priority }),
  fc.record({ session: fc.option(fc.nat(SESSIONS.length - 1), { nil: null }) }),
  fc.record({ words, tags }),
);

const filter: fc.Arbitrary<FilterSeed> = fc.oneof(
  fc.record({
    by: fc.constantFrom('tag', 'noTag', 'session', 'priority', 'importance', 'number'),
    value: fc.nat(3),
  }),
  fc.record({ by: fc.constant('either' as const), tag: fc.nat(TAGS.length - 1), priority }),
);
const maybeFilter = fc.option(filter, { nil: undefined });
const limit = fc.constantFrom(1, 3, 10, 1_000);

const of = <const V extends string>(verb: V) => fc.constant(verb);

/** Calls that may be in flight together with others: none that changes what others name. */
const simpleCalls: readonly fc.WeightedArbitrary<Call>[] = [
  { weight: 80, arbitrary: fc.record({ verb: of('add'), memory, isFlushed: fc.boolean() }) },
  {
    weight: 40,
    arbitrary: fc.record({
      verb: of('addMany'),
      memories: fc.array(memory, { minLength: 1, maxLength: 4 }),
      times: fc.constant(1),
    }),
  },
  { weight: 60, arbitrary: fc.record({ verb: of('update'), target, patch }) },
  { weight: 40, arbitrary: fc.record({ verb: of('delete'), target }) },
  { weight: 20, arbitrary: fc.record({ verb: of('supersede'), target, memory }) },
  { weight: 20, arbitrary: fc.record({ verb: of('reinforce'), target, isUseful: fc.boolean() }) },
  { weight: 50, arbitrary: fc.record({ verb: of('get'), target, includeVector: fc.boolean() }) },
  {
    weight: 20,
    arbitrary: fc.record({ verb: of('list'), filter: maybeFilter, isOldestFirst: fc.boolean(), limit }),
  },
  { weight: 40, arbitrary: fc.record({ verb: of('search'), vector, filter: maybeFilter, limit }) },
  { weight: 20, arbitrary: fc.record({ verb: of('recall'), target }) },
];

const call: fc.Arbitrary<Call> = fc.oneof(
  ...simpleCalls,
  // Enough for more than one block.
  {
    weight: 1,
    arbitrary: fc.record({
      verb: of('addMany'),
      memories: fc.array(memory, { minLength: 1, maxLength: 4 }),
      times: fc.constantFrom(30, 100, 250),
    }),
  },
  { weight: 10, arbitrary: fc.record({ verb: of('deleteAll'), filter }) },
  { weight: 20, arbitrary: fc.record({ verb: of('history'), target }) },
  { weight: 10, arbitrary: fc.record({ verb: of('stats') }) },
  { weight: 10, arbitrary: fc.record({ verb: of('flush') }) },
  {
    weight: 10,
    arbitrary: fc.record({
      verb: of('absent'),
      target,
      method: fc.constantFrom('get', 'delete', 'update'),
    }),
  },
  { weight: 10, arbitrary: fc.record({ verb: of('wrong'), which: fc.nat(20) }) },
  { weight: 10, arbitrary: fc.record({ verb: of('repeat'), which: target }) },
);

const trouble = { noise: fc.constantFrom(0, 0, 1, 2), seed: fc.integer({ min: 0 }) };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 600, arbitrary: fc.record({ ...trouble, does: of('call'), call }) },
  {
    weight: 60,
    arbitrary: fc.record({
      ...trouble,
      does: of('together'),
      calls: fc.array(fc.oneof(...simpleCalls), { minLength: 2, maxLength: 5 }),
    }),
  },
  {
    weight: 80,
    arbitrary: fc.record({ ...trouble, does: of('idle'), ms: fc.constantFrom(1, 500, 1_000, 5_000, 60_000) }),
  },
  { weight: 40, arbitrary: fc.record({ ...trouble, does: of('close') }) },
  { weight: 40, arbitrary: fc.record({ ...trouble, does: of('kill') }) },
  { weight: 20, arbitrary: fc.record({ ...trouble, does: of('fence') }) },
  {
    weight: 20,
    arbitrary: fc.record({
      ...trouble,
      does: of('quota'),
      bytes: fc.nat(4_000),
      refusals: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 30,
    arbitrary: fc.record({
      ...trouble,
      does: of('damage'),
      kind: fc.constantFrom('flipped', 'torn'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ ...trouble, does: of('evict') }) },
  { weight: 30, arbitrary: fc.record({ ...trouble, does: of('verify') }) },
);

const profile: fc.Arbitrary<Profile> = fc.oneof(
  { weight: 4, arbitrary: fc.constant('fixed' as const) },
  { weight: 5, arbitrary: fc.constant('harsh' as const) },
  { weight: 1, arbitrary: fc.constant('damaged' as const) },
);

/** Random histories; only of one profile where that is named. */
export function histories(only?: Profile): fc.Arbitrary<History> {
  return fc.record({
    profile: only === undefined ? profile : fc.constant(only),
    index: fc.constantFrom('exact', 'exact', 'exact', 'kernel'),
    steps: fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }),
  });
}
