/** A MemoryEngine in plain arrays for the demo's own tests: words in common stand for both search arms. */

import { LociError } from '../src/errors.ts';
import type {
  AddResult,
  EngineEvent,
  LimitsStatus,
  Memory,
  MemoryEngine,
  NewMemory,
  SearchHit,
  Status,
  WriteResult,
} from '../src/types.ts';

/** A fake engine, and what a test may do to it beside. */
export interface FakeEngine extends MemoryEngine {
  readonly memories: Memory[];
  tell(event: EngineEvent): void;
}

const FAKE_LIMITS: LimitsStatus = {
  maxBytes: 4 * 2 ** 30,
  maxMemories: 2_000_000,
  bytesLimitedBy: 'config',
  usedBytes: 0,
  memories: 0,
  isNearLimit: false,
  evicted: 0,
};

export const FAKE_STATUS: Status = {
  tenant: 'default',
  namespace: 'default',
  role: 'owner',
  storage: { kind: 'indexeddb', persistent: true, origin: 'newOrEvicted' },
  durability: 'journaled',
  index: 'kernel',
  embedder: {
    activeId: 'builtin-1',
    space: 'minilm-384',
    preferredId: 'builtin-1',
    state: 'ready',
    progress: 1,
  },
  reembedding: { done: 0, total: 0 },
  damaged: 0,
  unindexed: 0,
  limits: FAKE_LIMITS,
};

/** Makes an engine that remembers until it is dropped. */
export function createFakeEngine(status: Status = FAKE_STATUS): FakeEngine {
  const memories: Memory[] = [];
  const listeners = new Set<(event: EngineEvent) => void>();
  let seq = 0;
  const tell = (event: EngineEvent) => {
    for (const listener of listeners) listener(event);
  };
  const written = (type: 'add' | 'update' | 'delete', ids: readonly string[]): WriteResult => {
    seq += 1;
    tell({ type: 'change', seq, operations: ids.map((id) => ({ type, id })) });
    return { durability: 'journaled', opId: `op-${seq}` };
  };
  const remove = (doomed: readonly Memory[]) => {
    for (const memory of doomed) memories.splice(memories.indexOf(memory), 1);
    return { ...written('delete', ids(doomed)), deleted: doomed.length, held: 0 };
  };
  const unused = () => Promise.reject(new Error('the demo does not call this'));
  return {
    memories,
    tell,
    async add(memory): Promise<AddResult> {
      const made = makeMemory(memory, memories.length);
      memories.push(made);
      return { ...written('add', [made.id]), id: made.id };
    },
    async addMany(batch) {
      const made = batch.map((memory, at) => makeMemory(memory, memories.length + at));
      memories.push(...made);
      return { ...written('add', ids(made)), ids: ids(made) };
    },
    get: async (id) => memories.find((memory) => memory.id === id) ?? null,
    async list({ filter, limit = 50, cursor = '0', order = 'newest' } = {}) {
      const all = memories.filter((memory) => filter?.kind === undefined || memory.kind === filter.kind);
      if (order === 'newest') all.reverse();
      const end = Number(cursor) + limit;
      return {
        memories: all.slice(Number(cursor), end),
        total: all.length,
        ...(end < all.length ? { nextCursor: String(end) } : {}),
      };
    },
    async search(query, { limit = 10, filter } = {}) {
      const candidates = memories.filter(({ kind }) => filter?.kind === undefined || kind === filter.kind);
      const hits = candidates.map((memory) => score(memory, query)).sort((a, b) => b.score - a.score);
      const plan = { index: 'kernel', spaces: ['minilm-384'], lexical: true, considered: candidates.length };
      return { hits: hits.slice(0, limit), ms: 2.4, embedMs: 0.3, plan };
    },
    update: unused,
    supersede: unused,
    async reinforce(id, isUseful) {
      const at = memories.findIndex((memory) => memory.id === id);
      const memory = memories[at];
      if (memory === undefined) throw new LociError('NOT_FOUND', `there is no memory ${id}`);
      const { useful = 0, useless = 0 } = memory.feedback ?? {};
      const feedback = {
        useful: useful + (isUseful ? 1 : 0),
        useless: useless + (isUseful ? 0 : 1),
        at: Date.now(),
      };
      memories[at] = { ...memory, feedback };
      return { ...written('update', [id]), feedback };
    },
    delete: async (id) => remove(memories.filter((memory) => memory.id === id)),
    deleteAll: async () => remove([...memories]),
    history: async () => [],
    related: async () => [],
    path: async () => null,
    concepts: async () => [],
    concept: unused,
    health: async () => ({ state: 'ok', reasons: [], repaired: 0 }),
    async stats() {
      const sizeBytes = memories.reduce((sum, memory) => sum + memory.sizeBytes, 0);
      return {
        count: memories.length,
        sizeBytes,
        byKind: { episodic: memories.length },
        byTier: {},
        byModel: {},
        wordBytes: 0,
        bytesByKind: { contents: 0, records: 0, vectors: 0, graph: 0, postings: 0, journal: 0, archived: 0 },
        limits: FAKE_LIMITS,
        contentCache: { hits: 0, misses: 0, prefetched: 0, fileBytes: 0 },
        indexBytes: memories.length * 576,
        storage: { usageBytes: 120_000 + sizeBytes, quotaBytes: 10 * 2 ** 30 },
      };
    },
    status: async () => status,
    flush: async () => ({ durability: 'flushed' }),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => listeners.clear(),
  };
}

function ids(memories: readonly Memory[]): string[] {
  return memories.map(({ id }) => id);
}

function makeMemory(memory: NewMemory, at: number): Memory {
  return {
    kind: 'episodic',
    tier: 'working',
    priority: 'medium',
    importance: 0.5,
    tags: [],
    source: 'unknown',
    createdAt: Date.now(),
    legalHold: false,
    related: [],
    metadata: {},
    ...memory,
    id: memory.id ?? `memory-${at}-${Math.random().toString(36).slice(2)}`,
    tenant: 'default',
    namespace: 'default',
    updatedAt: Date.now(),
    revision: 1,
    accessCount: 0,
    sizeBytes: memory.content.length + 400,
    embedding: { modelId: 'builtin-1', space: 'minilm-384', dimensions: 384, origin: 'engine' },
    vector: undefined,
  };
}

function score(memory: Memory, query: string): SearchHit {
  const own = words(memory.content);
  const asked = words(query);
  const terms = [...asked].filter((word) => own.has(word));
  const overlap = terms.length / Math.max(1, Math.sqrt(own.size * asked.size));
  return {
    id: memory.id,
    score: overlap,
    memory,
    why: {
      foundBy: ['vector'],
      signals: [],
      vector: { raw: overlap, normalized: overlap, weight: 0.6, space: 'minilm-384', trust: 1 },
      ...(terms.length === 0
        ? {}
        : { lexical: { raw: terms.length * 2.1, normalized: overlap, weight: 0.4, terms } }),
    },
  };
}

function words(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}
