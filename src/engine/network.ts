/** The associative network over what an engine holds in memory: the edges that cost no reading of storage. */

import {
  createLinkEdges,
  createSessionEdges,
  createTimeEdges,
  type EdgeSource,
  type LinkGraph,
  type SessionOrder,
} from '../retrieval/association/index.ts';
import type { Sessions } from '../retrieval/pool.ts';
import type { MemoryLink } from '../types.ts';
import type { Facts, Link } from './facts.ts';
import type { LearntLog } from './learnt-log.ts';
import type { MemoryTable } from './table/memory-table.ts';

/** What the edges are read off. */
export interface NetworkParts {
  readonly table: MemoryTable;
  readonly facts: Pick<Facts, 'replacing'>;
  readonly sessions: Sessions;
  readonly learnt: Pick<LearntLog, 'edges'>;
}

/** Edges that are at hand at once: links, learnt ones, neighbours in the session, near times. */
export function edgesAtHand(parts: NetworkParts): readonly EdgeSource[] {
  const { table, learnt, sessions } = parts;
  return [
    createLinkEdges(linkGraphOf(parts)),
    learnt.edges,
    createSessionEdges(sessionOrderOf(sessions)),
    createTimeEdges({ createdAt: (ordinal) => table.createdAtOf(ordinal) }),
  ];
}

/** Links in `related`, and those to what a memory supersedes and contradicts, which are of full strength. */
export function linkGraphOf({ table, facts }: Pick<NetworkParts, 'table' | 'facts'>): LinkGraph {
  const idOf = (ordinal: number) => table.field(ordinal, 'id') as string | undefined;
  const named = (ordinal: number, relation: 'supersedes' | 'contradicts'): readonly MemoryLink[] => {
    const ids = table.field(ordinal, relation) as readonly string[] | undefined;
    return (ids ?? []).map((id) => ({ id, strength: 1, relation }));
  };
  return {
    idOf,
    ordinalOf: (id) => table.ordinalOf(id),
    linksOf: (ordinal) => {
      const related = table.links.get(ordinal);
      const facts = [...named(ordinal, 'supersedes'), ...named(ordinal, 'contradicts')];
      return facts.length === 0 ? related : [...related, ...facts];
    },
    linking: (ordinal) => {
      const related = table.links.linking(idOf(ordinal) ?? '');
      const replacing = facts.replacing(ordinal);
      return replacing.length === 0 ? related : eachOnce(related, replacing);
    },
  };
}

/** One by one: whoever asks for thousands reads but the first of them. */
function* eachOnce(related: Iterable<number>, replacing: readonly Link[]): Iterable<number> {
  const seen = new Set<number>();
  for (const ordinal of related) {
    seen.add(ordinal);
    yield ordinal;
  }
  for (const { by } of replacing) {
    if (seen.has(by)) continue;
    seen.add(by);
    yield by;
  }
}

function sessionOrderOf(sessions: Sessions): SessionOrder {
  return {
    neighbours: (ordinal, reach) => {
      const place = sessions.locate(ordinal);
      const found: { ordinal: number; distance: number }[] = [];
      for (let distance = 1; place !== undefined && distance <= reach; distance++)
        for (const other of [place.members[place.at - distance], place.members[place.at + distance]])
          if (other !== undefined) found.push({ ordinal: other, distance });
      return found;
    },
  };
}
