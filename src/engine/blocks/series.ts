/**
 * A series: one kind of rows of all memories, in blocks that follow one another by ordinal, which is the
 * order of adding. A block is never changed: a change of its rows writes another in its place.
 */

import { isLociError } from '../../errors.ts';
import { COMPACT_BELOW } from '../../limits.ts';
import { partitionPoint } from '../../partition-point.ts';
import type { Row } from '../../storage/storage.ts';
import { Block, type BlockRow, blockBytes, blockChecksum, encodeBlock } from './block.ts';

/** What the manifest knows of a block. */
export interface BlockRef {
  readonly id: number;
  /** The first and the last ordinal in it. */
  readonly first: number;
  readonly last: number;
  readonly rows: number;
  readonly bytes: number;
  /** See `blockChecksum`. */
  readonly sum: number;
}

/** How large a block gets. */
export interface SeriesLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** Rows by ordinal to be written; null takes one away. */
export type Changes = ReadonlyMap<number, Uint8Array | null>;

/** A series as it will be, and what has to be committed for it. */
export interface Rewrite {
  readonly refs: readonly BlockRef[];
  readonly puts: readonly Row[];
  readonly deletes: readonly string[];
  /** Rows that were found broken on the way, and are gone with the block they were in. */
  readonly lost: number;
  /** The blocks they were in. */
  readonly broken: readonly BrokenBlock[];
}

/** A block of which not all rows could be read. */
export interface BrokenBlock {
  readonly ref: BlockRef;
  /** The ordinals of the rows that could. */
  readonly whole: ReadonlySet<number>;
}

/** Reads blocks: undefined in the place of one that is missing or whose table is broken. */
export type ReadBlocks = (
  keys: readonly string[],
  refs: readonly BlockRef[],
) => Promise<readonly (Block | undefined)[]>;

export class Series {
  readonly prefix: string;
  readonly #limits: SeriesLimits;
  #refs: readonly BlockRef[];

  constructor(prefix: string, limits: SeriesLimits, refs: readonly BlockRef[] = []) {
    this.prefix = prefix;
    this.#limits = limits;
    this.#refs = refs;
  }

  get refs(): readonly BlockRef[] {
    return this.#refs;
  }

  get bytes(): number {
    return this.#refs.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get rows(): number {
    return this.#refs.reduce((sum, { rows }) => sum + rows, 0);
  }

  keyOf({ id }: Pick<BlockRef, 'id'>): string {
    return `${this.prefix}${String(id).padStart(10, '0')}`;
  }

  /** The block that would hold a memory's row. */
  find(ordinal: number): BlockRef | undefined {
    const ref = this.#refs[this.#placeOf(ordinal)];
    return ref !== undefined && ordinal >= ref.first && ordinal <= ref.last ? ref : undefined;
  }

  /** Takes over what was committed. */
  replace(refs: readonly BlockRef[]): void {
    this.#refs = refs;
  }

  /** The refs without those of blocks that turned out to be broken. */
  without(broken: ReadonlySet<number>): readonly BlockRef[] {
    return this.#refs.filter(({ id }) => !broken.has(id));
  }

  /** Works out what changes; nothing is changed before `replace`. */
  async rewrite(changes: Changes, read: ReadBlocks, newId: () => number): Promise<Rewrite> {
    const groups = this.#group(changes);
    const places = [...groups.keys()].filter((place) => place >= 0).sort((a, b) => a - b);
    const touched = places.map((place) => this.#refs[place]).filter((ref) => ref !== undefined);
    const blocks = await read(
      touched.map((ref) => this.keyOf(ref)),
      touched,
    );
    const puts: Row[] = [];
    const broken: BrokenBlock[] = [];
    const written = new Map<number, readonly BlockRef[]>();
    let run: BlockRow[] = [];
    places.forEach((place, i) => {
      const old = rowsOf(blocks[i]);
      const ref = touched[i];
      if (ref !== undefined && old.length < ref.rows)
        broken.push({ ref, whole: new Set(old.map(({ ordinal }) => ordinal)) });
      run.push(...merge(old, groups.get(place) ?? new Map()));
      // Blocks that follow one another are written as one, so that small ones join.
      const isEnd = places[i + 1] !== place + 1;
      written.set(place, isEnd ? this.#write(run, newId, puts) : []);
      if (isEnd) run = [];
    });
    const refs = this.#refs.flatMap((ref, place) => written.get(place) ?? [ref]);
    const added = this.#write(merge([], groups.get(-1) ?? new Map()), newId, puts);
    return {
      refs: [...refs, ...added].sort((a, b) => a.first - b.first),
      puts,
      deletes: touched.map((ref) => this.keyOf(ref)),
      lost: broken.reduce((sum, { ref, whole }) => sum + ref.rows - whole.size, 0),
      broken,
    };
  }

  /** Changes by the place of the block they belong to; −1 for rows that begin a new one. */
  #group(changes: Changes): ReadonlyMap<number, ReadonlyMap<number, Uint8Array | null>> {
    const groups = new Map<number, Map<number, Uint8Array | null>>();
    const put = (place: number, ordinal: number, bytes: Uint8Array | null) => {
      const group = groups.get(place) ?? new Map<number, Uint8Array | null>();
      groups.set(place, group.set(ordinal, bytes));
    };
    const end = this.#refs.length - 1;
    for (const [ordinal, bytes] of changes) {
      const place = Math.max(this.#placeOf(ordinal), 0);
      const ref = this.#refs[place];
      const isInside = ref !== undefined && ordinal >= ref.first && ordinal <= ref.last;
      if (bytes === null && !isInside) continue;
      const isNew = ref === undefined || (place === end && ordinal > ref.last && this.#isFull(ref));
      put(isNew ? -1 : place, ordinal, bytes);
    }
    for (const place of [...groups.keys()]) this.#joinNeighbour(place, groups);
    return groups;
  }

  /** A block that has become small is written together with one beside it, where both fit into one with room to spare. */
  #joinNeighbour(place: number, groups: Map<number, Map<number, Uint8Array | null>>): void {
    const own = this.#refs[place];
    const group = groups.get(place);
    if (own === undefined || group === undefined) return;
    const gone = [...group.values()].filter((bytes) => bytes === null).length;
    const { maxRows, maxBytes } = this.#limits;
    const left = own.rows - gone;
    // Rows are about as long as each other: what is left of the bytes is known once they are read.
    const bytes = (own.bytes * left) / own.rows;
    if (gone === 0 || left / maxRows >= COMPACT_BELOW || bytes / maxBytes >= COMPACT_BELOW) return;
    const room = 1 - COMPACT_BELOW;
    const neighbour = [place + 1, place - 1].find((beside) => {
      const ref = this.#refs[beside];
      if (ref === undefined || groups.has(beside)) return false;
      return left + ref.rows <= maxRows * room && bytes + ref.bytes <= maxBytes * room;
    });
    if (neighbour !== undefined) groups.set(neighbour, new Map());
  }

  #isFull({ rows, bytes }: BlockRef): boolean {
    const { maxRows, maxBytes } = this.#limits;
    return rows >= maxRows || bytes >= maxBytes * (1 - COMPACT_BELOW / 2);
  }

  /** Rows in blocks that are not too large. */
  #write(rows: readonly BlockRow[], newId: () => number, puts: Row[]): readonly BlockRef[] {
    const { maxRows, maxBytes } = this.#limits;
    const refs: BlockRef[] = [];
    let part: BlockRow[] = [];
    let bytes = 0;
    const seal = () => {
      if (part.length === 0) return;
      const value = encodeBlock(part);
      const ref = {
        id: newId(),
        first: part[0]?.ordinal ?? 0,
        last: part.at(-1)?.ordinal ?? 0,
        rows: part.length,
        bytes: value.byteLength,
        sum: blockChecksum(value),
      };
      refs.push(ref);
      puts.push({ key: this.keyOf(ref), value });
      part = [];
      bytes = 0;
    };
    for (const row of rows) {
      if (part.length === maxRows || blockBytes(part.length + 1, bytes + row.bytes.byteLength) > maxBytes)
        seal();
      part.push(row);
      bytes += row.bytes.byteLength;
    }
    seal();
    return refs;
  }

  /** The last block that begins at or before an ordinal, or −1. */
  #placeOf(ordinal: number): number {
    const refs = this.#refs;
    return partitionPoint(refs.length, (place) => (refs[place]?.first ?? 0) <= ordinal) - 1;
  }
}

/** The whole rows of a block. */
export function rowsOf(block: Block | undefined): readonly BlockRow[] {
  const rows: BlockRow[] = [];
  for (let i = 0; i < (block?.count ?? 0); i++) {
    const bytes = block?.rowAt(i);
    if (block !== undefined && bytes !== undefined) rows.push({ ordinal: block.ordinalAt(i), bytes });
  }
  return rows;
}

/** A block as the manifest knows it, or undefined where it is missing, broken, or another. */
export function openBlock(bytes: Uint8Array | undefined, { sum }: BlockRef): Block | undefined {
  if (bytes === undefined) return undefined;
  try {
    const block = new Block(bytes);
    return blockChecksum(bytes) === sum ? block : undefined;
  } catch (error) {
    if (isLociError(error) && error.code === 'STORAGE_CORRUPT') return undefined;
    throw error;
  }
}

function merge(rows: readonly BlockRow[], changes: Changes): readonly BlockRow[] {
  const kept = rows.filter(({ ordinal }) => !changes.has(ordinal));
  const added = [...changes].flatMap(([ordinal, bytes]) => (bytes === null ? [] : [{ ordinal, bytes }]));
  return [...kept, ...added].sort((a, b) => a.ordinal - b.ordinal);
}
