/** The engines that are measured: the word index, and MiniSearch with the same words and terms. */

import { type LexicalDocument, LexicalIndex } from '../../src/text/lexical-index.ts';
import { phraseShare } from '../../src/text/phrase.ts';
import { Analyser } from '../../src/text/terms.ts';
import { Bitset } from '../../src/vector/bitset.ts';
import { importRival, whyNoRival } from '../recall/systems/rival.ts';

export interface TextEngine {
  add(memories: readonly LexicalDocument[]): void;
  /** Ordinals, best first. */
  search(query: string, limit: number, filter?: ReadonlySet<number>): readonly number[];
  /** The same, words that are mistyped being looked for. */
  searchNear(query: string, limit: number): readonly number[];
  /** What each word adds to the score of each of these; undefined where the engine does not tell. */
  impacts?(query: string, ordinals: Uint32Array): void;
  /** How much of the query stands in these contents. */
  phrases?(query: string, contents: readonly string[]): void;
  /** What is stored. */
  save(): readonly (Uint8Array | string)[];
}

export interface TextEngineSpec {
  readonly name: string;
  readonly about: string;
  whyNot(): string | undefined;
  open(): Promise<TextEngine>;
  load(stored: readonly (Uint8Array | string)[]): Promise<TextEngine>;
}

/** Memories between two folds of the engine. */
const FOLD = 250;

const loci: TextEngineSpec = {
  name: 'loci',
  about: 'the word index',
  whyNot: () => undefined,
  open: async () => lociOf(new LexicalIndex()),
  load: async (stored) => {
    const index = new LexicalIndex();
    stored.forEach((bytes, id) => {
      if (typeof bytes !== 'string') index.load(id, bytes, true);
    });
    return lociOf(index);
  },
};

function lociOf(index: LexicalIndex): TextEngine {
  const filters = new WeakMap<ReadonlySet<number>, Bitset>();
  const bitsOf = (filter: ReadonlySet<number>) => {
    const bits = filters.get(filter) ?? Bitset.of(filter);
    filters.set(filter, bits);
    return bits;
  };
  return {
    add: (memories) =>
      memories.forEach((memory, ordinal) => {
        index.set(ordinal, memory);
        if (ordinal % FOLD === FOLD - 1 || ordinal === memories.length - 1) index.seal();
      }),
    search: (query, limit, filter) =>
      index.search(query, limit, filter && bitsOf(filter), { isExact: true }).map(({ ordinal }) => ordinal),
    searchNear: (query, limit) => index.search(query, limit).map(({ ordinal }) => ordinal),
    impacts: (query, ordinals) => void index.impacts(query, ordinals),
    phrases: (query, contents) => {
      const phrase = index.phraseOf(query);
      for (const content of contents) phraseShare(phrase, content);
    },
    save: () => [...index.segments.values()],
  };
}

interface MiniSearch {
  addAll(documents: readonly object[]): void;
  search(query: string, options?: object): readonly { readonly id: number }[];
  toJSON(): unknown;
}
interface MiniSearchModule {
  readonly default: (new (
    options: object,
  ) => MiniSearch) & { loadJSON(json: string, options: object): MiniSearch };
}

const PACKAGE = 'minisearch';
const analyser = new Analyser();
const SAME_TERMS = {
  fields: ['content', 'speaker', 'tags'],
  extractField: (document: Record<string, unknown>, field: string) => {
    const value = document[field];
    return Array.isArray(value) ? value.join(' ') : value;
  },
  tokenize: (text: string) => analyser.wordsOf(text),
  processTerm: (word: string) => analyser.termOf(word),
};
const DEFAULTS = { fields: ['content', 'speaker'] };
/** As its documentation proposes them. */
const NEAR = { fuzzy: 0.2, prefix: true };

function miniSearchSpec(name: string, about: string, options: object): TextEngineSpec {
  return {
    name,
    about,
    whyNot: () => whyNoRival(PACKAGE),
    open: async () => {
      const { default: Index } = (await importRival(PACKAGE)) as MiniSearchModule;
      return miniSearchOf(new Index(options));
    },
    load: async ([json]) => {
      const { default: Index } = (await importRival(PACKAGE)) as MiniSearchModule;
      return miniSearchOf(Index.loadJSON(String(json), options));
    },
  };
}

function miniSearchOf(index: MiniSearch): TextEngine {
  const ids = (found: readonly { readonly id: number }[], limit: number) =>
    found.slice(0, limit).map(({ id }) => id);
  return {
    add: (memories) => index.addAll(memories.map((memory, id) => ({ id, ...memory }))),
    search: (query, limit, filter) =>
      ids(index.search(query, filter && { filter: ({ id }: { id: number }) => filter.has(id) }), limit),
    searchNear: (query, limit) => ids(index.search(query, NEAR), limit),
    save: () => [JSON.stringify(index)],
  };
}

export const MINISEARCH = miniSearchSpec(
  'minisearch',
  'MiniSearch 7.2.0 with the same words and terms',
  SAME_TERMS,
);

/** Those measured by size. */
export const TEXT_ENGINES: readonly TextEngineSpec[] = [loci, MINISEARCH];
/** Those whose quality is compared. */
export const QUALITY_ENGINES: readonly TextEngineSpec[] = [
  loci,
  MINISEARCH,
  miniSearchSpec('minisearch-default', 'MiniSearch 7.2.0 as it is by default', DEFAULTS),
];
