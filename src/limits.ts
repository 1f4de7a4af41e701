/** Every limit, interval and default of Loci, each with its unit and the reason for its value. */

/** Longest content of one memory, UTF-8 bytes: one page of content storage. */
export const MAX_CONTENT_BYTES = 32 * 1024;
/** Longest query text, characters: longer than any embedding model reads. */
export const MAX_QUERY_CHARS = 8_192;
/** Beginning of a query in which times are looked for, characters: a question, and what is pasted behind it speaks of other times. */
export const MAX_TIME_CHARS = 1_000;
/** Beginning of a memory in which the date of an event is looked for, characters: some pages; what names an event is mostly short. */
export const MAX_EVENT_TEXT_CHARS = 8_192;
/** Longest wait of a search for the library that reads dates, ms: 13 KB, fetched once; without it the query has no dates. */
export const DATE_PARSER_WAIT_MS = 1_000;
/** Longest id-like string (session, agent, speaker, external id, source …), characters. */
export const MAX_NAME_CHARS = 256;
/** Longest tenant or namespace name, characters: it becomes part of a database's name. */
export const MAX_SCOPE_CHARS = 128;
/** Furthest time from the epoch, ms: what a date of JavaScript can hold. */
export const MAX_DATE_MS = 8.64e15;
/** Furthest "now" of a question from the epoch, ms, some 158,000 years: "9999 decades ago" is a date too. */
export const MAX_NOW_MS = 5e15;
/** Most tags of one memory. */
export const MAX_TAGS = 64;
/** Most links of one memory to others: the associative network stays bounded per node. */
export const MAX_RELATED = 64;
/** Most memories that one says it supersedes, or contradicts: as many as its links. */
export const MAX_REPLACED = 64;
/** Time in which what was told of a memory's use comes to count half, ms: 90 days, a season's work of its user. */
export const FEEDBACK_HALF_LIFE_MS = 90 * 24 * 60 * 60 * 1_000;
/** Verdicts of each kind on one memory, at most: more than anyone tells, and few enough that sums of them stay exact. */
export const MAX_FEEDBACK_COUNT = 1_000_000;
/** How long sums of verdicts are kept up before they are made anew, ms: what is told of a later time counts as told then, 5 % more than now. */
export const PREFERENCES_KEPT_MS = 7 * 24 * 60 * 60 * 1_000;
/** Traits (a source, a speaker, a tag, …) that preferences are learnt of, at most: some 400 KB. */
export const MAX_PREFERENCE_TRAITS = 4_096;
/** Memories compared with one that tells of a change, at most, for each change: less than a millisecond. */
export const CHANGE_CANDIDATES = 32;
/** Changes that are read of one text, at most: who tells of more lists what happened to others. */
export const MAX_CHANGES_READ = 8;
/** Stored memories whose statements are kept while one call looks for what it contradicts, at most: some 1 MB. */
export const STATEMENTS_KEPT = 2_048;
/** Memories that one is found to contradict by its words, at most: who changed more often said so in between. */
export const MAX_FOUND_CONTRADICTED = 8;
/** Largest metadata of one memory as JSON, UTF-8 bytes. */
export const MAX_METADATA_BYTES = 16 * 1024;
/** Deepest nesting of metadata, levels. */
export const MAX_METADATA_DEPTH = 8;
/** Deepest nesting of a filter, levels: compiled recursively. */
export const MAX_FILTER_DEPTH = 16;
/** Most conditions in a filter, and most values in one `$in`. */
export const MAX_FILTER_CONDITIONS = 1_024;
/** Most memories in one `addMany`: one transaction stays well below a second. */
export const MAX_BATCH = 1_000;
/** Most dimensions of a vector: the largest of the published embedding models. */
export const MAX_DIMENSIONS = 4_096;
/** Most memory of one vector index, bytes: some three million vectors of 384 dimensions; WASM ends at 4 GiB. */
export const MAX_INDEX_BYTES = 2 * 1024 ** 3;
/** Share of the true nearest that a search finds where it names none: what the VectorIndex port promises under a filter. */
export const DEFAULT_RECALL = 0.995;
/** Rows from which on a graph is built: with fewer, scanning all codes is as fast at the default recall. */
export const GRAPH_FROM_ROWS = 50_000;
/** Slice of background work on an index, ms: with what is begun when it ends, a search waits less than 8 for it. */
export const INDEX_SLICE_MS = 3;
/** Characters whose words are indexed in a slice: less than 1 µs each, short texts costing the most. */
export const WORD_SLICE_CHARS = 8_000;
/** Terms looked at for one unknown word of a query, at most: about 1 ms. */
export const NEAR_SCAN_TERMS = 40_000;
/** Unknown words of a query that are looked for by what is like them, at most: it is no query of words otherwise. */
export const NEAR_WORDS = 4;
/** Unknown words whose nearest terms are kept until a memory is added or removed, at most: those of the last few queries. */
export const NEAR_KEPT = 64;
/** Terms that stand for one unknown word, at most. */
export const NEAR_TERMS = 4;
/** Nearest terms of which it is checked whether only removed memories have them, at most: each is looked up. */
export const NEAR_CHECKED = 64;
/** Pause between two such slices, ms: calls that have come meanwhile go first. */
export const INDEX_PAUSE_MS = 1;
/** Pause before work on an index goes on where it failed, ms. */
export const INDEX_RETRY_MS = 15_000;
/** Pause after opening before stored graphs are read, ms: the first searches, which do without, are not to wait for them. */
export const GRAPHS_AFTER_MS = 500;
/** Tries to read stored graphs before others are built in their place. */
export const GRAPH_READ_ATTEMPTS = 4;
/** Hits that a reranker reads where none are named: a cross-encoder takes some 10–40 ms for each in a browser. */
export const RERANKED = 20;
/** Most hits that it may be asked to read: more would not be read in time. */
export const MAX_RERANKED = 100;
/** Longest that a search waits for a reranker, its loading included, ms: below the deadline of a read. Then the order stays. */
export const RERANK_DEADLINE_MS = 4_000;
/** Longest wait for an answer of the reranker's worker, ms: after that it counts as stuck, and is started anew. */
export const RERANK_BATCH_DEADLINE_MS = 30_000;
/** Most memories from either side that a hit may bring: more of a session is better read by `list`. */
export const MAX_NEIGHBOURS = 3;
/** Most further wordings of a question: each costs a search. */
export const MAX_QUERIES = 8;
/** Candidates among which diversity chooses, as a multiple of the hits wanted, */
export const DIVERSITY_FACTOR = 5;
/** and at most: their vectors are read from storage, and each is compared with each. */
export const MAX_DIVERSIFIED = 500;
/** Most of the best hits that are read for what a question quotes: a page or two of blocks, mostly in the cache. */
export const MAX_QUOTED_READ = 40;
/** Most hits of one search, and most memories of one page of a list. */
export const MAX_LIMIT = 1_000;
/** Hits of a search where none are asked for. */
export const DEFAULT_SEARCH_LIMIT = 10;
/** Memories of a list's page where none are asked for. */
export const DEFAULT_LIST_LIMIT = 50;
/** Importance of a memory that names none, 0–1. */
export const DEFAULT_IMPORTANCE = 0.5;

/** Candidates each search arm brings, as a multiple of the hits wanted: room for the other arm to lift one. */
export const CANDIDATE_FACTOR = 5;
/** Of the candidates found, how many are judged by all signals, as a multiple of the hits wanted: what stands beside them comes along. */
export const JUDGED_FACTOR = 4;
/** Fewest of them. */
export const MIN_JUDGED = 40;
/** Widest walk through a graph that a search may ask for: beyond it, comparing every vector is cheaper. */
export const MAX_EF = 10_000;
/** Fewest candidates of each arm. */
export const MIN_CANDIDATES = 50;

/** How long results by operation id are kept, ms: a retry after that is a new call. */
export const OP_RESULT_RETENTION_MS = 24 * 60 * 60 * 1_000;
/** Pause without writes after which the journal is folded, ms. */
export const FOLD_IDLE_MS = 1_000;
/** Operations in the journal that start a fold though writes go on: replaying so many takes less than a second. */
export const FOLD_AT_OPERATIONS = 10_000;
/** Bytes of the journal that do: what is not folded is in memory as well. */
export const FOLD_AT_BYTES = 24_000_000;
/** Operations folded together: some four megabytes of blocks with vectors of 384 dimensions. */
export const FOLD_BATCH = 1_024;
/** Bytes of the log folded together, unless one row alone is longer: contents, vectors and history are at most that again. */
export const FOLD_BYTES = 4_000_000;
/** Blocks of records touched in one transaction when changes are scattered: about as many of vectors and pages come with them. */
export const FOLD_BLOCKS = 16;
/** Longest row of the log, about, bytes: Chromium keeps what is above 64 KiB in a file of its own, which takes three times as long. */
export const LOG_ROW_BYTES = 48_000;
/** Rows of the log, and small rows, read at once when a namespace is opened. */
export const LOAD_BATCH = 1_000;
/** How often something stored is read before it counts as broken: a read may go wrong where the bytes are right. */
export const READ_ATTEMPTS = 4;
/** Blocks read at once when a namespace is opened, at most. */
export const LOAD_BLOCKS = 64;
/** Bytes of blocks, word segments or graphs read at once when a namespace is opened, unless one alone is larger. */
export const LOAD_BYTES = 4_000_000;
/** The first of them, and each up to the one above twice as long as the one before. */
export const FIRST_LOAD_BYTES = 500_000;
/** Such reads under way at once: storage is read while what came before is decoded. */
export const READS_AHEAD = 4;
/** Most memories whose records or vectors share a block. */
export const BLOCK_ROWS = 256;
/**
 * Largest block of records or vectors, bytes, unless one row alone is longer: Chromium keeps what is above 64 KiB in a
 * file of its own, which takes longer to read; on the edge a row ends at 2 MB.
 */
export const BLOCK_BYTES = 60_000;
/** Largest page of contents, bytes: a read of ten memories costs ten of them at most. One content may be all of a page. */
export const PAGE_BYTES = 32 * 1024;
/** Share of a block's limits below which it is joined with the one beside it: 30 % of blocks dead or less. */
export const COMPACT_BELOW = 0.3;
/** Pages of contents kept in memory, bytes. */
export const PAGE_CACHE_BYTES = 4 * 1024 * 1024;
/** Heads of pages in the page file kept in memory, bytes: those of some 120,000 memories. */
export const PAGE_HEADS_BYTES = 2 * 1024 * 1024;
/** Longest page in the page file, bytes: a full page with its tables. */
export const PAGE_FILE_PAGE_BYTES = PAGE_BYTES + 512;
/** When the page file is opened after opening, or filled after pages came, ms: graphs and words come first. */
export const PAGE_FILE_AFTER_MS = 1_000;
/** Slots of the page file looked at in one turn when it is opened: some 4 µs each. */
export const PAGE_FILE_SCAN = 256;
/** Pages copied in one turn: a search waits some 2 ms for them at most. */
export const PAGE_COPIES = 8;
/** Share of the browser's quota up to which pages are copied: the rest is for memories. */
export const PAGE_FILE_QUOTA_SHARE = 0.4;
/** Pause after a search before what comes next in its list is read, ms: an agent's next search, which is not to wait for that, comes sooner or much later. */
export const READ_AHEAD_AFTER_MS = 50;
/** Memories behind the last hit of a search whose pages are brought into memory: the next page of results. */
export const PREFETCHED = 10;
/** Most bytes of pieces (word segments, graphs) written in one transaction, unless one alone is longer: others wait for it. */
export const COMMIT_BYTES = 4_000_000;
/** When what damage and cut-off attempts left in storage is taken away after opening, ms: whoever asks for `health()` is told first. */
export const TIDY_AFTER_MS = 10_000;
/** Pause before that is tried again where it could not be finished, ms. */
export const TIDY_RETRY_MS = 60_000;
/** How long `history` tells of a deleted memory that it was deleted, ms: 30 days. */
export const TOMBSTONE_RETENTION_MS = 30 * 24 * 60 * 60 * 1_000;
/** Memories that `health()` names which have lost their contents; the others are counted. */
export const MAX_LOST_NAMED = 20;
/** Rows that nothing names taken away in one transaction. */
export const TIDY_BATCH = 256;
/** Largest piece of a stored graph, bytes. */
export const GRAPH_PIECE_BYTES = 1_000_000;
/** Memories whose words are indexed anew at once: a search waits some 10 ms for them. */
export const WORD_REBUILD_BATCH = 64;
/** Pause before words are indexed anew again where that failed, ms: a store that fails is not asked all the time. */
export const WORD_REBUILD_RETRY_MS = 15_000;
/** Share of the rows that must have come or gone before a graph is stored again. */
export const GRAPH_STORE_SHARE = 0.1;
/** How often expired memories are looked for, ms. */
export const EXPIRY_SWEEP_MS = 60_000;

/** Texts embedded at once in the background: batches of 32 cost 8–15 ms a text in a worker. */
export const REEMBED_BATCH = 32;
/** Pause before embedding anew is tried again where it failed, ms; doubled each time, */
export const REEMBED_RETRY_MS = 5_000;
/** up to this. */
export const REEMBED_RETRY_MAX_MS = 10 * 60_000;
/** Texts embedded at once on behalf of one `addMany`. */
export const EMBED_BATCH = 32;

/** Longest wait for one storage operation, ms: a hanging database becomes a typed error. */
export const STORAGE_DEADLINE_MS = 10_000;
/** How often a storage operation that failed and changed nothing is made again. */
export const STORAGE_RETRIES = 3;
/** How often a commit is made whose outcome was unknown and which turned out not to have landed. */
export const COMMIT_ATTEMPTS = 2;
/** Longest wait for another tab to let go of an old database version, ms. */
export const BLOCKED_DEADLINE_MS = 5_000;
/** How often a dead connection is reopened before the error is given up to the caller. */
export const STORAGE_REOPEN_ATTEMPTS = 3;
/** First pause between two reopenings, ms; doubled each time. */
export const STORAGE_REOPEN_BACKOFF_MS = 50;

/** Longest wait for storage when it is only asked whether it is there, ms: a user's call should not meet a dead handle. */
export const PROBE_DEADLINE_MS = 2_000;

// Quota and eviction.
/** Most bytes a namespace takes where the host names none: some two million memories, and less than browsers lend a site on a disk with room. */
export const DEFAULT_MAX_BYTES = 4 * 1024 ** 3;
/** Most memories of a namespace where the host names none: their fields alone take some 600 MB of a worker's memory, and the index has room for three million vectors. */
export const DEFAULT_MAX_MEMORIES = 2_000_000;
/** Smallest limit of bytes that may be given: answers are kept for a day and are not evicted, some 200 bytes a write. */
export const MIN_MAX_BYTES = 1_000_000;
/** Share of a limit from which on memories are evicted in the background, ahead of need. */
export const SOFT_LIMIT_SHARE = 0.9;
/** Share of a limit down to which they are evicted then: as much again may be written before the next time. */
export const LOW_WATER_SHARE = 0.8;
/** Share of a limit that is freed beyond what a write needs, where the limit itself stood in its way: the next writes find room. */
export const EVICTION_AHEAD_SHARE = 0.02;
/** Share of the browser's quota that a namespace may take: files hold what was deleted for a while, and others live in the same origin. */
export const QUOTA_SHARE = 0.5;
/** How often victims are chosen for one need: what they free is estimated, and measured after the fold. */
export const EVICTION_ROUNDS = 3;
/** Memories evicted in one transaction: a search waits less than 10 ms for it. */
export const EVICTION_BATCH = 250;
/** Memories valued in one turn: less than 5 ms. */
export const EVICTION_SCAN = 8_192;
/** Longest operation in the log, bytes: content before and after with every character escaped, metadata and the other fields, and a vector. */
export const MAX_OPERATION_BYTES = 1_000_000;
/** Bytes of the word index for each byte of content, as room is kept for words that are not stored yet: .4–.7 for prose. */
export const WORDS_PER_CONTENT_BYTE = 0.8;

// Tabs, and the life of a page.
/** How often a tab that waits for the owner's answer asks whether it is there, ms. */
export const HEARTBEAT_MS = 1_000;
/** Heartbeats in a row that an owner may miss before it loses its lock: no task of ours takes 6 s, and a read's deadline leaves time for the next owner to open. */
export const OWNER_MISSED_HEARTBEATS = 5;
/** Longest random wait before a silent owner's lock is taken, ms: tabs that noticed together do not take it from each other. */
export const STEAL_JITTER_MS = 250;
/** How long a page is hidden and asks nothing before its worker is ended, ms: opening again takes a second at most, and a worker holds some 100 MB. */
export const IDLE_WORKER_MS = 5 * 60_000;

/** Longest wait for a read over RPC, ms. */
export const READ_DEADLINE_MS = 15_000;
/** Longest wait for a write over RPC, ms: a large batch may have to be embedded first. */
export const WRITE_DEADLINE_MS = 120_000;
/** Longest wait for an engine to open, ms. */
export const OPEN_DEADLINE_MS = 60_000;
/** Longest wait of a model for one batch of texts, ms. */
export const EMBED_DEADLINE_MS = 60_000;
/** How often a model's loading is tried before only a new start tries again. */
export const MODEL_LOAD_ATTEMPTS = 5;
/** Pause before a model's loading is tried again, ms; doubled each time. */
export const MODEL_RETRY_MS = 15_000;
/** Time after the last of these attempts from which on a text to be embedded begins one more, ms: the network may be back. */
export const MODEL_LATE_RETRY_MS = 10 * 60_000;
/** Longest wait of documents for the built-in model's table, ms since its loading began: 4.5 MB at 600 kbit/s. Then words are hashed until it is there. */
export const TABLE_DOCUMENT_WAIT_MS = 60_000;
/** The same of a query, ms: below the deadline of a read. Then words alone are asked. */
export const TABLE_QUERY_WAIT_MS = 10_000;
/** Longest wait for the next piece of a file of the package, ms: a server that says nothing more has failed. */
export const ASSET_STALL_MS = 30_000;
/** Longest that a search waits for the better of two models that can ask, ms, as the median of its latest queries: MiniLM takes 20–40 in an idle worker, and some hundreds behind a batch of documents. */
export const QUERY_BUDGET_MS = 50;
/** Queries of which that median is taken: one hiccup does not count, and three quick ones end a slow time. */
export const QUERY_MEASURES = 5;
/** Speakers that one word of a question may name: a word that more names have, such as "user", names nobody. */
export const MAX_NAMED_SPEAKERS = 32;
/** Vectors of the latest queries that are kept: an agent asks again in the same words, and 64 take 100 KB. */
export const QUERY_CACHE_VECTORS = 64;
/** Least time between two queries that measure, in passing, whether a model that was too slow still is, ms. */
export const QUERY_PROBE_MS = 1_000;
/** Longest wait of a search for its query's vector, ms, whoever makes it: below the deadline of a read. Then words alone are asked. */
export const QUERY_DEADLINE_MS = 10_000;
/** Longest wait for one query of a model that another can stand in for, ms: well below the deadline of a read. */
export const QUERY_PATIENCE_MS = 5_000;
/** The same where the model was to be chosen by its speed: it may be busy with documents, and another is at hand, ms. */
export const QUERY_AUTO_PATIENCE_MS = 250;
/** Models that the plan of a search names for a space. */
export const MAX_PLAN_MODELS = 8;

/** Largest chunk of a snapshot, bytes: below every request limit of the edge, and R2's own part size. */
export const SNAPSHOT_CHUNK_BYTES = 4 * 1024 * 1024;
/** Largest snapshot manifest, bytes. */
export const SNAPSHOT_MANIFEST_BYTES = 1024 * 1024;
/** Largest snapshot, bytes: what a tab can hold at once while restoring. */
export const MAX_SNAPSHOT_BYTES = 512 * 1024 * 1024;
/** Largest import file, bytes. */
export const MAX_IMPORT_BYTES = 256 * 1024 * 1024;
/** Memories of an import written at once: small enough for a progress bar to move. */
export const IMPORT_BATCH = 64;
/** Memories of a page that a snapshot or an export reads: with vectors of 4,096 dimensions still below 15 MB. */
export const EXPORT_PAGE = 200;
/** Memories of an exported file written at once: one transaction stays short, and below 15 MB. */
export const IMPORT_FILE_BATCH = 200;
/** Longest line of an exported file, bytes: twice what the limits of a memory allow, all of it escaped. */
export const MAX_LINE_BYTES = 1024 * 1024;
/** Longest wait for the next piece of a file or stream that is imported, ms: a network at rest is not an end. */
export const IMPORT_SOURCE_DEADLINE_MS = 60_000;
/** How often a batch of unknown outcome is written again, with the same operation id. */
export const IMPORT_WRITE_ATTEMPTS = 3;
/** Memories an import names that were refused; the others are counted. */
export const MAX_REFUSALS_NAMED = 20;

// The edge and its snapshots.
/** Most chunks of one snapshot: each costs the edge one look-up, and a request may make 1,000. */
export const MAX_SNAPSHOT_CHUNKS = 512;
/** Longest wait for one answer of the edge, ms: a full chunk over 1 Mbit/s takes 34 s. */
export const EDGE_DEADLINE_MS = 60_000;
/** Largest answer of the edge that is JSON, bytes: a full manifest or 1,000 summaries. */
export const EDGE_ANSWER_BYTES = 2 * 1024 * 1024;
/** Chunks the edge looks up at once: connections a Worker may hold open. */
export const EDGE_LOOKUPS_AT_ONCE = 6;
/** Shortest token secret, bytes: HS256 asks for a key as long as its hash (RFC 7518 §3.2). */
export const TOKEN_SECRET_MIN_BYTES = 32;
/** How far the edge's clock and a token's maker may differ, s. */
export const TOKEN_CLOCK_TOLERANCE_S = 5;
/** How far ahead of the edge's clock a snapshot's id may lie, ms: it would stay the latest until then. */
export const SNAPSHOT_CLOCK_AHEAD_MS = 24 * 60 * 60 * 1_000;

// The word index.
/** Longest segment, bytes, unless one memory alone is longer: it is stored as one value, which is to stay small. */
export const SEGMENT_MAX_BYTES = 1024 * 1024;
/** Segments of about the same length that are merged into one: more would slow searches, fewer rewrite more often. */
export const SEGMENT_MERGE_COUNT = 4;
/** Memories in the buffer that make a segment of their own: a search looks through all of the buffer. */
export const BUFFER_MAX_DOCUMENTS = 512;
/** Postings in the buffer that make a segment, for long contents. */
export const BUFFER_MAX_POSTINGS = 32 * 1024;
/** Characters of different words in the buffer that make a segment, for contents of few but endless words. */
export const BUFFER_MAX_CHARS = 128 * 1024;
