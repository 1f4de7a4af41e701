/** The concepts of a namespace: formed of a sample of its vectors, with the memories around each centre. */

import {
  type Cluster,
  CONCEPT_MEMBER,
  CONCEPT_MIN_SIZE,
  CONCEPT_REACH,
  CONCEPT_RECALL,
  CONCEPT_SAMPLE,
  cluster,
  clusterCount,
  type Identified,
  identify,
} from '../retrieval/association/index.ts';
import type { BlockStore } from './blocks/block-store.ts';
import { readVectors } from './rows.ts';
import { type SliceParts, Slices } from './slices.ts';
import type { EngineState } from './state.ts';

/** A concept as it was formed. */
export interface FormedConcept extends Identified {
  readonly space: string;
  /** Ordinals by descending cosine to the centre. */
  readonly members: Uint32Array;
}

export interface ConceptMapParts extends SliceParts {
  readonly state: EngineState;
  readonly blocks: BlockStore;
}

/** Vectors read from storage at once, where the index cannot tell them. */
const READ_AT_ONCE = 64;

/**
 * Forms the concepts of the space that has most vectors, in slices of some milliseconds; largest first.
 *
 * @param former whose ids are kept where concepts are the same.
 */
export async function formConcepts(
  parts: ConceptMapParts,
  former: readonly Identified[],
): Promise<readonly FormedConcept[]> {
  const { state } = parts;
  const slices = new Slices(parts);
  const space = largestSpace(state);
  if (space === undefined) return [];
  const vectors = await sample(parts, space, slices);
  const forming = cluster(vectors, clusterCount(state.table.embedded.sizeOf(space)));
  let step = forming.next();
  for (; step.done !== true; step = forming.next()) await slices.turn();
  const members = await gather(state, space, step.value, slices);
  const formed = step.value
    .map(({ centre }, i) => ({ centre, members: members[i] ?? new Uint32Array(0) }))
    .filter((each) => each.members.length >= CONCEPT_MIN_SIZE)
    .sort((a, b) => b.members.length - a.members.length);
  const nearest = formed.map(({ centre, members: [first = 0] }) => ({
    centre,
    nearest: String(state.table.field(first, 'id')),
  }));
  const ids = identify(nearest, former);
  return formed.map((each, i) => ({ ...each, space, id: ids[i] ?? '' }));
}

function largestSpace({ spaces, table }: EngineState): string | undefined {
  const sizes = spaces.names.map((space) => [space, table.embedded.sizeOf(space)] as const);
  return sizes.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0];
}

/** Vectors evenly spread over the memories of a space, in the order of adding. */
async function sample(
  { state, blocks }: ConceptMapParts,
  space: string,
  slices: Slices,
): Promise<readonly Float32Array[]> {
  const { table, spaces } = state;
  const own: number[] = [];
  for (const ordinal of table.ordinals()) if (table.embeddingOf(ordinal)?.space === space) own.push(ordinal);
  const step = Math.max(1, own.length / CONCEPT_SAMPLE);
  const chosen = Array.from(
    { length: Math.min(own.length, CONCEPT_SAMPLE) },
    (_, i) => own[Math.floor(i * step)] ?? 0,
  );
  const vectors: Float32Array[] = [];
  for (let at = 0; at < chosen.length; at += READ_AT_ONCE) {
    const part = chosen.slice(at, at + READ_AT_ONCE);
    const indexed = part.map((ordinal) => spaces.vectorOf(ordinal, space));
    const missing = part.filter((_, i) => indexed[i] === undefined);
    const states = missing.flatMap((ordinal) => table.at(ordinal) ?? []);
    const read = states.length === 0 ? [] : await readVectors(blocks, states);
    vectors.push(...[...indexed, ...read].flatMap((vector) => vector ?? []));
    await slices.turn();
  }
  return vectors;
}

/** The memories nearest to each centre, each given to the centre it is nearest to. */
async function gather(
  { spaces, table }: EngineState,
  space: string,
  clusters: readonly Cluster[],
  slices: Slices,
): Promise<readonly Uint32Array[]> {
  const size = table.embedded.sizeOf(space);
  const wanted = Math.ceil((size * CONCEPT_REACH) / Math.max(1, clusters.length));
  const best = new Float32Array(table.nextOrdinal).fill(CONCEPT_MEMBER);
  const owners = new Uint8Array(table.nextOrdinal);
  const found: Uint32Array[] = [];
  for (const [i, { centre }] of clusters.entries()) {
    const near = spaces.search(space, centre, Math.min(size, wanted), { recall: CONCEPT_RECALL });
    // What came after the arrays were made comes in next time.
    for (const { ordinal, score } of near)
      if (ordinal < best.length && score > (best[ordinal] ?? 1)) {
        best[ordinal] = score;
        owners[ordinal] = i + 1;
      }
    found.push(Uint32Array.from(near, ({ ordinal }) => ordinal));
    await slices.turn();
  }
  return found.map((ordinals, i) => ordinals.filter((ordinal) => owners[ordinal] === i + 1));
}
