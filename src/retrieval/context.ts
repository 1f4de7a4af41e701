/** How near a memory is to where the caller stands: its session, agent, tags, host context and present task. */

import type { CallerContext, JsonValue, MemoryFields } from '../types.ts';

type ContextPart = 'session' | 'task' | 'metadata' | 'tags' | 'agent';

/** What each part counts against the others: shares, divided by the sum of those that the caller's context names. */
const CONTEXT_WEIGHTS: Readonly<Record<ContextPart, number>> = {
  /**
   * 0–1, similarity of the memory to the task's text. It says what is being done, and tells memories apart where all are
   * of one session.
   */
  task: 3,
  /** 0 or 1, the same session. What was said in this conversation is what its questions mean by "it" and "there". */
  session: 3,
  /**
   * 0–1, share of the context's keys that the memory has with equal values. The same cluster or pipeline is the same
   * matter; but hosts put things there that tell nothing.
   */
  metadata: 2,
  /** 0–1, shared tags by their rarity. A tag is a word chosen on purpose; one that all memories have says nothing. */
  tags: 2,
  /** 0 or 1, the same agent. Agents share their memories: it only tips the scales, and where there is one agent it is the same for all. */
  agent: 1,
};

/** The fields that a context is compared with. */
export type Placed = Pick<MemoryFields, 'sessionId' | 'agentId' | 'tags' | 'metadata'>;

/** How rare a tag is, above 0: its inverse document frequency. */
export type RarityOf = (tag: string) => number;

/**
 * Scores a memory against the context, 0–1: the mean, by their weights, of the parts that the context names. The second
 * argument is the memory's similarity to the task, 0–1, default 0.
 */
export type ContextScorer = (memory: Placed, taskSimilarity?: number) => number;

/**
 * A scorer of memories against one context; undefined where the context names nothing, so that nothing need be scored.
 * A field that a memory does not have gives it nothing, and takes nothing from it.
 *
 * @example
 * const score = createContextScorer({ sessionId: 's1', tags: ['etl'] }, () => 4);
 * score?.({ sessionId: 's1', tags: [], metadata: {} }); // 0.6
 */
export function createContextScorer(context: CallerContext, rarityOf: RarityOf): ContextScorer | undefined {
  const measures = measuresOf(context, rarityOf);
  const parts = Object.keys(measures) as ContextPart[];
  const total = parts.reduce((sum, part) => sum + CONTEXT_WEIGHTS[part], 0);
  if (total === 0) return undefined;
  return (memory, taskSimilarity = 0) => {
    let sum = 0;
    for (const part of parts) sum += (measures[part]?.(memory, taskSimilarity) ?? 0) * CONTEXT_WEIGHTS[part];
    return Math.min(1, sum / total);
  };
}

type Measure = (memory: Placed, taskSimilarity: number) => number;

/** How each part that a context names is measured, 0–1. */
function measuresOf(context: CallerContext, rarityOf: RarityOf): Partial<Record<ContextPart, Measure>> {
  const { sessionId, agentId, tags = [], task, metadata = {} } = context;
  const keys = Object.entries(metadata);
  return {
    ...(task !== undefined &&
      task.trim() !== '' && { task: (_, similarity) => Math.min(1, Math.max(0, similarity)) }),
    ...(sessionId !== undefined && { session: (memory) => Number(memory.sessionId === sessionId) }),
    ...(keys.length > 0 && {
      metadata: (memory) =>
        keys.filter(([key, value]) => agrees(ownValue(memory.metadata, key), value)).length / keys.length,
    }),
    ...(tags.length > 0 && { tags: tagMeasure(tags, rarityOf) }),
    ...(agentId !== undefined && { agent: (memory) => Number(memory.agentId === agentId) }),
  } satisfies Partial<Record<ContextPart, Measure>>;
}

/** Share of the context's tags that a memory has, each by its rarity; further tags of the memory take nothing away. */
function tagMeasure(tags: readonly string[], rarityOf: RarityOf): Measure {
  const rarities = new Map(tags.map((tag) => [tag, rarityOf(tag)]));
  const sum = [...rarities.values()].reduce((all, rarity) => all + rarity, 0);
  return (memory) => {
    const shared = new Set(memory.tags);
    let found = 0;
    for (const [tag, rarity] of rarities) if (shared.has(tag)) found += rarity;
    return sum > 0 ? found / sum : 0;
  };
}

/** What an object holds itself under a key, and not by its prototype. */
function ownValue(metadata: Placed['metadata'], key: string): JsonValue | undefined {
  return Object.hasOwn(metadata, key) ? metadata[key] : undefined;
}

/** Whether values are equal, or one of them is a list that has the other. */
function agrees(held: JsonValue | undefined, wanted: JsonValue): boolean {
  if (held === undefined) return false;
  if (isList(held) && !isList(wanted)) return held.some((each) => isEqual(each, wanted));
  if (isList(wanted) && !isList(held)) return wanted.some((each) => isEqual(each, held));
  return isEqual(held, wanted);
}

function isEqual(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (isList(a) !== isList(b)) return false;
  const [first, second] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    first.length === second.size &&
    first.every(([key, value]) => {
      const other = second.get(key);
      return other !== undefined && isEqual(value as JsonValue, other as JsonValue);
    })
  );
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
