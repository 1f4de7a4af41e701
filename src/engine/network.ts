/** The associative network over what an engine holds in memory: the edges that cost no reading of storage. */

import {
  createLinkEdges,
  createSessionEdges,
  createTimeEdges,
  type EdgeSource,
  type LearntEdges,
  type SessionOrder,
} from '../retrieval/association/index.ts';
import type { MemoryTable } from './table/memory-table.ts';

/** Ordinals looked at on either side for neighbours in a session. */
const SESSION_REACH = 8;

/** Edges that are at hand at once: learnt ones, links, neighbours in the session, near times. */
export function edgesAtHand(
  table: MemoryTable,
  learnt: LearntEdges,
  sessions: SessionOrder = createNearbySessions(table),
): readonly EdgeSource[] {
  const links = createLinkEdges({
    idOf: (ordinal) => table.field(ordinal, 'id') as string | undefined,
    ordinalOf: (id) => table.ordinalOf(id),
    linksOf: (ordinal) => table.links.get(ordinal),
    linking: (id) => table.links.linking(id),
  });
  const times = createTimeEdges({ createdAt: (ordinal) => table.createdAtOf(ordinal) });
  return [links, learnt, createSessionEdges(sessions), times];
}

/** Neighbours in the session among the memories that were added before and after: those of a session mostly come in order. */
export function createNearbySessions(table: MemoryTable): SessionOrder {
  return {
    neighbours: (ordinal, distance) => {
      const session = table.field(ordinal, 'sessionId');
      if (session === undefined) return [];
      const inOrder = (step: 1 | -1) => {
        const found: { ordinal: number; distance: number }[] = [];
        for (let i = 1; i <= SESSION_REACH && found.length < distance; i++) {
          const other = ordinal + i * step;
          if (other >= 0 && table.field(other, 'sessionId') === session)
            found.push({ ordinal: other, distance: found.length + 1 });
        }
        return found;
      };
      return [...inOrder(-1), ...inOrder(1)];
    },
  };
}
