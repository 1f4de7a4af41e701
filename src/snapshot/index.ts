/** Snapshots of a namespace: encoded as lines, cut into content-addressed chunks, kept at the edge. */
export { type Chunk, chunkLines, linesOfChunks, sha256Hex, verifyChunk } from './chunks.ts';
export {
  type BackUpResult,
  createEdgeClient,
  type EdgeClient,
  type EdgeClientOptions,
  type RestoreResult,
  type SnapshotPage,
} from './edge-client.ts';
export { type ExportOptions, type ExportProgress, exportMemories } from './export.ts';
export {
  type ImportFileOptions,
  type ImportFileResult,
  type ImportProgress,
  type ImportSource,
  importExported,
} from './import.ts';
export { type ImportResult, importMemories } from './import-memories.ts';
export { type ChunkRef, parseManifest, type SnapshotManifest, type SnapshotSummary } from './manifest.ts';
export type { SnapshotProgress } from './memories.ts';
export { decodeSnapshot, encodeSnapshot, type SnapshotEntry } from './snapshot.ts';
