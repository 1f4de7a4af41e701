/** MiniSearch: words alone, as it is by default. */

import type { Corpus, SystemSpec } from '../system.ts';
import { importRival, whyNoRival } from './rival.ts';

interface Index {
  addAll(documents: readonly object[]): void;
  search(query: string): readonly { readonly id: number }[];
}

interface Module {
  readonly default: new (options: { readonly fields: readonly string[] }) => Index;
}

const PACKAGE = 'minisearch';

export const minisearch: SystemSpec = {
  name: 'minisearch',
  about: 'MiniSearch 7.2.0, content and speaker',
  embedder: null,
  whyNot: () => whyNoRival(PACKAGE),
  open: async (): Promise<Corpus> => {
    const { default: MiniSearch } = (await importRival(PACKAGE)) as Module;
    const index = new MiniSearch({ fields: ['content', 'speaker'] });
    return {
      add: async (turns) => index.addAll(turns.map(({ content, speaker }, id) => ({ id, content, speaker }))),
      search: async (question, limit) =>
        index
          .search(question)
          .slice(0, limit)
          .map(({ id }) => id),
      close: async () => undefined,
    };
  },
};
