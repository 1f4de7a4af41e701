/**
 * Which memories others took the place of: links that newer memories hold (`supersedes`, `contradicts`), and
 * facts by subject and predicate. Derived from the records, made when it is first asked for, kept up by each
 * operation; nothing of it is stored.
 */

import crc32 from 'crc-32';
import { isExpired } from '../memory/expiry.ts';
import {
  beginOf,
  hasBegun,
  hasEnded,
  type Moment,
  normalizeName,
  type Times,
  type ValidityMark,
} from '../memory/fact.ts';
import type { MemoryState } from '../memory/operation.ts';
import type { MemoryRecord } from '../memory/record.ts';
import { partitionPoint } from '../partition-point.ts';
import { CountColumn } from './table/columns.ts';
import type { MemoryTable } from './table/memory-table.ts';

/** That a memory takes the place of another one. */
export interface Link {
  readonly by: number;
  readonly state: 'superseded' | 'contradicted';
}

/** What of a record this is made of, beside its times. */
type Fact = Partial<Pick<MemoryRecord, 'subject' | 'predicate' | 'supersedes' | 'contradicts'>>;

/** The fields it is made of; while none of them changes, neither does it. */
const FIELDS = ['subject', 'predicate', 'createdAt', 'validFrom', 'supersedes', 'contradicts'] as const;

/** Later facts of a pair looked at, at most: those that have ended or not begun are passed over. */
const MAX_LATER = 16;

/** Normal forms of names kept, at most. */
const MAX_NAMES = 4_096;

const CURRENT: ValidityMark = { state: 'current' };
const FUTURE: ValidityMark = { state: 'future' };
const ENDED: ValidityMark = { state: 'ended' };

export class Facts {
  readonly #table: MemoryTable;
  #isMade = false;
  /** The memories that took the place of one, by its ordinal; */
  readonly #links = new Map<number, Link[]>();
  /** of memories that are not there, by id: they may come yet. */
  readonly #waiting = new Map<string, Link[]>();
  /** Facts by the hash of subject and predicate, each list by when they begin; most pairs have but one. */
  readonly #pairs = new Map<number, number | number[]>();
  /** That hash by ordinal, 0 where there is none; it takes no memory until there is a pair. */
  readonly #keys = new CountColumn();
  /** The normal forms of names: thousands of facts share a few. */
  readonly #names = new Map<string, string>();

  constructor(table: MemoryTable) {
    this.#table = table;
  }

  /**
   * What a memory is at a moment, in constant time: not begun, replaced, ended or current, the first that holds.
   * A memory replaces another from when it begins itself, until it is past its end of life, swept or not.
   */
  validityOf(ordinal: number, moment: Moment): ValidityMark {
    const table = this.#table;
    if (!this.#isMade) this.#make();
    if (table.reach('validFrom') === 0 && !moment.isNamed && !this.#isUsed) return CURRENT;
    const times = table.times(ordinal);
    if (!hasBegun(times, moment)) return FUTURE;
    const linked = this.#linkOf(ordinal, moment);
    if (linked?.state === 'superseded') return linked;
    const later = linked ?? this.#laterThan(ordinal, moment);
    if (later !== undefined) return later;
    return hasEnded(times, moment) ? ENDED : CURRENT;
  }

  /** The memories that say of one that they took its place or contradict it. */
  replacing(ordinal: number): readonly Link[] {
    if (!this.#isMade) this.#make();
    return this.#links.get(ordinal) ?? [];
  }

  /** Whether a memory says that it took the place of one of this id, or contradicts it, and there is none. */
  isAwaited(id: string): boolean {
    if (!this.#isMade) this.#make();
    return this.#waiting.has(id);
  }

  /** To be told of every change, once the table has it. */
  changed(before: MemoryState | undefined, after: MemoryState | undefined): void {
    if (!this.#isMade) return;
    const [was, is] = [before?.record, after?.record];
    if (was !== undefined && is !== undefined && FIELDS.every((field) => was[field] === is[field])) return;
    if (before !== undefined && was !== undefined) this.#remove(before.ordinal, was);
    if (before !== undefined && after === undefined) this.#unlink(before.ordinal, before.record.id);
    if (after !== undefined && is !== undefined) {
      if (before === undefined) this.#claim(after.ordinal, after.record.id);
      this.#add(after.ordinal, is);
    }
  }

  /** Whether any memory is linked, paired or ended. */
  get #isUsed(): boolean {
    return this.#links.size + this.#pairs.size + this.#table.reach('invalidAt') > 0;
  }

  #make(): void {
    this.#isMade = true;
    const table = this.#table;
    const end = Math.max(table.reach('subject'), table.reach('supersedes'), table.reach('contradicts'));
    for (let ordinal = 0; ordinal < end; ordinal++) {
      const isFact =
        table.field(ordinal, 'subject') !== undefined ||
        table.field(ordinal, 'supersedes') !== undefined ||
        table.field(ordinal, 'contradicts') !== undefined;
      if (isFact) this.#add(ordinal, this.#factAt(ordinal));
    }
  }

  #factAt(ordinal: number): Fact {
    const table = this.#table;
    return {
      subject: table.field(ordinal, 'subject') as string | undefined,
      predicate: table.field(ordinal, 'predicate') as string | undefined,
      supersedes: table.field(ordinal, 'supersedes') as readonly string[] | undefined,
      contradicts: table.field(ordinal, 'contradicts') as readonly string[] | undefined,
    };
  }

  #beginOf(ordinal: number): number {
    return beginOf(this.#table.times(ordinal));
  }

  #add(ordinal: number, fact: Fact): void {
    for (const [id, link] of linksOf(ordinal, fact)) {
      const replaced = this.#table.ordinalOf(id);
      if (replaced === undefined) append(this.#waiting, id, link);
      else if (replaced !== ordinal) append(this.#links, replaced, link);
    }
    const key = this.#keyOf(fact);
    if (key === 0) return;
    this.#keys.set(ordinal, key);
    const others = this.#pairs.get(key);
    if (others === undefined) this.#pairs.set(key, ordinal);
    else if (typeof others === 'number')
      // An array made by growing has room for many more.
      this.#pairs.set(key, this.#isAfter(others, ordinal) ? [ordinal, others] : [others, ordinal]);
    else others.splice(this.#placeOf(others, ordinal), 0, ordinal);
  }

  #remove(ordinal: number, fact: Fact & Times): void {
    for (const [id] of linksOf(ordinal, fact)) {
      const replaced = this.#table.ordinalOf(id);
      if (replaced !== undefined) drop(this.#links, replaced, ordinal);
      drop(this.#waiting, id, ordinal);
    }
    const key = this.#keys.get(ordinal);
    const others = this.#pairs.get(key);
    if (others === undefined) return;
    this.#keys.clear(ordinal);
    if (typeof others === 'number') {
      if (others === ordinal) this.#pairs.delete(key);
      return;
    }
    const at = this.#indexIn(others, ordinal, beginOf(fact));
    if (at >= 0) others.splice(at, 1);
    if (others.length === 0) this.#pairs.delete(key);
  }

  /** A memory is gone: what replaced it waits, should one of its id come again. */
  #unlink(ordinal: number, id: string): void {
    const links = this.#links.get(ordinal);
    if (links === undefined) return;
    this.#links.delete(ordinal);
    this.#waiting.set(id, links);
  }

  /** A memory has come that others replace already. */
  #claim(ordinal: number, id: string): void {
    const links = this.#waiting.get(id);
    if (links === undefined) return;
    this.#waiting.delete(id);
    this.#links.set(ordinal, links);
  }

  /** The memory that took its place at a moment: of several the latest, and one that supersedes before one that contradicts. */
  #linkOf(ordinal: number, moment: Moment): ValidityMark | undefined {
    let best: Link | undefined;
    for (const link of this.#links.get(ordinal) ?? []) {
      const isWeaker = best?.state === 'superseded' && link.state === 'contradicted';
      if (isWeaker || !hasBegun(this.#table.times(link.by), moment) || this.#isGone(link.by, moment))
        continue;
      const isStronger = best?.state === 'contradicted' && link.state === 'superseded';
      if (best === undefined || isStronger || this.#isAfter(link.by, best.by)) best = link;
    }
    return best;
  }

  /** The last fact of the same subject and predicate that holds at a moment, where it is a later one and says something else. */
  #laterThan(ordinal: number, moment: Moment): ValidityMark | undefined {
    const list = this.#pairs.get(this.#keys.get(ordinal));
    if (list === undefined || typeof list === 'number') return undefined;
    const end = moment.isNamed ? this.#begunAt(list, moment.at) : list.length;
    for (let i = end - 1; i >= Math.max(0, end - MAX_LATER); i--) {
      const other = list[i];
      if (other === undefined || other === ordinal) return undefined;
      const times = this.#table.times(other);
      const holds = hasBegun(times, moment) && !hasEnded(times, moment) && !this.#isGone(other, moment);
      // Two pairs can have one hash.
      if (!holds || !this.#isSamePair(ordinal, other)) continue;
      return this.#table.saysTheSame(ordinal, other) ? undefined : { state: 'contradicted', by: other };
    }
    return undefined;
  }

  /** Whether a memory must not be seen any more: whatever moment is asked about, from its end of life on. */
  #isGone(ordinal: number, { at, now }: Moment): boolean {
    return isExpired(this.#table.lifetime(ordinal), Math.max(at, now));
  }

  /** How many of a list have begun by a time. */
  #begunAt(list: readonly number[], at: number): number {
    return partitionPoint(list.length, (place) => this.#beginOf(list[place] ?? 0) <= at);
  }

  /** Where in a list a fact belongs, by when it begins and then by when it was added. */
  #placeOf(list: readonly number[], ordinal: number): number {
    let at = this.#begunAt(list, this.#beginOf(ordinal));
    while (at > 0 && this.#isAfter(list[at - 1] ?? 0, ordinal)) at -= 1;
    return at;
  }

  /** Where in a list a fact stands that began at a time, whenever it begins now; −1 where it is not in it. */
  #indexIn(list: readonly number[], ordinal: number, begin: number): number {
    const place = partitionPoint(list.length, (at) => {
      const other = list[at] ?? 0;
      // Its own begin may be another by now: of itself only the place is asked.
      const difference = other === ordinal ? 0 : this.#beginOf(other) - begin;
      return difference < 0 || (difference === 0 && other < ordinal);
    });
    return list[place] === ordinal ? place : -1;
  }

  #isAfter(ordinal: number, other: number): boolean {
    const difference = this.#beginOf(ordinal) - this.#beginOf(other);
    return difference > 0 || (difference === 0 && ordinal > other);
  }

  /** The hash of a fact's subject and predicate; 0 where it has not both. */
  #keyOf({ subject, predicate }: Fact): number {
    if (subject === undefined || predicate === undefined) return 0;
    return crc32.str(`${this.#name(subject)}\u0000${this.#name(predicate)}`) >>> 0 || 1;
  }

  #isSamePair(ordinal: number, other: number): boolean {
    return this.#isSameName(ordinal, other, 'subject') && this.#isSameName(ordinal, other, 'predicate');
  }

  #isSameName(ordinal: number, other: number, field: 'subject' | 'predicate'): boolean {
    const one = this.#table.field(ordinal, field);
    const two = this.#table.field(other, field);
    return one === two || this.#name(String(one)) === this.#name(String(two));
  }

  #name(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_NAMES) this.#names.clear();
    const normal = normalizeName(name);
    this.#names.set(name, normal);
    return normal;
  }
}

function linksOf(by: number, { supersedes, contradicts }: Fact): readonly (readonly [string, Link])[] {
  return [
    ...(supersedes ?? []).map((id) => [id, { by, state: 'superseded' }] as const),
    ...(contradicts ?? []).map((id) => [id, { by, state: 'contradicted' }] as const),
  ];
}

function append<K>(lists: Map<K, Link[]>, key: K, link: Link): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [link]);
  else list.push(link);
}

function drop<K>(lists: Map<K, Link[]>, key: K, by: number): void {
  const left = lists.get(key)?.filter((link) => link.by !== by) ?? [];
  if (left.length === 0) lists.delete(key);
  else lists.set(key, left);
}
