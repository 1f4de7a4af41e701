/** Loci through its public verbs: as it is by default, and with one of its arms alone. */

import type { Embedder } from '../../../src/embedding/embedder.ts';
import { createHashingEmbedder } from '../../../src/embedding/hashing.ts';
import { openEngine } from '../../../src/engine/engine.ts';
import { createMemoryStorage } from '../../../src/storage/memory.ts';
import type { Memory, MemoryEngine, NewMemory, SearchHit, SearchOptions } from '../../../src/types.ts';
import { createKernelIndex } from '../../../src/vector/kernel-index.ts';
import type { RecallConversation, RecallTurn } from '../data.ts';
import type { ModelName } from '../embedders.ts';
import { type Corpus, placesOf, type SystemSpec } from '../system.ts';
import { readWeakVectors, WEAK_CONVERSATION, type WeakVectors, whyNoWeakVectors } from '../weak.ts';

/** Memories of a call; the engine takes 1,000. */
const BATCH = 500;
/** A space that no memory is in: no vector can be asked, and words answer alone. */
const NOWHERE = { space: 'nowhere', vector: Float32Array.of(1) };

type Ask = (engine: MemoryEngine, question: string, limit: number) => Promise<readonly SearchHit[]>;

interface Setting {
  readonly embedder: Embedder;
  readonly ask: Ask;
  /** A vector of the caller's for a turn. */
  readonly embeddingOf?: (turn: RecallTurn) => NewMemory['embedding'];
}

export const lociSystems: readonly SystemSpec[] = [
  byDefault('builtin'),
  byDefault('minilm'),
  {
    name: 'bm25',
    about: 'Loci, words alone',
    embedder: null,
    open: (conversation) =>
      openLoci(conversation, { embedder: createHashingEmbedder(), ask: asking({ embedding: NOWHERE }) }),
  },
  vectorsAlone('builtin'),
  vectorsAlone('minilm'),
  weak('loci-weak', 'Loci with weak vectors of the caller’s', ({ space, queryOf }) => ({
    ask: (engine, question, limit) =>
      asking({ embedding: { space, vector: queryOf(question) } })(engine, question, limit),
  })),
  weak('loci-weak-words', 'the same memories asked by words alone', () => ({
    ask: asking({ embedding: NOWHERE }),
  })),
];

function byDefault(model: ModelName): SystemSpec {
  return {
    name: `loci-${model}`,
    about: 'Loci as it is by default',
    embedder: model,
    open: async (conversation, modelOf) =>
      openLoci(conversation, { embedder: await modelOf(model), ask: asking({}) }),
  };
}

function vectorsAlone(model: ModelName): SystemSpec {
  return {
    name: `vectors-${model}`,
    about: 'Loci, vectors alone',
    embedder: model,
    open: async (conversation, modelOf) => {
      const embedder = await modelOf(model);
      const { space } = embedder;
      const ask: Ask = async (engine, question, limit) => {
        const [vector = new Float32Array()] = await embedder.embed([question], 'query');
        return (await engine.search('', { limit, embedding: { space, vector } })).hits;
      };
      return openLoci(conversation, { embedder, ask });
    },
  };
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
  { embedder, ask, embeddingOf }: Setting,
): Promise<Corpus> {
  const engine = await openEngine({
    storage: createMemoryStorage(),
    createIndex: (dimensions) => createKernelIndex(dimensions),
    indexKind: 'kernel',
    builtin: embedder,
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
  const { id, content, speaker, sessionId, position, createdAt } = turn;
  const embedding = embeddingOf?.(turn);
  return {
    ...{ content, sessionId, position, source: 'chat' },
    externalId: id.slice(0, 256),
    ...(speaker === undefined ? {} : { speaker }),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(embedding === undefined ? {} : { embedding }),
  };
}

/** Every memory that a hit brings takes a rank of its own: the hit, then what came before it and after it. */
function returnedWith(hit: SearchHit & { readonly context?: Surroundings | undefined }): readonly string[] {
  const { before = [], after = [] } = hit.context ?? {};
  return [hit.memory, ...before, ...after].map(({ id }) => id);
}

interface Surroundings {
  readonly before?: readonly Memory[] | undefined;
  readonly after?: readonly Memory[] | undefined;
}
