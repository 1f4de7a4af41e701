/**
 * Makes a manifest from the blocks themselves, where both of its copies are gone or broken: keys tell the series
 * and the number of a block, its table tells the ordinals, and records tell the last operation and the spaces.
 */

import { LociError } from '../../errors.ts';
import { LOAD_BATCH, LOAD_BLOCKS, READ_ATTEMPTS } from '../../limits.ts';
import { prefixRange, type Storage } from '../../storage/storage.ts';
import { HISTORY_ROWS, LOG_ROWS, seqOfKey } from '../layout.ts';
import { isCorrupt } from '../read-rows.ts';
import { Block, blockChecksum } from './block.ts';
import { BLOCK_PREFIXES, CONTENTS, RECORDS } from './block-store.ts';
import { type Manifest, newManifest, type StoredSpace } from './manifest.ts';
import { decodeRecord } from './record-row.ts';
import { type BlockRef, rowsOf } from './series.ts';

const VECTORS = 'vector/';

/** A series as its blocks tell it. */
interface FoundSeries {
  readonly refs: readonly BlockRef[];
  /** The ordinals of its rows, of broken ones too. */
  readonly ordinals: ReadonlySet<number>;
  /** Blocks whose table cannot be read. */
  readonly unreadable: number;
}

/** What the whole rows of records tell. */
interface Told {
  lastSeq: number;
  readonly spaces: Map<number, Pick<StoredSpace, 'space' | 'dimensions'>>;
}

/**
 * The manifest as far as it can be told; undefined where there is neither a block that can be read nor a log.
 * Word segments and graphs are left out: both are made anew. A block is left out where one with a higher number
 * has some of its range of ordinals: it was written in its place.
 *
 * @throws LociError `NEWER_FORMAT`, or what storage throws.
 */
export async function rebuildManifest(storage: Storage, createdAt: number): Promise<Manifest | undefined> {
  const told: Told = { lastSeq: 0, spaces: new Map() };
  const records = await findSeries(storage, RECORDS, (block) => readRecords(block, told));
  const contents = await findSeries(storage, CONTENTS);
  const vectors = new Map<number, FoundSeries>();
  for (const number of await vectorNumbers(storage))
    vectors.set(number, await findSeries(storage, `${VECTORS}${number}/`));
  const all = [records, contents, ...vectors.values()];
  const [firstLogKey] = await storage.getKeys(LOG_ROWS, { limit: 1 });
  if (firstLogKey === undefined && all.every(({ refs }) => refs.length === 0)) return undefined;
  const lastSeq = Math.max(told.lastSeq, await lastSeqOfHistory(storage));
  const spaces = spacesOf(vectors, told.spaces);
  const series: Record<string, readonly BlockRef[]> = { [RECORDS]: records.refs, [CONTENTS]: contents.refs };
  for (const { number } of spaces) series[`${VECTORS}${number}/`] = vectors.get(number)?.refs ?? [];
  return {
    ...newManifest(createdAt),
    isRebuilt: true,
    // A fold that was cut off may have put later operations into blocks: those in the log are not folded.
    foldedSeq: firstLogKey === undefined ? lastSeq : Math.min(lastSeq, seqOfKey(firstLogKey) - 1),
    nextOrdinal: Math.max(0, ...all.flatMap(({ refs }) => refs.map(({ last }) => last + 1))),
    nextBlock: await nextBlockOf(storage),
    lost: countLost(records, [contents, ...vectors.values()]),
    spaces,
    nextSpace: Math.max(
      0,
      ...[...spaces.map(({ number }) => number), ...vectors.keys()].map((each) => each + 1),
    ),
    series,
  };
}

/** For a store whose manifest cannot be made anew. */
export function headlessError(cause: unknown): LociError {
  return new LociError('STORAGE_CORRUPT', 'the store holds rows, and its manifest is missing or broken', {
    hint: 'Nothing was written. Restore a snapshot into another namespace.',
    cause,
  });
}

function readRecords(block: Block, told: Told): void {
  for (const { ordinal, bytes } of rowsOf(block)) {
    const { seq, fields } = decodeRecord(ordinal, bytes);
    told.lastSeq = Math.max(told.lastSeq, seq);
    if (fields.embedding !== undefined) told.spaces.set(ordinal, fields.embedding);
  }
}

/** Reads the blocks of a series, the newest first, and takes those whose ordinals no newer one has. */
async function findSeries(
  storage: Storage,
  prefix: string,
  take: (block: Block) => void = () => undefined,
): Promise<FoundSeries> {
  const keys = [...(await storage.getKeys(prefixRange(prefix)))].sort((a, b) => seqOfKey(b) - seqOfKey(a));
  const refs: BlockRef[] = [];
  const ordinals = new Set<number>();
  let unreadable = 0;
  for (let at = 0; at < keys.length; at += LOAD_BLOCKS) {
    const part = keys.slice(at, at + LOAD_BLOCKS);
    const values = await storage.getMany(part);
    for (const [i, key] of part.entries()) {
      const block = await blockOf(storage, key, values[i]);
      if (block === undefined) unreadable += 1;
      const ref = block && refOf(seqOfKey(key), block);
      const isReplaced = refs.some(({ first, last }) => ref && first <= ref.last && ref.first <= last);
      if (block === undefined || ref === undefined || isReplaced) continue;
      refs.push(ref);
      for (let place = 0; place < block.count; place++) ordinals.add(block.ordinalAt(place));
      take(block);
    }
  }
  return { refs: refs.sort((a, b) => a.first - b.first), ordinals, unreadable };
}

/** The block in a row; looked at again where it comes out broken. */
async function blockOf(
  storage: Storage,
  key: string,
  first: Uint8Array | undefined,
): Promise<Block | undefined> {
  let best: Block | undefined;
  let bytes = first;
  for (let attempt = 1; ; attempt++) {
    const block = bytes && openUnnamed(bytes);
    best = block ?? best;
    const isWhole = block !== undefined && rowsOf(block).length === block.count;
    if (isWhole || attempt === READ_ATTEMPTS) return isWhole ? block : best;
    bytes = await storage.get(key);
  }
}

function openUnnamed(bytes: Uint8Array): Block | undefined {
  try {
    const block = new Block(bytes);
    return block.count > 0 ? block : undefined;
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return undefined;
  }
}

function refOf(id: number, block: Block): BlockRef {
  return {
    id,
    first: block.ordinalAt(0),
    last: block.ordinalAt(block.count - 1),
    rows: block.count,
    bytes: block.bytes.byteLength,
    sum: blockChecksum(block.bytes),
  };
}

async function vectorNumbers(storage: Storage): Promise<readonly number[]> {
  const keys = await storage.getKeys(prefixRange(VECTORS));
  const numbers = keys.map((key) => Number(key.slice(VECTORS.length, key.lastIndexOf('/'))));
  return [...new Set(numbers)].filter(Number.isSafeInteger);
}

/**
 * The spaces by the numbers in the keys: that of most memories whose vectors lie there. A space of which no
 * vector is left is there too, so that its memories are known to have lost theirs.
 */
function spacesOf(vectors: ReadonlyMap<number, FoundSeries>, told: Told['spaces']): readonly StoredSpace[] {
  const dimensions = new Map([...told.values()].map((each) => [each.space, each.dimensions]));
  const votes = [...vectors].flatMap(([number, { ordinals }]) => {
    const counts = new Map<string, number>();
    for (const ordinal of ordinals) {
      const space = told.get(ordinal)?.space;
      if (space !== undefined) counts.set(space, (counts.get(space) ?? 0) + 1);
    }
    return [...counts].map(([space, count]) => ({ number, space, count }));
  });
  const spaces: StoredSpace[] = [];
  for (const { number, space } of votes.sort((a, b) => b.count - a.count)) {
    if (spaces.some((each) => each.number === number || each.space === space)) continue;
    spaces.push({ number, space, dimensions: dimensions.get(space) ?? 0 });
  }
  let next = Math.max(-1, ...vectors.keys()) + 1;
  for (const [space, count] of dimensions)
    if (!spaces.some((each) => each.space === space))
      spaces.push({ number: next++, space, dimensions: count });
  return spaces;
}

/** The memories that left a content or a vector and no record; of blocks that cannot be read there is one at least. */
function countLost(records: FoundSeries, others: readonly FoundSeries[]): number {
  const bare = new Set<number>();
  for (const { ordinals } of others)
    for (const ordinal of ordinals) if (!records.ordinals.has(ordinal)) bare.add(ordinal);
  return Math.max(bare.size, records.unreadable);
}

async function lastSeqOfHistory(storage: Storage): Promise<number> {
  let last = 0;
  for (let from: string | undefined = HISTORY_ROWS.from; from !== undefined; ) {
    const keys: readonly string[] = await storage.getKeys(
      { from, to: HISTORY_ROWS.to },
      { limit: LOAD_BATCH },
    );
    for (const key of keys) last = Math.max(last, seqOfKey(key));
    from = keys.length < LOAD_BATCH ? undefined : `${keys.at(-1)}\u0000`;
  }
  return last;
}

async function nextBlockOf(storage: Storage): Promise<number> {
  let next = 0;
  for (const prefix of BLOCK_PREFIXES)
    for (const key of await storage.getKeys(prefixRange(prefix))) next = Math.max(next, seqOfKey(key) + 1);
  return next;
}
