/** The memory engine: the verbs, wired to journal, state, search and background work. */

import { Calibrations, type PairScores } from '../embedding/calibration.ts';
import type { Embedder, EmbedderLoader } from '../embedding/embedder.ts';
import type { RerankerLoader } from '../embedding/reranker.ts';
import { isLociError, LociError, toLociError } from '../errors.ts';
import { MAX_BATCH } from '../limits.ts';
import { contentHashOf } from '../memory/fact.ts';
import { withVerdict } from '../memory/feedback.ts';
import { createIdSource } from '../memory/ids.ts';
import type { AddOperation, MemoryState, Operation } from '../memory/operation.ts';
import { checkOptions } from '../memory/options.ts';
import { type ParsedMemory, parseBatch, parseNewMemory, parsePatch } from '../memory/record.ts';
import { createRetryingStorage } from '../storage/retrying.ts';
import { createSalvagingStorage } from '../storage/salvaging.ts';
import type { Storage } from '../storage/storage.ts';
import { loadLanguage } from '../text/languages.ts';
import type {
  AddManyResult,
  AddResult,
  ChangeRule,
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
  LimitsConfig,
  ListOptions,
  ListPage,
  Memory,
  MemoryEngine,
  MemoryPatch,
  MemoryPath,
  NewMemory,
  PathOptions,
  QueryEmbedder,
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
import type { VectorIndexFactory } from '../vector/vector-index.ts';
import { Answers } from './answers.ts';
import {
  checkFeedback,
  checkId,
  checkListener,
  checkQueryEmbedder,
  checkScope,
  REINFORCE_OPTIONS,
} from './arguments.ts';
import { Associations } from './associations.ts';
import { closeAll } from './close-all.ts';
import { Concepts } from './concepts.ts';
import { Contradictions, withContradicted, withFound } from './contradictions.ts';
import { type BuiltinParts, type Embedded, EmbeddingService } from './embedding-service.ts';
import { type Environment, systemEnvironment } from './environment.ts';
import { healthOf } from './health.ts';
import { IndexUpkeep } from './index-upkeep.ts';
import { Journal } from './journal.ts';
import { type Limits, resolveLimits } from './limits-config.ts';
import { type Loaded, load } from './load.ts';
import type { ModelChange } from './loading-model.ts';
import { Maintenance } from './maintenance.ts';
import { Mutex } from './mutex.ts';
import {
  addOperations,
  deleteOperations,
  endOperations,
  superseding,
  updateOperation,
} from './operations.ts';
import { QueryEmbedding } from './query-embedding.ts';
import { Quota } from './quota.ts';
import { ReadAhead } from './read-ahead.ts';
import { Reads } from './reads.ts';
import { Reembedder } from './reembed.ts';
import { Reranking } from './reranking.ts';
import { readContents } from './rows.ts';
import { EngineState } from './state.ts';
import { collectStats } from './stats.ts';
import { StoredGraphs } from './stored-graphs.ts';
import { checkAddedSuccession, checkChangedSuccession } from './succession.ts';
import type { MemoryTable, Scope } from './table/memory-table.ts';
import { Tidying } from './tidying.ts';
import { VectorArm } from './vector-arm.ts';
import { WordRebuild } from './word-rebuild.ts';
import { type Place, Writer } from './writer.ts';

/** What an engine is made of. It owns storage and embedders from then on, and closes them. */
export interface EngineParts {
  readonly storage: Storage;
  readonly createIndex: VectorIndexFactory;
  /** Name of the index for `status()` and `explain`. */
  readonly indexKind: string;
  /** The embedder that always works, or one that is loaded when it is needed, with what serves where it is not there. */
  readonly builtin: Embedder | BuiltinParts;
  /** The embedder wanted; it takes over when it has loaded. */
  readonly preferred?: EmbedderLoader | undefined;
  /** What reranks the hits of searches that ask for it; loaded when the first one does. */
  readonly reranker?: RerankerLoader | undefined;
  /** Default `default`. */
  readonly tenant?: string | undefined;
  /** Default `default`. */
  readonly namespace?: string | undefined;
  /** Level of a write that names none. Default `journaled`. */
  readonly durability?: 'journaled' | 'flushed' | undefined;
  /** How much it may hold. Default 4 GiB and 2,000,000 memories, beyond which the least valuable are evicted. */
  readonly limits?: LimitsConfig | undefined;
  /** Which model embeds a query where two can. Default `auto`. */
  readonly queryEmbedder?: QueryEmbedder | undefined;
  /** The language of the texts, ISO 639-1. Default `en`. */
  readonly language?: string | undefined;
  /** Whether texts are read for what they contradict. Default `english`. */
  readonly changeRule?: ChangeRule | undefined;
  /** How the scores of models of one space lie, for a host with models of its own. Default: those measured of the built-in model and MiniLM. */
  readonly scores?: readonly PairScores[] | undefined;
  /** Why nothing persists, for `status()`, where that was not wished. */
  readonly notPersistentReason?: string | undefined;
  /** The format of an older database of the namespace that was not brought over, and stays beside it. */
  readonly leftFormat?: number | undefined;
  /** Default: the platform's. */
  readonly environment?: Environment | undefined;
}

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
export async function openEngine(given: EngineParts): Promise<MemoryEngine> {
  const parts = { ...given, storage: createSalvagingStorage(createRetryingStorage(given.storage)) };
  const limits = resolveLimits(given.limits);
  checkQueryEmbedder(given.queryEmbedder);
  const environment = parts.environment ?? systemEnvironment;
  const state = new EngineState(parts.createIndex, await loadLanguage(given.language));
  const answers = new Answers();
  const loaded = await load(parts.storage, state, answers, environment);
  return new Engine(parts, limits, environment, state, answers, loaded);
}

/** The kinds of work that nobody waits for. */
type BackgroundWork = 'embedding anew' | 'folding' | 'indexing words' | 'tidying' | 'indexing vectors';

/** Refusals of the last flush that cost nothing of what was acknowledged. */
const HARMLESS_AT_THE_END: ReadonlySet<string> = new Set(['STALE_EPOCH', 'NEWER_FORMAT', 'QUOTA_EXCEEDED']);

class Engine implements MemoryEngine {
  readonly #parts: EngineParts;
  readonly #environment: Environment;
  readonly #state: EngineState;
  readonly #loaded: Loaded;
  readonly #scope: Scope;
  readonly #journal: Journal;
  readonly #lock = new Mutex();
  readonly #embeddings: EmbeddingService;
  readonly #reranking: Reranking;
  readonly #ahead: ReadAhead;
  readonly #reembedder: Reembedder;
  readonly #maintenance: Maintenance;
  readonly #upkeep: IndexUpkeep;
  readonly #words: WordRebuild;
  readonly #tidying: Tidying;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #newId: () => string;
  readonly #writer: Writer;
  readonly #reads: Reads;
  readonly #associations: Associations;
  readonly #concepts: Concepts;
  readonly #quota: Quota;
  readonly #contradictions: Contradictions;
  /** The last failure of each kind of work in the background; its next success takes it away. */
  readonly #backgroundErrors = new Map<BackgroundWork, string>();
  /** Ordinals of memories whose contents were found missing while they were read. */
  readonly #lost = new Set<number>();
  #closing: Promise<void> | undefined;

  constructor(
    parts: EngineParts,
    limits: Limits,
    environment: Environment,
    state: EngineState,
    answers: Answers,
    loaded: Loaded,
  ) {
    this.#parts = parts;
    this.#environment = environment;
    this.#state = state;
    this.#loaded = loaded;
    this.#scope = { tenant: parts.tenant ?? 'default', namespace: parts.namespace ?? 'default' };
    this.#contradictions = new Contradictions({
      ...{ state, environment, blocks: loaded.blocks, isOn: parts.changeRule !== 'off' },
      assertOpen: () => this.#assertOpen(),
    });
    this.#newId = createIdSource(environment.now, environment.randomBytes);
    const { storage } = parts;
    this.#journal = new Journal({
      storage,
      state,
      answers,
      ...loaded,
      onVectorsLost: (ordinals) => this.#onVectorsLost(ordinals),
    });
    const remove = (memories: readonly MemoryState[], reason: 'expired' | 'evicted') =>
      this.#writer.append(deleteOperations(memories, this.#writer.stamp(this.#newId()), reason));
    this.#quota = new Quota({
      ...{ limits, state, answers, environment, remove },
      blocks: loaded.blocks,
      journal: this.#journal,
      lock: this.#lock,
      isPersistent: storage.persistent,
      changed: () => this.#tellStatus(),
    });
    this.#writer = new Writer({
      quota: this.#quota,
      answers,
      environment,
      journal: this.#journal,
      lock: this.#lock,
      newId: this.#newId,
      isPersistent: storage.persistent,
      durability: parts.durability ?? 'journaled',
      assertOpen: () => this.#assertOpen(),
      committed: (operations) => this.#onCommit(operations),
    });
    this.#embeddings = new EmbeddingService(parts.builtin, parts.preferred, environment, (what) =>
      this.#onModelChange(what),
    );
    const queries = new QueryEmbedding(this.#embeddings, environment, parts.queryEmbedder ?? 'auto');
    const arm = new VectorArm(state, new Calibrations(parts.scores));
    this.#reranking = new Reranking(parts.reranker, environment);
    this.#ahead = new ReadAhead(loaded.blocks, environment);
    this.#reads = new Reads({
      storage,
      state,
      environment,
      blocks: loaded.blocks,
      damage: loaded.damage,
      journal: this.#journal,
      queries,
      arm,
      reranking: this.#reranking,
      ahead: this.#ahead,
      scope: this.#scope,
      indexKind: parts.indexKind,
      assertOpen: () => this.#assertOpen(),
      onContentsLost: (ordinals) => this.#onContentsLost(ordinals),
      onVectorsLost: (ordinals) => this.#onVectorsLost(ordinals),
    });
    const around = { state, environment, reads: this.#reads, arm, queries, blocks: loaded.blocks };
    this.#associations = new Associations({ ...around, assertOpen: () => this.#assertOpen() });
    this.#concepts = new Concepts({ ...around, assertOpen: () => this.#assertOpen() });
    this.#reembedder = new Reembedder({
      state,
      blocks: loaded.blocks,
      embeddings: this.#embeddings,
      write: (build) => this.#lock.run(() => this.#writer.appendWithRoom(() => build(this.#journal.nextSeq))),
      changed: () => this.#tellStatus(),
      environment,
      onResult: this.#resultOf('embedding anew'),
      newOpId: this.#newId,
    });
    this.#maintenance = new Maintenance({
      state,
      answers,
      environment,
      journal: this.#journal,
      lock: this.#lock,
      quota: this.#quota,
      expire: (memories) => remove(memories, 'expired'),
      onResult: this.#resultOf('folding'),
    });
    this.#words = new WordRebuild({
      state,
      blocks: loaded.blocks,
      environment,
      changed: () => this.#tellStatus(),
      onResult: this.#resultOf('indexing words'),
      store: () => this.#lock.run(() => this.#journal.storeWords()),
    });
    this.#tidying = new Tidying({
      storage,
      state,
      environment,
      ...loaded,
      journal: this.#journal,
      turn: (work) => this.#lock.run(work),
      onResult: this.#resultOf('tidying'),
    });
    this.#upkeep = new IndexUpkeep({
      ...{ lexical: state.lexical, spaces: state.spaces },
      storedGraphs: new StoredGraphs({ storage, spaces: state.spaces, ...loaded }),
      environment,
      onIdle: () => this.#maintenance.onIndexIdle(),
      onResult: this.#resultOf('indexing vectors'),
    });
    this.#words.start();
    this.#tidying.start();
    this.#maintenance.start();
    this.#embeddings.start();
    this.#reembed();
  }

  async add(memory: NewMemory, options?: WriteOptions): Promise<AddResult> {
    // Checked on its own first: an error should not speak of a batch that the caller did not make.
    parseNewMemory(memory, this.#environment.now());
    const { ids, ...result } = await this.#add('add', [memory], options);
    return { ...result, id: ids[0] ?? '' };
  }

  async addMany(memories: readonly NewMemory[], options?: WriteOptions): Promise<AddManyResult> {
    return this.#add('addMany', memories, options);
  }

  async #add(
    method: 'add' | 'addMany',
    memories: readonly NewMemory[],
    options: WriteOptions | undefined,
  ): Promise<AddManyResult> {
    const parsed = parseBatch(memories, this.#environment.now());
    const prepare = async (opId: string) => {
      const embedded = await this.#embedNew(parsed);
      const contradicted = await this.#contradictions.of(parsed);
      return (place: Place) => {
        const operations = withContradicted(this.#addOperations(parsed, embedded, opId, place), contradicted);
        return { operations, answer: { ids: operations.map(({ id }) => id) } };
      };
    };
    return this.#writer.write<AddManyResult>(options, { method, adds: parsed.length, prepare });
  }

  #embedNew(parsed: readonly ParsedMemory[]): Promise<readonly Embedded[]> {
    const unembedded = parsed.filter(({ embedding }) => embedding === undefined);
    return this.#embeddings.embedDocuments(unembedded.map(({ fields }) => fields.content));
  }

  #addOperations(
    parsed: readonly ParsedMemory[],
    embedded: readonly Embedded[],
    opId: string,
    place: Place,
  ): readonly AddOperation[] {
    const added = addOperations(parsed, embedded, {
      ...this.#writer.stamp(opId, place),
      nextOrdinal: this.#journal.nextOrdinal + place.added,
      newId: this.#newId,
      isTaken: (id) => this.#state.table.ordinalOf(id) !== undefined || place.isAdded(id),
      isOwnModel: (modelId) => this.#embeddings.isOwn(modelId),
    });
    checkAddedSuccession(this.#state, added, place.operations);
    return added;
  }

  async supersede(givenId: string, memory: NewMemory, options?: WriteOptions): Promise<AddResult> {
    const id = checkId(givenId);
    const parsed = [superseding(parseNewMemory(memory, this.#environment.now()), id)];
    return this.#writer.write<AddResult>(options, {
      method: 'supersede',
      prepare: async (opId) => {
        const embedded = await this.#embedNew(parsed);
        return (place) => {
          const old = this.#require(id);
          const added = this.#addOperations(parsed, embedded, opId, place);
          const stamp = this.#writer.stamp(opId, { added: place.added + added.length });
          const ended = added.flatMap(({ fields }) => endOperations(old, fields, stamp));
          return { operations: [...added, ...ended], answer: { id: added[0]?.id ?? '' } };
        };
      },
    });
  }

  async reinforce(givenId: string, useful: boolean, given?: ReinforceOptions): Promise<ReinforceResult> {
    const id = checkId(givenId);
    const { query, ...options }: ReinforceOptions = checkOptions(given, REINFORCE_OPTIONS);
    checkFeedback(useful, query);
    const result = await this.#writer.write<ReinforceResult>(options, {
      method: 'reinforce',
      prepare: async (opId) => () => {
        const state = this.#require(id);
        const feedback = withVerdict(state.record.feedback, useful, this.#environment.now());
        const told = updateOperation(state, { feedback }, undefined, undefined, this.#writer.stamp(opId));
        return { operations: [query === undefined ? told : { ...told, query }], answer: { feedback } };
      },
    });
    const ordinal = this.#state.table.ordinalOf(id);
    if (useful && ordinal !== undefined) this.#state.learnt.used(ordinal, this.#environment.now());
    return result;
  }

  get(id: string, options?: GetOptions): Promise<Memory | null> {
    return this.#reads.get(id, options);
  }

  list(options?: ListOptions): Promise<ListPage> {
    return this.#reads.list(options);
  }

  search(query: string, options?: SearchOptions): Promise<SearchResult> {
    return this.#reads.search(query, options);
  }

  history(id: string): Promise<readonly HistoryEntry[]> {
    return this.#reads.history(id);
  }

  related(id: string, options?: RelatedOptions): Promise<readonly RelatedMemory[]> {
    return this.#associations.related(id, options);
  }

  path(from: string, to: string, options?: PathOptions): Promise<MemoryPath | null> {
    return this.#associations.path(from, to, options);
  }

  concepts(options?: ConceptsOptions): Promise<readonly Concept[]> {
    return this.#concepts.list(options);
  }

  concept(id: string, options?: ConceptOptions): Promise<ConceptPage> {
    return this.#concepts.page(id, options);
  }

  async update(givenId: string, patch: MemoryPatch, options?: WriteOptions): Promise<WriteResult> {
    const id = checkId(givenId);
    const after = parsePatch(patch);
    return this.#writer.write<WriteResult>(options, {
      method: 'update',
      prepare: async (opId) => {
        const { content } = after;
        const [embedded] = content === undefined ? [] : await this.#embeddings.embedDocuments([content]);
        const isRenamed = 'subject' in after || 'predicate' in after;
        const isJudged = content === undefined || 'contradicts' in after;
        const found = isJudged ? undefined : await this.#contradictions.ofUpdated(id, after);
        return async () => {
          const state = this.#require(id);
          checkChangedSuccession(this.#state, id, after.supersedes);
          const isRead = content !== undefined || isRenamed;
          const [before] = isRead ? await readContents(this.#loaded.blocks, [state]) : [];
          const contradicts = found && withFound(state.record.contradicts, found);
          const changed = contradicts === undefined ? after : { ...after, contradicts };
          const operation = updateOperation(state, changed, before, embedded, this.#writer.stamp(opId));
          // Its content is not in memory when it becomes a fact of another subject, or is told of one later.
          const isHashed = content === undefined && before !== undefined;
          const contentHash = isHashed ? contentHashOf(before) : undefined;
          return { operations: [isHashed ? { ...operation, contentHash } : operation], answer: {} };
        };
      },
    });
  }

  async delete(givenId: string, options?: WriteOptions): Promise<DeleteResult> {
    const id = checkId(givenId);
    return this.#writer.write<DeleteResult>(options, {
      method: 'delete',
      prepare: async (opId) => () => {
        const state = this.#state.table.get(id);
        if (state?.record.legalHold === true)
          throw new LociError('LEGAL_HOLD', `the memory ${id} is on legal hold`, {
            hint: 'Lift the hold first: update(id, { legalHold: false }).',
          });
        const operations = deleteOperations(
          state === undefined ? [] : [state],
          this.#writer.stamp(opId),
          'request',
        );
        return { operations, answer: { deleted: operations.length, held: 0 } };
      },
    });
  }

  async deleteAll(scope: DeleteScope, options?: WriteOptions): Promise<DeleteResult> {
    const filter = checkScope(scope);
    const predicate = this.#state.predicate(filter, this.#environment.now());
    return this.#writer.write<DeleteResult>(options, {
      method: 'deleteAll',
      prepare: async (opId) => async () => {
        const { table } = this.#state;
        const meant = [...table.ordinals()].filter((ordinal) => predicate?.(ordinal) ?? true);
        const doomed = meant.filter((ordinal) => !table.lifetime(ordinal).legalHold);
        const answer = { deleted: doomed.length, held: meant.length - doomed.length };
        // Bounded transactions: all but the last part are committed on their own; a retry goes on from there.
        const rest = doomed.length - (doomed.length % MAX_BATCH || MAX_BATCH);
        for (let at = 0; at < rest; at += MAX_BATCH)
          await this.#writer.append(
            deleteOperations(
              statesAt(doomed.slice(at, at + MAX_BATCH), table),
              this.#writer.stamp(opId),
              'request',
            ),
          );
        return {
          operations: deleteOperations(
            statesAt(doomed.slice(Math.max(0, rest)), table),
            this.#writer.stamp(opId),
            'request',
          ),
          answer,
        };
      },
    });
  }

  async stats(): Promise<Stats> {
    this.#assertOpen();
    const storage = await this.#environment.estimateStorage?.();
    const { blocks } = this.#loaded;
    return collectStats(this.#state, {
      bytesByKind: this.#quota.bytesByKind,
      limits: this.#quota.status,
      contentCache: blocks.cache,
      ...(storage === undefined ? {} : { storage }),
    });
  }

  async health(): Promise<Health> {
    this.#assertOpen();
    return healthOf({
      damage: this.#loaded.damage,
      lostContents: this.#lostContents(),
      unindexedWords: this.#words.remaining,
      unindexedVectors: this.#state.spaces.unindexed,
      backgroundError: this.#backgroundError(),
      leftFormat: this.#parts.leftFormat,
      readOnly: this.#journal.isClaimed ? undefined : 'the disk was full when the memories were opened',
    });
  }

  async status(): Promise<Status> {
    this.#assertOpen();
    return this.#status();
  }

  async flush(): Promise<{ readonly durability: Durability }> {
    this.#assertOpen();
    return { durability: await this.#lock.run(() => this.#flush()) };
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#assertOpen();
    checkListener(listener);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Access times and learnt edges go along; they are lossy, so that a disk that is full without them flushes all else. */
  async #flush(): Promise<Durability> {
    const { lossy } = this.#state;
    const changes = lossy.takeDirty();
    try {
      return await this.#journal.commitAside(changes, 'flushed');
    } catch (error) {
      lossy.restoreDirty(changes);
      if (changes.puts.length === 0 || !isLociError(error) || error.code !== 'QUOTA_EXCEEDED') throw error;
      return this.#journal.commitAside({}, 'flushed');
    }
  }

  async #close(): Promise<void> {
    await closeAll([
      () => this.#embeddings.stopWaiting(),
      () => this.#reembedder.close(),
      () => this.#words.close(),
      () => this.#tidying.close(),
      () => this.#maintenance.close(),
      () => this.#upkeep.close(),
      () => this.#flushLast(),
      () => this.#embeddings.close(),
      () => this.#ahead.stop(),
      () => this.#reranking.close(),
      () => this.#parts.storage.close(),
      () => this.#state.spaces.close(),
      () => this.#listeners.clear(),
    ]);
  }

  /** What was written since the last flush is on the disk when `close` resolves. */
  async #flushLast(): Promise<void> {
    if (!this.#parts.storage.persistent || !this.#journal.isUnflushed) return;
    try {
      await this.#lock.run(() => this.#flush());
    } catch (error) {
      // Another owner, or a later release, goes on with what is there; on a full disk it stays journaled.
      const isHarmless = isLociError(error) && HARMLESS_AT_THE_END.has(error.code);
      if (!isHarmless) throw error;
    }
  }

  #require(id: string): MemoryState {
    const state = this.#reads.find(id);
    if (state !== undefined) return state;
    throw new LociError('NOT_FOUND', `there is no memory ${String(id)}`, {
      hint: 'It may have been deleted.',
    });
  }

  /** Ids of memories that have lost their contents and have got no other since. */
  #lostContents(): readonly string[] {
    const { table } = this.#state;
    const ordinals = new Set([...this.#loaded.blocks.manifest.lostContents, ...this.#lost]);
    const isLost = (ordinal: number) =>
      table.has(ordinal) && table.unstoredOf(ordinal)?.content === undefined;
    return [...ordinals].filter(isLost).map((ordinal) => String(table.field(ordinal, 'id')));
  }

  #backgroundError(): string | undefined {
    const errors = [...this.#backgroundErrors].map(([work, message]) => `${work} failed: ${message}`);
    return errors.length === 0 ? undefined : errors.join('; ');
  }

  #status(): Status {
    const backgroundError = this.#backgroundError();
    const { storage, indexKind, notPersistentReason } = this.#parts;
    return {
      ...this.#scope,
      role: 'owner',
      storage: {
        kind: storage.kind,
        persistent: storage.persistent,
        origin: this.#loaded.origin,
        ...(notPersistentReason === undefined ? {} : { reason: notPersistentReason }),
      },
      durability: storage.persistent ? (this.#parts.durability ?? 'journaled') : 'accepted',
      index: indexKind,
      embedder: this.#embeddings.status,
      reembedding: this.#reembedder.progress,
      damaged: this.#loaded.damage.unrecoverable + this.#lostContents().length,
      unindexed: this.#state.spaces.unindexed,
      limits: this.#quota.status,
      ...(backgroundError === undefined ? {} : { backgroundError }),
    };
  }

  #onCommit(operations: readonly Operation[]): void {
    for (const operation of operations)
      if (operation.type === 'update' && operation.after.content !== undefined)
        this.#lost.delete(this.#state.table.ordinalOf(operation.id) ?? -1);
    this.#concepts.onCommit(operations);
    this.#maintenance.onWrite(operations.some(({ type }) => type === 'delete'));
    this.#upkeep.wake();
    const seq = operations.at(-1)?.seq ?? this.#state.seq;
    this.#tell({ type: 'change', seq, operations: operations.map(({ type, id }) => ({ type, id })) });
    // Embedded while the model was loading, and it has loaded since.
    const isOutdated = (operation: Operation) =>
      'embedding' in operation &&
      operation.embedding !== undefined &&
      this.#embeddings.isOutdated(operation.embedding);
    if (operations.some(isOutdated)) this.#reembed();
  }

  #onContentsLost(ordinals: readonly number[]): void {
    const news = ordinals.filter((ordinal) => !this.#lost.has(ordinal));
    if (news.length === 0) return;
    for (const ordinal of news) this.#lost.add(ordinal);
    this.#tellStatus();
  }

  /** What the engine embedded it embeds anew. */
  #onVectorsLost(ordinals: readonly number[]): void {
    const news = ordinals.filter((ordinal) => this.#state.loseVector(ordinal));
    if (news.length === 0) return;
    this.#loaded.damage.vectors += news.length;
    this.#tellStatus();
    this.#reembed();
  }

  #onModelChange(what: ModelChange): void {
    this.#tellStatus();
    if (what === 'state') this.#reembed();
  }

  #reembed(): void {
    if (this.#closing === undefined && this.#embeddings.canEmbedAnew) this.#reembedder.start();
  }

  /** Takes in how work in the background ended. */
  #resultOf(work: BackgroundWork): (error: unknown) => void {
    return (error) => {
      const message = error === undefined ? undefined : toLociError(error).message;
      if (message === this.#backgroundErrors.get(work)) return;
      if (message === undefined) this.#backgroundErrors.delete(work);
      else this.#backgroundErrors.set(work, message);
      this.#tellStatus();
    };
  }

  #tellStatus(): void {
    if (this.#closing === undefined) this.#tell({ type: 'status', status: this.#status() });
  }

  #tell(event: EngineEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // A listener's fault is the host's: it must not undo a write that has landed.
        console.error('loci: a subscriber threw', error);
      }
    }
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new LociError('CLOSED', 'the memory engine is closed', { hint: 'Open it again.' });
  }
}

function statesAt(ordinals: readonly number[], table: MemoryTable): readonly MemoryState[] {
  return ordinals.flatMap((ordinal) => table.at(ordinal) ?? []);
}
