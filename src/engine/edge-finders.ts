/** The edges of an engine's memories with what each rests on: those at hand, near vectors, shared terms. */

import {
  type EdgeFinder,
  type FindOptions,
  type FoundEdge,
  finderOf,
  findSharedTerms,
  SIMILAR_FLOOR,
} from '../retrieval/association/index.ts';
import type { EdgeReason } from '../types.ts';
import type { BlockStore } from './blocks/block-store.ts';
import { edgesAtHand, linkGraphOf } from './network.ts';
import { readContents, readVectors } from './rows.ts';
import type { EngineState } from './state.ts';
import type { VectorArm } from './vector-arm.ts';

export interface FinderParts {
  readonly state: EngineState;
  readonly blocks: BlockStore;
  readonly arm: VectorArm;
}

/** One finder of each kind. */
export function createFinders(parts: FinderParts): readonly EdgeFinder[] {
  const atHand = edgesAtHand(parts.state).map((source) =>
    finderOf(source, (from, to) => reasonOf(parts.state, source.kind, from, to)),
  );
  return [...atHand, similarFinder(parts), termsFinder(parts)];
}

function reasonOf(state: EngineState, kind: EdgeFinder['kind'], from: number, to: number): EdgeReason {
  const { table, sessions } = state;
  if (kind === 'session') {
    const [a, b] = [sessions.locate(from), sessions.locate(to)];
    return a === undefined || b === undefined ? {} : { distance: Math.abs(a.at - b.at) };
  }
  if (kind === 'time')
    return { apartMs: Math.abs((table.createdAtOf(from) ?? 0) - (table.createdAtOf(to) ?? 0)) };
  if (kind !== 'link') return {};
  const graph = linkGraphOf(state);
  const linkOf = (one: number, other: number) => {
    const links = graph.linksOf(one).filter(({ id }) => table.ordinalOf(id) === other);
    return links.sort((a, b) => b.strength - a.strength)[0];
  };
  const [out, back] = [linkOf(from, to), linkOf(to, from)];
  const isOut = (out?.strength ?? 0) >= (back?.strength ?? 0);
  const relation = (isOut ? out : back)?.relation;
  return { direction: isOut ? 'out' : 'in', ...(relation === undefined ? {} : { relation }) };
}

/** Near vectors: strength = (cosine − .3) / .7. */
function similarFinder({ state, blocks, arm }: FinderParts): EdgeFinder {
  const vectorOf = async (ordinal: number, space: string) => {
    const indexed = state.spaces.vectorOf(ordinal, space);
    if (indexed !== undefined) return indexed;
    const [stored] = await readVectors(
      blocks,
      [state.table.at(ordinal)].flatMap((each) => each ?? []),
    );
    return stored;
  };
  const findOne = async (ordinal: number, { limit, members }: FindOptions): Promise<readonly FoundEdge[]> => {
    const embedding = state.table.embeddingOf(ordinal);
    const vector = embedding && (await vectorOf(ordinal, embedding.space));
    if (embedding === undefined || vector === undefined) return [];
    const { space, modelId } = embedding;
    const { matches } = arm.nearest({ space, vector, modelId }, limit + 1, { filter: members });
    return matches.flatMap(({ ordinal: to, score, calibrated: cosine = score }) => {
      const strength = Math.min(1, (cosine - SIMILAR_FLOOR) / (1 - SIMILAR_FLOOR));
      return to === ordinal || strength <= 0 ? [] : [{ to, strength, why: { cosine } }];
    });
  };
  return {
    kind: 'similar',
    find: (ordinals, options) => Promise.all(ordinals.map((ordinal) => findOne(ordinal, options))),
  };
}

/** Shared rare terms and names. */
function termsFinder({ state, blocks }: FinderParts): EdgeFinder {
  return {
    kind: 'terms',
    find: async (ordinals, { limit, members }) => {
      const states = ordinals.map((ordinal) => state.table.at(ordinal));
      const there = states.flatMap((each) => each ?? []);
      const read = await readContents(blocks, there);
      const contents = new Map(there.map(({ ordinal }, i) => [ordinal, read[i]]));
      return states.map((each) => {
        const content = each && contents.get(each.ordinal);
        if (each === undefined || content === undefined) return [];
        const { tags, subject } = each.record;
        const names = subject === undefined ? tags : [...tags, subject];
        return findSharedTerms(state.lexical, { ordinal: each.ordinal, content, names }, limit, members);
      });
    },
  };
}
