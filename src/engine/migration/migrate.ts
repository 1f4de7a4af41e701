/**
 * Brings a namespace from format 1 into a store of its own in the present format. The old one is read and
 * left as it is; the new one gets its manifest last, so that half a migration is no namespace and is begun anew.
 */

import { LociError } from '../../errors.ts';
import { BLOCK_ROWS, LOAD_BATCH } from '../../limits.ts';
import type { Row, Storage } from '../../storage/storage.ts';
import { packVector } from '../../vector/packed-vector.ts';
import { BlockStore, type FoldChanges, RECORDS } from '../blocks/block-store.ts';
import { encodeManifest, MANIFEST_KEYS, newManifest } from '../blocks/manifest.ts';
import { encodeRecord } from '../blocks/record-row.ts';
import { KEPT_ROWS, type OldMemory, readOldManifest, readOldMemories } from './format-1.ts';

/** What a migration came to. */
export interface MigrationReport {
  readonly memories: number;
  /** Memories whose rows were broken already: they stay behind. */
  readonly lost: number;
}

/** Memories brought over in one transaction. */
const BATCH = 4 * BLOCK_ROWS;

/**
 * Copies and verifies. The caller is the only owner of both stores, and deletes the old one afterwards.
 *
 * @throws LociError what the stores throw, or `STORAGE_FAILED` where the copy differs: then nothing has changed.
 *
 * @example
 * await migrateFormat1(await openIndexedDbStorage({ name: oldName }), await openIndexedDbStorage({ name }));
 */
export async function migrateFormat1(from: Storage, to: Storage): Promise<MigrationReport> {
  await fenceOff(from);
  await to.commit({
    expectEpoch: await to.epoch(),
    deleteRanges: [{ from: '', to: '\uffff' }],
    durability: 'journaled',
  });
  const old = await readOldManifest(from);
  const blocks = new BlockStore(to, { ...newManifest(old.createdAt), ...pick(old) });
  let lost = 0;
  for await (const batch of readOldMemories(from, BATCH)) {
    const memories = batch.filter(isWhole);
    lost += batch.length - memories.length;
    await write(blocks, to, memories);
  }
  for (const range of KEPT_ROWS) await copy(from, to, range);
  await verify(from, blocks);
  const manifest = { ...blocks.manifest, lost };
  await commit(to, encodeManifest(manifest), 'flushed');
  return { memories: blocks.series(RECORDS).rows, lost };
}

/** Whether the new store of a migration is complete: only then the old one may go. */
export async function isMigrated(to: Storage): Promise<boolean> {
  const copies = await to.getMany(MANIFEST_KEYS);
  return copies.some((bytes) => bytes !== undefined);
}

/** A tab of an earlier version that wakes up must not write into what is being left. */
async function fenceOff(storage: Storage): Promise<void> {
  const expectEpoch = await storage.epoch();
  await storage.commit({ expectEpoch, nextEpoch: expectEpoch + 1, durability: 'journaled' });
}

function pick({ foldedSeq, nextOrdinal }: { readonly foldedSeq: number; readonly nextOrdinal: number }) {
  return { foldedSeq, nextOrdinal };
}

function isWhole(memory: OldMemory | undefined): memory is OldMemory & { readonly content: string } {
  return memory?.content !== undefined;
}

async function write(
  blocks: BlockStore,
  to: Storage,
  memories: readonly (OldMemory & { readonly content: string })[],
): Promise<void> {
  const prepared = await blocks.prepare(changesOf(memories), [], {});
  const isManifest = (key: string) => MANIFEST_KEYS.some((each) => each === key);
  const puts = prepared.puts.filter(({ key }) => !isManifest(key));
  await blocks.change(prepared, () => commit(to, puts, 'journaled', prepared.deletes));
}

function changesOf(memories: readonly (OldMemory & { readonly content: string })[]): FoldChanges {
  const encoder = new TextEncoder();
  const vectors = new Map<string, { dimensions: number; rows: Map<number, Uint8Array> }>();
  for (const { state, vector } of memories) {
    const { embedding } = state.record;
    if (embedding === undefined || vector === undefined) continue;
    const { space, dimensions } = embedding;
    const own = vectors.get(space) ?? { dimensions, rows: new Map<number, Uint8Array>() };
    vectors.set(space, own);
    own.rows.set(state.ordinal, packVector(state.ordinal, vector));
  }
  return {
    records: new Map(memories.map(({ state }) => [state.ordinal, encodeRecord(state)])),
    contents: new Map(memories.map(({ state, content }) => [state.ordinal, encoder.encode(content)])),
    vectors,
  };
}

async function copy(from: Storage, to: Storage, range: { from: string; to: string }): Promise<void> {
  let next = range.from;
  for (;;) {
    const rows = await from.getRange({ from: next, to: range.to }, { limit: LOAD_BATCH });
    const last = rows.at(-1);
    if (last === undefined) return;
    await commit(to, rows, 'journaled');
    next = `${last.key}\u0000`;
  }
}

/** Reads all of it again, from the new store's blocks. */
async function verify(from: Storage, blocks: BlockStore): Promise<void> {
  for await (const batch of readOldMemories(from, BATCH)) {
    const memories = batch.filter(isWhole);
    const ordinals = memories.map(({ state }) => state.ordinal);
    const contents = await blocks.readContents(ordinals);
    const vectors = await blocks.readVectors(
      memories.map(({ state }) => ({ ordinal: state.ordinal, space: state.record.embedding?.space })),
    );
    memories.forEach(({ state, content, vector }, i) => {
      const hasRecord = blocks.series(RECORDS).find(state.ordinal) !== undefined;
      const hasVector = vector === undefined || vectors[i]?.length === vector.length;
      if (contents[i] !== content || !hasRecord || !hasVector) throw differs(state.record.id);
    });
  }
  for (const range of KEPT_ROWS) await verifyCopy(from, blocks, range);
}

async function verifyCopy(
  from: Storage,
  blocks: BlockStore,
  range: { from: string; to: string },
): Promise<void> {
  let next = range.from;
  for (;;) {
    const rows = await from.getRange({ from: next, to: range.to }, { limit: LOAD_BATCH });
    const last = rows.at(-1);
    if (last === undefined) return;
    const copies = await blocks.storage.getMany(rows.map(({ key }) => key));
    rows.forEach(({ key, value }, i) => {
      const copied = copies[i];
      const isSame = copied?.length === value.length && value.every((byte, at) => byte === copied[at]);
      if (!isSame) throw differs(key);
    });
    next = `${last.key}\u0000`;
  }
}

async function commit(
  to: Storage,
  puts: readonly Row[],
  durability: 'journaled' | 'flushed',
  deletes: readonly string[] = [],
): Promise<void> {
  await to.commit({ expectEpoch: await to.epoch(), puts, deletes, durability });
}

function differs(what: string): LociError {
  return new LociError('STORAGE_FAILED', `the copy of ${what} in the new format differs`, {
    retryable: true,
    hint: 'Nothing was changed: the memories are still in the old format. Open them again.',
  });
}
