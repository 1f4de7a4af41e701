/** What an engine is made of: its storage, its models, and the choices of its host. */

import type { PairScores } from '../embedding/calibration.ts';
import type { Embedder, EmbedderLoader } from '../embedding/embedder.ts';
import type { RerankerLoader } from '../embedding/reranker.ts';
import type { SyncFiles } from '../storage/opfs.ts';
import type { Storage } from '../storage/storage.ts';
import type { ChangeRule, LimitsConfig, QueryEmbedder } from '../types.ts';
import type { VectorIndexFactory } from '../vector/vector-index.ts';
import type { BuiltinParts } from './embedding-service.ts';
import type { Environment } from './environment.ts';

/** An engine owns storage and embedders from then on, and closes them. */
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
  /** The file for copies of contents, where the platform has files that are read at once. */
  readonly pageFile?: SyncFiles | undefined;
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
