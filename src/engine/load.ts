/** Opening: manifest, then the blocks in ranges, then the log's operations on top. */

import { isLociError } from '../errors.ts';
import { COMMIT_ATTEMPTS, LOAD_BLOCKS, LOAD_BYTES, MAX_BATCH, READ_ATTEMPTS } from '../limits.ts';
import type { Row, Storage } from '../storage/storage.ts';
import { prefixRange } from '../storage/storage.ts';
import { Bitset } from '../vector/bitset.ts';
import { packedBytes, unpackVector } from '../vector/packed-vector.ts';
import type { Answers } from './answers.ts';
import type { Block, BlockRow } from './blocks/block.ts';
import { BlockStore, graphPrefix, isPiece, RECORDS, vectorsPrefix, WORDS } from './blocks/block-store.ts';
import {
  decodeManifest,
  encodeManifest,
  MANIFEST_KEYS,
  type Manifest,
  newManifest,
  type StoredSpace,
} from './blocks/manifest.ts';
import { headlessError, rebuildManifest } from './blocks/rebuild-manifest.ts';
import { decodeRecord } from './blocks/record-row.ts';
import { type BlockRef, openBlock, rowsOf, type Series } from './blocks/series.ts';
import type { Environment } from './environment.ts';
import { Damage } from './health.ts';
import type { Batch, LostOperations } from './journal.ts';
import { ACCESS_ROWS, decodeAnswer, decodeBatch, LOG_ROWS, OP_ROWS, seqOfKey } from './layout.ts';
import { eachRow, isCorrupt } from './read-rows.ts';
import type { EngineState } from './state.ts';

/** What was found in storage. */
export interface Loaded {
  readonly blocks: BlockStore;
  readonly epoch: number;
  /** False where the disk was full: then the engine is for reading only. */
  readonly isClaimed: boolean;
  readonly batches: readonly Batch[];
  readonly origin: 'newOrEvicted' | 'existing';
  readonly damage: Damage;
  /** What the log has lost and no fold has passed over yet. */
  readonly lostOperations: readonly LostOperations[];
  /** Keys of answers and access times that are broken. */
  readonly brokenRows: readonly string[];
}

/**
 * Claims a namespace and loads it into an empty state. Nothing but the claim is written, and that
 * only once the manifest has been read.
 *
 * @throws LociError `NEWER_FORMAT`, `STORAGE_CORRUPT` for a store whose manifest is gone and cannot be made from its blocks, or what storage throws.
 */
export async function load(
  storage: Storage,
  state: EngineState,
  answers: Answers,
  environment: Environment,
): Promise<Loaded> {
  const damage = new Damage();
  const { manifest, isNew, ...claimed } = await claim(storage, environment, damage);
  const blocks = new BlockStore(storage, manifest);
  state.seq = manifest.foldedSeq;
  damage.lost = manifest.lost;
  damage.operations = manifest.lostOperations;
  damage.isRebuilt = manifest.isRebuilt;
  await loadRecords(storage, blocks, state, damage);
  state.table.reserveOrdinals(manifest.nextOrdinal);
  for (const space of manifest.spaces) await loadVectors(storage, blocks, space, state, damage);
  await loadWords(storage, blocks, state, damage);
  const { batches, lostOperations } = await replay(storage, blocks, state);
  damage.operations += lostOperations.reduce((sum, { count }) => sum + count, 0);
  const brokenRows: string[] = [];
  const noteBroken = (key: string) => {
    brokenRows.push(key);
  };
  const takeAnswer = ({ key, value }: Row) =>
    answers.set(key.slice(OP_ROWS.from.length), decodeAnswer(value), value.byteLength);
  await eachRow(storage, OP_ROWS, takeAnswer, noteBroken);
  await eachRow(storage, ACCESS_ROWS, (row) => state.access.load(row), noteBroken);
  damage.rows += brokenRows.length;
  for (const ordinal of state.table.ordinals()) state.watchEndOfLife(ordinal);
  const origin = isNew ? 'newOrEvicted' : 'existing';
  return { blocks, ...claimed, batches, origin, damage, lostOperations, brokenRows };
}

/** The manifest, or its copy where it is broken; and why there is none, where one is broken. */
async function readManifest(
  storage: Storage,
  damage: Damage,
): Promise<{ readonly manifest?: Manifest; readonly broken?: unknown }> {
  let broken: unknown;
  // Each copy is read twice before both are given up.
  for (const key of [...MANIFEST_KEYS, ...MANIFEST_KEYS]) {
    const bytes = await storage.get(key);
    if (bytes === undefined) continue;
    try {
      const manifest = decodeManifest(bytes);
      if (broken !== undefined) damage.repaired += 1;
      return { manifest };
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      broken = error;
    }
  }
  return { broken };
}

/** The manifest; where a store that is not empty has none, it is made from the blocks. Undefined for an empty store. */
async function findManifest(
  storage: Storage,
  environment: Environment,
  damage: Damage,
): Promise<Manifest | undefined> {
  const { manifest, broken } = await readManifest(storage, damage);
  if (manifest !== undefined) return manifest;
  const keys = await storage.getKeys({ from: '', to: '\uffff' }, { limit: 1 });
  if (keys.length === 0) return undefined;
  const rebuilt = await rebuildManifest(storage, environment.now());
  if (rebuilt === undefined) throw headlessError(broken);
  return rebuilt;
}

interface Claim extends Pick<Loaded, 'epoch' | 'isClaimed'> {
  readonly manifest: Manifest;
  readonly isNew: boolean;
}

/**
 * Takes the next epoch: whoever wrote before is fenced off from here. The manifest is read before, since nothing
 * is written over what cannot be read, and again afterwards, since the owner before may have folded meanwhile.
 * One that was made from the blocks is not written here: it goes along with the next change of blocks.
 * On a full disk the claim has to wait: what is there can be read, and the first write that finds room takes the
 * epoch and has the engine opened anew.
 */
async function claim(storage: Storage, environment: Environment, damage: Damage): Promise<Claim> {
  for (let attempt = 1; ; attempt++) {
    const expectEpoch = await storage.epoch();
    const found = await findManifest(storage, environment, damage);
    const manifest = found ?? newManifest(environment.now());
    const isNew = found === undefined;
    const nextEpoch = expectEpoch + 1;
    const puts = isNew ? encodeManifest(manifest) : [];
    try {
      await storage.commit({ expectEpoch, nextEpoch, puts, durability: 'journaled' });
      const current = isNew
        ? manifest
        : ((await findManifest(storage, environment, new Damage())) ?? manifest);
      return { manifest: current, isNew, epoch: nextEpoch, isClaimed: true };
    } catch (error) {
      if (!isLociError(error)) throw error;
      if (error.code === 'QUOTA_EXCEEDED' && !isNew)
        return { manifest, isNew, epoch: expectEpoch, isClaimed: false };
      // Whether it landed or not, a claim of the epoch after is as good.
      if (error.code !== 'OUTCOME_UNKNOWN' || attempt === COMMIT_ATTEMPTS) throw error;
    }
  }
}

/** The best of several readings of a block: the first that is whole, else the last that could be opened. */
async function readSurely(storage: Storage, key: string, ref: BlockRef): Promise<Block | undefined> {
  let best: Block | undefined;
  for (let attempt = 1; attempt < READ_ATTEMPTS; attempt++) {
    const block = openBlock(await storage.get(key), ref);
    if (block !== undefined && rowsOf(block).length === block.count) return block;
    best = block ?? best;
  }
  return best;
}

async function loadRecords(
  storage: Storage,
  blocks: BlockStore,
  state: EngineState,
  damage: Damage,
): Promise<void> {
  await eachBlock(storage, blocks, RECORDS, (ref, _, rows) => {
    damage.records += ref.rows - rows.length;
    for (const { ordinal, bytes } of rows) {
      const memory = decodeRecord(ordinal, bytes);
      state.table.set(memory);
      state.seq = Math.max(state.seq, memory.seq);
    }
  });
}

async function loadVectors(
  storage: Storage,
  blocks: BlockStore,
  { number, space, dimensions }: StoredSpace,
  state: EngineState,
  damage: Damage,
): Promise<void> {
  const { table, spaces } = state;
  const prefix = vectorsPrefix(number);
  if (blocks.series(prefix).refs.length > 0) await spaces.prepare(space, dimensions);
  const seen = new Bitset(table.nextOrdinal);
  const isOurs = (ordinal: number) => table.embeddingOf(ordinal)?.space === space;
  await eachBlock(storage, blocks, prefix, (_, block, rows) => {
    const isWhole = block !== undefined && rows.length === block.count;
    const isPlain = rows.every(
      ({ ordinal, bytes }) => bytes.byteLength === packedBytes(dimensions) && isOurs(ordinal),
    );
    const isTaken = isWhole && isPlain && spaces.takeRows(space, block.rowArea, block.count);
    for (const { ordinal, bytes } of rows) {
      if (!isOurs(ordinal) || bytes.byteLength !== packedBytes(dimensions)) continue;
      seen.add(ordinal);
      if (!isTaken) spaces.set(ordinal, space, unpackVector(bytes, dimensions));
    }
  });
  // Whoever says that it has a vector and has none: it is made anew where the engine made it.
  for (const ordinal of table.ordinals()) {
    if (!isOurs(ordinal) || seen.has(ordinal)) continue;
    damage.vectors += 1;
    state.loseVector(ordinal);
  }
  await loadGraph(storage, blocks, { number, space, dimensions }, state, damage);
}

async function loadGraph(
  storage: Storage,
  blocks: BlockStore,
  { number, space }: StoredSpace,
  { spaces }: EngineState,
  damage: Damage,
): Promise<void> {
  const prefix = graphPrefix(number);
  const series = blocks.series(prefix);
  if (series.refs.length === 0) return;
  const pieces: Uint8Array[] = [];
  await eachPiece(storage, series, (_, bytes) => {
    if (bytes !== undefined) pieces.push(bytes);
  });
  const state = pieces.length === series.refs.length ? spaces.takeGraph(space, pieces) : 'broken';
  // It is a cache: without it every row is scanned until another is built.
  if (state !== 'loaded') damage.graphs += 1;
}

async function loadWords(
  storage: Storage,
  blocks: BlockStore,
  { lexical, table }: EngineState,
  damage: Damage,
): Promise<void> {
  const series = blocks.series(WORDS);
  const broken = new Set(series.refs.map(({ id }) => id));
  await eachPiece(storage, series, ({ id }, bytes) => {
    if (bytes !== undefined && isLoaded(() => lexical.load(id, bytes))) broken.delete(id);
  });
  blocks.forget(WORDS, broken);
  damage.words += broken.size;
  // Of memories that are gone: a log that told of their end and was damaged.
  for (const ordinal of [...lexical.ordinals()]) if (!table.has(ordinal)) lexical.remove(ordinal);
}

/** Whether something stored could be taken in; false where it is damaged. */
function isLoaded(load: () => void): boolean {
  try {
    load();
    return true;
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return false;
  }
}

/**
 * Reads the pieces of a series in their order, as many at once as come to LOAD_BYTES; undefined for one that is
 * missing or stays broken.
 */
async function eachPiece(
  storage: Storage,
  series: Series,
  take: (ref: BlockRef, bytes: Uint8Array | undefined) => void,
): Promise<void> {
  for (const run of runsOf(series.refs)) {
    const read = await storage.getMany(run.map((ref) => series.keyOf(ref)));
    for (const [i, ref] of run.entries()) {
      let bytes = read[i];
      for (let attempt = 1; attempt < READ_ATTEMPTS && !isPiece(bytes, ref); attempt++)
        bytes = await storage.get(series.keyOf(ref));
      take(ref, isPiece(bytes, ref) ? bytes : undefined);
    }
  }
}

function runsOf(refs: readonly BlockRef[]): readonly (readonly BlockRef[])[] {
  const runs: BlockRef[][] = [];
  let room = 0;
  for (const ref of refs) {
    if (runs.length === 0 || ref.bytes > room) {
      runs.push([]);
      room = LOAD_BYTES;
    }
    runs.at(-1)?.push(ref);
    room -= ref.bytes;
  }
  return runs;
}

async function replay(
  storage: Storage,
  blocks: BlockStore,
  state: EngineState,
): Promise<{ readonly batches: readonly Batch[]; readonly lostOperations: readonly LostOperations[] }> {
  const batches: Batch[] = [];
  const broken: { readonly key: string; readonly seq: number }[] = [];
  await eachRow(
    storage,
    LOG_ROWS,
    ({ key, value }) => batches.push({ key, operations: decodeBatch(value), bytes: value.byteLength }),
    (key) => broken.push({ key, seq: seqOfKey(key) }),
  );
  const lostOperations: LostOperations[] = [];
  let next = blocks.manifest.foldedSeq + 1;
  for (const { operations } of batches) {
    // Operations have numbers without gaps: what is missing between them was written and is not there.
    const first = operations[0]?.seq ?? next;
    const isKnown = broken.some(({ seq }) => seq >= next && seq < first);
    if (!isKnown && first > next) lostOperations.push({ seq: next, count: first - next });
    next = (operations.at(-1)?.seq ?? next - 1) + 1;
    await state.prepare(operations, (ordinals) => blocks.readContents(ordinals));
    for (const operation of operations) state.apply(operation);
  }
  for (const { key, seq } of broken) {
    lostOperations.push({ seq, count: 1, key });
    // How many operations a broken row had is not known: the log goes on behind as many as it can have had.
    state.seq = Math.max(state.seq, seq + MAX_BATCH);
  }
  return { batches, lostOperations };
}

/** Reads the blocks of a series in ranges, the next range while one is taken in. */
async function eachBlock(
  storage: Storage,
  blocks: BlockStore,
  prefix: string,
  take: (ref: BlockRef, block: Block | undefined, rows: readonly BlockRow[]) => void,
): Promise<void> {
  const series = blocks.series(prefix);
  const refs = new Map(series.refs.map((ref) => [series.keyOf(ref), ref]));
  const { to, from } = prefixRange(prefix);
  const read = (key: string) => storage.getRange({ from: key, to }, { limit: LOAD_BLOCKS });
  let reading: Promise<readonly Row[]> | undefined = read(from);
  const suspects: BlockRef[] = [];
  while (reading !== undefined) {
    const rows: readonly Row[] = await reading;
    const last = rows.at(-1);
    reading = last === undefined || rows.length < LOAD_BLOCKS ? undefined : read(`${last.key}\u0000`);
    // A failure of the next read is met when its turn comes.
    reading?.catch(() => undefined);
    for (const { key, value } of rows) {
      const ref = refs.get(key);
      if (ref === undefined) continue;
      refs.delete(key);
      const block = openBlock(value, ref);
      const whole = rowsOf(block);
      if (block === undefined || whole.length < block.count) suspects.push(ref);
      else take(ref, block, whole);
    }
  }
  // Missing or broken: looked at again, for a read can go wrong where the stored bytes are right.
  for (const ref of [...suspects, ...refs.values()]) {
    const block = await readSurely(storage, series.keyOf(ref), ref);
    take(ref, block, rowsOf(block));
  }
}
