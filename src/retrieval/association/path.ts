/** The strongest path between two memories: a beam search from both ends that meets between them. */

import type { EdgePart } from '../../types.ts';
import type { Neighbour } from './neighbourhood.ts';
import { PATH_BEAM, PATH_NEIGHBOURS } from './weights.ts';

/** One step of a path. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly strength: number;
  readonly edges: readonly EdgePart[];
}

export interface Path {
  /** The product of the steps' strengths. */
  readonly strength: number;
  readonly steps: readonly Step[];
}

/** Looks up the neighbours of several memories, strongest first. */
export type Expand = (ordinals: readonly number[]) => Promise<readonly (readonly Neighbour[])[]>;

/** How a memory was reached by so many hops. */
interface Label {
  readonly strength: number;
  readonly via: number;
  /** Of the last step. */
  readonly step: number;
  readonly edges: readonly EdgePart[];
}

/** What is reached by each number of hops, each memory where it is reached more strongly than by fewer. */
type Layers = readonly ReadonlyMap<number, Label>[];

/**
 * Goes half of the hops from either end, each time from the {@link PATH_BEAM} strongest memories reached. It finds the
 * strongest path where no hop reaches more than that many; where one does, a path over weaker ones may be missed. Of
 * equally strong paths the one of fewest steps, then that over the lowest ordinal.
 */
export async function strongestPath(
  from: number,
  to: number,
  maxHops: number,
  expand: Expand,
): Promise<Path | undefined> {
  const known = new Map<number, readonly Neighbour[]>();
  const forward = await explore(from, Math.ceil(maxHops / 2), expand, known);
  const backward = await explore(to, Math.floor(maxHops / 2), expand, known);
  let best: { strength: number; hops: number; at: number; there: number } | undefined;
  forward.forEach((reached, there) => {
    backward.forEach((met, back) => {
      for (const [at, { strength }] of reached) {
        const product = strength * (met.get(at)?.strength ?? 0);
        const hops = there + back;
        const isBetter =
          best === undefined ||
          product > best.strength ||
          (product === best.strength && (hops < best.hops || (hops === best.hops && at < best.at)));
        if (product > 0 && isBetter) best = { strength: product, hops, at, there };
      }
    });
  });
  if (best === undefined) return undefined;
  const { at, there, hops, strength } = best;
  const back = stepsTo(backward, at, hops - there).map(reversed);
  return { strength, steps: [...stepsTo(forward, at, there).reverse(), ...back] };
}

async function explore(
  start: number,
  hops: number,
  expand: Expand,
  known: Map<number, readonly Neighbour[]>,
): Promise<Layers> {
  const layers: Map<number, Label>[] = [new Map([[start, { strength: 1, via: start, step: 1, edges: [] }]])];
  const best = new Map([[start, 1]]);
  for (let hop = 1; hop <= hops; hop++) {
    const beam = strongest(layers[hop - 1] as ReadonlyMap<number, Label>);
    const news = beam.filter(([ordinal]) => !known.has(ordinal)).map(([ordinal]) => ordinal);
    const found = news.length === 0 ? [] : await expand(news);
    news.forEach((ordinal, i) => {
      known.set(ordinal, (found[i] ?? []).slice(0, PATH_NEIGHBOURS));
    });
    const layer = new Map<number, Label>();
    for (const [via, { strength: before }] of beam)
      for (const { ordinal, strength, edges } of known.get(via) ?? []) {
        const product = before * strength;
        if (product <= (best.get(ordinal) ?? 0) || product <= (layer.get(ordinal)?.strength ?? 0)) continue;
        layer.set(ordinal, { strength: product, via, step: strength, edges });
      }
    for (const [ordinal, { strength }] of layer) best.set(ordinal, strength);
    layers.push(layer);
  }
  return layers;
}

function strongest(layer: ReadonlyMap<number, Label>): readonly (readonly [number, Label])[] {
  return [...layer].sort(([a, x], [b, y]) => y.strength - x.strength || a - b).slice(0, PATH_BEAM);
}

/** The steps from the start of layers to a memory, last one first. */
function stepsTo(layers: Layers, ordinal: number, hops: number): Step[] {
  const steps: Step[] = [];
  let to = ordinal;
  for (let hop = hops; hop > 0; hop--) {
    const label = layers[hop]?.get(to);
    if (label === undefined) break;
    steps.push({ from: label.via, to, strength: label.step, edges: label.edges });
    to = label.via;
  }
  return steps;
}

/** A step that was found from its end. */
function reversed({ from, to, strength, edges }: Step): Step {
  const turned = edges.map((edge) =>
    edge.why.direction === undefined
      ? edge
      : { ...edge, why: { ...edge.why, direction: edge.why.direction === 'in' ? 'out' : 'in' } as const },
  );
  return { from: to, to: from, strength, edges: turned };
}
