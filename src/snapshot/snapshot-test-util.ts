/** For tests: memories, and an engine that is a list in memory with just the verbs snapshots use. */
import { LociError } from '../errors.ts';
import type {
  AddManyResult,
  EmbeddingInfo,
  ListOptions,
  Memory,
  MemoryEngine,
  NewMemory,
  Status,
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
export class FakeEngine implements Pick<MemoryEngine, 'list' | 'get' | 'addMany' | 'status'> {
  readonly memories: Memory[];
  readonly batches: number[] = [];
  readonly #pageSize: number;
  readonly #space: string;

  constructor(memories: readonly Memory[] = [], pageSize = 50, space = 'engine-space') {
    this.memories = [...memories];
    this.#pageSize = pageSize;
    this.#space = space;
  }

  /** As the whole engine; a verb that snapshots should not need is not there. */
  get asEngine(): MemoryEngine {
    return this as unknown as MemoryEngine;
  }

  async list(options: ListOptions = {}) {
    if (options.order !== 'oldest' || options.includeVector !== true) {
      throw new LociError('INVALID_INPUT', 'A snapshot lists the oldest first, with vectors');
    }
    const from = Number(options.cursor ?? 0);
    const end = from + Math.min(this.#pageSize, options.limit ?? this.#pageSize);
    const more = end < this.memories.length ? { nextCursor: String(end) } : {};
    return { memories: this.memories.slice(from, end), total: this.memories.length, ...more };
  }

  async get(id: string): Promise<Memory | null> {
    return this.memories.find((memory) => memory.id === id) ?? null;
  }

  async addMany(added: readonly NewMemory[]): Promise<AddManyResult> {
    this.batches.push(added.length);
    for (const { embedding, id, ...fields } of added) {
      const vector = embedding?.vector;
      const info =
        embedding === undefined
          ? {}
          : { embedding: testEmbedding(embedding.vector.length, 'host', embedding.space), vector };
      this.memories.push({ ...testMemory(0), ...fields, ...(id === undefined ? {} : { id }), ...info });
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
}
