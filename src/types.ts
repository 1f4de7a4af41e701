/** The public types of Loci: what a memory is, what can be asked of it, and what comes back. */

/**
 * What a memory holds: something that happened (`episodic`), something known (`semantic`),
 * or how something is done (`procedural`). The filter word `declarative` means the first two.
 */
export type MemoryKind = 'episodic' | 'semantic' | 'procedural';

/** Where a memory stands in its life, from the present moment to the archive. */
export type MemoryTier = 'immediate' | 'working' | 'session' | 'longterm' | 'archived';

/**
 * How much depends on a memory, ordered 1–4:
 * `low` debugging and routine; `medium` normal work; `high` errors and important findings;
 * `critical` what service levels, compliance and lineage rest on.
 */
export type Priority = 'low' | 'medium' | 'high' | 'critical';

/**
 * How far a write has got. `accepted`: in memory; `journaled`: its transaction is complete and
 * survives the death of tab, worker and browser; `flushed`: the disk was asked to keep it.
 */
export type Durability = 'accepted' | 'journaled' | 'flushed';

/** Any value JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A link to another memory. */
export interface MemoryLink {
  /** The other memory's id. */
  readonly id: string;
  /** How strong the association is, 0–1. */
  readonly strength: number;
  /** What the link says, for example `caused-by`. */
  readonly relation?: string | undefined;
}

/** How often a memory was found useful, and how often not: counts that halve every 90 days. */
export interface Feedback {
  /** As it was at `at`, 0–1,000,000. */
  readonly useful: number;
  readonly useless: number;
  /** When it was told last, ms since the epoch. */
  readonly at: number;
}

/**
 * What joins two memories. `link`: one names the other in `related`; `learnt`: they were recalled or used together;
 * `session`: they are neighbours in a session; `time`: they happened within minutes of each other; `similar`: their
 * vectors are near; `terms`: they share rare words or names.
 */
export type EdgeKind = 'link' | 'learnt' | 'session' | 'time' | 'similar' | 'terms';

/** To whom a memory's cost is charged. */
export interface CostAttribution {
  readonly costCenter?: string | undefined;
  readonly project?: string | undefined;
  /** Amount, in units of `currency`, not below zero. */
  readonly amount?: number | undefined;
  /** ISO 4217 code, for example `EUR`. */
  readonly currency?: string | undefined;
}

/** A vector with the space it may be compared in. */
export interface EmbeddingInput {
  /** Name and version of the model that made the vector. */
  readonly modelId: string;
  /** The space: vectors of different spaces are never compared. */
  readonly space: string;
  /** The vector, of any length but zero; it is brought to unit length. */
  readonly vector: Float32Array;
}

/** Which model embedded a memory. */
export interface EmbeddingInfo {
  readonly modelId: string;
  readonly space: string;
  readonly dimensions: number;
  /** `engine`: made here, and made anew when a better model arrives; `host`: given, and left alone. */
  readonly origin: 'engine' | 'host';
}

/** The fields of a memory a host may set and later change. All times are ms since the epoch. */
export interface MemoryFields {
  /** The text: 1 character to 32 KiB of UTF-8. */
  readonly content: string;
  /** Default `episodic`. */
  readonly kind: MemoryKind;
  /** Default `working`. */
  readonly tier: MemoryTier;
  /** Default `medium`. */
  readonly priority: Priority;
  /** 0–1, default 0.5. */
  readonly importance: number;
  /** At most 64, without repeats. Default none. */
  readonly tags: readonly string[];
  /** The agent that remembers. */
  readonly agentId?: string | undefined;
  /** The conversation, run or document it belongs to. */
  readonly sessionId?: string | undefined;
  /** Its place in the session, a whole number from 0. */
  readonly position?: number | undefined;
  /** Who said it. */
  readonly speaker?: string | undefined;
  /** The host's own key: a turn's id, a document's. */
  readonly externalId?: string | undefined;
  /** Where it came from. Default `unknown`. */
  readonly source: string;
  /** When it happened. Default now. */
  readonly createdAt: number;
  /** From when what it says holds. */
  readonly validFrom?: number | undefined;
  /** From when what it says no longer holds. */
  readonly invalidAt?: number | undefined;
  /** When it may be forgotten. */
  readonly expiresAt?: number | undefined;
  /** When the law wants it deleted; the earlier of this and `expiresAt` counts. */
  readonly legalDeletionAt?: number | undefined;
  /** While true, nothing deletes or expires it. Default false. */
  readonly legalHold: boolean;
  /** What a fact is about, where the host names it. */
  readonly subject?: string | undefined;
  /**
   * What a fact says of its subject, where the host names it: something of which one value holds at a time. Of two
   * facts of the same subject and predicate the later one contradicts the other, unless their contents are the same.
   */
  readonly predicate?: string | undefined;
  /**
   * Ids of the memories whose place it takes, at most 64; they are kept, marked and ranked down. What supersedes what
   * must make no circle. Default none.
   */
  readonly supersedes?: readonly string[] | undefined;
  /**
   * Ids of the memories that it contradicts, at most 64; they are kept, marked and ranked down. Default: what a
   * conservative rule finds that reads the text (see docs/facts.md); an empty list says that there are none.
   */
  readonly contradicts?: readonly string[] | undefined;
  /** What `reinforce` was told of it. */
  readonly feedback?: Feedback | undefined;
  /** Links to other memories, at most 64. Default none. */
  readonly related: readonly MemoryLink[];
  readonly cost?: CostAttribution | undefined;
  /** Stage of the data pipeline that was at work. */
  readonly processingStage?: string | undefined;
  /** Volume of the data it speaks of, GB, not below zero. */
  readonly dataVolumeGb?: number | undefined;
  /** Anything else, the host's context included (cluster, pipeline, …). Default `{}`. */
  readonly metadata: { readonly [key: string]: JsonValue };
}

/** A memory as it is read. */
export interface Memory extends MemoryFields {
  /** UUIDv7: its order is the order of creation. */
  readonly id: string;
  readonly tenant: string;
  readonly namespace: string;
  /** When it was last changed, ms since the epoch. */
  readonly updatedAt: number;
  /** How often it was changed; 1 when new. */
  readonly revision: number;
  /** When it was last returned by `get` or `search`; kept loosely, never journaled. */
  readonly lastAccessedAt?: number | undefined;
  readonly accessCount: number;
  /** Bytes of content, metadata and vector. */
  readonly sizeBytes: number;
  readonly embedding?: EmbeddingInfo | undefined;
  /** The vector, only where it was asked for. */
  readonly vector?: Float32Array | undefined;
}

/** A memory to add: only `content` is needed. */
export type NewMemory = Pick<MemoryFields, 'content'> &
  Partial<MemoryFields> & {
    /** A UUIDv7 of the caller's (a restored memory's). Default: made here. */
    readonly id?: string | undefined;
    /** A vector of the caller's. Default: the engine embeds the content. */
    readonly embedding?: EmbeddingInput | undefined;
  };

/** What to change of a memory; `null` clears an optional field. */
export type MemoryPatch = {
  readonly [K in keyof MemoryFields]?: undefined extends MemoryFields[K]
    ? MemoryFields[K] | null
    : MemoryFields[K];
};

/** A value that a filter compares with. */
export type FilterValue = string | number | boolean | null;

/** Conditions on one field; all must hold. */
export interface FilterCondition {
  readonly $eq?: FilterValue;
  readonly $ne?: FilterValue;
  readonly $gt?: string | number;
  readonly $gte?: string | number;
  readonly $lt?: string | number;
  readonly $lte?: string | number;
  readonly $in?: readonly FilterValue[];
  readonly $nin?: readonly FilterValue[];
}

/**
 * Which memories are meant. Keys are a memory's fields (`kind`, `tags`, `createdAt`, …), or
 * `metadata.` with a path. A list (`tags`) meets a condition if one of its values does, and `$ne`
 * or `$nin` if none of them is named. `priority` compares by its order.
 *
 * @example
 * { kind: 'declarative', tags: 'travel', createdAt: { $gte: Date.now() - 86_400_000 },
 *   $or: [{ priority: { $gte: 'high' } }, { 'metadata.cluster': 'eu-1' }] }
 */
export interface Filter {
  readonly $and?: readonly Filter[];
  readonly $or?: readonly Filter[];
  readonly $not?: Filter;
  readonly [field: string]: FilterValue | FilterCondition | readonly Filter[] | Filter | undefined;
}

/** Options of every call that writes. */
export interface WriteOptions {
  /** Id of this call: a second call with the same id changes nothing and answers the same. Default: a new one. */
  readonly opId?: string | undefined;
  /** How far the write must get before it is answered. Default: the engine's, `journaled`. */
  readonly durability?: 'journaled' | 'flushed' | undefined;
}

/** What every write answers. */
export interface WriteResult {
  /** The level reached. */
  readonly durability: Durability;
  readonly opId: string;
}

export interface AddResult extends WriteResult {
  readonly id: string;
}

export interface AddManyResult extends WriteResult {
  /** In the order given. */
  readonly ids: readonly string[];
}

export interface DeleteResult extends WriteResult {
  /** How many memories are gone. */
  readonly deleted: number;
  /** How many were kept because they are on legal hold. */
  readonly held: number;
}

/** What `deleteAll` deletes: a filter, or everything in the namespace, said in full. */
export type DeleteScope = { readonly filter: Filter } | { readonly everything: true };

export interface ReinforceOptions extends WriteOptions {
  /** The query for which the memory was useful or not; kept with its history, and erased with it. */
  readonly query?: string | undefined;
}

export interface ReinforceResult extends WriteResult {
  /** With this verdict in it. */
  readonly feedback: Feedback;
}

export interface GetOptions {
  /** Whether the vector comes along. Default false. */
  readonly includeVector?: boolean | undefined;
}

export interface ListOptions extends GetOptions {
  readonly filter?: Filter | undefined;
  /** 1–1,000, default 50. */
  readonly limit?: number | undefined;
  /** What the page before gave as `nextCursor`. */
  readonly cursor?: string | undefined;
  /** By when they were added to this namespace. Default `newest`. */
  readonly order?: 'newest' | 'oldest' | undefined;
  /** The moment that `validity` in the filter is judged by, ms since the epoch; it leaves nothing out by itself. Default now. */
  readonly asOf?: number | undefined;
}

export interface ListPage {
  readonly memories: readonly Memory[];
  /** Give it to the next call; absent on the last page. */
  readonly nextCursor?: string | undefined;
  /** How many memories the filter meets in all. */
  readonly total: number;
  /**
   * Ids of memories of this page whose contents are lost, so that they are not among `memories`; absent
   * where there are none.
   */
  readonly unreadable?: readonly string[] | undefined;
}

/**
 * Which model embeds queries where two can ask a space (the built-in one and MiniLM): `preferred`, the model wanted;
 * `builtin`, the built-in one, which costs microseconds; `auto`: the model wanted, unless the median of its latest
 * queries is above 50 ms (a slow machine, or it is embedding documents). Where only one can ask a space, it does.
 */
export type QueryEmbedder = 'auto' | 'builtin' | 'preferred';

export interface SearchOptions extends GetOptions {
  /** Most hits, 1–1,000, default 10. */
  readonly limit?: number | undefined;
  readonly filter?: Filter | undefined;
  /** A query vector of the caller's, compared in its own space instead of the engine's embedding of the query. */
  readonly embedding?: Pick<EmbeddingInput, 'space' | 'vector'> | undefined;
  /**
   * Hits below this score are left out, 0–1. What does not hold at the moment asked about is judged by the score it
   * would have if it did, so that it may come with a lower one. Default 0.
   */
  readonly minScore?: number | undefined;
  /** Share of the truly nearest vectors to find on average, above 0 and up to 1. Default .995. */
  readonly recall?: number | undefined;
  /** Width of the walk through the vector index's graph, a whole number from 1 to 10,000, in place of `recall`. */
  readonly ef?: number | undefined;
  /** Which model embeds the query. Default: the engine's, `auto`. */
  readonly queryEmbedder?: QueryEmbedder | undefined;
  /** The arms that are asked. Default all. */
  readonly arms?: readonly SearchArm[] | undefined;
  /** Weights in place of the defaults, nats: 0 leaves a signal out. */
  readonly weights?: Readonly<Partial<Record<SignalName, number>>> | undefined;
  /**
   * The moment as of which is asked, ms since the epoch: what held then ranks above what did not, whenever it was
   * added. To leave out what did not hold, filter by `{ validity: 'current' }`. Default now.
   */
  readonly asOf?: number | undefined;
  /**
   * The moment that "now" means in the question ("in the last 48 hours"), ms since the epoch; recency is reckoned
   * from it too. From −5e15 to 5e15, so that what lies before or after it is a date too. Default: the present.
   */
  readonly now?: number | undefined;
  /** Minutes that the asker's time is ahead of UTC, for "yesterday". Default 0. */
  readonly utcOffsetMinutes?: number | undefined;
  /** Whose seasons are meant. Default `northern`. */
  readonly hemisphere?: 'northern' | 'southern' | undefined;
  /** Where the caller stands: memories near to that rank higher. */
  readonly context?: CallerContext | undefined;
  /**
   * Whether the reranker that was chosen on opening reads the best hits, and how many of them with which share of the
   * score. It takes some hundreds of ms; where it is not there in time the order stays, and `plan.degraded` says so.
   * Default false.
   */
  readonly rerank?: boolean | RerankOptions | undefined;
  /**
   * Memories of its session that a hit brings from either side of it, as `context`; hits that are neighbours are
   * merged then, and others fill the list. All together are 1,000 memories at most. 0–3, default 0.
   */
  readonly neighbours?: number | undefined;
  /**
   * What novelty counts against relevance, 0–1, among the best 5 × `limit` (up to 500): hits that say what better
   * ones say go further back, so that the order is not that of the scores. It costs recall. Default 0: none.
   */
  readonly diversity?: number | undefined;
  /**
   * Whether words and vectors of the best five hits are added to the question, which is then asked again. Where those
   * five are wrong it leads further astray. Default false.
   */
  readonly expand?: boolean | undefined;
  /**
   * Further wordings of the question, up to eight: each is asked as the question is, and a memory's score is the mean
   * of its scores in all lists, each by the best of its list. Default none.
   */
  readonly queries?: readonly string[] | undefined;
}

export interface RerankOptions {
  /** How many of the best are read, 1–100, default 20. */
  readonly best?: number | undefined;
  /** Share of the reranker in the score of those, 0–1, default .5. */
  readonly weight?: number | undefined;
}

/** What finds candidates: vectors by meaning, words by BM25, associations by what the others found. */
export type SearchArm = 'vector' | 'lexical' | 'association';

/** Where the caller stands; what is left out does not count. Its fields have the limits of those of a memory. */
export interface CallerContext {
  /** The conversation or run under way. */
  readonly sessionId?: string | undefined;
  readonly agentId?: string | undefined;
  /** What the work is about. */
  readonly tags?: readonly string[] | undefined;
  /** What the agent is at, as text; compared by meaning. */
  readonly task?: string | undefined;
  /** The host's context: cluster, pipeline, page … Each key counts alike. */
  readonly metadata?: { readonly [key: string]: JsonValue } | undefined;
}

/** A time that a question speaks of. */
export interface PlanTime {
  /** First moment, and the one after the last, ms since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The words of the question. */
  readonly text: string;
  /**
   * Whether nothing else is found: a stretch of stated length that lasts until now, where no earlier time is named as
   * well. Others only rank.
   */
  readonly isStrict: boolean;
  /** The event that it hangs on ("after the wedding"); absent of a time that the question itself names. */
  readonly event?: PlanEvent | undefined;
}

/** When an event that a question names was, and which memory tells of it. */
export interface PlanEvent {
  readonly id: string;
  /** First moment of the event, and the one after its last, ms since the epoch; the same where the memory's own time stands for it. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The words of the memory that date the event; absent where it gives no date, so that its own time counts. */
  readonly text?: string | undefined;
}

/**
 * What speaks for a memory, by name. docs/recall.md says what each measures and what it is worth, and
 * `retrieval/signals.ts` has their weights.
 */
export type SignalName =
  | 'words'
  | 'passage'
  | 'meaning'
  | 'session'
  | 'echo'
  | 'answer'
  | 'speaker'
  | 'statement'
  | 'length'
  | 'time'
  | 'outdated'
  | 'association'
  | 'context'
  | 'recency'
  | 'priority'
  | 'importance'
  | 'use'
  | 'usefulness'
  | 'preference'
  | 'phrase';

/**
 * Whether what a memory says holds at the moment that is asked about. `future`: not yet; `ended`: no longer, since
 * its `invalidAt`; `superseded`: another memory says that it took its place; `contradicted`: a later fact of the
 * same subject and predicate, or one whose text says that something changed, says otherwise.
 */
export type Validity = 'current' | 'future' | 'ended' | 'superseded' | 'contradicted';

/** One signal's part in a hit's score. */
export interface SignalScore {
  readonly signal: SignalName;
  /** What was measured, 0–1 for most. */
  readonly value: number;
  /** Points for a value of 1: nats of log-odds. */
  readonly weight: number;
  /** value × weight, as a share of the most points that any memory could have had in this search. */
  readonly score: number;
}

/** One arm's measure of a hit. */
export interface ArmScore {
  /** What the arm measured: cosine for vectors, BM25 for words. */
  readonly raw: number;
  /** `raw` brought to 0–1 within this query. */
  readonly normalized: number;
  /** What `normalized` alone adds to the score is this times it; other signals rest on it too. */
  readonly weight: number;
}

/** Why a memory was found, and why it stands where it does. */
export interface HitExplanation {
  /**
   * The arms that found it; `speaker`: it was said by whom the question asks about, and about nothing else (see
   * `plan.saidBy`); `neighbour`: none, it stands beside one that was found.
   */
  readonly foundBy: readonly (SearchArm | 'speaker' | 'neighbour')[];
  /** The signals that are not silent: their scores add up to the hit's, unless that is cut off at 0 or 1. */
  readonly signals: readonly SignalScore[];
  readonly vector?:
    | (ArmScore & {
        readonly space: string;
        /** `raw` as the query's own model would have scored it; only where another model embedded the memory. */
        readonly calibrated?: number | undefined;
        /** How far the model is trusted, 0–1: 1 where its quality was measured, else by its agreement with the words, and half where they tell nothing. */
        readonly trust: number;
      })
    | undefined;
  readonly lexical?: (ArmScore & { readonly terms: readonly string[] }) | undefined;
  /** What the reranker gave it, on a scale of its own, and its score before that; the signals add up to the latter. */
  readonly rerank?:
    | { readonly modelId: string; readonly raw: number; readonly scoreBefore: number }
    | undefined;
  /**
   * Which wordings found it, best first; only where `queries` were given. All else here is told by the first of them,
   * and the hit's score is the mean over all.
   */
  readonly queries?: readonly WordingScore[] | undefined;
}

/** What one wording of a question gave a hit. */
export interface WordingScore {
  /** 0: the question itself; from 1 on the further wordings, in the order given. */
  readonly query: number;
  /** 0–1, by that wording's best. */
  readonly score: number;
}

/** What stands beside a hit in its session, in order; what does not hold now, or at `asOf`, is left out. */
export interface HitContext {
  readonly before: readonly Memory[];
  readonly after: readonly Memory[];
}

export interface SearchHit {
  readonly id: string;
  /** 0–1: the points of all signals as a share of the most that could be had. Comparable within one search only. */
  readonly score: number;
  readonly memory: Memory;
  readonly why: HitExplanation;
  /** Whether what it says holds now, or at the `asOf` of the search. The engine always says it. */
  readonly validity?: Validity | undefined;
  /** The memory that superseded or contradicts it, where the filter of the search lets it through. */
  readonly replacedBy?: string | undefined;
  /** Only where `neighbours` were asked for. */
  readonly context?: HitContext | undefined;
  /** Ids of the memories in `context` that were hits themselves, best first; absent where there are none. */
  readonly merged?: readonly string[] | undefined;
}

/** How vectors were searched, and what was spent. */
export interface SearchEffort {
  /** Each member compared; all codes scanned and the best compared; or the graph walked. */
  readonly plan: 'exact' | 'codes' | 'graph';
  /** Rows that passed the filter. */
  readonly members: number;
  /** Width of the walk. */
  readonly ef?: number | undefined;
  /** Nodes of the graph compared by 4 bits a number. */
  readonly walked: number;
  /** Rows whose 1-bit codes were scanned. */
  readonly scanned: number;
  /** Rows compared by 8 bits a number, */
  readonly judged: number;
  /** and by all bits. */
  readonly refined: number;
  /** Rows not yet in the graph. */
  readonly pending: number;
}

/** Which model asked a space, and whom. */
export interface QueryChoice {
  readonly space: string;
  readonly modelId: string;
  /**
   * `only`: no other can ask the space; `set`: it was asked for; `auto`: the model wanted, quick enough; `slow`: the
   * built-in one, since the model wanted is not; `failed`: the one chosen failed, see `degraded`.
   */
  readonly why: 'only' | 'set' | 'auto' | 'slow' | 'failed';
  /**
   * Shares of the space's memories by the model that embedded them, where there are several (of many, eight are
   * named); all precisions of MiniLM count as one.
   */
  readonly mixture?: Readonly<Record<string, number>> | undefined;
}

export interface SearchResult {
  readonly hits: readonly SearchHit[];
  /** Time in the engine, ms, embedding the query included. */
  readonly ms: number;
  /** Of which embedding the query, ms. */
  readonly embedMs: number;
  /** Which arms were asked. */
  readonly plan: {
    readonly index: string;
    readonly spaces: readonly string[];
    /** Which model embedded the query for each space; absent where the caller gave a vector. */
    readonly queries?: readonly QueryChoice[] | undefined;
    /** How the vectors of each space were searched, where the index tells: once for each model whose scores are calibrated. */
    readonly vector?: readonly (SearchEffort & { readonly space: string })[] | undefined;
    readonly lexical: boolean;
    /**
     * The speakers that the question, or a wording of it, asks about and about nothing else ("What did Ana say?"):
     * what they said latest is found, and neither its words nor a vector of it are asked for. Absent where there are none.
     */
    readonly saidBy?: readonly string[] | undefined;
    /** Times that the question speaks of; absent where it names none. */
    readonly times?: readonly PlanTime[] | undefined;
    /** Further wordings that were asked; absent where there are none. */
    readonly wordings?: number | undefined;
    /** Words that the best hits added to the question; only where `expand` was asked for. */
    readonly expanded?: readonly string[] | undefined;
    /** How many of the best were read for what stands in quotation marks, and how many have it; only where something does. */
    readonly quoted?: { readonly read: number; readonly found: number } | undefined;
    /** How many of the best `diversity` put in a new order; only where it was asked for. */
    readonly diversified?: number | undefined;
    /** Memories that the filter left, all of them without one. */
    readonly considered: number;
    /** An arm or a model that could not be asked, and why. */
    readonly degraded?: string | undefined;
  };
}

/** What an edge between two memories rests on; which fields there are depends on its kind. */
export interface EdgeReason {
  /** Of a link: what it says, where the host has said it. */
  readonly relation?: string | undefined;
  /** Of a link: `out` where the first memory names the second, `in` where the second names the first. */
  readonly direction?: 'out' | 'in' | undefined;
  /** Of neighbours in a session: how many places apart they are. */
  readonly distance?: number | undefined;
  /** Of near times: how far apart they happened, ms. */
  readonly apartMs?: number | undefined;
  /** Of near vectors. */
  readonly cosine?: number | undefined;
  /** The rare words and names that both have. */
  readonly terms?: readonly string[] | undefined;
}

/** One of the edges between two memories. */
export interface EdgePart {
  readonly kind: EdgeKind;
  /** As the kind measures it, above 0 and up to 1. */
  readonly strength: number;
  /** What the strength was multiplied with, 0–1. */
  readonly weight: number;
  readonly why: EdgeReason;
}

export interface RelatedOptions {
  /** Most memories, 1–1,000, default 10. */
  readonly limit?: number | undefined;
  /** Which edges count. Default: all. */
  readonly kinds?: readonly EdgeKind[] | undefined;
  /** Memories that are less strongly joined are left out, 0–1. Default .05. */
  readonly minStrength?: number | undefined;
}

/** A memory that another leads to. */
export interface RelatedMemory {
  readonly id: string;
  readonly memory: Memory;
  /** 0–1: 1 − Π (1 − weight · strength) over the edges. */
  readonly strength: number;
  /** What joins the two, by what each adds, most first. */
  readonly edges: readonly EdgePart[];
}

export interface PathOptions {
  /** Most steps, 1–6, default 4. */
  readonly maxHops?: number | undefined;
}

/** One step of a path. */
export interface PathStep {
  readonly from: string;
  readonly to: string;
  readonly strength: number;
  readonly edges: readonly EdgePart[];
}

/** How one memory leads to another. */
export interface MemoryPath {
  /** The product of the steps' strengths; 1 from a memory to itself. */
  readonly strength: number;
  /** The memories passed, both ends included. */
  readonly memories: readonly Memory[];
  /** One less than memories. */
  readonly steps: readonly PathStep[];
}

export interface ConceptsOptions {
  /** What concepts are looked for. Default: all, largest first. */
  readonly query?: string | undefined;
  /** Most concepts, 1–1,000, default 10. */
  readonly limit?: number | undefined;
}

/** A group of memories that are near in meaning. */
export interface Concept {
  /** Stays when concepts are formed anew, as far as the concept is still there. */
  readonly id: string;
  /** The three most telling words; where no words are shared, the beginning of the most typical memory. */
  readonly label: string;
  /** Words that its members have and others have not, most telling first, at most 8. */
  readonly terms: readonly string[];
  /** Memories in it. */
  readonly size: number;
  /** Ids of the most typical ones, at most 5. */
  readonly members: readonly string[];
  /** With a query: its cosine with the concept's centre; where the query has no vector, the share of its best word matches. */
  readonly score?: number | undefined;
}

export interface ConceptOptions {
  /** 1–1,000, default 50. */
  readonly limit?: number | undefined;
  /** What the page before gave as `nextCursor`. */
  readonly cursor?: string | undefined;
}

/** A memory of a concept. */
export interface ConceptMember {
  readonly id: string;
  readonly memory: Memory;
  /** Cosine with the concept's centre. */
  readonly similarity: number;
}

/** A concept and some of its memories, the most typical first. */
export interface ConceptPage {
  readonly concept: Concept;
  readonly members: readonly ConceptMember[];
  /** Give it to the next call; absent on the last page. */
  readonly nextCursor?: string | undefined;
}

/** One change of a memory. */
export interface HistoryEntry {
  readonly seq: number;
  /** When, ms since the epoch. */
  readonly at: number;
  readonly opId: string;
  readonly type: 'add' | 'update' | 'delete';
  /** The fields changed, before and after; of a deleted memory nothing but its deletion is kept. */
  readonly changes: { readonly [field: string]: { readonly before?: unknown; readonly after?: unknown } };
  /**
   * Why it was deleted: it was asked for, its time had come, or there was no room for it. Absent for other
   * changes, and for deletions by earlier releases.
   */
  readonly reason?: 'request' | 'expired' | 'evicted' | undefined;
  /** Of feedback: the query that it was told for, where that was named. */
  readonly query?: string | undefined;
}

/** How much a namespace may hold, how much it holds, and what had to go for that. */
export interface LimitsStatus {
  /** Bytes that hold as the limit now: those given, or fewer where the browser lends less. */
  readonly maxBytes: number;
  readonly maxMemories: number;
  /** What made `maxBytes` as it is: the host, or the browser's quota. */
  readonly bytesLimitedBy: 'config' | 'quota';
  /** By Loci's own account: the sum of `bytesByKind`. */
  readonly usedBytes: number;
  readonly memories: number;
  /** Whether one of the limits is nearly reached, so that the least valuable memories are evicted. */
  readonly isNearLimit: boolean;
  /** Memories evicted since the engine was opened. */
  readonly evicted: number;
  /** The last eviction since then. */
  readonly lastEviction?:
    | {
        /** ms since the epoch. */
        readonly at: number;
        readonly count: number;
        /** `soft`: ahead of need; `hard`: a write stood before a limit; `storage`: storage was full. */
        readonly reason: 'soft' | 'hard' | 'storage';
      }
    | undefined;
}

/** A namespace in numbers. */
export interface Stats {
  readonly count: number;
  /** Bytes of contents, metadata and vectors. */
  readonly sizeBytes: number;
  readonly byKind: Readonly<Partial<Record<MemoryKind, number>>>;
  readonly byTier: Readonly<Partial<Record<MemoryTier, number>>>;
  readonly byModel: Readonly<Record<string, number>>;
  /** Bytes of the vector indexes in memory. */
  readonly indexBytes: number;
  /** Bytes of the word index in memory. */
  readonly wordBytes: number;
  /** Bytes in storage, by Loci's own account. */
  readonly bytesByKind: BytesByKind;
  readonly limits: LimitsStatus;
  /** How often contents were at hand when they were wanted, in memory or in the page file, and how many pages were brought ahead. */
  readonly contentCache: {
    readonly hits: number;
    readonly misses: number;
    readonly prefetched: number;
    /** Bytes of the file that holds copies of pages, which is read without waiting; 0 where there is none. */
    readonly fileBytes: number;
  };
  /** What the browser says of this origin, bytes; absent where it does not say. */
  readonly storage?: { readonly usageBytes: number; readonly quotaBytes: number } | undefined;
}

/** A connection to a database. */
export interface ConnectionStatus {
  /**
   * `idle`: there is none, and the next call opens one; `reopening`: the one before died;
   * `failed`: the last attempt failed, and the next call makes another.
   */
  readonly state: 'idle' | 'opening' | 'open' | 'reopening' | 'closed' | 'failed';
  /** How often a dead connection was replaced. */
  readonly reopened: number;
  /** What the connection met last, if anything. */
  readonly lastError?: { readonly code: string; readonly message: string } | undefined;
}

/** What the engine is doing, for a status line. */
export interface Status {
  readonly tenant: string;
  readonly namespace: string;
  /** `owner` writes to storage; a `follower` reaches the owner in another tab. */
  readonly role: 'owner' | 'follower';
  readonly storage: {
    readonly kind: string;
    /** False where nothing survives a reload. */
    readonly persistent: boolean;
    /** Why it is not persistent. */
    readonly reason?: string | undefined;
    /** `newOrEvicted`: nothing was stored here when it was opened, since it is new or the browser evicted what there was. */
    readonly origin: 'newOrEvicted' | 'existing';
    /**
     * True where something is known to have been stored here that is gone: evicted by the browser, or
     * deleted. Restore a backup. Its absence proves nothing: a browser usually evicts the proof as well.
     */
    readonly evicted?: boolean | undefined;
    /** The connection to the database; absent where there is none. */
    readonly connection?: ConnectionStatus | undefined;
    /**
     * Whether the browser promised not to evict it. It is asked once, after the first write that was
     * acknowledged, and by a window only: absent elsewhere, and where nothing persists.
     */
    readonly persistence?: 'granted' | 'denied' | 'unsupported' | 'unasked' | undefined;
  };
  /** Why this tab refuses to write: another one runs a later release. Absent while it writes. */
  readonly readOnly?: string | undefined;
  /** The level a write reaches by default. */
  readonly durability: Durability;
  readonly index: string;
  readonly embedder: {
    /** The model that embeds now. */
    readonly activeId: string;
    readonly space: string;
    /** The model wanted. */
    readonly preferredId: string;
    /** `ready` also where it is the built-in one and nothing had to be embedded yet: `builtin.state` is then `idle`. */
    readonly state: 'loading' | 'ready' | 'failed';
    /** 0–1 while loading, never falling; 0 before that. */
    readonly progress: number;
    /** Why the model wanted does not serve. */
    readonly error?: string | undefined;
    /** The built-in model; absent where hashing was chosen in its place. */
    readonly builtin?:
      | {
          readonly id: string;
          /**
           * `idle`: it is loaded when something has to be embedded first; `fallback`: it could not be loaded, or is
           * long in coming, and words are hashed until it is there.
           */
          readonly state: 'idle' | 'loading' | 'ready' | 'fallback';
          /** 0–1 while loading, by bytes, never falling. */
          readonly progress: number;
          /** Why it does not serve. */
          readonly error?: string | undefined;
        }
      | undefined;
  };
  /** Memories embedded by an earlier model and not yet by the active one. */
  readonly reembedding: { readonly done: number; readonly total: number };
  /** Memories and changes that are lost to damage, as far as is known. */
  readonly damaged: number;
  /** Memories for whose vectors the index has no memory left: found by their words only, until others are forgotten and the engine is opened anew. */
  readonly unindexed: number;
  readonly limits: LimitsStatus;
  /** The last failure of each kind of background work that has not succeeded since; absent when all is well. */
  readonly backgroundError?: string | undefined;
}

/** Why a namespace is not in order. */
export interface HealthReason {
  readonly code:
    | 'records-lost'
    | 'operations-lost'
    | 'contents-lost'
    | 'evicted'
    | 'vectors-lost'
    | 'words-rebuilding'
    | 'vectors-unindexed'
    | 'rows-damaged'
    | 'manifest-rebuilt'
    | 'older-database'
    | 'background-failed'
    | 'read-only';
  readonly message: string;
  /** How many memories or changes it is about. */
  readonly count?: number | undefined;
  /** Ids of the first 20 memories it is about, where they are known. */
  readonly ids?: readonly string[] | undefined;
}

/**
 * How a namespace is. `ok`; `degraded`: everything is there, and something is slower, not found as well or
 * cannot be written for now; `lost`: something that was acknowledged cannot be read any more.
 */
export interface Health {
  readonly state: 'ok' | 'degraded' | 'lost';
  readonly reasons: readonly HealthReason[];
  /** Broken things that were made good on opening: copies, word segments, graphs. */
  readonly repaired: number;
}

/** Bytes that a namespace takes in storage, by what they are. */
export interface BytesByKind {
  readonly contents: number;
  /** All fields but contents. */
  readonly records: number;
  readonly vectors: number;
  readonly graph: number;
  /** The word index. */
  readonly postings: number;
  /** Operations that are not in blocks yet, and answers kept for retries. */
  readonly journal: number;
  /** Memories in the archive. */
  readonly archived: number;
}

/** What `subscribe` tells. */
export type EngineEvent =
  | {
      readonly type: 'change';
      readonly seq: number;
      readonly operations: readonly {
        readonly type: 'add' | 'update' | 'embed' | 'delete';
        readonly id: string;
      }[];
    }
  | { readonly type: 'status'; readonly status: Status };

/** The verbs of a memory engine; the same in the worker, in the window and in another tab. */
export interface MemoryEngine {
  /** Remembers one thing. */
  add(memory: NewMemory, options?: WriteOptions): Promise<AddResult>;
  /** Remembers up to 1,000 things, all or none. */
  addMany(memories: readonly NewMemory[], options?: WriteOptions): Promise<AddManyResult>;
  /** One memory, or null. */
  get(id: string, options?: GetOptions): Promise<Memory | null>;
  /** A page of memories by when they were added. */
  list(options?: ListOptions): Promise<ListPage>;
  /** The memories that fit a query best, with reasons. */
  search(query: string, options?: SearchOptions): Promise<SearchResult>;
  /**
   * The memories that one leads to, strongest first, with what joins them.
   *
   * @throws LociError `NOT_FOUND` where there is no such memory, `INVALID_INPUT` for bad options.
   */
  related(id: string, options?: RelatedOptions): Promise<readonly RelatedMemory[]>;
  /**
   * The strongest path from one memory to another that a bounded look around both finds, or null.
   *
   * @throws LociError `NOT_FOUND` where one of them is not there, `INVALID_INPUT` for bad options.
   */
  path(from: string, to: string, options?: PathOptions): Promise<MemoryPath | null>;
  /**
   * The concepts that memories form, largest first, or those nearest to a query. They are formed when they are first
   * asked for, and anew when a tenth of the memories has changed.
   *
   * @throws LociError `INVALID_INPUT` for bad options.
   */
  concepts(options?: ConceptsOptions): Promise<readonly Concept[]>;
  /**
   * A concept and a page of its memories, the most typical first.
   *
   * @throws LociError `NOT_FOUND` where there is no such concept (any more), `INVALID_INPUT` for bad options.
   */
  concept(id: string, options?: ConceptOptions): Promise<ConceptPage>;
  /** Changes a memory; the content is embedded again if it changed. */
  update(id: string, patch: MemoryPatch, options?: WriteOptions): Promise<WriteResult>;
  /**
   * Adds a memory that takes the place of another: the new one names it in `supersedes`, and what the other says
   * ends when the new one begins (its `validFrom`, else its `createdAt`), though not before it began itself. Both or
   * neither is written. The other is kept, marked and ranked down.
   */
  supersede(id: string, memory: NewMemory, options?: WriteOptions): Promise<AddResult>;
  /** Tells that a memory was useful, or was not: for its own rank, and for what is like it. */
  reinforce(id: string, useful: boolean, options?: ReinforceOptions): Promise<ReinforceResult>;
  /** Forgets one memory; `deleted` is 0 where there is none. */
  delete(id: string, options?: WriteOptions): Promise<DeleteResult>;
  /**
   * Forgets all of a scope, however many, in transactions of 1,000. If it rejects, a part may be gone
   * already: repeated with the same operation id it goes on with the rest.
   */
  deleteAll(scope: DeleteScope, options?: WriteOptions): Promise<DeleteResult>;
  /** What happened to a memory, oldest first. */
  history(id: string): Promise<readonly HistoryEntry[]>;
  stats(): Promise<Stats>;
  /** Whether all is in order, and if not, what is not. */
  health(): Promise<Health>;
  status(): Promise<Status>;
  /** Asks the disk to keep all that was written. */
  flush(): Promise<{ readonly durability: Durability }>;
  /** Tells of changes and of the engine's state; answers a function that ends it. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
  /** Flushes and lets go of everything. */
  close(): Promise<void>;
}

/** What holds of the built-in model, whatever else is chosen. */
export interface BuiltinOptions {
  /**
   * Whether its table, 4.5 MB of the package, is loaded as soon as the engine is open, and not when something has
   * to be embedded first: for pages that may lose the network in between. Default false.
   */
  readonly preload?: boolean | undefined;
}

/**
 * Which model embeds. `builtin`: a table of word vectors, English; `hashing`: only what shares words is near, and
 * nothing is loaded; `transformers`: a model by transformers.js, with the built-in one serving until it is there.
 */
export type EmbedderConfig =
  | (BuiltinOptions & {
      readonly kind: 'builtin';
      /** 384, or 256: vectors take a third less storage and a quarter less memory, and four to five times as long to make. Default 384. */
      readonly dimensions?: number | undefined;
    })
  | { readonly kind: 'hashing' }
  | (BuiltinOptions & {
      readonly kind: 'transformers';
      /**
       * Known are all-MiniLM-L6-v2, and for other languages paraphrase-multilingual-MiniLM-L12-v2,
       * multilingual-e5-small and multilingual-e5-base, on the hub under `Xenova/`. Any other needs `dimensions`
       * and `pooling`. Default `Xenova/all-MiniLM-L6-v2`.
       */
      readonly model?: string | undefined;
      /** URL of a folder that holds the model's folder; nothing is asked of the hub then. */
      readonly modelBaseUrl?: string | undefined;
      /** Default `q8`. */
      readonly dtype?: string | undefined;
      /**
       * Dimensions of a model's vectors that is not known. Of all-MiniLM-L6-v2 384, or 256: its vectors are then
       * reduced as the built-in model's. Default: the known model's.
       */
      readonly dimensions?: number | undefined;
      /** How a model that is not known makes a sentence's vector of its tokens': their mean, or the first one's. */
      readonly pooling?: 'mean' | 'cls' | undefined;
      /** With which vectors those of a model that is not known may be compared. Default: its own only. */
      readonly space?: string | undefined;
      /** URL of the ONNX runtime's `.wasm`. Default: where transformers.js looks for it. */
      readonly wasmUrl?: string | undefined;
    });

/** A model that reads a question and each of the best hits together, and may put them into another order. */
export interface RerankerConfig {
  /** A cross-encoder by transformers.js; loaded when a search first asks for it. */
  readonly kind: 'transformers';
  /** Default `Xenova/ms-marco-MiniLM-L-6-v2`, English. Any that gives one number for a pair of texts will do. */
  readonly model?: string | undefined;
  /** URL of a folder that holds the model's folder; nothing is asked of the hub then. */
  readonly modelBaseUrl?: string | undefined;
  /** Default `q8`. */
  readonly dtype?: string | undefined;
  /** URL of the ONNX runtime's `.wasm`. Default: where transformers.js looks for it. */
  readonly wasmUrl?: string | undefined;
}

/** How much a namespace may hold. */
export interface LimitsConfig {
  /**
   * Most bytes in storage, by Loci's own account (`stats().bytesByKind`); at least 1,000,000, default 4 GiB.
   * Half of the browser's quota holds instead where that is less.
   */
  readonly maxBytes?: number | undefined;
  /** Most memories, default 2,000,000. */
  readonly maxMemories?: number | undefined;
  /**
   * `evict`: from nine tenths of a limit on, the least valuable memories are evicted, never those of priority
   * `critical` or on legal hold; `refuse`: nothing is evicted, and a write without room gets `QUOTA_EXCEEDED`.
   * Default `evict`.
   */
  readonly whenFull?: 'evict' | 'refuse' | undefined;
}

/** `english`: a conservative rule that marks what a text such as "I no longer live in Lisbon" contradicts; `off`: none. */
export type ChangeRule = 'english' | 'off';

/** How an engine is opened; plain data, since it crosses to the worker. */
export interface EngineConfig {
  /** Default `default`. */
  readonly tenant?: string | undefined;
  /** Default `default`. */
  readonly namespace?: string | undefined;
  /** `auto`: IndexedDB, or memory where the browser has none for us, said in `status()`. Default `auto`. */
  readonly storage?: 'auto' | 'indexeddb' | 'memory' | undefined;
  /** Default `kernel`, Loci's own. `exact` compares every vector; `hnswlib` runs in browsers only. */
  readonly index?: 'kernel' | 'exact' | 'hnswlib' | undefined;
  /** Default `{ kind: 'builtin' }`. */
  readonly embedder?: EmbedderConfig | undefined;
  /** Level of a write that names none. Default `journaled`. */
  readonly durability?: 'journaled' | 'flushed' | undefined;
  /** How much the namespace may hold; of several tabs that of the owner counts. */
  readonly limits?: LimitsConfig | undefined;
  /** Which model embeds a query where two can. Default `auto`. */
  readonly queryEmbedder?: QueryEmbedder | undefined;
  /** What reranks the hits of searches that ask for it (`rerank`). Default none. */
  readonly reranker?: RerankerConfig | undefined;
  /**
   * The language of the texts, ISO 639-1: its stop words are left out, its endings cut off. Texts in others are found
   * by their words as they are written. In another language than the last time all words are indexed anew, in the
   * background. Default `en`.
   */
  readonly language?: string | undefined;
  /** Whether texts are read for what they contradict, where nobody said. Default `english`. */
  readonly changeRule?: ChangeRule | undefined;
}
