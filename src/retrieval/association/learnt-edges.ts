/** Edges that use has taught: sparse, at most 16 a memory, each with a strength that grows, saturates and fades. */

import type { EdgeSource, EdgeVisitor } from './edges.ts';
import {
  LEARNT_FLOOR,
  LEARNT_HALF_LIFE_MS,
  LEARNT_PRUNE_SHARE,
  MAX_LEARNT_DEGREE,
  MAX_LEARNT_EDGES,
} from './weights.ts';

/** Memories a page of heads, and a stored page. */
export const LEARNT_PAGE = 128;

/** An edge as it is stored: `low` is the smaller ordinal. */
export interface StoredEdge {
  readonly low: number;
  readonly high: number;
  /** At the time when it was last strengthened, above 0 and up to 1. */
  readonly strength: number;
  /** That time, ms since the epoch. */
  readonly at: number;
}

export interface LearntLimits {
  readonly maxDegree?: number | undefined;
  readonly maxEdges?: number | undefined;
  readonly halfLifeMs?: number | undefined;
}

/** Edges there is room for at first. */
const FIRST_EDGES = 64;
/** Numbers of an edge: both ends, and the next edge of each; edges count from 1, so that 0 is none. */
const FIELDS = 4;
const LOW = 0;
const HIGH = 1;
const NEXT_OF_LOW = 2;
const NEXT_OF_HIGH = 3;

/**
 * Strengthening moves a strength towards 1 by a share of what is missing, s ← s + r (1 − s): Hebb's rule with a soft
 * bound (van Rossum, Bi & Turrigiano 2000; the same step as Rescorla & Wagner 1972). Between, it fades by half in each
 * half-life, s(t) = s · 2^(−t/T).
 */
export class LearntEdges implements EdgeSource {
  readonly kind = 'learnt';
  readonly #maxDegree: number;
  readonly #maxEdges: number;
  readonly #halfLifeMs: number;
  /** The first edge of each memory that has one, by page. */
  readonly #heads = new Map<number, Uint32Array>();
  #links = new Uint32Array(FIELDS * FIRST_EDGES);
  #strengths = new Float32Array(FIRST_EDGES);
  #times = new Float64Array(FIRST_EDGES);
  /** The first place that is free, chained by their first number; beyond the last one used, all are. */
  #free = 0;
  #used = 0;
  #size = 0;
  readonly #dirty = new Set<number>();

  constructor({ maxDegree, maxEdges, halfLifeMs }: LearntLimits = {}) {
    this.#maxDegree = maxDegree ?? MAX_LEARNT_DEGREE;
    this.#maxEdges = maxEdges ?? MAX_LEARNT_EDGES;
    this.#halfLifeMs = halfLifeMs ?? LEARNT_HALF_LIFE_MS;
  }

  /** Edges there are, those that have faded included. */
  get size(): number {
    return this.#size;
  }

  get memoryBytes(): number {
    const heads = this.#heads.size * LEARNT_PAGE * 4;
    return this.#links.byteLength + this.#strengths.byteLength + this.#times.byteLength + heads;
  }

  degree(ordinal: number): number {
    let count = 0;
    for (let edge = this.#head(ordinal); edge !== 0; edge = this.#next(edge, ordinal)) count += 1;
    return count;
  }

  each(ordinal: number, now: number, visit: EdgeVisitor): void {
    for (let edge = this.#head(ordinal); edge !== 0; ) {
      // Read first: whoever visits may strengthen or forget.
      const next = this.#next(edge, ordinal);
      const strength = this.#faded(edge, now);
      if (strength >= LEARNT_FLOOR) visit(this.#otherEnd(edge, ordinal), strength);
      edge = next;
    }
  }

  /** How strongly two memories are joined now; 0 where they are not. */
  strength(a: number, b: number, now: number): number {
    const edge = this.#find(a, b);
    return edge === 0 ? 0 : this.#faded(edge, now);
  }

  /** Two memories were recalled together: moves the strength of their edge towards 1 by a share of what is missing. */
  strengthen(a: number, b: number, rate: number, now: number): void {
    if (a === b || !(rate > 0 && rate <= 1)) return;
    const edge = this.#find(a, b);
    if (edge !== 0) {
      const before = this.#faded(edge, now);
      this.#set(edge, before + rate * (1 - before), now);
      return;
    }
    if (!this.#makeRoom(a, rate, now) || !this.#makeRoom(b, rate, now)) return;
    if (this.#size >= this.#maxEdges) this.#prune(now);
    this.#insert({ low: Math.min(a, b), high: Math.max(a, b), strength: rate, at: now });
  }

  /** Forgets all edges of a memory. */
  clear(ordinal: number): void {
    for (let edge = this.#head(ordinal); edge !== 0; edge = this.#head(ordinal)) this.#remove(edge);
  }

  /** Forgets the edges of memories that are not to be kept. */
  keep(isKept: (ordinal: number) => boolean): void {
    for (const page of [...this.#heads.keys()])
      for (let ordinal = page * LEARNT_PAGE; ordinal < (page + 1) * LEARNT_PAGE; ordinal++)
        if (this.#head(ordinal) !== 0 && !isKept(ordinal)) this.clear(ordinal);
  }

  /** The pages that have changed since the last call. */
  takeDirty(): readonly number[] {
    const pages = [...this.#dirty];
    this.#dirty.clear();
    return pages;
  }

  /** Counts a page as changed. */
  setDirty(page: number): void {
    this.#dirty.add(page);
  }

  /** The edges of a page, which are those of its memories to memories of a higher ordinal, in order. */
  edgesOf(page: number): readonly StoredEdge[] {
    const edges: StoredEdge[] = [];
    for (let low = page * LEARNT_PAGE; low < (page + 1) * LEARNT_PAGE; low++)
      for (let edge = this.#head(low); edge !== 0; edge = this.#next(edge, low))
        if (this.#number(edge, LOW) === low) edges.push(this.#stored(edge));
    return edges.sort((a, b) => a.low - b.low || a.high - b.high);
  }

  /** Takes in a stored edge; false where there is no room for it. */
  load(stored: StoredEdge): boolean {
    const { low, high } = stored;
    const hasRoom = this.degree(low) < this.#maxDegree && this.degree(high) < this.#maxDegree;
    if (!hasRoom || this.#size >= this.#maxEdges || this.#find(low, high) !== 0) return false;
    this.#insert(stored, false);
    return true;
  }

  #stored(edge: number): StoredEdge {
    return {
      low: this.#number(edge, LOW),
      high: this.#number(edge, HIGH),
      strength: this.#strengths[edge - 1] ?? 0,
      at: this.#times[edge - 1] ?? 0,
    };
  }

  /**
   * Makes room for one more edge of a memory: the weakest goes, unless the new one is weaker. Then that one gives way
   * by as much, so that what comes again and again gets in at last (Misra & Gries 1982).
   */
  #makeRoom(ordinal: number, rate: number, now: number): boolean {
    if (this.degree(ordinal) < this.#maxDegree) return true;
    const weakest = this.#weakest(ordinal, now);
    const strength = this.#faded(weakest, now);
    if (strength <= rate) this.#remove(weakest);
    else this.#set(weakest, strength - rate, now);
    return strength <= rate;
  }

  #weakest(ordinal: number, now: number): number {
    let weakest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let edge = this.#head(ordinal); edge !== 0; edge = this.#next(edge, ordinal)) {
      const strength = this.#faded(edge, now);
      const isTie = strength === least && this.#otherEnd(edge, ordinal) < this.#otherEnd(weakest, ordinal);
      if (strength < least || isTie) [weakest, least] = [edge, strength];
    }
    return weakest;
  }

  /** Forgets the weakest edges of all. */
  #prune(now: number): void {
    const edges: number[] = [];
    for (const page of this.#heads.keys())
      for (let low = page * LEARNT_PAGE; low < (page + 1) * LEARNT_PAGE; low++)
        for (let edge = this.#head(low); edge !== 0; edge = this.#next(edge, low))
          if (this.#number(edge, LOW) === low) edges.push(edge);
    const strengths = Float32Array.from(edges, (edge) => this.#faded(edge, now)).sort();
    const count = Math.max(1, Math.floor(this.#maxEdges * LEARNT_PRUNE_SHARE));
    const highest = strengths[count - 1] ?? 1;
    let left = count;
    for (const edge of edges)
      if (left > 0 && Math.fround(this.#faded(edge, now)) <= highest) {
        this.#remove(edge);
        left -= 1;
      }
  }

  #find(a: number, b: number): number {
    for (let edge = this.#head(a); edge !== 0; edge = this.#next(edge, a))
      if (this.#otherEnd(edge, a) === b) return edge;
    return 0;
  }

  #set(edge: number, strength: number, now: number): void {
    this.#strengths[edge - 1] = Math.min(1, strength);
    // A clock that steps back makes nothing older than it is.
    this.#times[edge - 1] = Math.max(now, this.#times[edge - 1] ?? now);
    this.#dirty.add(pageOf(this.#number(edge, LOW)));
  }

  #faded(edge: number, now: number): number {
    const ageMs = Math.max(0, now - (this.#times[edge - 1] ?? now));
    return (this.#strengths[edge - 1] ?? 0) * 2 ** (-ageMs / this.#halfLifeMs);
  }

  #insert({ low, high, strength, at }: StoredEdge, isDirty = true): void {
    const edge = this.#place();
    const from = FIELDS * (edge - 1);
    this.#links.set([low, high, this.#head(low), this.#head(high)], from);
    this.#strengths[edge - 1] = strength;
    this.#times[edge - 1] = at;
    this.#setHead(low, edge);
    this.#setHead(high, edge);
    this.#size += 1;
    if (isDirty) this.#dirty.add(pageOf(low));
  }

  #remove(edge: number): void {
    const low = this.#number(edge, LOW);
    this.#unchain(edge, low);
    this.#unchain(edge, this.#number(edge, HIGH));
    this.#links.fill(0, FIELDS * (edge - 1), FIELDS * edge);
    this.#links[FIELDS * (edge - 1)] = this.#free;
    this.#strengths[edge - 1] = 0;
    this.#times[edge - 1] = 0;
    this.#free = edge;
    this.#size -= 1;
    this.#dirty.add(pageOf(low));
  }

  #unchain(edge: number, ordinal: number): void {
    const next = this.#next(edge, ordinal);
    let before = this.#head(ordinal);
    if (before === edge) {
      this.#setHead(ordinal, next);
      return;
    }
    while (this.#next(before, ordinal) !== edge) before = this.#next(before, ordinal);
    const field = this.#number(before, LOW) === ordinal ? NEXT_OF_LOW : NEXT_OF_HIGH;
    this.#links[FIELDS * (before - 1) + field] = next;
  }

  /** A free place. */
  #place(): number {
    if (this.#free !== 0) {
      const edge = this.#free;
      this.#free = this.#number(edge, LOW);
      return edge;
    }
    if (this.#used === this.#strengths.length) this.#grow();
    this.#used += 1;
    return this.#used;
  }

  #grow(): void {
    const links = new Uint32Array(this.#links.length * 2);
    links.set(this.#links);
    const strengths = new Float32Array(this.#strengths.length * 2);
    strengths.set(this.#strengths);
    const times = new Float64Array(this.#times.length * 2);
    times.set(this.#times);
    [this.#links, this.#strengths, this.#times] = [links, strengths, times];
  }

  #head(ordinal: number): number {
    return this.#heads.get(pageOf(ordinal))?.[ordinal % LEARNT_PAGE] ?? 0;
  }

  #setHead(ordinal: number, edge: number): void {
    const page = pageOf(ordinal);
    const heads = this.#heads.get(page) ?? new Uint32Array(LEARNT_PAGE);
    heads[ordinal % LEARNT_PAGE] = edge;
    if (edge === 0 && heads.every((head) => head === 0)) this.#heads.delete(page);
    else this.#heads.set(page, heads);
  }

  #next(edge: number, ordinal: number): number {
    return this.#number(edge, this.#number(edge, LOW) === ordinal ? NEXT_OF_LOW : NEXT_OF_HIGH);
  }

  #otherEnd(edge: number, ordinal: number): number {
    const low = this.#number(edge, LOW);
    return low === ordinal ? this.#number(edge, HIGH) : low;
  }

  #number(edge: number, field: number): number {
    return this.#links[FIELDS * (edge - 1) + field] ?? 0;
  }
}

/** The page on which a memory is. */
function pageOf(ordinal: number): number {
  return Math.floor(ordinal / LEARNT_PAGE);
}
