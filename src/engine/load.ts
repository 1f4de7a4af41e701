/** Opening: manifest, then the folded memories in ranges, then the log's operations on top. */

import { isLociError, LociError } from '../errors.ts';
import { LOAD_BATCH } from '../limits.ts';
import type { MemoryState } from '../memory/operation.ts';
import type { KeyRange, Row, Storage } from '../storage/storage.ts';
import type { Answers } from './answers.ts';
import type { Environment } from './environment.ts';
import type { Batch } from './journal.ts';
import {
  ACCESS_ROWS,
  CONTENT_ROWS,
  decodeAnswer,
  decodeBatch,
  decodeContent,
  decodeManifest,
  decodeState,
  decodeVector,
  encodeManifest,
  LOG_ROWS,
  MANIFEST_KEY,
  type Manifest,
  META_ROWS,
  OP_ROWS,
  ordinalOfKey,
  STORAGE_FORMAT,
  VECTOR_ROWS,
} from './layout.ts';
import type { EngineState } from './state.ts';

/** What was found in storage. */
export interface Loaded {
  readonly manifest: Manifest;
  readonly epoch: number;
  readonly batches: readonly Batch[];
  readonly origin: 'newOrEvicted' | 'existing';
  /** Rows that were broken: they are left where they are, and not served. */
  readonly damaged: number;
}

/**
 * Claims a namespace and loads it into an empty state. Nothing but the claim is written, and that
 * only once the manifest has been read.
 *
 * @throws LociError `NEWER_FORMAT`, `STORAGE_CORRUPT` for a store without its manifest, or what storage throws.
 */
export async function load(
  storage: Storage,
  state: EngineState,
  answers: Answers,
  environment: Environment,
): Promise<Loaded> {
  const found = await storage.get(MANIFEST_KEY);
  const origin = found === undefined ? 'newOrEvicted' : 'existing';
  if (found === undefined) await assertEmpty(storage);
  const manifest =
    found === undefined
      ? { format: STORAGE_FORMAT, createdAt: environment.now(), foldedSeq: 0, nextOrdinal: 0 }
      : decodeManifest(found);
  const epoch = await claim(storage, manifest);

  const damage = { count: 0 };
  state.seq = manifest.foldedSeq;
  await loadMemories(storage, state, damage);
  state.table.reserveOrdinals(manifest.nextOrdinal);
  const batches = await replay(storage, state, damage);
  await eachRow(storage, OP_ROWS, damage, ({ key, value }) => {
    answers.set(key.slice(OP_ROWS.from.length), decodeAnswer(value));
  });
  await eachRow(storage, ACCESS_ROWS, damage, (row) => state.access.load(row));
  return { manifest, epoch, batches, origin, damaged: damage.count };
}

/** Takes the next epoch: whoever wrote before is fenced off from here. */
async function claim(storage: Storage, manifest: Manifest): Promise<number> {
  const expectEpoch = await storage.epoch();
  const nextEpoch = expectEpoch + 1;
  await storage.commit({ expectEpoch, nextEpoch, puts: [encodeManifest(manifest)], durability: 'journaled' });
  return nextEpoch;
}

async function assertEmpty(storage: Storage): Promise<void> {
  const rows = await storage.getRange({ from: '', to: '\uffff' }, { limit: 1 });
  if (rows.length === 0) return;
  throw new LociError('STORAGE_CORRUPT', 'the store holds memories and its manifest is missing', {
    hint: 'Nothing was written. Restore a snapshot into another namespace.',
  });
}

interface Damage {
  count: number;
}

async function loadMemories(storage: Storage, state: EngineState, damage: Damage): Promise<void> {
  const states: MemoryState[] = [];
  await eachRow(storage, META_ROWS, damage, (row) => {
    states.push(decodeState(row));
  });
  for (const each of states) {
    state.table.set(each);
    state.watchEndOfLife(each);
    state.seq = Math.max(state.seq, each.seq);
    const { embedding } = each.record;
    if (embedding !== undefined) await state.spaces.prepare(embedding.space, embedding.dimensions);
  }
  await eachRow(storage, CONTENT_ROWS, damage, ({ key, value }) => {
    const memory = state.table.at(ordinalOfKey(key));
    if (memory !== undefined) state.indexWords(memory, decodeContent(value));
  });
  await eachRow(storage, VECTOR_ROWS, damage, ({ key, value }) => {
    const memory = state.table.at(ordinalOfKey(key));
    if (memory !== undefined) state.indexVector(memory, decodeVector(value));
  });
}

async function replay(storage: Storage, state: EngineState, damage: Damage): Promise<readonly Batch[]> {
  const batches: Batch[] = [];
  await eachRow(storage, LOG_ROWS, damage, ({ key, value }) => {
    batches.push({ key, operations: decodeBatch(value) });
  });
  for (const { operations } of batches) {
    await state.prepare(operations);
    for (const operation of operations) state.apply(operation);
  }
  return batches;
}

/** Reads a range in pieces; a broken row is counted and passed over, a newer one ends it. */
async function eachRow(
  storage: Storage,
  range: KeyRange,
  damage: Damage,
  take: (row: Row) => void,
): Promise<void> {
  let from = range.from;
  for (;;) {
    const rows = await storage.getRange({ from, to: range.to }, { limit: LOAD_BATCH });
    for (const row of rows) {
      try {
        take(row);
      } catch (error) {
        if (!isLociError(error) || error.code !== 'STORAGE_CORRUPT') throw error;
        damage.count += 1;
      }
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < LOAD_BATCH) return;
    from = `${last.key}\u0000`;
  }
}
