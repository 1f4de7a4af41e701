/** What the built-in model is trained on: sentences from files, and texts made of them by a seeded draw. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { createRandom } from '../../src/testing/environment.ts';
import { tokenize } from '../../src/text/tokenize.ts';

/** Files of `text/` in the evaluation data beside the project, in the order in which they are read. */
export const TEXT_FILES = [
  'banking77-train',
  'schema-guided-dialogue',
  'stsb-en-train',
  'taskmaster',
  'topical-chat',
  'wiki-split',
] as const;

/** Kinds of texts, in the order in which they are learnt from. */
export const TEXT_GROUPS = ['sentences', 'words', 'spans', 'swaps', 'mixes', 'duets', 'questions'] as const;
export type TextGroup = (typeof TEXT_GROUPS)[number];

/** How many texts of each kind are made. */
export type TextCounts = Readonly<Record<Exclude<TextGroup, 'sentences' | 'words'>, number>>;

/** Words of the teacher's vocabulary that are taken: whole words of letters only, of at least this length. */
const SHORTEST_WORD = 3;
/** A word of the sentences is taught alone where it is found at least so often. */
const LEAST_COUNT = 2;
/** Share of the longer words of a mix that are drawn anew. */
const MIX_SHARE = 0.35;
/** Beginnings of questions as people ask a memory. */
const BEGINNINGS =
  'what|which|who|where|when|why|how|how many|how much|how long|how often|what kind of|which of the|where did|when did|what does she|why did he|who is|is there|does he|did they|what is the|what happened to|where is the|can you tell me|do I'.split(
    '|',
  );
/** Words of a span, at least and at most. */
const SPAN_WORDS = { least: 2, most: 7 };

export function textFolder(): string {
  const data = process.env.LOCI_DATA_DIR || fileURLToPath(new URL('../../../shared/data', import.meta.url));
  return join(data, 'text');
}

/** Why there is nothing to train on, or undefined. */
export function whyNoTexts(): string | undefined {
  const missing = TEXT_FILES.find((name) => !existsSync(join(textFolder(), `${name}.txt.gz`)));
  return missing && `${missing}.txt.gz is not in ${textFolder()} (or $LOCI_DATA_DIR/text)`;
}

/** The sentences, one a line of the files. */
export function readSentences(): string[] {
  return TEXT_FILES.flatMap((name) =>
    gunzipSync(readFileSync(join(textFolder(), `${name}.txt.gz`)))
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== ''),
  );
}

/** Whole words of the teacher's own vocabulary, in its order. */
export function readVocabulary(tokenizerFile: string): string[] {
  const { model } = JSON.parse(readFileSync(tokenizerFile, 'utf8')) as {
    model: { vocab: Record<string, number> };
  };
  return Object.keys(model.vocab).filter((word) => word.length >= SHORTEST_WORD && /^[a-z]+$/.test(word));
}

/** Texts made of sentences and vocabulary: the same for the same seed. */
export function makeTexts(
  sentences: readonly string[],
  vocabulary: readonly string[],
  sizes: TextCounts,
  seed: number,
): Readonly<Record<TextGroup, readonly string[]>> {
  const counts = new Map<string, number>();
  for (const sentence of sentences)
    for (const word of tokenize(sentence)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const found = [...counts].filter(([, count]) => count >= LEAST_COUNT).map(([word]) => word);
  const words = [...new Set([...found, ...vocabulary])];
  const rare = words.filter((word) => (counts.get(word) ?? 0) < 20 && /^[a-z]{3,}$/.test(word));
  return {
    sentences,
    words,
    spans: makeSpans(sentences, sizes.spans, seed + 1),
    swaps: makeSwaps(sentences, rare, sizes.swaps, seed + 2),
    mixes: makeMixes(sentences, createDraw(words, counts), sizes.mixes, seed + 3),
    duets: makeDuets(createDraw(words, counts), sizes.duets, seed + 4),
    questions: makeQuestions(sentences, sizes.questions, seed + 5),
  };
}

/** Runs of a few words out of longer sentences. */
function makeSpans(sentences: readonly string[], count: number, seed: number): string[] {
  const random = createRandom(seed);
  const draw = (below: number) => Math.floor(random() * below);
  const spans: string[] = [];
  while (spans.length < count) {
    const words = (sentences[draw(sentences.length)] ?? '').split(/\s+/);
    const length = SPAN_WORDS.least + draw(SPAN_WORDS.most - SPAN_WORDS.least + 1);
    if (words.length <= length) continue;
    const from = draw(words.length - length + 1);
    spans.push(words.slice(from, from + length).join(' '));
  }
  return spans;
}

/** Sentences with one of their longer words swapped for a rare one: it is then seen among others. */
function makeSwaps(
  sentences: readonly string[],
  rare: readonly string[],
  count: number,
  seed: number,
): string[] {
  const random = createRandom(seed);
  const draw = (below: number) => Math.floor(random() * below);
  const swaps: string[] = [];
  while (swaps.length < count) {
    const words = (sentences[draw(sentences.length)] ?? '').split(/\s+/);
    if (words.length < 4 || words.length > 20) continue;
    const places = [...words.keys()].filter((at) => (words[at] ?? '').length >= 4);
    const at = places[draw(places.length)];
    const word = rare[swaps.length % rare.length];
    if (at === undefined || word === undefined) continue;
    words[at] = word;
    swaps.push(words.join(' '));
  }
  return swaps;
}

type DrawWord = (random: () => number) => string;

/** Draws words by the root of their frequency, so that rare ones come often enough to be learnt. */
function createDraw(words: readonly string[], counts: ReadonlyMap<string, number>): DrawWord {
  const plain = words.filter((word) => /^[a-z]{3,}$/.test(word));
  const sums = new Float64Array(plain.length);
  let total = 0;
  for (const [place, word] of plain.entries()) {
    total += Math.sqrt(Math.min(1 + (counts.get(word) ?? 0), 400));
    sums[place] = total;
  }
  return (random) => {
    const aim = random() * total;
    let [low, high] = [0, plain.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? 0) > aim) high = middle;
      else low = middle + 1;
    }
    return plain[low] ?? '';
  };
}

/** Sentences with a part of their longer words drawn anew: any word among any others. */
function makeMixes(sentences: readonly string[], drawWord: DrawWord, count: number, seed: number): string[] {
  const random = createRandom(seed);
  const mixes: string[] = [];
  while (mixes.length < count) {
    const words = (sentences[Math.floor(random() * sentences.length)] ?? '').split(/\s+/);
    if (words.length < 4 || words.length > 16) continue;
    const mixed = words.map((word) => (word.length >= 4 && random() < MIX_SHARE ? drawWord(random) : word));
    mixes.push(mixed.join(' '));
  }
  return mixes;
}

/** Two words, or three. */
function makeDuets(drawWord: DrawWord, count: number, seed: number): string[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const words = [drawWord(random), drawWord(random)];
    return (random() < 0.3 ? [...words, drawWord(random)] : words).join(' ');
  });
}

/** Runs of words behind the beginning of a question. */
function makeQuestions(sentences: readonly string[], count: number, seed: number): string[] {
  const random = createRandom(seed);
  return makeSpans(sentences, count, seed + 100).map(
    (span) => `${BEGINNINGS[Math.floor(random() * BEGINNINGS.length)]} ${span.replace(/[.?!,]+$/, '')}?`,
  );
}
