/** Chooses the parts of an engine in a browser: storage, index and models. */

import { STORAGE_FORMAT } from '../engine/blocks/manifest.ts';
import { openEngine } from '../engine/engine.ts';
import { type Limits, resolveLimits } from '../engine/limits-config.ts';
import { isLociError, LociError } from '../errors.ts';
import { MAX_SCOPE_CHARS } from '../limits.ts';
import { isWellFormed } from '../memory/record.ts';
import {
  databaseName,
  type IndexedDbStorage,
  type IndexedDbStorageOptions,
  listFormats,
  openIndexedDbStorage,
} from '../storage/indexeddb.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import { opfsFile } from '../storage/opfs.ts';
import { checkLanguage } from '../text/languages.ts';
import type { EngineConfig, MemoryEngine } from '../types.ts';
import { createExactIndex } from '../vector/exact.ts';
import { createHnswlibIndex } from '../vector/hnswlib.ts';
import { compileKernel } from '../vector/kernel.ts';
import { createKernelIndex } from '../vector/kernel-index.ts';
import type { VectorIndexFactory } from '../vector/vector-index.ts';
import { bringOver } from './earlier-format.ts';
import { checkModels, checkReranker, createModels, createReranker } from './models.ts';

/** A configuration with its defaults. */
export type ResolvedConfig = Required<Omit<EngineConfig, 'limits' | 'reranker'>> & {
  readonly limits: Limits;
  readonly reranker: EngineConfig['reranker'];
};

const INDEXES: Readonly<Record<ResolvedConfig['index'], VectorIndexFactory>> = {
  kernel: (dimensions) => createKernelIndex(dimensions),
  exact: async (dimensions) => createExactIndex(dimensions),
  hnswlib: createHnswlibIndex,
};

/** @throws LociError `INVALID_INPUT` for a name or a choice that is none. */
export function resolveConfig(config: EngineConfig = {}): ResolvedConfig {
  const resolved = {
    tenant: checkScopeName('tenant', config.tenant ?? 'default'),
    namespace: checkScopeName('namespace', config.namespace ?? 'default'),
    storage: config.storage ?? 'auto',
    index: config.index ?? 'kernel',
    embedder: config.embedder ?? { kind: 'builtin' },
    durability: config.durability ?? 'journaled',
    queryEmbedder: config.queryEmbedder ?? 'auto',
    reranker: config.reranker,
    language: checkLanguage(config.language ?? 'en'),
    changeRule: config.changeRule ?? 'english',
    limits: resolveLimits(config.limits),
  } as const;
  checkChoice('storage', resolved.storage, ['auto', 'indexeddb', 'memory']);
  checkChoice('index', resolved.index, Object.keys(INDEXES));
  checkChoice('embedder.kind', resolved.embedder.kind, ['builtin', 'hashing', 'transformers']);
  checkModels(resolved.embedder);
  checkReranker(resolved.reranker);
  checkChoice('durability', resolved.durability, ['journaled', 'flushed']);
  checkChoice('queryEmbedder', resolved.queryEmbedder, ['auto', 'builtin', 'preferred']);
  checkChoice('changeRule', resolved.changeRule, ['english', 'off']);
  return resolved;
}

/** Who is told of the database's connection. */
export type ConnectionWatch = Pick<IndexedDbStorageOptions, 'onConnectionChange' | 'onConnectionEnded'>;

/** An engine, and the database under it where there is one. */
export interface BrowserEngine {
  readonly engine: MemoryEngine;
  readonly database?: IndexedDbStorage | undefined;
}

/**
 * Opens the engine of a namespace; the caller is its only owner.
 */
export async function openBrowserEngine(
  config: ResolvedConfig,
  watch: ConnectionWatch,
): Promise<BrowserEngine> {
  const { tenant, namespace, index, embedder, durability } = config;
  const { queryEmbedder, language, changeRule, reranker, limits } = config;
  // Beside the database: a page that loses the network before its first memory has it. A failure is met when it is used.
  if (index === 'kernel') compileKernel().catch(() => undefined);
  const { database, notPersistentReason, leftFormat } = await openStorage(config, watch);
  const storage = database ?? createMemoryStorage();
  const name = databaseName(tenant, namespace, STORAGE_FORMAT);
  try {
    const engine = await openEngine({
      storage,
      tenant,
      namespace,
      durability,
      queryEmbedder,
      language,
      changeRule,
      limits,
      notPersistentReason,
      leftFormat,
      pageFile: database && opfsFile(name),
      indexKind: index,
      createIndex: INDEXES[index],
      ...createModels(embedder),
      reranker: reranker && createReranker(reranker),
    });
    return { engine, database };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

interface OpenedStorage {
  readonly database?: IndexedDbStorage;
  readonly notPersistentReason?: string;
  /** The format of an older database that was not brought over. */
  readonly leftFormat?: number | undefined;
}

/** The database; without one the engine works in memory, for the reason given. */
async function openStorage(config: ResolvedConfig, watch: ConnectionWatch): Promise<OpenedStorage> {
  const { tenant, namespace, storage: kind } = config;
  if (kind === 'memory') return { notPersistentReason: 'it was opened in memory' };
  try {
    const formats = await refuseNewerFormats(tenant, namespace);
    const name = databaseName(tenant, namespace, STORAGE_FORMAT);
    const database = await openIndexedDbStorage({ name, ...watch });
    try {
      return { database, leftFormat: await bringOver({ tenant, namespace }, formats, database) };
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    // Only where there is no database at all: any other failure must not look like an empty one.
    const hasNone = isLociError(error) && error.details?.reason === 'no-indexeddb';
    if (!hasNone || kind === 'indexeddb') throw error;
    return { notPersistentReason: 'the browser lends this page no storage (a private window?)' };
  }
}

/**
 * The formats that the namespace is stored in.
 *
 * @throws LociError `NEWER_FORMAT` where a later release has stored it.
 */
export async function refuseNewerFormats(tenant: string, namespace: string): Promise<readonly number[]> {
  // One format ahead: where databases cannot be listed, that is how a later release is noticed.
  const candidates = Array.from({ length: STORAGE_FORMAT + 1 }, (_, i) => i + 1);
  const formats = await listFormats(tenant, namespace, candidates);
  const newest = Math.max(0, ...formats);
  if (newest <= STORAGE_FORMAT) return formats;
  throw new LociError('NEWER_FORMAT', `the memories of ${namespace} are stored in format ${newest}`, {
    hint: `This version of Loci reads formats up to ${STORAGE_FORMAT}: reload the page, or update Loci.`,
  });
}

function checkScopeName(what: string, name: unknown): string {
  if (typeof name === 'string' && name.length > 0 && name.length <= MAX_SCOPE_CHARS && isWellFormed(name))
    return name;
  throw new LociError('INVALID_INPUT', `the ${what} must be a string of 1 to ${MAX_SCOPE_CHARS} characters`, {
    hint: `Give a name such as "default" as ${what}.`,
  });
}

function checkChoice(what: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new LociError('INVALID_INPUT', `${what} must be one of ${choices.join(', ')}`, {
    hint: `It was "${String(value)}".`,
  });
}
