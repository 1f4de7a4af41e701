/** Ids of concepts, which stay when concepts are formed anew. */

import { dot } from '../../vector/vectors.ts';
import { CONCEPT_SAME } from './weights.ts';

/** A concept that has an id. */
export interface Identified {
  readonly id: string;
  readonly centre: Float32Array;
}

/** A concept that is to get one. */
export interface Unidentified {
  readonly centre: Float32Array;
  /** The id of the memory nearest to its centre. */
  readonly nearest: string;
}

/**
 * An id for each concept: that of the former concept with the nearest centre, where it is near enough, each once; else
 * one made of the memory nearest to the centre, so that the same memories make the same id in another session.
 */
export function identify(
  concepts: readonly Unidentified[],
  former: readonly Identified[],
): readonly string[] {
  const pairs = concepts.flatMap(({ centre }, i) =>
    former.map((old, j) => ({
      i,
      j,
      cosine: centre.length === old.centre.length ? dot(centre, old.centre) : 0,
    })),
  );
  const ids = new Map<number, string>();
  const taken = new Set<string>();
  for (const { i, j } of pairs
    .filter(({ cosine }) => cosine >= CONCEPT_SAME)
    .sort((a, b) => b.cosine - a.cosine || a.i - b.i || a.j - b.j)) {
    const id = former[j]?.id ?? '';
    if (ids.has(i) || taken.has(id)) continue;
    ids.set(i, id);
    taken.add(id);
  }
  concepts.forEach(({ nearest }, i) => {
    if (ids.has(i)) return;
    let id = `concept-${hash(nearest)}`;
    for (let turn = 2; taken.has(id); turn++) id = `concept-${hash(`${nearest}/${turn}`)}`;
    ids.set(i, id);
    taken.add(id);
  });
  return concepts.map((_, i) => ids.get(i) ?? '');
}

/** 64 bits of FNV-1a as hexadecimal digits: two runs of 32 bits from different starts. */
function hash(text: string): string {
  return [0x811c9dc5, 0x01000193].map((start) => run(text, start).toString(16).padStart(8, '0')).join('');
}

function run(text: string, start: number): number {
  let state = start;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return state >>> 0;
}
