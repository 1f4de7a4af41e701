/** The vector arm of a search: the nearest in a space, also where several models have embedded its memories. */

import {
  applyCalibration,
  type CalibratedDocuments,
  type Calibrations,
  calibrationName,
} from '../embedding/calibration.ts';
import type { VectorMatch } from '../retrieval/meaning.ts';
import type { SearchEffort } from '../types.ts';
import type { Filter } from '../vector/filter.ts';
import type { NearestOptions } from '../vector/vector-index.ts';
import type { EngineState } from './state.ts';

/** A query as a vector of a space. */
export interface SpaceQuery {
  readonly space: string;
  readonly vector: Float32Array;
  /** The model that made it; undefined where the caller gave the vector. */
  readonly modelId: string | undefined;
}

export interface Nearest {
  readonly matches: readonly VectorMatch[];
  readonly efforts: readonly (SearchEffort & { readonly space: string })[];
}

/** Documents that are searched together: their scores have one scale. */
interface Group {
  readonly calibration: CalibratedDocuments | undefined;
  /** Undefined where they are all of the space. */
  readonly members: Filter | undefined;
}

export class VectorArm {
  readonly #state: EngineState;
  readonly #calibrations: Calibrations;

  constructor(state: EngineState, calibrations: Calibrations) {
    this.#state = state;
    this.#calibrations = calibrations;
  }

  /**
   * The `count` nearest by calibrated scores, best first. Each group of documents whose scores have a scale of
   * their own is searched for as many: none is crowded out before its scores are brought to the others' scale.
   *
   * @throws LociError `INVALID_VECTOR` where the query has another number of dimensions than the space.
   */
  nearest(query: SpaceQuery, count: number, options: NearestOptions): Nearest {
    const { spaces } = this.#state;
    const matches: VectorMatch[] = [];
    const efforts: (SearchEffort & { readonly space: string })[] = [];
    const groups = this.#groups(query);
    for (const { calibration, members } of groups) {
      const filter = both(options.filter, members);
      const found = spaces.search(query.space, query.vector, count, { ...options, filter });
      matches.push(...found.map((match) => calibrated(match, calibration)));
      const effort = spaces.effort(query.space);
      if (effort !== undefined) efforts.push({ space: query.space, ...effort });
    }
    if (groups.length > 1) matches.sort((a, b) => scoreOf(b) - scoreOf(a) || a.ordinal - b.ordinal);
    return { matches: matches.slice(0, count), efforts };
  }

  /** The scores of memories that another arm found, those of them that are in the space. */
  scores(query: SpaceQuery, ordinals: readonly number[]): readonly VectorMatch[] {
    const { spaces, table } = this.#state;
    const known = this.#documentsFor(query);
    const matches = spaces.scores(query.space, query.vector, ordinals);
    if (known.length === 0) return matches;
    return matches.map((match) => {
      const name = calibrationName(table.embeddingOf(match.ordinal)?.modelId ?? '');
      return calibrated(
        match,
        known.find(({ document }) => document === name),
      );
    });
  }

  /** What has a scale of its own; one group where all have the same, which is then searched without a filter. */
  #groups(query: SpaceQuery): readonly Group[] {
    const { embedded } = this.#state.table;
    const { space } = query;
    const others = this.#documentsFor(query).filter(({ document }) => embedded.countOf(space, document) > 0);
    const count = others.reduce((sum, { document }) => sum + embedded.countOf(space, document), 0);
    const isOwnThere = count < embedded.sizeOf(space);
    const [first] = others;
    if (first === undefined || (others.length === 1 && !isOwnThere))
      return [{ calibration: first, members: undefined }];
    const sets = others.map(({ document }) => embedded.membersOf(space, document));
    const groups: Group[] = others.map((calibration, i) => ({ calibration, members: sets[i] }));
    return isOwnThere ? [{ calibration: undefined, members: { not: { or: sets } } }, ...groups] : groups;
  }

  #documentsFor({ space, modelId }: SpaceQuery): readonly CalibratedDocuments[] {
    return modelId === undefined ? [] : this.#calibrations.documentsFor(space, modelId);
  }
}

function calibrated(match: VectorMatch, calibration: CalibratedDocuments | undefined): VectorMatch {
  return calibration === undefined
    ? match
    : { ...match, calibrated: applyCalibration(calibration, match.score) };
}

function scoreOf({ score, calibrated: own }: VectorMatch): number {
  return own ?? score;
}

function both(given: Filter | undefined, members: Filter | undefined): Filter | undefined {
  if (given === undefined || members === undefined) return given ?? members;
  return { and: [given, members] };
}
