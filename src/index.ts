/** Loci: a memory engine for AI agents that runs where the agent runs. */

export { createBuiltinEmbedder, createBuiltinLoader, readBuiltinTable } from './embedding/builtin/index.ts';
export type { PairScores } from './embedding/calibration.ts';
export type { Embedder, EmbedderIdentity, EmbedderLoader } from './embedding/embedder.ts';
export { createHashingEmbedder } from './embedding/hashing.ts';
export { type EngineParts, openEngine } from './engine/engine.ts';
export type { Environment } from './engine/environment.ts';
export { type ErrorCode, isLociError, LociError, type SerializedLociError } from './errors.ts';
export { type OpenOptions, openMemory } from './host/client.ts';
export { type Conversation, parseConversations } from './memory/conversation.ts';
export {
  createEdgeClient,
  type ExportOptions,
  exportMemories,
  type ImportFileOptions,
  type ImportFileResult,
  importExported,
  importMemories,
} from './snapshot/index.ts';
export { openIndexedDbStorage } from './storage/indexeddb.ts';
export { createMemoryStorage } from './storage/memory.ts';
export type { Commit, KeyRange, Row, Storage } from './storage/storage.ts';
export * from './types.ts';
export { Bitset } from './vector/bitset.ts';
export { createExactIndex } from './vector/exact.ts';
export { createKernelIndex, type KernelIndex, type KernelIndexOptions } from './vector/kernel-index.ts';
export type { Neighbour, VectorIndex, VectorIndexFactory } from './vector/vector-index.ts';
