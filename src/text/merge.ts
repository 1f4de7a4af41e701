/** Writes the documents of several segments into new ones, leaving out those that were removed. */

import { SEGMENT_MAX_BYTES } from '../limits.ts';
import { compareTerms, TermCursor } from './dictionary.ts';
import { PostingList } from './postings.ts';
import { Segment } from './segment.ts';
import { FIELD_COUNT, MAX_COUNT } from './segment-format.ts';
import { SegmentWriter } from './segment-writer.ts';

/** A document that goes into the new segment. */
interface Member {
  readonly source: number;
  readonly id: number;
  readonly ordinal: number;
}

/** Stands in place of a document's new id where it is left out. */
const LEFT_OUT = 0xffffffff;

/** The segments that hold what is not removed of the given ones: one, or more where one would be too long. */
export function mergeSegments(sources: readonly Segment[]): readonly Segment[] {
  const members = sources.flatMap((segment, source) => membersOf(segment, source));
  members.sort((a, b) => a.ordinal - b.ordinal);
  return writeMembers(sources, members);
}

function membersOf(segment: Segment, source: number): Member[] {
  const members: Member[] = [];
  for (let id = 0; id < segment.documents; id += 1)
    if (!segment.isDead(id)) members.push({ source, id, ordinal: segment.ordinals[id] as number });
  return members;
}

function writeMembers(sources: readonly Segment[], members: readonly Member[]): readonly Segment[] {
  if (members.length === 0) return [];
  const merged = new Merge(sources, members).run();
  if (merged.bytes.length <= SEGMENT_MAX_BYTES || members.length === 1) return [merged];
  const half = members.length >>> 1;
  return [members.slice(0, half), members.slice(half)].flatMap((part) => writeMembers(sources, part));
}

class Merge {
  readonly #sources: readonly Segment[];
  readonly #cursors: readonly TermCursor[];
  /** By source, the new id of each document. */
  readonly #newIds: readonly Uint32Array[];
  readonly #writer: SegmentWriter;
  readonly #read = new PostingList();
  readonly #gathered = new PostingList();
  #count = 0;
  #isSorted = true;

  constructor(sources: readonly Segment[], members: readonly Member[]) {
    this.#sources = sources;
    this.#cursors = sources.map((segment) => new TermCursor(segment));
    this.#newIds = sources.map(({ documents }) => new Uint32Array(documents).fill(LEFT_OUT));
    this.#gathered.reserve(members.length);
    const ordinals = new Uint32Array(members.length);
    const lengths = new Uint16Array(FIELD_COUNT * members.length);
    members.forEach(({ source, id, ordinal }, newId) => {
      const segment = sources[source] as Segment;
      (this.#newIds[source] as Uint32Array)[id] = newId;
      ordinals[newId] = ordinal;
      for (let field = 0; field < FIELD_COUNT; field += 1)
        lengths[field * members.length + newId] = (segment.fieldLengths[field] as Uint16Array)[id] as number;
    });
    this.#writer = new SegmentWriter(ordinals, lengths);
  }

  run(): Segment {
    // The cursors that are not at their end, by the order of their sources.
    let open = this.#cursors
      .map((cursor, source) => ({ cursor, source }))
      .filter(({ cursor }) => cursor.next());
    while (open.length > 0) {
      const least = open.reduce((a, b) => (compare(a.cursor, b.cursor) <= 0 ? a : b)).cursor;
      const here = open.filter(({ cursor }) => cursor === least || compare(cursor, least) === 0);
      this.#writeTerm(least, here);
      const ended = here.filter(({ cursor }) => !cursor.next());
      if (ended.length > 0) open = open.filter((each) => !ended.includes(each));
    }
    return new Segment(this.#writer.finish());
  }

  /** Joins the lists of a term field by field; a term that only removed documents had is not written. */
  #writeTerm(least: TermCursor, here: readonly { cursor: TermCursor; source: number }[]): void {
    const places = here.map(({ cursor }) => cursor.entry.postings);
    let total = 0;
    for (let field = 0; field < FIELD_COUNT; field += 1) {
      this.#count = 0;
      this.#isSorted = true;
      here.forEach(({ cursor, source }, i) => {
        places[i] = this.#gather(source, places[i] as number, cursor.entry.counts[field] as number);
      });
      if (this.#count === 0) continue;
      if (!this.#isSorted) sortPostings(this.#gathered, this.#count);
      this.#writer.addPostings(field, this.#gathered.ids, this.#gathered.frequencies, 0, this.#count);
      total += this.#count;
    }
    if (total > 0) this.#writer.addTerm(least.term, 0, least.length);
  }

  /** Adds a list's postings under their new ids; returns where it ends. */
  #gather(source: number, at: number, count: number): number {
    if (count === 0) return at;
    const end = (this.#sources[source] as Segment).read(at, count, this.#read);
    const newIds = this.#newIds[source] as Uint32Array;
    const { ids, frequencies } = this.#gathered;
    let last = this.#count === 0 ? -1 : (ids[this.#count - 1] as number);
    for (let i = 0; i < count; i += 1) {
      const id = newIds[this.#read.ids[i] as number] as number;
      if (id === LEFT_OUT) continue;
      if (id < last) this.#isSorted = false;
      last = id;
      ids[this.#count] = id;
      frequencies[this.#count] = this.#read.frequencies[i] as number;
      this.#count += 1;
    }
    return end;
  }
}

/** Sorts by id: the sources' documents lie in between each other. */
function sortPostings({ ids, frequencies }: PostingList, count: number): void {
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i += 1)
    keys[i] = (ids[i] as number) * (MAX_COUNT + 1) + (frequencies[i] as number);
  keys.sort();
  for (let i = 0; i < count; i += 1) {
    const key = keys[i] as number;
    ids[i] = Math.floor(key / (MAX_COUNT + 1));
    frequencies[i] = key % (MAX_COUNT + 1);
  }
}

function compare(a: TermCursor, b: TermCursor): number {
  return compareTerms(a.term, 0, a.length, b.term, 0, b.length);
}
