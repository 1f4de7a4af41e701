/** Orama: words and vectors half and half, as it joins them by default. */

import { type Corpus, placesOf, type SystemSpec, spokenText } from '../system.ts';
import { importRival, whyNoRival } from './rival.ts';

type Database = object;

interface Module {
  create(options: { readonly schema: Readonly<Record<string, string>> }): Database;
  insert(database: Database, document: Readonly<Record<string, unknown>>): unknown;
  search(database: Database, query: Readonly<Record<string, unknown>>): unknown;
}

interface Answer {
  readonly hits: readonly { readonly id: string }[];
}

const PACKAGE = '@orama/orama';

export const orama: SystemSpec = {
  name: 'orama',
  about: '@orama/orama 3.1.18, hybrid search, similarity 0; content and speaker',
  embedder: 'minilm',
  whyNot: () => whyNoRival(PACKAGE),
  open: async (_, modelOf): Promise<Corpus> => {
    const embedder = await modelOf('minilm');
    const module = (await importRival(PACKAGE)) as Module;
    const vector = `vector[${embedder.dimensions}]`;
    const database = module.create({ schema: { content: 'string', speaker: 'string', vector } });
    const places = new Map<string, number>();
    return {
      add: async (turns) => {
        const vectors = await embedder.embed(turns.map(spokenText));
        for (const [place, { content, speaker = '' }] of turns.entries()) {
          places.set(`${place}`, place);
          const embedding = Array.from(vectors[place] ?? []);
          await module.insert(database, { id: `${place}`, content, speaker, vector: embedding });
        }
      },
      search: async (question, limit) => {
        const [embedding = []] = await embedder.embed([question], 'query');
        const answer = (await module.search(database, {
          mode: 'hybrid',
          term: question,
          vector: { value: Array.from(embedding), property: 'vector' },
          similarity: 0,
          limit,
        })) as Answer;
        return placesOf(
          answer.hits.map(({ id }) => id),
          places,
        );
      },
      close: async () => undefined,
    };
  },
};
