/** The verbs of the associative network: what a memory leads to, and how one leads to another. */

import { LociError } from '../errors.ts';
import { DEFAULT_SEARCH_LIMIT } from '../limits.ts';
import { checkOptions } from '../memory/options.ts';
import {
  type EdgeFinder,
  type Expand,
  type FindOptions,
  FOUND_EDGES,
  type Neighbour,
  neighboursOf,
  type Path,
  RELATED_MIN_STRENGTH,
  strongestPath,
} from '../retrieval/association/index.ts';
import type { MemoryPath, PathOptions, RelatedMemory, RelatedOptions } from '../types.ts';
import type { Bitset } from '../vector/bitset.ts';
import {
  checkHops,
  checkId,
  checkKinds,
  checkLimit,
  checkShare,
  PATH_OPTIONS,
  RELATED_OPTIONS,
} from './arguments.ts';
import { createFinders, type FinderParts } from './edge-finders.ts';
import type { Environment } from './environment.ts';
import type { Reads } from './reads.ts';
import { type SliceParts, Slices } from './slices.ts';

export interface AssociationsParts extends FinderParts, SliceParts {
  readonly reads: Pick<Reads, 'memoriesAt'>;
  readonly environment: Pick<Environment, 'now' | 'monotonicMs' | 'schedule'>;
}

/** Memories whose neighbours are looked up between two looks at the clock: two searches each, some 2 ms. */
const EXPANDED_AT_ONCE = 2;

export class Associations {
  readonly #parts: AssociationsParts;
  readonly #finders: readonly EdgeFinder[];

  constructor(parts: AssociationsParts) {
    this.#parts = parts;
    this.#finders = createFinders(parts);
  }

  async related(givenId: string, given?: RelatedOptions): Promise<readonly RelatedMemory[]> {
    this.#parts.assertOpen();
    const id = checkId(givenId);
    const options: RelatedOptions = checkOptions(given, RELATED_OPTIONS);
    const limit = checkLimit(options.limit, DEFAULT_SEARCH_LIMIT);
    const kinds = checkKinds(options.kinds);
    const minStrength = checkShare('minStrength', options.minStrength, RELATED_MIN_STRENGTH);
    const ordinal = this.#require(id);
    const finders = this.#finders.filter(({ kind }) => kinds?.has(kind) ?? true);
    const wanted = Math.max(FOUND_EDGES, limit);
    const found = await neighboursOf(finders, [ordinal], { ...this.#findOptions(wanted), minStrength });
    const best = (found[0] ?? []).slice(0, limit);
    const memories = await this.#parts.reads.memoriesAt(best.map((neighbour) => neighbour.ordinal));
    this.#parts.assertOpen();
    return best.flatMap(({ ordinal: other, strength, edges }) => {
      const memory = memories.get(other);
      return memory === undefined ? [] : [{ id: memory.id, memory, strength, edges }];
    });
  }

  async path(fromId: string, toId: string, given?: PathOptions): Promise<MemoryPath | null> {
    this.#parts.assertOpen();
    const ids = [checkId(fromId), checkId(toId)] as const;
    const options: PathOptions = checkOptions(given, PATH_OPTIONS);
    const maxHops = checkHops(options.maxHops);
    const [from, to] = [this.#require(ids[0]), this.#require(ids[1])];
    const path: Path | undefined =
      from === to ? { strength: 1, steps: [] } : await strongestPath(from, to, maxHops, this.#expander());
    return path === undefined ? null : this.#read(from, path);
  }

  /** Null where a memory of the path was deleted meanwhile. */
  async #read(from: number, { strength, steps }: Path): Promise<MemoryPath | null> {
    const ordinals = [from, ...steps.map(({ to }) => to)];
    const read = await this.#parts.reads.memoriesAt(ordinals);
    this.#parts.assertOpen();
    const memories = ordinals.flatMap((ordinal) => read.get(ordinal) ?? []);
    if (memories.length < ordinals.length) return null;
    const idOf = (ordinal: number) => read.get(ordinal)?.id ?? '';
    return {
      strength,
      memories,
      steps: steps.map((step) => ({ ...step, from: idOf(step.from), to: idOf(step.to) })),
    };
  }

  /** Looks up neighbours, a few at a time: others have their turn between. */
  #expander(): Expand {
    const slices = new Slices(this.#parts);
    const options = { ...this.#findOptions(FOUND_EDGES), minStrength: RELATED_MIN_STRENGTH };
    return async (ordinals) => {
      const found: (readonly Neighbour[])[] = [];
      for (let at = 0; at < ordinals.length; at += EXPANDED_AT_ONCE) {
        const some = ordinals.slice(at, at + EXPANDED_AT_ONCE);
        found.push(...(await neighboursOf(this.#finders, some, options)));
        await slices.turn();
      }
      return found;
    };
  }

  #findOptions(limit: number): FindOptions {
    const now = this.#parts.environment.now();
    return { now, limit, members: this.#members(now) };
  }

  /** What is not at its end; undefined where nothing is. */
  #members(now: number): Bitset | undefined {
    const { state } = this.#parts;
    const predicate = state.predicate(undefined, now);
    return predicate && state.select(predicate).members;
  }

  #require(id: string): number {
    const { state, environment } = this.#parts;
    const ordinal = state.table.ordinalOf(id);
    if (ordinal !== undefined && state.predicate(undefined, environment.now())?.(ordinal) !== false)
      return ordinal;
    throw new LociError('NOT_FOUND', `there is no memory ${id}`, { hint: 'It may have been deleted.' });
  }
}
