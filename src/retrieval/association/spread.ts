/** Spreading activation: what a search's first finds lead to, best first and within a budget. */

import type { EdgeKind } from '../../types.ts';
import type { EdgeSource } from './edges.ts';
import { Frontier } from './frontier.ts';
import {
  KIND_WEIGHTS,
  SPREAD_DECAY,
  SPREAD_EDGES,
  SPREAD_HOPS,
  SPREAD_NODES,
  SPREAD_THRESHOLD,
} from './weights.ts';

/** A memory that activation starts from. */
export interface Seed {
  readonly ordinal: number;
  /** Above 0 and up to 1; for a hit of a search, its share of the best score. */
  readonly activation: number;
}

export interface SpreadOptions {
  /** ms since the epoch: what has been learnt fades. */
  readonly now: number;
  /** Which memories may be reached; activation does not pass through others either. Default: all. */
  readonly isAllowed?: ((ordinal: number) => boolean) | undefined;
  /** Which edges are followed. Default: all kinds there are sources for. */
  readonly kinds?: ReadonlySet<EdgeKind> | undefined;
  /** Share of the activation that is left after a hop, above 0 and up to 1. Default .5. */
  readonly decay?: number | undefined;
  /** Activation below which a memory is not reached. Default .05. */
  readonly threshold?: number | undefined;
  /** Hops from a seed, at most. Default 2. */
  readonly maxHops?: number | undefined;
  /** Memories from which activation spreads, at most. Default 64. */
  readonly maxNodes?: number | undefined;
  /** Edges looked at, at most. Default 512. */
  readonly maxEdges?: number | undefined;
}

/** What reached a memory. */
export interface Activation {
  /** 0–1. */
  readonly activation: number;
  /** The memory at the other end of the last edge. */
  readonly from: number;
  /** What that edge is. */
  readonly kind: EdgeKind;
}

/** A memory from which activation spreads. */
interface Active {
  readonly activation: number;
  /** The seed that it came from. */
  readonly seed: number;
  readonly hops: number;
}

/**
 * A memory's activation is the strongest that reaches it over one path: activation(to) = activation(from) · decay ·
 * weight(kind) · strength. This is spreading activation (Collins & Loftus 1975) with the maximum in place of the sum
 * (as Dijkstra's shortest paths over −log): no activation is above that of the strongest seed, circles add nothing,
 * and the answer does not depend on the order of the edges while the budget lasts.
 */
export class SpreadingActivation {
  readonly #sources: readonly EdgeSource[];

  /** @param sources asked in this order; of equal activations the first counts. */
  constructor(sources: readonly EdgeSource[]) {
    this.#sources = sources;
  }

  /**
   * Spreads from seeds; seeds themselves are in the answer where another seed reaches them.
   *
   * @example
   * network.spread([{ ordinal: 7, activation: 1 }], { now: Date.now() });
   * // Map { 8 => { activation: .35, from: 7, kind: 'session' } }
   */
  spread(seeds: readonly Seed[], options: SpreadOptions): ReadonlyMap<number, Activation> {
    const { now, isAllowed, kinds, maxHops = SPREAD_HOPS, maxNodes = SPREAD_NODES } = options;
    const { decay = SPREAD_DECAY, threshold = SPREAD_THRESHOLD, maxEdges = SPREAD_EDGES } = options;
    const sources = this.#sources.filter(({ kind }) => kinds?.has(kind) ?? true);
    const reached = new Map<number, Activation>();
    const active = new Map<number, Active>();
    const frontier = new Frontier();
    for (const { ordinal, activation } of seeds) {
      if (!(activation >= threshold) || (active.get(ordinal)?.activation ?? 0) >= activation) continue;
      active.set(ordinal, { activation, seed: ordinal, hops: 0 });
      frontier.push(ordinal, activation);
    }
    let edgesLeft = maxEdges;
    for (let nodes = 0; nodes < maxNodes && edgesLeft > 0; nodes++) {
      const from = frontier.pop();
      if (from === undefined) break;
      const { activation, seed, hops } = active.get(from) as Active;
      for (const source of sources) {
        const carried = activation * decay * KIND_WEIGHTS[source.kind];
        if (carried < threshold || edgesLeft <= 0) continue;
        source.each(from, now, (to, strength) => {
          edgesLeft -= 1;
          const arriving = carried * strength;
          if (edgesLeft < 0 || arriving < threshold || to === seed || isAllowed?.(to) === false) return;
          if (arriving <= (reached.get(to)?.activation ?? 0)) return;
          reached.set(to, { activation: arriving, from, kind: source.kind });
          if (hops + 1 >= maxHops || arriving <= (active.get(to)?.activation ?? 0)) return;
          active.set(to, { activation: arriving, seed, hops: hops + 1 });
          frontier.push(to, arriving);
        });
      }
    }
    return reached;
  }
}
