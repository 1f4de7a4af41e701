/** The associative network: what joins memories, what one memory leads to, and the concepts they form. */

export { type Cluster, cluster, clusterCount } from './clusters.ts';
export { type Identified, identify } from './concept-ids.ts';
export { type Label, labelOf } from './concept-labels.ts';
export type { LinkGraph, SessionOrder, Times } from './derived-edges.ts';
export { createLinkEdges, createSessionEdges, createTimeEdges } from './derived-edges.ts';
export type { EdgeSource } from './edges.ts';
export { JointRecall, type Recalled } from './joint-recall.ts';
export { LEARNT_PAGE, LearntEdges, type StoredEdge } from './learnt-edges.ts';
export {
  type EdgeFinder,
  type FindOptions,
  type FoundEdge,
  finderOf,
  type Neighbour,
  neighboursOf,
} from './neighbourhood.ts';
export { type Expand, type Path, strongestPath } from './path.ts';
export { findSharedTerms } from './shared-terms.ts';
export { type Activation, type Seed, SpreadingActivation, type SpreadOptions } from './spread.ts';
export {
  CONCEPT_MEMBER,
  CONCEPT_MIN_SIZE,
  CONCEPT_REACH,
  CONCEPT_RECALL,
  CONCEPT_SAMPLE,
  CONCEPT_STALE_SHARE,
  CONCEPT_TOP_MEMBERS,
  CONCEPT_WORD_HITS,
  DEFAULT_PATH_HOPS,
  FOUND_EDGES,
  FULL_ACTIVATION,
  LABEL_MEMBERS,
  MAX_PATH_HOPS,
  RELATED_MIN_STRENGTH,
  SIMILAR_FLOOR,
} from './weights.ts';
