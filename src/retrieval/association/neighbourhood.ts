/** The neighbours of memories: edges of all kinds, brought together to one strength each. */

import type { EdgeKind, EdgePart, EdgeReason } from '../../types.ts';
import type { Bitset } from '../../vector/bitset.ts';
import type { EdgeSource } from './edges.ts';
import { KIND_WEIGHTS } from './weights.ts';

/** An edge with what it rests on. */
export interface FoundEdge {
  readonly to: number;
  /** Above 0 and up to 1, before the kind's weight. */
  readonly strength: number;
  readonly why: EdgeReason;
}

export interface FindOptions {
  /** ms since the epoch. */
  readonly now: number;
  /** Edges of a kind that are wanted of each memory. */
  readonly limit: number;
  /** The memories that may be found; undefined where all may. */
  readonly members: Bitset | undefined;
}

/** Finds edges of one kind, where this takes a search or reading. */
export interface EdgeFinder {
  readonly kind: EdgeKind;
  /** The edges of each of these memories, in the order of the memories. */
  find(ordinals: readonly number[], options: FindOptions): Promise<readonly (readonly FoundEdge[])[]>;
}

/** A neighbour of a memory. */
export interface Neighbour {
  readonly ordinal: number;
  /** 0–1: 1 − Π (1 − weight · strength), as if each edge were a chance of its own to remember. */
  readonly strength: number;
  /** By what each adds, most first. */
  readonly edges: readonly EdgePart[];
}

/** Makes a finder of edges that are at hand. */
export function finderOf(
  source: EdgeSource,
  reason: (from: number, to: number) => EdgeReason = () => ({}),
): EdgeFinder {
  const { kind } = source;
  return {
    kind,
    find: async (ordinals, { now, members }) =>
      ordinals.map((from) => {
        const found: FoundEdge[] = [];
        source.each(from, now, (to, strength) => {
          if (members?.has(to) !== false) found.push({ to, strength, why: reason(from, to) });
        });
        return found;
      }),
  };
}

/** The neighbours of each of these memories, strongest first; equal ones by ascending ordinal. */
export async function neighboursOf(
  finders: readonly EdgeFinder[],
  ordinals: readonly number[],
  options: FindOptions & { readonly minStrength: number },
): Promise<readonly (readonly Neighbour[])[]> {
  const parts = ordinals.map(() => new Map<number, EdgePart[]>());
  for (const finder of finders) {
    const found = await finder.find(ordinals, options);
    found.forEach((edges, i) => {
      for (const edge of edges) if (edge.to !== ordinals[i]) collect(parts[i], finder.kind, edge);
    });
  }
  return parts.map((own) =>
    [...own]
      .map(([ordinal, edges]) => ({ ordinal, strength: combined(edges), edges: edges.sort(byWorth) }))
      .filter(({ strength }) => strength >= options.minStrength)
      .sort((a, b) => b.strength - a.strength || a.ordinal - b.ordinal),
  );
}

/** Of several edges of a kind between two memories (links in both directions) the strongest counts. */
function collect(parts: Map<number, EdgePart[]> | undefined, kind: EdgeKind, edge: FoundEdge): void {
  const { to, strength, why } = edge;
  const part: EdgePart = { kind, strength, weight: KIND_WEIGHTS[kind], why };
  const known = parts?.get(to) ?? [];
  const same = known.findIndex((each) => each.kind === kind);
  if (same < 0) known.push(part);
  else if ((known[same]?.strength ?? 0) < strength) known[same] = part;
  parts?.set(to, known);
}

function combined(edges: readonly EdgePart[]): number {
  return 1 - edges.reduce((missing, edge) => missing * (1 - worth(edge)), 1);
}

function byWorth(a: EdgePart, b: EdgePart): number {
  return worth(b) - worth(a);
}

function worth({ strength, weight }: EdgePart): number {
  return strength * weight;
}
