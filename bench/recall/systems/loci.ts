/** Loci through its public verbs: as it is by default, and with one of its arms alone. */

import type { Embedder } from '../../../src/embedding/embedder.ts';
import { createHashingEmbedder } from '../../../src/embedding/hashing.ts';
import type { Reranker, RerankerLoader } from '../../../src/embedding/reranker.ts';
import { openEngine } from '../../../src/engine/engine.ts';
import { SIGNAL_NAMES, SIGNALS } from '../../../src/retrieval/signals.ts';
import { createMemoryStorage } from '../../../src/storage/memory.ts';
import { Analyser } from '../../../src/text/terms.ts';
import type { MemoryEngine, NewMemory, SearchHit, SearchOptions, SignalName } from '../../../src/types.ts';
import { createKernelIndex } from '../../../src/vector/kernel-index.ts';
import { dot } from '../../../src/vector/vectors.ts';
import type { RecallConversation, RecallTurn } from '../data.ts';
import type { ModelName } from '../embedders.ts';
import { type Corpus, placesOf, type SystemSpec } from '../system.ts';
import { readWeakVectors, WEAK_CONVERSATION, type WeakVectors, whyNoWeakVectors } from '../weak.ts';

/** Memories of a call; the engine takes 1,000. */
const BATCH = 500;
/** One arm, and its own measure of a memory alone. */
const WORDS_ALONE: SearchOptions = { arms: ['lexical'], weights: only('words') };
const VECTORS_ALONE: SearchOptions = { arms: ['vector'], weights: only('meaning') };
/** The words with everything that needs no vectors. */
const NO_VECTORS: SearchOptions = { arms: ['lexical'] };

const analyser = new Analyser();

type Ask = (engine: MemoryEngine, question: string, limit: number) => Promise<readonly SearchHit[]>;

interface Setting {
  readonly reranker?: RerankerLoader | undefined;
  readonly embedder: Embedder;
  readonly ask: Ask;
  /** A vector of the caller's for a turn. */
  readonly embeddingOf?: (turn: RecallTurn) => NewMemory['embedding'];
}

export const lociSystems: readonly SystemSpec[] = [
  withModel('loci-builtin', 'Loci as it is by default', 'builtin'),
  withModel('loci-minilm', 'Loci as it is by default', 'minilm'),
  withoutModel('loci-words', 'Loci without its vector arm', NO_VECTORS),
  withoutModel('bm25', 'Loci, BM25 of a memory’s own words alone', WORDS_ALONE),
  withModel('vectors-builtin', 'Loci, the similarity of vectors alone', 'builtin', VECTORS_ALONE),
  withModel('vectors-minilm', 'Loci, the similarity of vectors alone', 'minilm', VECTORS_ALONE),
  weak('loci-weak', 'Loci with weak vectors of the caller’s', ({ space, queryOf }) => ({
    ask: (engine, question, limit) =>
      asking({ embedding: { space, vector: queryOf(question) } })(engine, question, limit),
  })),
  weak('loci-weak-words', 'the same memories without the vector arm', () => ({ ask: asking(NO_VECTORS) })),
];

/** Loci with one signal left out, each: what a signal is worth. */
const signalAblations: readonly SystemSpec[] = SIGNAL_NAMES.map((signal) =>
  withModel(`without-${signal}`, `Loci without the signal ${signal}`, 'minilm', { weights: { [signal]: 0 } }),
);

/** Loci with one of its options each, without an arm, and with a memory's own words for its passage's. */
const OPTIONS: Readonly<Record<string, SearchOptions>> = {
  'neighbours-1': { neighbours: 1 },
  'neighbours-2': { neighbours: 2 },
  'diversity-.1': { diversity: 0.1 },
  'diversity-.3': { diversity: 0.3 },
  expand: { expand: true },
  'without-words-arm': { arms: ['vector', 'association'] },
  'without-vector-arm': { arms: ['lexical', 'association'] },
  'words-for-passage': { weights: { passage: 0, words: SIGNALS.passage.weight } },
  'without-association-arm': { arms: ['lexical', 'vector'] },
};
const optionSystems: readonly SystemSpec[] = Object.entries(OPTIONS).map(([name, options]) =>
  withModel(name, `Loci, ${JSON.stringify(options)}`, 'minilm', options),
);

/** A second wording that a host can make without a model: the question without its words of grammar. */
const secondWording: SystemSpec = {
  name: 'queries',
  about: 'Loci, asked by the question and by its words without those of grammar',
  embedder: 'minilm',
  open: async (conversation, modelOf) =>
    openLoci(conversation, {
      embedder: await modelOf('minilm'),
      ask: (engine, question, limit) => {
        const words = withoutGrammar(question);
        return asking(words === '' ? {} : { queries: [words] })(engine, question, limit);
      },
    }),
};

/** There is no cross-encoder here: what reads question and text apart stands in for one, and tells what reranking by less costs. */
const standInReranker: SystemSpec = {
  name: 'rerank-stand-in',
  about: 'Loci, the best twenty reranked by the cosines of MiniLM alone, in place of a cross-encoder',
  embedder: 'minilm',
  open: async (conversation, modelOf) => {
    const embedder = await modelOf('minilm');
    const reranker = { id: 'cosines of MiniLM', load: async () => rerankerOf(embedder) };
    return openLoci(conversation, { embedder, reranker, ask: asking({ rerank: true }) });
  },
};

export const ablations: readonly SystemSpec[] = [
  ...signalAblations,
  ...optionSystems,
  secondWording,
  standInReranker,
];

function rerankerOf(embedder: Embedder): Reranker {
  return {
    id: 'cosines of MiniLM',
    rerank: async (query, texts) => {
      const [asked, ...read] = await embedder.embed([query, ...texts]);
      return Float32Array.from(read, (vector) => (asked === undefined ? 0 : dot(asked, vector)));
    },
    close: async () => undefined,
  };
}

function withoutGrammar(question: string): string {
  return analyser
    .wordsOf(question)
    .filter((word) => !analyser.isStopWord(word))
    .join(' ');
}

function only(signal: SignalName): SearchOptions['weights'] {
  return Object.fromEntries(SIGNAL_NAMES.map((name) => [name, name === signal ? 1 : 0]));
}

function withModel(name: string, about: string, model: ModelName, options: SearchOptions = {}): SystemSpec {
  const open: SystemSpec['open'] = async (conversation, modelOf) =>
    openLoci(conversation, { embedder: await modelOf(model), ask: asking(options) });
  return { name, about, embedder: model, open };
}

function withoutModel(name: string, about: string, options: SearchOptions): SystemSpec {
  const open: SystemSpec['open'] = (conversation) =>
    openLoci(conversation, { embedder: createHashingEmbedder(), ask: asking(options) });
  return { name, about, embedder: null, open };
}

function weak(
  name: string,
  about: string,
  settingOf: (vectors: WeakVectors) => Pick<Setting, 'ask'>,
): SystemSpec {
  return {
    name,
    about,
    embedder: 'use-512',
    conversation: WEAK_CONVERSATION,
    whyNot: whyNoWeakVectors,
    open: (conversation) => {
      const vectors = readWeakVectors();
      const { modelId, space, turnOf } = vectors;
      return openLoci(conversation, {
        embedder: createHashingEmbedder(),
        embeddingOf: ({ id }) => ({ modelId, space, vector: turnOf(id) }),
        ...settingOf(vectors),
      });
    },
  };
}

function asking(options: SearchOptions): Ask {
  return async (engine, question, limit) => (await engine.search(question, { ...options, limit })).hits;
}

async function openLoci(
  { name }: RecallConversation,
  { embedder, ask, embeddingOf, reranker }: Setting,
): Promise<Corpus> {
  const engine = await openEngine({
    storage: createMemoryStorage(),
    createIndex: (dimensions) => createKernelIndex(dimensions),
    indexKind: 'kernel',
    builtin: embedder,
    reranker,
    tenant: 'bench',
    namespace: name.replace(/[^\w-]/g, '_').slice(0, 100),
  });
  const places = new Map<string, number>();
  return {
    add: async (turns) => {
      for (let from = 0; from < turns.length; from += BATCH) {
        const batch = turns.slice(from, from + BATCH);
        const { ids } = await engine.addMany(batch.map((turn) => memoryOf(turn, embeddingOf)));
        for (const [i, id] of ids.entries()) places.set(id, from + i);
      }
    },
    search: async (question, limit) => {
      const hits = await ask(engine, question, limit);
      return placesOf(hits.flatMap(returnedWith), places);
    },
    close: () => engine.close(),
  };
}

function memoryOf(turn: RecallTurn, embeddingOf: Setting['embeddingOf']): NewMemory {
  const { id, content, speaker, sessionId, position, createdAt, source = 'chat' } = turn;
  const embedding = embeddingOf?.(turn);
  return {
    ...{ content, sessionId, position, source },
    externalId: id.slice(0, 256),
    ...(speaker === undefined ? {} : { speaker }),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(embedding === undefined ? {} : { embedding }),
  };
}

/** Every memory that a hit brings takes a rank of its own: the hit, then what came before it and after it. */
function returnedWith({ memory, context }: SearchHit): readonly string[] {
  return [memory, ...(context?.before ?? []), ...(context?.after ?? [])].map(({ id }) => id);
}
