/** Every number of the associative network, each with its unit and reason; docs/association.md has the formulas. */

import type { EdgeKind } from '../../types.ts';

/**
 * How far an edge of full strength carries, by its kind: a share. Chosen by what the kinds stand for, not fitted: what
 * a host says of two memories counts most, then what use has shown, then what merely lies beside.
 */
export const KIND_WEIGHTS: Readonly<Record<EdgeKind, number>> = Object.freeze({
  /** Said by the host; below 1, so that each hop costs something. */
  link: 0.95,
  /** Shown by use, which may err. */
  learnt: 0.9,
  /** The next turn often answers the one before, and as often changes the subject. */
  session: 0.7,
  /** Near in meaning, by a model. */
  similar: 0.8,
  /** Rare words and names in common. */
  terms: 0.7,
  /** The same minutes, perhaps by accident. */
  time: 0.3,
});

// What is learnt.
/** Most learnt edges of a memory: as many as a reader would look through; the weakest goes. */
export const MAX_LEARNT_DEGREE = 16;
/** Most learnt edges of a namespace: 28 bytes each, 1.8 MB in all; the weakest go. */
export const MAX_LEARNT_EDGES = 65_536;
/** Share of the learnt edges that go together where there are too many: finding them takes some ms, and is so done rarely. */
export const LEARNT_PRUNE_SHARE = 1 / 16;
/** Time in which a learnt strength fades by half, ms: 30 days, as what is not used for a season should no longer lead anywhere. */
export const LEARNT_HALF_LIFE_MS = 30 * 24 * 60 * 60 * 1_000;
/** Learnt strength below which an edge is as good as none: what one joint recall leaves after two half-lives. */
export const LEARNT_FLOOR = 0.005;
/** Share of what is missing to 1 by which an edge grows when one search returns both ends on top: ten such searches make .18. */
export const RETURNED_RATE = 0.02;
/** The same when one of them is used, and the other was on top of that search or was used after it too: three such uses make .49. */
export const USED_RATE = 0.2;
/** Hits of a search, from the first, that count as returned together: the ones an agent is most likely to read, three pairs. */
export const RETURNED_TOP = 3;
/** Share of the best score that a hit must have to be one of them: what trails far behind was not really found. */
export const RETURNED_SCORE_SHARE = 0.5;
/** Searches that are kept in mind, so that a use can be put down to one of them. */
export const RECALLS_KEPT = 8;
/** Hits of each of them. */
export const RECALL_HITS_KEPT = 32;
/** How long a search may lie back for a use to be put down to it, ms: an agent's turn takes minutes at most. */
export const RECALL_WINDOW_MS = 10 * 60 * 1_000;

// What lies near in time.
/** Strength of the edge to a neighbour in the session, by its distance. */
export const SESSION_STRENGTHS: readonly number[] = [1, 0.5];
/** Memories before and behind, by the order of adding, that are looked at for a near `createdAt`. */
export const TIME_NEIGHBOURS = 4;
/** Difference of `createdAt` at which the strength of an edge of time has fallen to 1/e, ms: 10 minutes, a sitting. */
export const TIME_SCALE_MS = 10 * 60 * 1_000;
/** Strength below which two memories are not near in time: three scales, half an hour. */
export const TIME_FLOOR = 0.05;

// What a host links.
/** Links that lead to a memory, from those made first, of which the strongest are taken: a memory that thousands name costs no more. */
export const LINKS_IN_READ = 256;
/** Links that lead to a memory and are followed, the strongest. */
export const LINKS_IN_FOLLOWED = 16;

// How activation spreads.
/** Share of the activation that is left after each hop, besides strength and weight: two hops reach an eighth of what two edges carry. */
export const SPREAD_DECAY = 0.5;
/** Activation that a link of full strength brings from the surest find: as much as one hop can, and counted as 1 by a search. */
export const FULL_ACTIVATION = SPREAD_DECAY * KIND_WEIGHTS.link;
/** Activation below which a memory is not reached: a search's seeds have up to 1. */
export const SPREAD_THRESHOLD = 0.05;
/** Hops at most: farther, everything is related to everything. */
export const SPREAD_HOPS = 2;
/** Memories from which activation spreads at most. */
export const SPREAD_NODES = 64;
/** Edges looked at, at most: some .1 ms. */
export const SPREAD_EDGES = 512;

// What a search finds: vectors and words.
/** Memories that are found for each kind, at least: as many as learnt edges may be. */
export const FOUND_EDGES = 16;
/** Cosine at which two memories begin to be similar: unrelated sentences reach it in MiniLM's space, and in the built-in model's. */
export const SIMILAR_FLOOR = 0.3;
/** Characters of a memory, from its beginning, of which rare terms are taken: a page, whose terms are looked up in some ms. */
export const TERM_CHARS = 2_000;
/** Rare terms of a memory that others are looked for with: the rarest, beyond which they say little. */
export const RARE_TERMS = 12;
/** A term is rare from this share on of the rarity of one that two memories have: of 100,000 memories some 500 have it at most. */
export const RARE_SHARE = 0.5;
/** Terms of the greatest rarity that a full strength takes: one rare word in common joins two memories by a third at most. */
export const FULL_TERMS = 3;
/** How much more a name or a number counts than a plain word of its rarity. */
export const ENTITY_FACTOR = 1.5;

// Neighbours and paths.
/** Strength below which a neighbour is none, where the caller names no other. */
export const RELATED_MIN_STRENGTH = 0.05;
/** Neighbours of a memory that a path may go on to: the strongest. */
export const PATH_NEIGHBOURS = 24;
/** Memories that a path is looked for from in each hop: the strongest reached. Each costs two searches. */
export const PATH_BEAM = 16;
/** Hops of a path where the caller names no other number. */
export const DEFAULT_PATH_HOPS = 4;
/** Most hops of a path: a longer one joins anything with anything. */
export const MAX_PATH_HOPS = 6;

// Concepts.
/** Vectors that concepts are formed of, at most, evenly spread over the memories: sixteen for each of 64 concepts; grouping them takes some 200 ms, in slices. */
export const CONCEPT_SAMPLE = 1_024;
/** Most concepts: as many as can be looked through; there are about as many as the square root of the memories. */
export const MAX_CONCEPTS = 64;
/** Rounds of moving centres, at most: they hardly move after that. */
export const CONCEPT_ROUNDS = 6;
/** Memories that a concept has at least. */
export const CONCEPT_MIN_SIZE = 3;
/** Mean cosine between two members of a concept, at least: of unrelated memories it is about 0. */
export const CONCEPT_COHERENCE = 0.1;
/** Cosine of two centres from which on they are one concept. */
export const CONCEPT_MERGE = 0.85;
/** Cosine to the centre that a member has at least. */
export const CONCEPT_MEMBER = 0.2;
/** Memories looked for around a centre, as a multiple of those that a concept has on average: dense ones have more. */
export const CONCEPT_REACH = 2;
/** Share of those that are found on average: who is missed stands at the edge, and each such search stops all others. */
export const CONCEPT_RECALL = 0.7;
/** Cosine of an old and a new centre from which on the concept is the same one, and keeps its id. */
export const CONCEPT_SAME = 0.8;
/** Share of the memories that must have come, gone or changed before concepts are formed anew. */
export const CONCEPT_STALE_SHARE = 0.1;
/** Members whose words make a concept's label: those nearest to its centre. */
export const LABEL_MEMBERS = 12;
/** Characters of each of them. */
export const LABEL_CHARS = 600;
/** Words of them whose rarity is looked up: those that most of them have. */
export const LABEL_CANDIDATES = 64;
/** Terms of a concept, the most telling. */
export const CONCEPT_TERMS = 8;
/** Of which the label is made. */
export const LABEL_TERMS = 3;
/** Ids of members that come along with a concept: those nearest to its centre. */
export const CONCEPT_TOP_MEMBERS = 5;
/** Best matches of a query's words whose concepts are ranked where the query has no vector. */
export const CONCEPT_WORD_HITS = 100;
