/**
 * Word match: BM25+ over content, speaker, tags and time, in sealed segments that are searched as they are stored.
 * docs/text-index.md says how it works.
 */

import { LociError } from '../errors.ts';
import type { Bitset } from '../vector/bitset.ts';
import { mergeSmall, purge } from './compaction.ts';
import type { TermImpacts } from './impact-table.ts';
import type { TextLanguage } from './language.ts';
import type { LexicalDocument, LexicalMatch, LexicalOptions } from './lexical-types.ts';
import { type Located, locate, type Searched } from './located.ts';
import type { NearTerm } from './near-terms.ts';
import { type Phrase, readPhrase } from './phrase.ts';
import { queryTerms } from './query.ts';
import { Searcher } from './searcher.ts';
import { Segment } from './segment.ts';
import { openSegment } from './segment-check.ts';
import { corruptSegment } from './segment-format.ts';
import { within } from './span.ts';
import { Analyser } from './terms.ts';
import { TimeWords } from './time-words.ts';
import { WriteBuffer } from './write-buffer.ts';

export type { TermImpacts } from './impact-table.ts';
export type { LexicalDocument, LexicalMatch, LexicalOptions } from './lexical-types.ts';

/** Characters whose words wait to be indexed, at most: the next search indexes them first, some 100 ms of sentences. */
const MAX_WAITING_CHARS = 250_000;
/** What a memory costs beside its characters, in characters. */
const MEMORY_CHARS = 64;

/** What a segment takes besides its bytes: objects that lie over them. */
const SEGMENT_OBJECT_BYTES = 1_024;

/** A query with where its terms stand, as long as nothing changes. */
interface LocatedQuery {
  readonly query: string;
  readonly isExact: boolean;
  readonly searched: Searched;
  readonly located: Located;
}

/**
 * An index of words by ordinal.
 *
 * @example
 * const index = new LexicalIndex();
 * index.set(0, { content: 'Ana lives in Lisbon', tags: [] });
 * index.search('living in Lisbon', 10); // [{ ordinal: 0, score: …, terms: ['living', 'lisbon'] }]
 * index.seal();
 * for (const [id, bytes] of index.segments) store(id, bytes);
 */
export class LexicalIndex {
  /** What was set and is not indexed yet: a write is answered before its words are cut. */
  readonly #waiting = new Map<number, LexicalDocument>();
  #waitingChars = 0;
  readonly #analyser: Analyser;
  readonly #times: TimeWords;
  #buffer: WriteBuffer;
  /** Segments that {@link segments} has. */
  readonly #sealed = new Map<number, Segment>();
  readonly #bytes = new Map<number, Uint8Array>();
  /** Segments that the next {@link seal} makes known: a buffer grown too long to be looked through. */
  #unsealed: readonly Segment[] = [];
  readonly #searcher = new Searcher();
  readonly #near = new Map<string, readonly NearTerm[]>();
  #located: LocatedQuery | undefined;
  #nextId = 1;

  /** @param language of the texts: its stop words are left out, its endings cut off. Default: English. */
  constructor(language?: TextLanguage) {
    this.#analyser = new Analyser(language);
    this.#times = new TimeWords(this.#analyser.language.code);
    this.#buffer = new WriteBuffer(this.#analyser);
  }

  /** Sealed segments by id: immutable bytes, at most 1 MB unless one memory alone has more. An id is never used twice. */
  get segments(): ReadonlyMap<number, Uint8Array> {
    return this.#bytes;
  }

  /** Memories in the index. */
  get size(): number {
    return this.#all().reduce((sum, { size }) => sum + size, this.#buffer.size + this.#waiting.size);
  }

  /** Bytes held, those of the buffer's words estimated. */
  get memoryBytes(): number {
    this.indexWaiting();
    const segments = this.#all().reduce(
      (sum, { memoryBytes }) => sum + memoryBytes + SEGMENT_OBJECT_BYTES,
      0,
    );
    return segments + this.#buffer.memoryBytes + this.#searcher.memoryBytes;
  }

  has(ordinal: number): boolean {
    return (
      this.#waiting.has(ordinal) ||
      this.#buffer.has(ordinal) ||
      this.#all().some((segment) => segment.has(ordinal))
    );
  }

  /** The ordinals it holds, in no order. */
  *ordinals(): IterableIterator<number> {
    for (const segment of this.#all()) yield* segment.liveOrdinals();
    yield* this.#buffer.liveOrdinals();
    yield* this.#waiting.keys();
  }

  /**
   * Adds a memory's words, or replaces them. They are found from now on; they are indexed by the next call that
   * needs them, or by {@link indexWaiting} before that.
   */
  set(ordinal: number, document: LexicalDocument): void {
    if (!(Number.isInteger(ordinal) && ordinal >= 0 && ordinal < 2 ** 32))
      throw new LociError('INVALID_INPUT', `${ordinal} is no ordinal`, {
        hint: 'Give a whole number from 0.',
      });
    this.remove(ordinal);
    this.#waiting.set(ordinal, document);
    this.#waitingChars += charsOf(document);
    if (this.#waitingChars > MAX_WAITING_CHARS) this.indexWaiting();
  }

  /**
   * Indexes words that wait, those of about so many characters; true while others wait.
   *
   * @param chars default: all.
   */
  indexWaiting(chars = Number.POSITIVE_INFINITY): boolean {
    let left = chars;
    for (const [ordinal, document] of this.#waiting) {
      if (left <= 0) return true;
      left -= charsOf(document);
      this.#stopWaiting(ordinal);
      this.#located = undefined;
      this.#buffer.add(ordinal, document);
      if (this.#buffer.isFull) {
        this.#emptyBuffer();
        this.#unsealed = mergeSmall(this.#unsealed);
      }
    }
    return false;
  }

  /** Removes a memory's words, if it has any: it is not found any more, and {@link seal} takes them out of the bytes. */
  remove(ordinal: number): void {
    this.#located = undefined;
    this.#near.clear();
    if (this.#stopWaiting(ordinal) || this.#buffer.remove(ordinal)) return;
    for (const segment of this.#all()) if (segment.remove(ordinal)) return;
  }

  /** Whether it waited. */
  #stopWaiting(ordinal: number): boolean {
    const document = this.#waiting.get(ordinal);
    if (document === undefined) return false;
    this.#waitingChars -= charsOf(document);
    return this.#waiting.delete(ordinal);
  }

  /**
   * The best matches, best first; equal scores by ascending ordinal. Scores do not depend on how memories are
   * spread over segments. A word that no memory has stands for the nearest that some have: of which it is the
   * beginning, or which differ by a letter, long ones by two.
   *
   * @param filter the ordinals that may be found; how rare a word is, is counted over all memories.
   */
  search(
    query: string,
    limit: number,
    filter?: Bitset,
    options: LexicalOptions = {},
  ): readonly LexicalMatch[] {
    this.indexWaiting();
    const { searched, located } = this.#locate(query, options);
    if (located.terms.length === 0 || searched.size === 0 || !(limit >= 1)) return [];
    const { best, terms } = this.#searcher.search(searched, located, Math.floor(limit), filter?.words);
    return best.sorted().map(({ ordinal, score, terms: found }) => ({
      ordinal,
      score,
      terms: [...new Set(terms.filter((_, term) => hasTerm(found, term)).map(({ word }) => word))],
    }));
  }

  /** Where the terms of a query stand. The last query's is kept: a search asks for more than one thing of it. */
  #locate(query: string, { isExact = false }: LexicalOptions): LocatedQuery {
    const last = this.#located;
    if (last?.query === query && last.isExact === isExact) return last;
    const searched: Searched = {
      segments: this.#all(),
      buffer: this.#buffer,
      size: this.size,
      near: this.#near,
    };
    const located = locate(searched, queryTerms(query, this.#analyser, this.#times), isExact);
    this.#located = { query, isExact, searched, located };
    return this.#located;
  }

  /**
   * What each word of a query adds to the score of each of these memories: for whoever weighs them by more than
   * the sum. It takes about as long as a search that is filtered to them.
   *
   * @param ordinals ascending.
   */
  impacts(query: string, ordinals: Uint32Array, options: LexicalOptions = {}): TermImpacts {
    this.indexWaiting();
    const { searched, located } = this.#locate(query, options);
    return this.#searcher.impacts(searched, located, ordinals);
  }

  /** The words of a text, in order, as they are cut to be indexed. */
  wordsOf(text: string): readonly string[] {
    return this.#analyser.wordsOf(text);
  }

  /** Whether a word, in lower case, is only grammar. */
  isStopWord(word: string): boolean {
    return this.#analyser.isStopWord(word);
  }

  /** A query read for `phraseShare`, which says how much of it stands in a content as it is written. */
  phraseOf(query: string): Phrase {
    return readPhrase(query, this.#analyser);
  }

  /**
   * Which of these memories ask something anywhere in their text, and which end with a question: 1 or 0 for each.
   *
   * @param ordinals ascending.
   */
  questions(ordinals: Uint32Array): { readonly asks: Uint8Array; readonly ends: Uint8Array } {
    this.indexWaiting();
    const marks = new Uint8Array(ordinals.length);
    // A loop: `from` takes ten times as long.
    for (let i = 0; i < marks.length; i += 1) marks[i] = this.#buffer.marksOf(ordinals[i] as number);
    for (const segment of this.#all()) {
      const { from, to } = within(ordinals, segment.span);
      for (let i = from; i < to; i += 1) {
        const place = segment.placeOf(ordinals[i] as number);
        if (place >= 0) marks[i] = segment.marks[place] as number;
      }
    }
    return { asks: marks.map((each) => each & 1), ends: marks.map((each) => (each >> 1) & 1) };
  }

  /**
   * Moves the buffer into sealed segments, writes those anew that hold removed or replaced memories, of which
   * nothing remains in any segment, and merges small ones. Memory only: the caller stores {@link segments}.
   */
  seal(): void {
    this.indexWaiting();
    this.#located = undefined;
    this.#emptyBuffer();
    const kept = new Set(purge(mergeSmall(this.#all())));
    this.#unsealed = [];
    for (const [id, segment] of this.#sealed) {
      if (kept.delete(segment)) continue;
      this.#sealed.delete(id);
      this.#bytes.delete(id);
    }
    for (const segment of kept) this.#keep(this.#nextId, segment);
  }

  /**
   * Takes over a stored segment, whose bytes must not change any more.
   *
   * @param isKnown whether the bytes are known by a checksum to be what was written. Default false: all of them are checked.
   *
   * @throws LociError `STORAGE_CORRUPT` with the part in `details.part`: 'version', 'text version' or 'language' where the
   * words were made otherwise than they are now, 'ordinals' where the index holds one of the memories already; `NEWER_FORMAT`.
   * Nothing of the segment is then in the index.
   */
  load(id: number, bytes: Uint8Array, isKnown = false): void {
    if (!(Number.isSafeInteger(id) && id >= 0) || this.#sealed.has(id))
      throw new LociError('INVALID_INPUT', `${id} is no id for a segment, or there is one of it`, {
        hint: 'Load each segment once, with the id that it had.',
      });
    this.indexWaiting();
    const segment = openSegment(bytes, this.#analyser.kind, isKnown);
    for (const other of this.#all()) checkDisjoint(segment, other);
    for (const ordinal of this.#buffer.liveOrdinals())
      if (segment.has(ordinal)) throw corruptSegment('ordinals', { ordinal });
    this.#keep(id, segment);
  }

  #keep(id: number, segment: Segment): void {
    this.#near.clear();
    this.#located = undefined;
    this.#sealed.set(id, segment);
    this.#bytes.set(id, segment.bytes);
    this.#nextId = Math.max(this.#nextId, id + 1);
  }

  /** Makes a segment of the buffer. */
  #emptyBuffer(): void {
    const bytes = this.#buffer.toSegment();
    if (bytes !== undefined) this.#unsealed = [...this.#unsealed, new Segment(bytes)];
    this.#buffer = new WriteBuffer(this.#analyser);
  }

  #all(): readonly Segment[] {
    return [...this.#sealed.values(), ...this.#unsealed];
  }
}

function hasTerm(found: readonly number[], term: number): boolean {
  return (((found[term >>> 5] as number) >>> (term & 31)) & 1) === 1;
}

/** Two segments must not hold the same memory: walks over the ordinals of both, which are ascending. */
function checkDisjoint(segment: Segment, other: Segment): void {
  const a = segment.ordinals;
  const b = other.ordinals;
  if ((a[a.length - 1] as number) < (b[0] as number) || (b[b.length - 1] as number) < (a[0] as number))
    return;
  let j = 0;
  for (let i = 0; i < a.length && j < b.length; i += 1) {
    const ordinal = a[i] as number;
    while (j < b.length && (b[j] as number) < ordinal) j += 1;
    if (b[j] === ordinal && !other.isDead(j)) throw corruptSegment('ordinals', { ordinal });
  }
}

function charsOf({ content }: LexicalDocument): number {
  return MEMORY_CHARS + content.length;
}
