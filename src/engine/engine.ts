/** The memory engine: its verbs, and what it does when one of its components tells it something. */

import { LociError } from '../errors.ts';
import type { Operation } from '../memory/operation.ts';
import { createRetryingStorage } from '../storage/retrying.ts';
import { createSalvagingStorage } from '../storage/salvaging.ts';
import { loadLanguage } from '../text/languages.ts';
import type {
  AddManyResult,
  AddResult,
  Concept,
  ConceptOptions,
  ConceptPage,
  ConceptsOptions,
  DeleteResult,
  DeleteScope,
  Durability,
  EngineEvent,
  GetOptions,
  Health,
  HistoryEntry,
  ListOptions,
  ListPage,
  Memory,
  MemoryEngine,
  MemoryPatch,
  MemoryPath,
  NewMemory,
  PathOptions,
  ReinforceOptions,
  ReinforceResult,
  RelatedMemory,
  RelatedOptions,
  SearchOptions,
  SearchResult,
  Stats,
  Status,
  WriteOptions,
  WriteResult,
} from '../types.ts';
import { Answers } from './answers.ts';
import { checkQueryEmbedder } from './arguments.ts';
import { closeAll } from './close-all.ts';
import type { EngineParts } from './engine-parts.ts';
import { systemEnvironment } from './environment.ts';
import { resolveLimits } from './limits-config.ts';
import { Listeners } from './listeners.ts';
import { load } from './load.ts';
import type { ModelChange } from './loading-model.ts';
import { EngineState } from './state.ts';
import { type Components, type Opened, wire } from './wiring.ts';

export type { EngineParts } from './engine-parts.ts';

/**
 * Opens a namespace in a storage. In a browser use `openMemory`, which runs this in a worker.
 *
 * @throws LociError what `Storage` throws, `NEWER_FORMAT`, `STORAGE_CORRUPT`, `INVALID_INPUT` for limits or choices that are none.
 *
 * @example
 * const engine = await openEngine({
 *   storage: createMemoryStorage(),
 *   createIndex: (dimensions) => createKernelIndex(dimensions),
 *   indexKind: 'kernel',
 *   builtin: createHashingEmbedder(),
 * });
 */
export async function openEngine(parts: EngineParts): Promise<MemoryEngine> {
  const given = { ...parts, storage: createSalvagingStorage(createRetryingStorage(parts.storage)) };
  const limits = resolveLimits(given.limits);
  checkQueryEmbedder(given.queryEmbedder);
  const environment = given.environment ?? systemEnvironment;
  const state = new EngineState(given.createIndex, await loadLanguage(given.language));
  const answers = new Answers();
  const loaded = await load(given.storage, state, answers, environment);
  return new Engine({ given, limits, environment, state, answers, loaded });
}

class Engine implements MemoryEngine {
  readonly #opened: Opened;
  readonly #components: Components;
  readonly #listeners = new Listeners();
  #closing: Promise<void> | undefined;

  constructor(opened: Opened) {
    this.#opened = opened;
    this.#components = wire(opened, {
      assertOpen: () => this.#assertOpen(),
      committed: (operations) => this.#onCommit(operations),
      statusChanged: () => this.#tellStatus(),
      modelChanged: (what) => this.#onModelChange(what),
      contentsLost: (ordinals) => this.#onContentsLost(ordinals),
      vectorsLost: (ordinals) => this.#onVectorsLost(ordinals),
    });
    this.#components.background.start();
    this.#components.embeddings.start();
    this.#reembed();
  }

  add(memory: NewMemory, options?: WriteOptions): Promise<AddResult> {
    return this.#components.writes.add(memory, options);
  }

  addMany(memories: readonly NewMemory[], options?: WriteOptions): Promise<AddManyResult> {
    return this.#components.writes.addMany(memories, options);
  }

  supersede(id: string, memory: NewMemory, options?: WriteOptions): Promise<AddResult> {
    return this.#components.writes.supersede(id, memory, options);
  }

  reinforce(id: string, useful: boolean, options?: ReinforceOptions): Promise<ReinforceResult> {
    return this.#components.writes.reinforce(id, useful, options);
  }

  update(id: string, patch: MemoryPatch, options?: WriteOptions): Promise<WriteResult> {
    return this.#components.writes.update(id, patch, options);
  }

  delete(id: string, options?: WriteOptions): Promise<DeleteResult> {
    return this.#components.writes.delete(id, options);
  }

  deleteAll(scope: DeleteScope, options?: WriteOptions): Promise<DeleteResult> {
    return this.#components.writes.deleteAll(scope, options);
  }

  get(id: string, options?: GetOptions): Promise<Memory | null> {
    return this.#components.reads.get(id, options);
  }

  list(options?: ListOptions): Promise<ListPage> {
    return this.#components.reads.list(options);
  }

  search(query: string, options?: SearchOptions): Promise<SearchResult> {
    return this.#components.reads.search(query, options);
  }

  history(id: string): Promise<readonly HistoryEntry[]> {
    return this.#components.reads.history(id);
  }

  related(id: string, options?: RelatedOptions): Promise<readonly RelatedMemory[]> {
    return this.#components.associations.related(id, options);
  }

  path(from: string, to: string, options?: PathOptions): Promise<MemoryPath | null> {
    return this.#components.associations.path(from, to, options);
  }

  concepts(options?: ConceptsOptions): Promise<readonly Concept[]> {
    return this.#components.concepts.list(options);
  }

  concept(id: string, options?: ConceptOptions): Promise<ConceptPage> {
    return this.#components.concepts.page(id, options);
  }

  async stats(): Promise<Stats> {
    this.#assertOpen();
    return this.#components.reports.stats();
  }

  async health(): Promise<Health> {
    this.#assertOpen();
    return this.#components.reports.health();
  }

  async status(): Promise<Status> {
    this.#assertOpen();
    return this.#components.reports.status();
  }

  async flush(): Promise<{ readonly durability: Durability }> {
    this.#assertOpen();
    return { durability: await this.#components.flusher.flush() };
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#assertOpen();
    return this.#listeners.add(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { embeddings, background, flusher, ahead, reranking } = this.#components;
    await closeAll([
      () => embeddings.stopWaiting(),
      () => background.close(),
      () => flusher.flushLast(),
      () => embeddings.close(),
      () => ahead.stop(),
      () => reranking.close(),
      () => this.#opened.given.storage.close(),
      () => this.#opened.state.spaces.close(),
      () => this.#listeners.clear(),
    ]);
  }

  #onCommit(operations: readonly Operation[]): void {
    const { lost, concepts, background, embeddings } = this.#components;
    lost.onCommit(operations);
    concepts.onCommit(operations);
    background.onCommit(operations);
    const seq = operations.at(-1)?.seq ?? this.#opened.state.seq;
    this.#listeners.tell({
      type: 'change',
      seq,
      operations: operations.map(({ type, id }) => ({ type, id })),
    });
    // Embedded while the model was loading, and it has loaded since.
    const isOutdated = (operation: Operation) =>
      'embedding' in operation &&
      operation.embedding !== undefined &&
      embeddings.isOutdated(operation.embedding);
    if (operations.some(isOutdated)) this.#reembed();
  }

  #onContentsLost(ordinals: readonly number[]): void {
    if (this.#components.lost.note(ordinals)) this.#tellStatus();
  }

  /** What the engine embedded it embeds anew. */
  #onVectorsLost(ordinals: readonly number[]): void {
    const { state, loaded } = this.#opened;
    const news = ordinals.filter((ordinal) => state.loseVector(ordinal));
    if (news.length === 0) return;
    loaded.damage.vectors += news.length;
    this.#tellStatus();
    this.#reembed();
  }

  #onModelChange(what: ModelChange): void {
    this.#tellStatus();
    if (what === 'state') this.#reembed();
  }

  #reembed(): void {
    const { embeddings, background } = this.#components;
    if (this.#closing === undefined && embeddings.canEmbedAnew) background.reembed();
  }

  #tellStatus(): void {
    if (this.#closing !== undefined) return;
    this.#listeners.tell({ type: 'status', status: this.#components.reports.status() });
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new LociError('CLOSED', 'the memory engine is closed', { hint: 'Open it again.' });
  }
}
