/** Writes the documents of several segments into new ones, leaving out those that were removed. */

import { SEGMENT_MAX_BYTES } from '../limits.ts';
import { compareTerms, TermCursor } from './dictionary.ts';
import { PostingList } from './postings.ts';
import { Segment } from './segment.ts';
import { FIELD_COUNT, MAX_COUNT, MEASURED_FIELDS } from './segment-format.ts';
import { SegmentWriter } from './segment-writer.ts';

/** The documents that go into a new segment, by ascending ordinal: of each its source, and its id there. */
interface Members {
  readonly sources: Uint32Array;
  readonly ids: Uint32Array;
}

/** Stands in place of a document's new id where it is left out. */
const LEFT_OUT = 0xffffffff;

/** The segments that hold what is not removed of the given ones: one, or more where one would be too long. */
export function mergeSegments(sources: readonly Segment[]): readonly Segment[] {
  return writeMembers(sources, membersOf(sources));
}

function membersOf(segments: readonly Segment[]): Members {
  const sources = new Uint32Array(segments.reduce((sum, { size }) => sum + size, 0));
  if (segments.length > 1) fillSources(segments, sources);
  // Each segment's documents keep their order, so that the next of a source is the next that is not removed.
  const ids = new Uint32Array(sources.length);
  const next = new Uint32Array(segments.length);
  for (let i = 0; i < ids.length; i += 1) {
    const source = sources[i] as number;
    const segment = segments[source] as Segment;
    let id = next[source] as number;
    while (segment.isDead(id)) id += 1;
    ids[i] = id;
    next[source] = id + 1;
  }
  return { sources, ids };
}

/** Of each document, by ascending ordinal, which segment has it. */
function fillSources(segments: readonly Segment[], sources: Uint32Array): void {
  const keys = new Float64Array(sources.length);
  let count = 0;
  segments.forEach((segment, source) => {
    for (let id = 0; id < segment.documents; id += 1)
      if (!segment.isDead(id)) keys[count++] = (segment.ordinals[id] as number) * segments.length + source;
  });
  keys.sort();
  for (let i = 0; i < keys.length; i += 1) sources[i] = (keys[i] as number) % segments.length;
}

function writeMembers(segments: readonly Segment[], { sources, ids }: Members): readonly Segment[] {
  if (ids.length === 0) return [];
  const merged = new Merge(segments, { sources, ids }).run();
  if (merged.bytes.length <= SEGMENT_MAX_BYTES || ids.length === 1) return [merged];
  const half = ids.length >>> 1;
  const parts = [
    { sources: sources.subarray(0, half), ids: ids.subarray(0, half) },
    { sources: sources.subarray(half), ids: ids.subarray(half) },
  ];
  return parts.flatMap((part) => writeMembers(segments, part));
}

class Merge {
  readonly #sources: readonly Segment[];
  readonly #cursors: readonly TermCursor[];
  /** By source, where the postings begin that are read next. */
  readonly #places: number[] = [];
  /** By source, the new id of each document. */
  readonly #newIds: readonly Uint32Array[];
  readonly #writer: SegmentWriter;
  readonly #read = new PostingList();
  readonly #gathered = new PostingList();
  #count = 0;
  #isSorted = true;

  constructor(segments: readonly Segment[], { sources, ids }: Members) {
    this.#sources = segments;
    this.#cursors = segments.map((segment) => new TermCursor(segment));
    this.#newIds = segments.map(({ documents }) => new Uint32Array(documents).fill(LEFT_OUT));
    this.#gathered.reserve(ids.length);
    const ordinals = new Uint32Array(ids.length);
    const lengths = new Uint16Array(MEASURED_FIELDS * ids.length);
    for (let newId = 0; newId < ids.length; newId += 1) {
      const source = sources[newId] as number;
      const id = ids[newId] as number;
      const { ordinals: sourceOrdinals, fieldLengths } = segments[source] as Segment;
      (this.#newIds[source] as Uint32Array)[id] = newId;
      ordinals[newId] = sourceOrdinals[id] as number;
      for (let field = 0; field < MEASURED_FIELDS; field += 1)
        lengths[field * ids.length + newId] = (fieldLengths[field] as Uint16Array)[id] as number;
    }
    this.#writer = new SegmentWriter(
      (segments[0] as Segment).kind,
      ordinals,
      lengths,
      segments.reduce((sum, { bytes }) => sum + bytes.length, 0),
    );
  }

  run(): Segment {
    // Sources whose cursors are not at their end.
    let open = this.#sources.map((_, source) => source).filter((source) => this.#cursor(source).next());
    while (open.length > 0) {
      const here = this.#leastOf(open);
      this.#writeTerm(here);
      let isAnyAtEnd = false;
      for (const source of here) if (!this.#cursor(source).next()) isAnyAtEnd = true;
      if (isAnyAtEnd) open = open.filter((source) => !this.#cursor(source).isAtEnd);
    }
    return new Segment(this.#writer.finish());
  }

  /** The sources that stand at the first of all terms. */
  #leastOf(open: readonly number[]): readonly number[] {
    if (open.length === 1) return open;
    let here: number[] = [];
    for (const source of open) {
      const order = here.length === 0 ? -1 : compare(this.#cursor(source), this.#cursor(here[0] as number));
      if (order < 0) here = [source];
      else if (order === 0) here.push(source);
    }
    return here;
  }

  /** Joins the lists of a term field by field; a term that only removed documents had is not written. */
  #writeTerm(here: readonly number[]): void {
    for (const source of here) this.#places[source] = this.#cursor(source).entry.postings;
    let isHad = false;
    for (let field = 0; field < FIELD_COUNT; field += 1) {
      this.#count = 0;
      this.#isSorted = true;
      for (const source of here) this.#gather(source, field);
      if (this.#count === 0) continue;
      if (!this.#isSorted) sortPostings(this.#gathered, this.#count);
      this.#writer.addPostings(field, this.#gathered.ids, this.#gathered.frequencies, 0, this.#count);
      isHad = true;
    }
    const { term, length } = this.#cursor(here[0] as number);
    if (isHad) this.#writer.addTerm(term, 0, length);
  }

  /** Adds a source's postings of a field under their new ids. */
  #gather(source: number, field: number): void {
    const count = this.#cursor(source).entry.counts[field] as number;
    if (count === 0) return;
    const segment = this.#sources[source] as Segment;
    this.#places[source] = segment.read(field, this.#places[source] as number, count, this.#read);
    const newIds = this.#newIds[source] as Uint32Array;
    const read = this.#read;
    const { ids, frequencies } = this.#gathered;
    let gathered = this.#count;
    let last = gathered === 0 ? -1 : (ids[gathered - 1] as number);
    for (let i = 0; i < count; i += 1) {
      const id = newIds[read.ids[i] as number] as number;
      if (id === LEFT_OUT) continue;
      if (id < last) this.#isSorted = false;
      last = id;
      ids[gathered] = id;
      frequencies[gathered] = read.frequencies[i] as number;
      gathered += 1;
    }
    this.#count = gathered;
  }

  #cursor(source: number): TermCursor {
    return this.#cursors[source] as TermCursor;
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
