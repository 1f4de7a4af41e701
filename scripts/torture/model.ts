/** What must be in a namespace: a plain Map of memories, each with the versions that are allowed to be found. */

import type { Filter, Memory, MemoryPatch, NewMemory } from '../../src/types.ts';
import {
  type FilterSeed,
  type MemorySeed,
  type PatchSeed,
  PRIORITIES,
  SESSIONS,
  TAGS,
  WORDS,
} from './history.ts';

/** The space of vectors that calls give. */
export const SPACE = 'torture';
/** Stored vectors are rounded: 12 bits a number. */
const VECTOR_TOLERANCE = 2e-3;

/** A memory as it must be read. */
export interface Version {
  readonly key: string;
  readonly content: string;
  readonly tags: readonly string[];
  readonly priority: (typeof PRIORITIES)[number];
  readonly importance: number;
  readonly sessionId: string | undefined;
  readonly number: number;
  /** The vector given, at unit length; undefined where the engine embeds. */
  readonly vector: readonly number[] | undefined;
  readonly revision: number;
  /** The memory whose place it took. */
  readonly supersedes: string | undefined;
  /** Whether another took its place. */
  readonly hasEnded: boolean;
  /** How often it was found useful, and how often not. */
  readonly verdicts: readonly [number, number];
}

/** A memory that was asked for, by the key it carries as its `externalId`. */
export interface Entry {
  readonly key: string;
  id: string | undefined;
  /** What may be found; undefined means that it is not there. One, unless an outcome is not known. */
  allowed: readonly (Version | undefined)[];
  /** Everything it ever was or was asked to be: what damage may bring back. */
  readonly versions: Version[];
  /** Of the call that added it: all of them are there, or none. */
  readonly batch: number;
}

/** What a write makes of the memories it touches, once it is acknowledged. */
export interface Effect {
  readonly changes: readonly {
    readonly entry: Entry;
    readonly before: Entry['allowed'];
    readonly after: Entry['allowed'];
  }[];
}

export class Model {
  readonly entries = new Map<string, Entry>();
  #keys = 0;
  #batches = 0;

  /** Memories whose state is known and that are there, in the order of their keys. */
  get live(): readonly Entry[] {
    return [...this.entries.values()].filter(
      ({ allowed }) => allowed.length === 1 && allowed[0] !== undefined,
    );
  }

  /** Memories that surely are not there. */
  get gone(): readonly Entry[] {
    return [...this.entries.values()].filter(({ allowed }) => allowed.every((each) => each === undefined));
  }

  get isCertain(): boolean {
    return [...this.entries.values()].every(({ allowed }) => allowed.length === 1);
  }

  /** How many memories may be there that meet a condition. */
  count(isMeant: (version: Version) => boolean = () => true): {
    readonly least: number;
    readonly most: number;
  } {
    let [least, most] = [0, 0];
    for (const { allowed } of this.entries.values()) {
      const meant = allowed.map((version) => version !== undefined && isMeant(version));
      if (meant.every(Boolean)) least += 1;
      if (meant.some(Boolean)) most += 1;
    }
    return { least, most };
  }

  /** New memories, not there yet. */
  plan(seeds: readonly MemorySeed[]): { readonly memories: readonly NewMemory[]; readonly effect: Effect } {
    const batch = ++this.#batches;
    const versions = seeds.map((seed) => versionOf(`m${++this.#keys}`, seed));
    const changes = versions.map((version) => {
      const entry = { key: version.key, id: undefined, allowed: [undefined], versions: [version], batch };
      this.entries.set(version.key, entry);
      return { entry, before: [undefined], after: [version] };
    });
    return { memories: versions.map(toNewMemory), effect: { changes } };
  }

  change(entry: Entry, patch: PatchSeed): Effect {
    return this.#changed(entry, (version) => patched(version, patch));
  }

  /** A new memory in the place of another, which ends unless it has ended before. */
  supersede(
    entry: Entry,
    seed: MemorySeed,
  ): { readonly memory: NewMemory | undefined; readonly effect: Effect } {
    const { memories, effect } = this.plan([seed]);
    const changes = effect.changes.map(({ entry: added, before, after }) => {
      const superseding = after.map((version) => version && { ...version, supersedes: entry.id });
      added.versions.push(...superseding.flatMap((version) => version ?? []));
      return { entry: added, before, after: superseding };
    });
    const ended = this.#changed(entry, (version) =>
      version.hasEnded ? version : { ...version, hasEnded: true, revision: version.revision + 1 },
    );
    return { memory: memories[0], effect: { changes: [...changes, ...ended.changes] } };
  }

  reinforce(entry: Entry, isUseful: boolean): Effect {
    return this.#changed(entry, (version) => {
      const [useful, useless] = version.verdicts;
      const verdicts = [useful + (isUseful ? 1 : 0), useless + (isUseful ? 0 : 1)] as const;
      return { ...version, verdicts, revision: version.revision + 1 };
    });
  }

  #changed(entry: Entry, change: (version: Version) => Version): Effect {
    const after = entry.allowed.map((version) => version && change(version));
    entry.versions.push(...after.flatMap((version) => version ?? []));
    return { changes: [{ entry, before: entry.allowed, after }] };
  }

  remove(entries: Iterable<Entry>, isMeant: (version: Version) => boolean = () => true): Effect {
    const changes = [...entries].flatMap((entry) => {
      const before = entry.allowed;
      const after = before.map((version) =>
        version !== undefined && isMeant(version) ? undefined : version,
      );
      return after.some((version, index) => version !== before[index]) ? [{ entry, before, after }] : [];
    });
    return { changes };
  }
}

/** From now on both may be found: the write is on its way, or nobody knows how it ended. */
export function begin({ changes }: Effect): void {
  for (const { entry, before, after } of changes) entry.allowed = distinct([...before, ...after]);
}

export function succeed({ changes }: Effect): void {
  for (const { entry, after } of changes) entry.allowed = distinct(after);
}

export function fail({ changes }: Effect): void {
  for (const { entry, before } of changes) entry.allowed = before;
}

function distinct(versions: Entry['allowed']): Entry['allowed'] {
  return [...new Set(versions)];
}

function versionOf(key: string, seed: MemorySeed): Version {
  return {
    key,
    content: contentOf(key, seed.words),
    tags: seed.tags.map((tag) => TAGS[tag] ?? 'red'),
    priority: PRIORITIES[seed.priority] ?? 'low',
    importance: seed.importance / 4,
    sessionId: seed.session === undefined ? undefined : SESSIONS[seed.session],
    number: Number(key.slice(1)) % 5,
    vector: seed.vector && unit(seed.vector),
    revision: 1,
    supersedes: undefined,
    hasEnded: false,
    verdicts: [0, 0],
  };
}

/** The key as a word of its own, so that each memory can be found by a word that no other has. */
function contentOf(key: string, words: readonly number[]): string {
  return [`k${key}x`, ...words.map((word) => WORDS[word] ?? 'amber')].join(' ');
}

export const wordOf = (key: string) => `k${key}x`;

function toNewMemory(version: Version): NewMemory {
  const { key, content, tags, priority, importance, sessionId, number, vector } = version;
  return {
    content,
    tags,
    priority,
    importance,
    externalId: key,
    metadata: { number },
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(vector === undefined
      ? {}
      : { embedding: { modelId: 'given', space: SPACE, vector: Float32Array.from(vector) } }),
  };
}

function patched(version: Version, { words, tags, priority, session }: PatchSeed): Version {
  return {
    ...version,
    revision: version.revision + 1,
    // What is said anew is embedded anew, by the engine.
    ...(words === undefined ? {} : { content: contentOf(version.key, words), vector: undefined }),
    ...(tags === undefined ? {} : { tags: tags.map((tag) => TAGS[tag] ?? 'red') }),
    ...(priority === undefined ? {} : { priority: PRIORITIES[priority] ?? 'low' }),
    ...(session === undefined ? {} : { sessionId: session === null ? undefined : SESSIONS[session] }),
  };
}

/** The patch as the engine is given it. */
export function toPatch(key: string, { words, tags, priority, session }: PatchSeed): MemoryPatch {
  return {
    ...(words === undefined ? {} : { content: contentOf(key, words) }),
    ...(tags === undefined ? {} : { tags: tags.map((tag) => TAGS[tag] ?? 'red') }),
    ...(priority === undefined ? {} : { priority: PRIORITIES[priority] ?? 'low' }),
    ...(session === undefined ? {} : { sessionId: session === null ? null : SESSIONS[session] }),
  };
}

/** Why a memory that was read is not this version, or undefined where it is. */
export function differenceOf(memory: Memory, version: Version): string | undefined {
  const found = {
    content: memory.content,
    tags: memory.tags,
    priority: memory.priority,
    importance: memory.importance,
    sessionId: memory.sessionId,
    number: memory.metadata.number,
    revision: memory.revision,
    isGiven: memory.embedding?.space === SPACE,
    isHeld: memory.legalHold,
    kind: memory.kind,
    tier: memory.tier,
    ...replacementOf(memory),
  };
  const { content, tags, priority, importance, sessionId, number, revision, vector } = version;
  const wanted = {
    content,
    tags,
    priority,
    importance,
    sessionId,
    number,
    revision,
    isGiven: vector !== undefined,
    isHeld: false,
    kind: 'episodic',
    tier: 'working',
    supersedes: version.supersedes,
    hasEnded: version.hasEnded,
    verdicts: version.verdicts,
  };
  const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (is !== should) return `it is ${is} and should be ${should}`;
  if (memory.vector === undefined || vector === undefined) return undefined;
  const isNear = vector.every(
    (value, index) => Math.abs(value - (memory.vector?.[index] ?? Number.NaN)) < VECTOR_TOLERANCE,
  );
  return isNear ? undefined : `its vector is ${[...memory.vector]} and should be ${vector}`;
}

/** What a memory replaced, whether it was replaced itself, and its verdicts: in minutes hardly anything of them fades. */
function replacementOf({ supersedes, invalidAt, feedback }: Memory) {
  const { useful = 0, useless = 0 } = feedback ?? {};
  return {
    supersedes: supersedes?.[0],
    hasEnded: invalidAt !== undefined,
    verdicts: [Math.round(useful), Math.round(useless)] as const,
  };
}

/**
 * The version that a memory is, where something of it was lost: each of its fields is as it was in some
 * version. Undefined where one never was like that.
 */
export function remainderOf(memory: Memory, versions: readonly Version[]): Version | undefined {
  const isGiven = memory.embedding?.space === SPACE;
  const { content, tags, priority, importance, sessionId, revision, metadata } = memory;
  const replacement = replacementOf(memory);
  const ofSpace = versions.find(({ vector }) => (vector !== undefined) === isGiven);
  const isKnown = (isSame: (version: Version) => boolean) => versions.some(isSame);
  const known =
    isKnown((version) => version.content === content) &&
    isKnown((version) => JSON.stringify(version.tags) === JSON.stringify(tags)) &&
    isKnown((version) => version.priority === priority) &&
    isKnown((version) => version.importance === importance) &&
    isKnown((version) => version.sessionId === sessionId) &&
    isKnown((version) => version.supersedes === replacement.supersedes) &&
    isKnown((version) => version.hasEnded === replacement.hasEnded) &&
    isKnown((version) => String(version.verdicts) === String(replacement.verdicts)) &&
    isKnown((version) => version.number === metadata.number);
  if (!known || ofSpace === undefined) return undefined;
  return { ...ofSpace, content, tags, priority, importance, sessionId, revision, ...replacement };
}

function unit(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** The cosine of a version's given vector to a query; undefined where it has none. */
export function cosineOf({ vector }: Version, query: readonly number[]): number | undefined {
  const toUnit = unit(query);
  return vector?.reduce((sum, value, index) => sum + value * (toUnit[index] ?? 0), 0);
}

/** A filter for the engine, and the same condition in words of the model. */
export function filterOf(seed: FilterSeed): {
  readonly filter: Filter;
  readonly isMeant: (version: Version) => boolean;
} {
  if (seed.by === 'either') {
    const tag = TAGS[seed.tag] ?? 'red';
    const least = seed.priority;
    return {
      filter: { $or: [{ tags: tag }, { priority: { $gte: PRIORITIES[least] ?? 'low' } }] },
      isMeant: (version) => version.tags.includes(tag) || PRIORITIES.indexOf(version.priority) >= least,
    };
  }
  const { by, value } = seed;
  const tag = TAGS[value % TAGS.length] ?? 'red';
  switch (by) {
    case 'tag':
      return { filter: { tags: tag }, isMeant: ({ tags }) => tags.includes(tag) };
    case 'noTag':
      return { filter: { $not: { tags: tag } }, isMeant: ({ tags }) => !tags.includes(tag) };
    case 'session': {
      const wanted = value >= SESSIONS.length ? undefined : SESSIONS[value];
      return { filter: { sessionId: wanted ?? null }, isMeant: ({ sessionId }) => sessionId === wanted };
    }
    case 'priority': {
      const wanted = PRIORITIES[value] ?? 'low';
      return { filter: { priority: { $in: [wanted] } }, isMeant: ({ priority }) => priority === wanted };
    }
    case 'importance':
      return {
        filter: { importance: { $lt: value / 4 } },
        isMeant: ({ importance }) => importance < value / 4,
      };
    case 'number':
      return { filter: { 'metadata.number': value }, isMeant: ({ number }) => number === value };
  }
}
