/** For tests: memories, and an engine that is a list in memory with just the verbs snapshots use. */
import { LociError } from '../errors.ts';
import type {
  AddManyResult,
  EmbeddingInfo,
  HistoryEntry,
  ListOptions,
  Memory,
  MemoryEngine,
  NewMemory,
  Status,
  WriteOptions,
} from '../types.ts';

/** A UUIDv7 that sorts by `n`. */
export function testId(n: number): string {
  return `0190aaaa-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** A memory with every field at its default, and what is given. */
export function testMemory(n: number, more: Partial<Memory> = {}): Memory {
  return {
    id: testId(n),
    tenant: 'default',
    namespace: 'default',
    content: `Memory number ${n}`,
    kind: 'episodic',
    tier: 'working',
    priority: 'medium',
    importance: 0.5,
    tags: [],
    source: 'test',
    createdAt: 1_700_000_000_000 + n,
    legalHold: false,
    related: [],
    metadata: {},
    updatedAt: 1_700_000_000_000 + n,
    revision: 1,
    accessCount: 0,
    sizeBytes: 100,
    ...more,
  };
}

/** The embedding of a memory with a vector of `dimensions`. */
export function testEmbedding(
  dimensions: number,
  origin: EmbeddingInfo['origin'] = 'host',
  space = 'test-space',
): EmbeddingInfo {
  return { modelId: 'test-model@1', space, dimensions, origin };
}

/** An engine that holds `memories` and lists `pageSize` at a time. */
export class FakeEngine implements Pick<MemoryEngine, 'list' | 'get' | 'addMany' | 'status' | 'history'> {
  readonly memories: Memory[] = [];
  readonly batches: number[] = [];
  readonly #addedAt = new Map<string, number>();
  readonly #pageSize: number;
  readonly #space: string;
  #seq = 0;

  constructor(memories: readonly Memory[] = [], pageSize = 50, space = 'engine-space') {
    this.#pageSize = pageSize;
    this.#space = space;
    for (const memory of memories) this.put(memory);
  }

  /** As the whole engine; a verb that snapshots should not need is not there. */
  get asEngine(): MemoryEngine {
    return this as unknown as MemoryEngine;
  }

  /** Puts a memory at the end. */
  put(memory: Memory): void {
    this.#seq += 1;
    this.#addedAt.set(memory.id, this.#seq);
    this.memories.push(memory);
  }

  async list({ order = 'newest', filter, cursor = '-1', limit, includeVector }: ListOptions = {}) {
    const wanted = (filter?.id as { readonly $in?: readonly string[] } | undefined)?.$in;
    const asked = this.memories.filter(({ id }) => wanted?.includes(id) ?? true);
    if (order === 'newest') return { memories: asked.toReversed().slice(0, limit), total: asked.length };
    if (includeVector !== true) throw new LociError('INVALID_INPUT', 'A snapshot lists with vectors');
    const left = asked.filter((memory) => this.#place(memory) > Number(cursor));
    const page = left.slice(0, Math.min(this.#pageSize, limit ?? this.#pageSize));
    const last = page.at(-1);
    const more = last && page.length < left.length ? { nextCursor: String(this.#place(last)) } : {};
    return { memories: page, total: asked.length, ...more };
  }

  async get(id: string): Promise<Memory | null> {
    return this.memories.find((memory) => memory.id === id) ?? null;
  }

  async history(id: string): Promise<readonly HistoryEntry[]> {
    if ((await this.get(id)) === null) return [];
    return [{ seq: this.#addedAt.get(id) ?? 0, at: 0, opId: 'test', type: 'add', changes: {} }];
  }

  async addMany(added: readonly NewMemory[], _options?: WriteOptions): Promise<AddManyResult> {
    const held = added.find(({ id }) => this.memories.some((memory) => memory.id === id));
    if (held !== undefined) throw new LociError('ALREADY_EXISTS', `there is a memory ${held.id} already`);
    this.batches.push(added.length);
    for (const { embedding, id, ...fields } of added) {
      const vector = embedding?.vector;
      const info =
        embedding === undefined
          ? {}
          : { embedding: testEmbedding(embedding.vector.length, 'host', embedding.space), vector };
      this.put({ ...testMemory(0), ...fields, ...(id === undefined ? {} : { id }), ...info });
    }
    return { ids: added.map(({ id }) => id ?? ''), durability: 'journaled', opId: 'test' };
  }

  async status(): Promise<Status> {
    const embedder = {
      activeId: 'model',
      preferredId: 'model',
      space: this.#space,
      state: 'ready',
      progress: 1,
    } as const;
    // All that a restore asks for.
    return { embedder } as Status;
  }

  #place({ id }: Memory): number {
    return this.#addedAt.get(id) ?? 0;
  }
}
