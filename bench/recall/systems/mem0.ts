/** mem0's open-source package without a language model: what is added is kept as it is. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TimedEmbedder } from '../embedders.ts';
import { type Corpus, placesOf, type SystemSpec, spokenText } from '../system.ts';
import { importRival, whyNoRival } from './rival.ts';

interface Answer {
  readonly results: readonly { readonly id: string }[];
}

interface Memory {
  add(text: string, options: Readonly<Record<string, unknown>>): Promise<Answer>;
  search(query: string, options: Readonly<Record<string, unknown>>): Promise<Answer>;
}

interface Module {
  readonly Memory: new (config: Readonly<Record<string, unknown>>) => Memory;
}

const PACKAGE = 'mem0ai';

export const mem0: SystemSpec = {
  name: 'mem0',
  about: 'mem0ai 3.3.1, mem0ai/oss, infer: false, its vector store in memory; texts as "speaker: content"',
  embedder: 'minilm',
  whyNot: () => whyNoRival(PACKAGE),
  open: async (_, modelOf): Promise<Corpus> => {
    // Read when the package is loaded: it tells its makers of each use, and keeps a file in the home folder.
    process.env.MEM0_TELEMETRY = 'false';
    const folder = mkdtempSync(join(tmpdir(), 'loci-bench-mem0-'));
    process.env.MEM0_DIR = folder;
    const { Memory } = (await importRival(`${PACKAGE}/oss`)) as Module;
    const memory = new Memory(configOf(await modelOf('minilm')));
    const places = new Map<string, number>();
    const user = { user_id: 'bench' };
    return {
      add: async (turns) => {
        for (const [place, turn] of turns.entries()) {
          const metadata = { speaker: turn.speaker, date: turn.createdAt };
          const given = { userId: user.user_id, infer: false, metadata };
          const { results } = await memory.add(spokenText(turn), given);
          for (const { id } of results) places.set(id, place);
        }
      },
      search: async (question, limit) => {
        const { results } = await memory.search(question, { filters: user, topK: limit, threshold: 0 });
        return placesOf(
          results.map(({ id }) => id),
          places,
        );
      },
      close: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
};

function configOf(embedder: TimedEmbedder): Readonly<Record<string, unknown>> {
  const one = async (text: string) => Array.from((await embedder.embed([text]))[0] ?? []);
  const model = {
    embedQuery: one,
    embedDocuments: (texts: readonly string[]) => Promise.all(texts.map(one)),
  };
  const refuse = async () => {
    throw new Error('no language model takes part');
  };
  return {
    embedder: { provider: 'langchain', config: { model } },
    llm: { provider: 'langchain', config: { model: { invoke: refuse } } },
    vectorStore: { provider: 'memory', config: { dimension: embedder.dimensions, dbPath: ':memory:' } },
    disableHistory: true,
  };
}
