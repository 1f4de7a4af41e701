/** What an engine tells of itself: its status, its health, and its memories in numbers. */

import type { Health, Stats, Status } from '../types.ts';
import type { Background } from './background.ts';
import type { EmbeddingService } from './embedding-service.ts';
import type { EngineParts } from './engine-parts.ts';
import type { Environment } from './environment.ts';
import { healthOf } from './health.ts';
import type { Journal } from './journal.ts';
import type { Loaded } from './load.ts';
import type { LostContents } from './lost-contents.ts';
import type { Quota } from './quota.ts';
import type { EngineState } from './state.ts';
import { collectStats } from './stats.ts';
import type { Scope } from './table/memory-table.ts';

interface ReportsParts {
  readonly given: Pick<EngineParts, 'storage' | 'indexKind' | 'notPersistentReason' | 'leftFormat'>;
  readonly scope: Scope;
  /** Level of a write that names none, in a storage that persists. */
  readonly durability: 'journaled' | 'flushed';
  readonly loaded: Pick<Loaded, 'origin' | 'damage' | 'blocks'>;
  readonly state: EngineState;
  readonly environment: Pick<Environment, 'estimateStorage'>;
  readonly journal: Pick<Journal, 'isClaimed'>;
  readonly quota: Pick<Quota, 'status' | 'bytesByKind'>;
  readonly embeddings: Pick<EmbeddingService, 'status'>;
  readonly background: Background;
  readonly lost: LostContents;
}

export class Reports {
  readonly #parts: ReportsParts;

  constructor(parts: ReportsParts) {
    this.#parts = parts;
  }

  status(): Status {
    const { given, scope, durability, loaded, state, quota, embeddings, background, lost } = this.#parts;
    const { storage, indexKind, notPersistentReason } = given;
    const { error } = background;
    return {
      ...scope,
      role: 'owner',
      storage: {
        kind: storage.kind,
        persistent: storage.persistent,
        origin: loaded.origin,
        ...(notPersistentReason === undefined ? {} : { reason: notPersistentReason }),
      },
      durability: storage.persistent ? durability : 'accepted',
      index: indexKind,
      embedder: embeddings.status,
      reembedding: background.reembedding,
      damaged: loaded.damage.unrecoverable + lost.ids.length,
      unindexed: state.spaces.unindexed,
      limits: quota.status,
      ...(error === undefined ? {} : { backgroundError: error }),
    };
  }

  health(): Health {
    const { given, loaded, state, journal, background, lost } = this.#parts;
    return healthOf({
      damage: loaded.damage,
      lostContents: lost.ids,
      unindexedWords: background.unindexedWords,
      unindexedVectors: state.spaces.unindexed,
      backgroundError: background.error,
      leftFormat: given.leftFormat,
      readOnly: journal.isClaimed ? undefined : 'the disk was full when the memories were opened',
    });
  }

  async stats(): Promise<Stats> {
    const { environment, state, quota, loaded } = this.#parts;
    const storage = await environment.estimateStorage?.();
    return collectStats(state, {
      bytesByKind: quota.bytesByKind,
      limits: quota.status,
      contentCache: loaded.blocks.pages.stats,
      ...(storage === undefined ? {} : { storage }),
    });
  }
}
