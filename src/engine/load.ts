/** Opening: the manifest and a claim, then the blocks, then the log's operations on top; graphs come later. */

import { MAX_BATCH } from '../limits.ts';
import type { Row, Storage } from '../storage/storage.ts';
import { Bitset } from '../vector/bitset.ts';
import { packedBytes, unpackVector } from '../vector/packed-vector.ts';
import type { Answers } from './answers.ts';
import type { BlockRow } from './blocks/block.ts';
import { BlockStore, RECORDS, vectorsPrefix, WORDS } from './blocks/block-store.ts';
import type { StoredSpace } from './blocks/manifest.ts';
import { decodeRecords } from './blocks/record-row.ts';
import { type Claim, claim } from './claim.ts';
import type { Environment } from './environment.ts';
import { Damage } from './health.ts';
import {
  ACCESS_ROWS,
  decodeAnswer,
  decodeBatch,
  LEARNT_ROWS,
  LOG_ROWS,
  OP_ROWS,
  seqOfKey,
} from './layout.ts';
import type { Batch, LoadedLog, LostOperations } from './log.ts';
import { eachRow, isCorrupt } from './read-rows.ts';
import type { EngineState } from './state.ts';
import { StoredReader } from './stored-reader.ts';

/** What was found in storage. */
export interface Loaded extends Pick<Claim, 'epoch' | 'isClaimed'>, LoadedLog {
  readonly blocks: BlockStore;
  readonly origin: 'newOrEvicted' | 'existing';
  readonly damage: Damage;
  /** Keys of answers, access times and learnt edges that are broken. */
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
  const brokenRows: string[] = [];
  const noteBroken = (key: string) => {
    brokenRows.push(key);
  };
  const takeAnswer = ({ key, value }: Row) =>
    answers.set(key.slice(OP_ROWS.from.length), decodeAnswer(value), value.byteLength);
  // None of them needs another: storage is not to wait while something is decoded.
  const [{ batches, lostOperations }] = await together([
    loadMemories(storage, blocks, state, damage),
    eachRow(storage, OP_ROWS, takeAnswer, noteBroken),
    eachRow(storage, ACCESS_ROWS, (row) => state.access.load(row), noteBroken),
    eachRow(storage, LEARNT_ROWS, (row) => state.learnt.load(row), noteBroken),
  ]);
  // A page may have come after the log told of the end of a memory on it.
  state.lossy.keep((ordinal) => state.table.has(ordinal));
  damage.operations += lostOperations.reduce((sum, { count }) => sum + count, 0);
  damage.rows += brokenRows.length;
  const origin = isNew ? 'newOrEvicted' : 'existing';
  return { blocks, ...claimed, batches, origin, damage, lostOperations, brokenRows };
}

/** As `Promise.all`, but nothing is under way any more where it rejects: storage is closed then. */
async function together<T extends readonly unknown[]>(
  work: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(work);
  return (await Promise.all(work)) as unknown as T;
}

/** The blocks, and the log's operations on top; answers the log. */
async function loadMemories(
  storage: Storage,
  blocks: BlockStore,
  state: EngineState,
  damage: Damage,
): Promise<LoadedLog> {
  const { spaces, nextOrdinal } = blocks.manifest;
  const ofSpaces = spaces.map(({ number }) => vectorsPrefix(number));
  const reader = new StoredReader(storage, blocks, [RECORDS, ...ofSpaces, WORDS]);
  const preparing = prepareSpaces(blocks, state);
  await loadRecords(reader, blocks, state, damage);
  state.table.reserveOrdinals(nextOrdinal);
  await preparing;
  const stored = new Bitset(state.table.nextOrdinal);
  for (const space of spaces) await loadVectors(reader, space, state, stored);
  await loadWords(reader, blocks, state, damage);
  const replayed = await replay(storage, blocks, state, damage);
  noteLostVectors(state, stored, damage);
  return replayed;
}

/** Makes the indexes of the spaces that have vectors, while records are read. */
function prepareSpaces(blocks: BlockStore, { spaces }: EngineState): Promise<unknown> {
  const used = blocks.manifest.spaces.filter(({ number }) => blocks.series(vectorsPrefix(number)).rows > 0);
  const preparing = Promise.all(used.map(({ space, dimensions }) => spaces.prepare(space, dimensions)));
  // A failure is met where they are awaited.
  preparing.catch(() => undefined);
  return preparing;
}

async function loadRecords(
  reader: StoredReader,
  blocks: BlockStore,
  state: EngineState,
  damage: Damage,
): Promise<void> {
  const { refs, rows: memories } = blocks.series(RECORDS);
  state.table.reserve(memories, 1 + (refs.at(-1)?.last ?? -1));
  await reader.eachBlock(RECORDS, (ref, _, rows) => {
    damage.records += ref.rows - rows.length;
    decodeRecords(rows).forEach((record, i) => {
      const ordinal = rows[i]?.ordinal ?? 0;
      state.table.load(ordinal, record);
      state.seq = Math.max(state.seq, record.seq);
      if ('expiresAt' in record.fields || 'legalDeletionAt' in record.fields) state.watchEndOfLife(ordinal);
    });
  });
}

/** @param stored gets the memories whose vectors are there. */
async function loadVectors(
  reader: StoredReader,
  { number, space, dimensions }: StoredSpace,
  state: EngineState,
  stored: Bitset,
): Promise<void> {
  const { table, spaces } = state;
  const prefix = vectorsPrefix(number);
  const isOurs = (ordinal: number) => {
    const embedding = table.embeddingOf(ordinal);
    return embedding?.space === space && embedding.dimensions === dimensions;
  };
  const isOwn = ({ ordinal, bytes }: BlockRow) =>
    bytes.byteLength === packedBytes(dimensions) && isOurs(ordinal);
  await reader.eachBlock(prefix, (_, block, rows) => {
    const own = rows.filter(isOwn);
    const isPlain = block !== undefined && own.length === block.count;
    const isTaken = isPlain && spaces.takeRows(space, block.rowArea, block.count);
    for (const { ordinal, bytes } of own) {
      stored.add(ordinal);
      if (!isTaken) spaces.set(ordinal, space, unpackVector(bytes, dimensions));
    }
  });
}

/** Of memories that say that they have a vector and have none, neither stored nor in the log. */
function noteLostVectors(state: EngineState, stored: Bitset, damage: Damage): void {
  const { table } = state;
  for (const ordinal of table.ordinals()) {
    const isThere =
      table.embeddingOf(ordinal) === undefined ||
      table.unstoredOf(ordinal)?.vector !== undefined ||
      stored.has(ordinal);
    if (!isThere && state.loseVector(ordinal)) damage.vectors += 1;
  }
}

async function loadWords(
  reader: StoredReader,
  blocks: BlockStore,
  { lexical, table }: EngineState,
  damage: Damage,
): Promise<void> {
  const series = blocks.series(WORDS);
  const broken = new Set(series.refs.map(({ id }) => id));
  await reader.eachPiece(WORDS, ({ id }, bytes) => {
    if (bytes !== undefined && isLoaded(() => lexical.load(id, bytes, true))) broken.delete(id);
  });
  blocks.forget(WORDS, broken);
  damage.words += broken.size;
  // Of memories that are gone: a log that told of their end and was damaged.
  const gone: number[] = [];
  for (const ordinal of lexical.ordinals()) if (!table.has(ordinal)) gone.push(ordinal);
  for (const ordinal of gone) lexical.remove(ordinal);
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

async function replay(
  storage: Storage,
  blocks: BlockStore,
  state: EngineState,
  damage: Damage,
): Promise<LoadedLog> {
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
    damage.vectors += await state.replay(operations, (ordinals) => blocks.readContents(ordinals));
  }
  for (const { key, seq } of broken) {
    lostOperations.push({ seq, count: 1, key });
    // How many operations a broken row had is not known: the log goes on behind as many as it can have had.
    state.seq = Math.max(state.seq, seq + MAX_BATCH);
  }
  return { batches, lostOperations };
}
