/** What joins two memories: the kinds of edges, and where edges come from. */

import type { EdgeKind } from '../../types.ts';

/** Told of an edge: the memory at its other end, and its strength above 0 and up to 1. */
export type EdgeVisitor = (to: number, strength: number) => void;

/**
 * Where the edges of one kind come from, at once and without reading storage.
 *
 * What an implementation promises: the same edges in the same order where nothing has changed; never one from a
 * memory to itself; a number of edges a memory that is bounded, whatever the namespace holds.
 */
export interface EdgeSource {
  readonly kind: EdgeKind;
  /**
   * Tells of each edge of a memory.
   *
   * @param now ms since the epoch: what has been learnt fades.
   */
  each(ordinal: number, now: number, visit: EdgeVisitor): void;
}
