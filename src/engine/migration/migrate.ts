/**
 * Brings a namespace from format 1 into a store of its own in the present format. The old one is read and
 * left as it is; the new one gets its manifest last, so that half a migration is no namespace and is begun anew.
 */

import { LociError } from '../../errors.ts';
import { BLOCK_ROWS, LOAD_BATCH } from '../../limits.ts';
import type { Row, Storage } from '../../storage/storage.ts';
import { packVector } from '../../vector/packed-vector.ts';
import { BlockStore, CONTENTS, type FoldChanges, RECORDS, vectorsPrefix } from '../blocks/block-store.ts';
import {
  decodeManifest,
  encodeManifest,
  MANIFEST_KEYS,
  type MigrationSource,
  newManifest,
} from '../blocks/manifest.ts';
import { encodeRecord } from '../blocks/record-row.ts';
import type { Changes } from '../blocks/series.ts';
import { isCorrupt } from '../read-rows.ts';
import {
  FORMAT,
  KEPT_ROWS,
  type OldManifest,
  type OldMemory,
  readOldManifest,
  readOldMemories,
  whole,
} from './format-1.ts';

/** What a migration came to. */
export interface MigrationReport {
  readonly memories: number;
  /** Memories whose rows were broken already: they stay behind. */
  readonly lost: number;
}

/** Memories brought over in one transaction. */
const BATCH = 4 * BLOCK_ROWS;

const ALL = { from: '', to: '\uffff' };

/**
 * Copies, and reads all of the copy back. The caller is the only owner of both stores, and deletes the old one only
 * where {@link isMigrated} says so.
 *
 * @throws LociError what the stores throw, or `STORAGE_FAILED` where the copy differs: then nothing has changed.
 *
 * @example
 * await migrateFormat1(await openIndexedDbStorage({ name: oldName }), await openIndexedDbStorage({ name }));
 */
export async function migrateFormat1(from: Storage, to: Storage): Promise<MigrationReport> {
  await fenceOff(from);
  await to.commit({ expectEpoch: await to.epoch(), deleteRanges: [ALL], durability: 'journaled' });
  const old = await readOldManifest(from);
  const blocks = new BlockStore(to, {
    ...newManifest(old.createdAt),
    foldedSeq: old.foldedSeq,
    nextOrdinal: old.nextOrdinal,
    migratedFrom: await sourceOf(from, old),
  });
  let lost = 0;
  for await (const batch of readOldMemories(from, BATCH)) {
    const memories = batch.filter(isWhole);
    lost += batch.length - memories.length;
    await write(blocks, to, memories);
  }
  for (const range of KEPT_ROWS) await copy(from, to, range);
  const manifest = encodeManifest({ ...blocks.manifest, lost });
  await verify(from, to, manifest);
  await commit(to, manifest, 'flushed');
  return { memories: blocks.series(RECORDS).rows, lost };
}

/**
 * Whether a store can be filled from an earlier format: it has no manifest, and no engine has ever opened it. What
 * half a migration left in it is made anew.
 */
export async function isFillable(to: Storage): Promise<boolean> {
  const copies = await to.getMany(MANIFEST_KEYS);
  return copies.every((bytes) => bytes === undefined) && (await to.epoch()) === 0;
}

/**
 * Whether a store of format 1 was brought over into another one, complete and as it is now: only then it may go. A
 * manifest alone does not say so: every engine writes one into a store that it finds empty.
 */
export async function isMigrated(from: Storage, to: Storage): Promise<boolean> {
  const copies = await to.getMany(MANIFEST_KEYS);
  const manifests = copies.flatMap((bytes) => (bytes && whole(() => decodeManifest(bytes))) ?? []);
  const source = manifests[0]?.migratedFrom;
  const old = await readOldManifest(from).catch((error: unknown) => {
    if (!isCorrupt(error)) throw error;
    return undefined;
  });
  if (source === undefined || old === undefined) return false;
  const now = await sourceOf(from, old);
  return (
    source.format === now.format &&
    source.createdAt === now.createdAt &&
    source.foldedSeq === now.foldedSeq &&
    source.epoch === now.epoch
  );
}

async function sourceOf(from: Storage, { createdAt, foldedSeq }: OldManifest): Promise<MigrationSource> {
  return { format: FORMAT, createdAt, foldedSeq, epoch: await from.epoch() };
}

/** A tab of an earlier version that wakes up must not write into what is being left. */
async function fenceOff(storage: Storage): Promise<void> {
  const expectEpoch = await storage.epoch();
  await storage.commit({ expectEpoch, nextEpoch: expectEpoch + 1, durability: 'journaled' });
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

/**
 * Reads all of it back from the new store, as the manifest to be written names it, and compares it by bytes: each
 * record, content and vector, and how many there are.
 */
async function verify(from: Storage, to: Storage, [row]: readonly Row[]): Promise<void> {
  const blocks = new BlockStore(to, decodeManifest(row?.value ?? new Uint8Array()));
  const counts = new Map<string, number>();
  for await (const batch of readOldMemories(from, BATCH)) {
    const { records, contents, vectors } = changesOf(batch.filter(isWhole));
    const bySpace = [...vectors].map(([space, { rows }]) => {
      const stored = blocks.space(space);
      if (stored === undefined) throw differs(`the vectors of ${space}`);
      return [vectorsPrefix(stored.number), rows] as const;
    });
    for (const [prefix, rows] of [[RECORDS, records], [CONTENTS, contents], ...bySpace] as const) {
      await verifyRows(blocks, prefix, rows);
      counts.set(prefix, (counts.get(prefix) ?? 0) + rows.size);
    }
  }
  for (const [prefix, refs] of Object.entries(blocks.manifest.series)) {
    const rows = refs.reduce((sum, ref) => sum + ref.rows, 0);
    if (rows !== (counts.get(prefix) ?? 0)) throw differs(`how many rows there are of ${prefix}`);
  }
  for (const range of KEPT_ROWS) await verifyCopy(from, blocks, range);
}

async function verifyRows(blocks: BlockStore, prefix: string, rows: Changes): Promise<void> {
  const ordinals = [...rows.keys()];
  const copies = await blocks.readRows(prefix, ordinals);
  ordinals.forEach((ordinal, i) => {
    if (!isSame(rows.get(ordinal) ?? undefined, copies[i])) throw differs(`the row ${ordinal} of ${prefix}`);
  });
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && a.length === b?.length && a.every((byte, i) => byte === b[i]);
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
      if (!isSame(value, copies[i])) throw differs(key);
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
