/** Makes the components of an engine, and gives each of them those it works with. */

import { Calibrations } from '../embedding/calibration.ts';
import { createIdSource } from '../memory/ids.ts';
import type { MemoryState, Operation } from '../memory/operation.ts';
import type { Answers } from './answers.ts';
import { Associations } from './associations.ts';
import { Background, BackgroundErrors } from './background.ts';
import { Concepts } from './concepts.ts';
import { Contradictions } from './contradictions.ts';
import { EmbeddingService } from './embedding-service.ts';
import type { EngineParts } from './engine-parts.ts';
import type { Environment } from './environment.ts';
import { Flusher } from './flusher.ts';
import { IndexUpkeep } from './index-upkeep.ts';
import { Journal } from './journal.ts';
import type { Limits } from './limits-config.ts';
import type { Loaded } from './load.ts';
import type { ModelChange } from './loading-model.ts';
import { LostContents } from './lost-contents.ts';
import { Maintenance } from './maintenance.ts';
import { Mutex } from './mutex.ts';
import { deleteOperations } from './operations.ts';
import { PageCopies } from './page-copies.ts';
import { QueryEmbedding } from './query-embedding.ts';
import { Quota } from './quota.ts';
import { ReadAhead } from './read-ahead.ts';
import { Reads } from './reads.ts';
import { Reembedder } from './reembed.ts';
import { Reports } from './reports.ts';
import { Reranking } from './reranking.ts';
import type { EngineState } from './state.ts';
import { StoredGraphs } from './stored-graphs.ts';
import { Tidying } from './tidying.ts';
import { VectorArm } from './vector-arm.ts';
import { WordRebuild } from './word-rebuild.ts';
import { Writer } from './writer.ts';
import { Writes } from './writes.ts';

/** A namespace that has been opened, and that an engine is made of. */
export interface Opened {
  readonly given: EngineParts;
  readonly limits: Limits;
  readonly environment: Environment;
  readonly state: EngineState;
  readonly answers: Answers;
  readonly loaded: Loaded;
}

/** What components tell the engine that they are of. */
export interface Hooks {
  /** Throws once the engine is closed. */
  readonly assertOpen: () => void;
  readonly committed: (operations: readonly Operation[]) => void;
  readonly statusChanged: () => void;
  readonly modelChanged: (what: ModelChange) => void;
  /** Contents of these ordinals were not in storage. */
  readonly contentsLost: (ordinals: readonly number[]) => void;
  readonly vectorsLost: (ordinals: readonly number[]) => void;
}

/** What all components may be given. */
interface Base extends Opened, Hooks {
  readonly lock: Mutex;
  readonly newId: () => string;
  /** Level of a write that names none. */
  readonly durability: 'journaled' | 'flushed';
}

type Writing = ReturnType<typeof wireWriting>;
type Models = ReturnType<typeof wireModels>;
type Reading = ReturnType<typeof wireReading>;

/** The components that an engine calls itself. */
export interface Components {
  readonly writes: Writes;
  readonly reads: Reads;
  readonly associations: Associations;
  readonly concepts: Concepts;
  readonly reports: Reports;
  readonly flusher: Flusher;
  readonly embeddings: EmbeddingService;
  readonly reranking: Reranking;
  readonly ahead: ReadAhead;
  readonly background: Background;
  readonly lost: LostContents;
}

/** No hook is called before it returns. What has to be started is left to the engine. */
export function wire(opened: Opened, hooks: Hooks): Components {
  const { given, environment, state, loaded } = opened;
  const lock = new Mutex();
  const newId = createIdSource(environment.now, environment.randomBytes);
  const durability = given.durability ?? 'journaled';
  const base: Base = { ...opened, ...hooks, lock, newId, durability };
  const errors = new BackgroundErrors(base.statusChanged);
  const writing = wireWriting(base, errors);
  const models = wireModels(base);
  const reading = wireReading(base, writing, models);
  const background = wireBackground(base, errors, writing, models);
  const lost = new LostContents(state.table, loaded.blocks);
  const { journal, quota } = writing;
  const { embeddings, reranking } = models;
  const { scope, reads, ahead, associations, concepts } = reading;
  const writes = wireWrites(base, writing, models, reading);
  const isPersistent = given.storage.persistent;
  const flusher = new Flusher({ journal, lock, lossy: state.lossy, isPersistent });
  const reports = new Reports({
    ...{ given, scope, durability, loaded, state, environment },
    ...{ journal, quota, embeddings, background, lost },
  });
  return {
    ...{ writes, reads, associations, concepts, reports, flusher },
    ...{ embeddings, reranking, ahead, background, lost },
  };
}

/** The one way anything changes. */
function wireWriting(base: Base, errors: BackgroundErrors) {
  const { given, loaded, state, answers, environment, limits, lock, newId, durability } = base;
  const { storage } = given;
  const journal = new Journal({ storage, state, answers, ...loaded, onVectorsLost: base.vectorsLost });
  const remove = (memories: readonly MemoryState[], reason: 'expired' | 'evicted') =>
    writer.append(deleteOperations(memories, writer.stamp(newId()), reason));
  const isPersistent = storage.persistent;
  const copies = new PageCopies({
    ...{ files: given.pageFile, blocks: loaded.blocks, environment },
    onResult: errors.resultOf('copying contents'),
  });
  const quota = new Quota({
    ...{ limits, state, answers, environment, journal, lock, isPersistent, remove },
    blocks: loaded.blocks,
    releaseCopies: () => copies.release(),
    changed: base.statusChanged,
  });
  const writer: Writer = new Writer({
    ...{ answers, journal, lock, quota, environment, newId, isPersistent, durability },
    assertOpen: base.assertOpen,
    committed: base.committed,
  });
  return { journal, quota, writer, remove, copies };
}

function wireModels({ given, environment, state, modelChanged }: Base) {
  const embeddings = new EmbeddingService(given.builtin, given.preferred, environment, modelChanged);
  return {
    embeddings,
    queries: new QueryEmbedding(embeddings, environment, given.queryEmbedder ?? 'auto'),
    arm: new VectorArm(state, new Calibrations(given.scores)),
    reranking: new Reranking(given.reranker, environment),
  };
}

function wireReading(base: Base, { journal }: Writing, { queries, arm, reranking }: Models) {
  const { given, state, environment, loaded, assertOpen } = base;
  const { blocks, damage } = loaded;
  const scope = { tenant: given.tenant ?? 'default', namespace: given.namespace ?? 'default' };
  const ahead = new ReadAhead(blocks, environment);
  const reads = new Reads({
    ...{ state, environment, blocks, damage, journal, queries, arm, reranking, ahead, scope, assertOpen },
    storage: given.storage,
    indexKind: given.indexKind,
    onContentsLost: base.contentsLost,
    onVectorsLost: base.vectorsLost,
  });
  const around = { state, environment, reads, arm, queries, blocks, assertOpen };
  return { scope, ahead, reads, associations: new Associations(around), concepts: new Concepts(around) };
}

function wireWrites(base: Base, { journal, writer }: Writing, { embeddings }: Models, { reads }: Reading) {
  const { given, state, environment, newId, assertOpen } = base;
  const { blocks } = base.loaded;
  const isOn = given.changeRule !== 'off';
  const contradictions = new Contradictions({ state, blocks, environment, isOn, assertOpen });
  return new Writes({
    ...{ state, blocks, journal, writer, reads, embeddings, contradictions, environment, newId },
  });
}

function wireBackground(
  base: Base,
  errors: BackgroundErrors,
  { journal, quota, writer, remove, copies }: Writing,
  { embeddings }: Models,
) {
  const { given, state, environment, answers, loaded, lock, newId, statusChanged: changed } = base;
  const { storage } = given;
  const { blocks } = loaded;
  const reembedder = new Reembedder({
    ...{ state, blocks, embeddings, changed, environment, newOpId: newId },
    write: (build) => lock.run(() => writer.appendWithRoom(() => build(journal.nextSeq))),
    onResult: errors.resultOf('embedding anew'),
  });
  const maintenance = new Maintenance({
    ...{ state, answers, environment, journal, lock, quota },
    expire: (memories) => remove(memories, 'expired'),
    onResult: errors.resultOf('folding'),
  });
  const words = new WordRebuild({
    ...{ state, blocks, environment, changed },
    store: () => lock.run(() => journal.storeWords()),
    onResult: errors.resultOf('indexing words'),
  });
  const tidying = new Tidying({
    ...{ storage, state, environment, ...loaded, journal },
    turn: (work) => lock.run(work),
    onResult: errors.resultOf('tidying'),
  });
  const upkeep = new IndexUpkeep({
    ...{ lexical: state.lexical, spaces: state.spaces, environment },
    storedGraphs: new StoredGraphs({ storage, spaces: state.spaces, ...loaded }),
    onIdle: () => maintenance.onIndexIdle(),
    onResult: errors.resultOf('indexing vectors'),
  });
  return new Background({ errors, reembedder, maintenance, words, tidying, upkeep, copies });
}
