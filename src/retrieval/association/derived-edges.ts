/** Edges that are not stored but read off what is there: links, neighbours in the session, near times. */

import type { MemoryLink } from '../../types.ts';
import type { EdgeSource, EdgeVisitor } from './edges.ts';
import {
  LINKS_IN_FOLLOWED,
  LINKS_IN_READ,
  SESSION_STRENGTHS,
  TIME_FLOOR,
  TIME_NEIGHBOURS,
  TIME_SCALE_MS,
} from './weights.ts';

/** The links that hosts have made. */
export interface LinkGraph {
  idOf(ordinal: number): string | undefined;
  /** Undefined where there is no memory of this id. */
  ordinalOf(id: string): number | undefined;
  /** What a memory names: what it is related to, supersedes and contradicts. */
  linksOf(ordinal: number): readonly MemoryLink[];
  /** The memories that name one, those that did so first before others. */
  linking(ordinal: number): Iterable<number>;
}

/** Neighbours in sessions. */
export interface SessionOrder {
  /** The memories up to so many places before and behind one in its session, with the distance, 1 or more. */
  neighbours(
    ordinal: number,
    distance: number,
  ): Iterable<{ readonly ordinal: number; readonly distance: number }>;
}

/** When memories happened. */
export interface Times {
  /** ms since the epoch; undefined where there is no memory. */
  createdAt(ordinal: number): number | undefined;
}

/** Edges along links, in both directions. */
export function createLinkEdges(graph: LinkGraph): EdgeSource {
  return {
    kind: 'link',
    each: (ordinal, _, visit) => {
      for (const { id, strength } of graph.linksOf(ordinal)) {
        const to = strength > 0 ? graph.ordinalOf(id) : undefined;
        if (to !== undefined && to !== ordinal) visit(to, strength);
      }
      const id = graph.idOf(ordinal);
      if (id !== undefined)
        for (const { from, strength } of linksInto(graph, id, ordinal)) visit(from, strength);
    },
  };
}

/** The strongest links that lead to a memory, strongest first. */
function linksInto(graph: LinkGraph, id: string, ordinal: number) {
  const found: { from: number; strength: number }[] = [];
  let read = 0;
  for (const from of graph.linking(ordinal)) {
    if (++read > LINKS_IN_READ) break;
    if (from === ordinal) continue;
    const links = graph.linksOf(from).filter((link) => link.id === id);
    const strength = Math.max(0, ...links.map((link) => link.strength));
    if (strength > 0) found.push({ from, strength });
  }
  return found.sort((a, b) => b.strength - a.strength || a.from - b.from).slice(0, LINKS_IN_FOLLOWED);
}

/** Edges to the neighbours in the session: the nearer, the stronger. */
export function createSessionEdges(order: SessionOrder): EdgeSource {
  return {
    kind: 'session',
    each: (ordinal, _, visit) => {
      for (const { ordinal: to, distance } of order.neighbours(ordinal, SESSION_STRENGTHS.length)) {
        const strength = SESSION_STRENGTHS[distance - 1];
        if (strength !== undefined && to !== ordinal) visit(to, strength);
      }
    },
  };
}

/**
 * Edges to memories that were added just before or behind, as far as they happened at nearly the same time: strength
 * e^(−Δt / 10 min). Looking beside a memory needs no index by time; what was brought in out of order is not found so.
 */
export function createTimeEdges(times: Times): EdgeSource {
  return {
    kind: 'time',
    each: (ordinal, _, visit) => {
      const own = times.createdAt(ordinal);
      if (own === undefined) return;
      for (let distance = 1; distance <= TIME_NEIGHBOURS; distance++) {
        visitNear(times, own, ordinal - distance, visit);
        visitNear(times, own, ordinal + distance, visit);
      }
    },
  };
}

function visitNear(times: Times, own: number, to: number, visit: EdgeVisitor): void {
  const other = to < 0 ? undefined : times.createdAt(to);
  if (other === undefined) return;
  const strength = Math.exp(-Math.abs(other - own) / TIME_SCALE_MS);
  if (strength >= TIME_FLOOR) visit(to, strength);
}
