/**
 * The folded memories in storage: a series of blocks for records, one for contents and one for the vectors
 * of each space, beside the word index's segments and the graphs' pieces; all of them named by the manifest.
 */

import CRC32 from 'crc-32';
import { BLOCK_BYTES, BLOCK_ROWS, PAGE_BYTES, READ_ATTEMPTS } from '../../limits.ts';
import type { Row, Storage } from '../../storage/storage.ts';
import { packedBytes, unpackVector } from '../../vector/packed-vector.ts';
import type { Block } from './block.ts';
import { ContentPages } from './content-pages.ts';
import { encodeManifest, type Manifest, type StoredSpace } from './manifest.ts';
import { type BlockRef, type BrokenBlock, type Changes, openBlock, rowsOf, Series } from './series.ts';

export const RECORDS = 'record/';
export const CONTENTS = 'content/';
export const WORDS = 'words/';
export const vectorsPrefix = (space: number) => `vector/${space}/`;
export const graphPrefix = (space: number) => `graph/${space}/`;

/** Under which every row is named by the manifest. */
export const BLOCK_PREFIXES = [RECORDS, CONTENTS, WORDS, 'vector/', 'graph/'] as const;

const RECORD_LIMITS = { maxRows: BLOCK_ROWS, maxBytes: BLOCK_BYTES };
const PAGE_LIMITS = { maxRows: 1_024, maxBytes: PAGE_BYTES };

/** Rows to be written by what they are; null takes one away. */
export interface FoldChanges {
  readonly records: Changes;
  readonly contents: Changes;
  /** By space. */
  readonly vectors: ReadonlyMap<string, VectorChanges>;
}

/** The vectors of a space. */
export interface VectorChanges {
  readonly dimensions: number;
  readonly rows: Changes;
}

/** Named bytes that are no block of rows: a word segment, a piece of a graph. */
export interface Pieces {
  readonly prefix: string;
  /** The pieces there shall be, by the id given to them outside; those that are stored already stay. */
  readonly wanted: ReadonlyMap<number, Uint8Array>;
}

/** What is known of a change beside its rows. */
export interface PrepareOptions {
  /** Keys of pieces that have been written already. */
  readonly written?: ReadonlySet<string> | undefined;
  /** Whether the records that go were lost to damage, and are to be counted so. */
  readonly areLost?: boolean | undefined;
  /** Whether there is a memory of an ordinal: the content of one that has lost its record too is no loss more. */
  readonly hasMemory?: ((ordinal: number) => boolean) | undefined;
}

/** A change of the blocks, ready to be committed with whatever belongs to it. */
export interface Prepared {
  readonly puts: readonly Row[];
  readonly deletes: readonly string[];
  /** One of the puts: where it is stored, all of it is. */
  readonly proof: Row | undefined;
  readonly manifest: Manifest;
  /** Blocks of vectors that were found broken on the way, by their space: what was in them is gone. */
  readonly brokenVectors: ReadonlyMap<string, readonly BrokenBlock[]>;
}

export class BlockStore {
  readonly storage: Storage;
  #manifest: Manifest;
  readonly #series = new Map<string, Series>();
  /** Contents at hand. */
  readonly pages = new ContentPages();
  /** Ends when the last change has been taken over, or has failed. */
  #changing: Promise<void> = Promise.resolve();

  constructor(storage: Storage, manifest: Manifest) {
    this.storage = storage;
    this.#manifest = manifest;
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  series(prefix: string): Series {
    const known = this.#series.get(prefix);
    if (known !== undefined) return known;
    const limits = prefix === CONTENTS ? PAGE_LIMITS : RECORD_LIMITS;
    const made = new Series(prefix, limits, this.#manifest.series[prefix] ?? []);
    this.#series.set(prefix, made);
    return made;
  }

  /** The space of a name, where any of its vectors are stored. */
  space(name: string): StoredSpace | undefined {
    return this.#manifest.spaces.find(({ space }) => space === name);
  }

  /** Bytes of a kind, as far as its blocks go. */
  bytesOf(kind: string): number {
    return Object.entries(this.#manifest.series)
      .filter(([prefix]) => prefix.startsWith(kind))
      .reduce((sum, [, refs]) => sum + refs.reduce((total, { bytes }) => total + bytes, 0), 0);
  }

  /** Works out what a change of rows and pieces comes to; nothing is changed before `change`. */
  async prepare(
    changes: FoldChanges,
    pieces: readonly Pieces[],
    patch: Partial<Pick<Manifest, 'foldedSeq' | 'nextOrdinal' | 'lostOperations' | 'reader'>>,
    { written, areLost = false, hasMemory = () => false }: PrepareOptions = {},
  ): Promise<Prepared> {
    const puts: Row[] = [];
    const deletes: string[] = [];
    const { spaces, nextSpace } = this.#spacesWith(changes);
    const series: Record<string, readonly BlockRef[]> = { ...this.#manifest.series };
    let { nextBlock, lost } = this.#manifest;
    const newId = () => nextBlock++;
    const rewrite = async (prefix: string, rows: Changes) => {
      if (rows.size === 0) return { lost: 0, broken: [] };
      const planned = await this.series(prefix).rewrite(rows, (keys, refs) => this.#read(keys, refs), newId);
      puts.push(...planned.puts);
      deletes.push(...planned.deletes);
      series[prefix] = planned.refs;
      return planned;
    };
    const records = await rewrite(RECORDS, changes.records);
    // One that was broken when it was loaded may come out whole now: gone it is all the same.
    const gone = rowsIn(this.#manifest.series[RECORDS]) - rowsIn(series[RECORDS]);
    lost += areLost ? gone : records.lost;
    const contents = await rewrite(CONTENTS, changes.contents);
    const lostContents = new Set(this.#manifest.lostContents);
    for (const ordinal of missingFrom(contents.broken)) if (hasMemory(ordinal)) lostContents.add(ordinal);
    for (const ordinal of changes.contents.keys()) lostContents.delete(ordinal);
    const brokenVectors = new Map<string, readonly BrokenBlock[]>();
    for (const [name, { rows }] of changes.vectors) {
      const space = spaces.find((each) => each.space === name);
      if (space === undefined) continue;
      const { broken } = await rewrite(vectorsPrefix(space.number), rows);
      if (broken.length > 0) brokenVectors.set(name, broken);
    }
    for (const { prefix, wanted } of pieces) {
      const { refs, added, removed } = this.#exchange(prefix, wanted);
      puts.push(...added.filter(({ key }) => written?.has(key) !== true));
      deletes.push(...removed);
      series[prefix] = refs;
    }
    const damage = { lost, lostContents: [...lostContents] };
    const used = this.#withoutUnused(spaces, series);
    deletes.push(...used.deletes);
    const manifest = { ...this.#manifest, ...damage, nextBlock, ...patch, nextSpace, ...used.patch };
    const rows = encodeManifest(manifest);
    return { puts: [...puts, ...rows], deletes, proof: rows[0], manifest, brokenVectors };
  }

  /**
   * Commits a change and takes it over. Whoever misses a block meanwhile waits for the outcome: storage may
   * have let go of the block before anybody here knows.
   */
  async change(prepared: Prepared, commit: () => Promise<unknown>): Promise<void> {
    const changing = commit().then(() => this.#adopt(prepared));
    this.#changing = changing.catch(() => undefined); // the caller has the failure
    await changing;
  }

  #adopt({ manifest }: Prepared): void {
    this.#manifest = manifest;
    for (const [prefix, series] of this.#series) series.replace(manifest.series[prefix] ?? []);
    this.pages.adopt(this.series(CONTENTS).refs);
  }

  /** The pieces of these that are not stored yet. */
  freshPieces(pieces: readonly Pieces[]): readonly Row[] {
    return pieces.flatMap(({ prefix, wanted }) => this.#exchange(prefix, wanted).added);
  }

  /** Takes so many block numbers out of use, and answers the first; the next commit says so in storage. */
  reserve(count: number): number {
    const { nextBlock } = this.#manifest;
    this.#manifest = { ...this.#manifest, nextBlock: nextBlock + count };
    return nextBlock;
  }

  /** The keys of all that the manifest names. */
  keys(manifest: Manifest = this.#manifest): readonly string[] {
    return Object.entries(manifest.series).flatMap(([prefix, refs]) =>
      refs.map((ref) => this.series(prefix).keyOf(ref)),
    );
  }

  /** Takes blocks or pieces that turned out to be broken from the manifest; the next commit says so in storage. */
  forget(prefix: string, ids: ReadonlySet<number>): void {
    if (ids.size === 0) return;
    const refs = this.series(prefix).without(ids);
    this.series(prefix).replace(refs);
    this.#manifest = { ...this.#manifest, series: { ...this.#manifest.series, [prefix]: refs } };
  }

  /** Contents in order; undefined where there is none, or it is broken. */
  async readContents(ordinals: readonly number[]): Promise<readonly (string | undefined)[]> {
    const series = this.series(CONTENTS);
    const contents = ordinals.map((ordinal) => this.pages.contentOf(series, ordinal));
    const missing = ordinals.filter((_, i) => contents[i] === undefined);
    if (missing.length === 0) return contents;
    const read = (await this.#readRows(CONTENTS, missing, this.pages)).values();
    return contents.map((content) => {
      if (content !== undefined) return content;
      const row: Uint8Array | undefined = read.next().value;
      return row && this.pages.decode(row);
    });
  }

  /** Whether a content of these memories would have to be fetched. */
  isAnyAway(ordinals: readonly number[]): boolean {
    const series = this.series(CONTENTS);
    return ordinals.some((ordinal) => {
      const ref = series.find(ordinal);
      return ref !== undefined && !this.pages.has(ref.id);
    });
  }

  /** Brings the pages of memories that are likely to be asked for next into memory. */
  async prefetch(ordinals: readonly number[]): Promise<void> {
    const series = this.series(CONTENTS);
    const refs = new Set(ordinals.map((ordinal) => series.find(ordinal)).filter((ref) => ref !== undefined));
    const missing = [...refs].filter(({ id }) => !this.pages.has(id));
    const blocks = await this.#fetch(series, missing);
    for (const [id, block] of blocks) this.pages.set(id, block, true);
  }

  /** Vectors in order, of memories that are in these spaces; undefined where there is none, or it is broken. */
  async readVectors(
    wanted: readonly { readonly ordinal: number; readonly space: string | undefined }[],
  ): Promise<readonly (Float32Array | undefined)[]> {
    const found = new Map<number, Float32Array>();
    for (const { number, space, dimensions } of this.#manifest.spaces) {
      const own = wanted.filter((each) => each.space === space).map(({ ordinal }) => ordinal);
      if (own.length === 0) continue;
      const rows = await this.#readRows(vectorsPrefix(number), own);
      rows.forEach((row, i) => {
        if (row?.byteLength === packedBytes(dimensions))
          found.set(own[i] ?? -1, unpackVector(row, dimensions));
      });
    }
    return wanted.map(({ ordinal }) => found.get(ordinal));
  }

  /** The rows of a series as they are stored, in order; undefined where there is none, or it is broken. */
  readRows(prefix: string, ordinals: readonly number[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#readRows(prefix, ordinals);
  }

  /** A block that a fold replaced while it was read is looked for once more, and so is one that came out broken. */
  async #readRows(
    prefix: string,
    ordinals: readonly number[],
    cache?: ContentPages,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const series = this.series(prefix);
    const found = new Map<number, Uint8Array>();
    let missing = ordinals;
    for (let attempt = 0; attempt < READ_ATTEMPTS && missing.length > 0; attempt++) {
      const refs = new Set(missing.map((ordinal) => series.find(ordinal)).filter((ref) => ref !== undefined));
      const blocks = await this.#fetch(series, [...refs], attempt === 0 ? cache : undefined);
      missing = missing.filter((ordinal) => {
        const ref = series.find(ordinal);
        const block = ref && blocks.get(ref.id);
        // Not in any block: it is gone, and no second look would find it.
        if (ref === undefined) return false;
        const place = block?.indexOf(ordinal) ?? -1;
        const row = place < 0 ? undefined : block?.rowAt(place);
        if (row !== undefined) found.set(ordinal, row);
        return row === undefined && (block === undefined || place >= 0);
      });
      if (missing.length > 0) await this.#changing;
    }
    return ordinals.map((ordinal) => found.get(ordinal));
  }

  async #fetch(
    series: Series,
    refs: readonly BlockRef[],
    cache?: ContentPages,
  ): Promise<ReadonlyMap<number, Block>> {
    const blocks = new Map<number, Block>();
    for (const { id } of refs) {
      const cached = cache?.get(id);
      if (cached !== undefined) blocks.set(id, cached);
    }
    const missing = refs.filter(({ id }) => !blocks.has(id));
    if (missing.length === 0) return blocks;
    const read = await this.storage.getMany(missing.map((ref) => series.keyOf(ref)));
    missing.forEach((ref, i) => {
      const block = openBlock(read[i], ref);
      if (block === undefined) return;
      blocks.set(ref.id, block);
      cache?.set(ref.id, block, false);
    });
    return blocks;
  }

  /** Blocks for a rewrite: one that comes out broken is read again before it is given up. */
  async #read(keys: readonly string[], refs: readonly BlockRef[]): Promise<readonly (Block | undefined)[]> {
    let blocks: readonly (Block | undefined)[] = refs.map(() => undefined);
    for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      const read = await this.storage.getMany(keys);
      const before = blocks;
      blocks = refs.map((ref, i) => {
        const known = before[i];
        return isWhole(known) ? known : (openBlock(read[i], ref) ?? known);
      });
      if (blocks.every(isWhole)) break;
    }
    return blocks;
  }

  /**
   * The spaces that vectors will be in. One that comes with another number of dimensions takes the place of the one
   * stored: no index takes such vectors before all others are gone.
   */
  #spacesWith({ vectors }: FoldChanges): Pick<Manifest, 'spaces' | 'nextSpace'> {
    const { spaces } = this.#manifest;
    const isNew = ([name, { dimensions, rows }]: readonly [string, VectorChanges]) =>
      rows.size > 0 && this.space(name)?.dimensions !== dimensions;
    const fresh = [...vectors].filter(isNew);
    const kept = spaces.filter(({ space }) => fresh.every(([name]) => name !== space));
    const first = Math.max(this.#manifest.nextSpace, ...spaces.map(({ number }) => number + 1));
    const added = fresh.map(([space, { dimensions }], i) => ({ number: first + i, space, dimensions }));
    return { spaces: [...kept, ...added], nextSpace: first + added.length };
  }

  /** The spaces that have vectors, and the series without those of all others; what that leaves behind goes. */
  #withoutUnused(spaces: readonly StoredSpace[], series: Manifest['series']) {
    const used = spaces.filter(({ number }) => rowsIn(series[vectorsPrefix(number)]) > 0);
    const named = new Set(used.flatMap(({ number }) => [vectorsPrefix(number), graphPrefix(number)]));
    const isUsed = (prefix: string) => !/^(vector|graph)\//.test(prefix) || named.has(prefix);
    const kept = Object.entries(series).filter(([prefix]) => isUsed(prefix));
    const unused = Object.keys(this.#manifest.series).filter((prefix) => !isUsed(prefix));
    const deletes = unused.flatMap((prefix) =>
      this.series(prefix).refs.map((ref) => this.series(prefix).keyOf(ref)),
    );
    return { patch: { spaces: used, series: Object.fromEntries(kept) }, deletes };
  }

  /** Pieces that are not stored yet are written, and those that are no longer wanted go. */
  #exchange(prefix: string, wanted: ReadonlyMap<number, Uint8Array>) {
    const stored = this.#manifest.series[prefix] ?? [];
    const known = new Set(stored.map(({ id }) => id));
    const keyOf = (id: number) => this.series(prefix).keyOf({ id });
    const fresh = [...wanted].filter(([id]) => !known.has(id));
    return {
      refs: [
        ...stored.filter(({ id }) => wanted.has(id)),
        ...fresh.map(([id, bytes]) => pieceRef(id, bytes)),
      ],
      added: fresh.map(([id, value]): Row => ({ key: keyOf(id), value })),
      removed: stored.filter(({ id }) => !wanted.has(id)).map(({ id }) => keyOf(id)),
    };
  }
}

/** The ordinals that may have had a row in what could not be read. */
function* missingFrom(broken: readonly BrokenBlock[]): Generator<number> {
  for (const { ref, whole } of broken)
    for (let ordinal = ref.first; ordinal <= ref.last; ordinal++) if (!whole.has(ordinal)) yield ordinal;
}

function rowsIn(refs: readonly BlockRef[] = []): number {
  return refs.reduce((sum, { rows }) => sum + rows, 0);
}

function isWhole(block: Block | undefined): boolean {
  return block !== undefined && rowsOf(block).length === block.count;
}

function pieceRef(id: number, bytes: Uint8Array): BlockRef {
  return { id, first: 0, last: 0, rows: 0, bytes: bytes.byteLength, sum: CRC32.buf(bytes) >>> 0 };
}

/** Whether bytes are the piece that the manifest knows. */
export function isPiece(
  bytes: Uint8Array | undefined,
  { bytes: length, sum }: BlockRef,
): bytes is Uint8Array {
  return bytes?.byteLength === length && CRC32.buf(bytes) >>> 0 === sum;
}
