/** From sentences, vocabulary and teacher to the bytes of the table: the same bytes from the same vectors. */

import { createHash } from 'node:crypto';
import { scanFeatures } from '../../src/embedding/builtin/features.ts';
import { foldText } from '../../src/embedding/builtin/words.ts';
import { mainAxes } from './axes.ts';
import { compileTrainer } from './compile.ts';
import { readCorpus } from './corpus.ts';
import { packTable } from './pack.ts';
import { chooseRows, type RowCounts, type Rows } from './rows.ts';
import { type Teacher, teach } from './teacher.ts';
import { makeTexts, TEXT_GROUPS, type TextCounts } from './texts.ts';
import { type Checkpoint, type TrainingOptions, trainRows } from './train.ts';

/** All that decides the table, beside the texts and the teacher. */
export interface Recipe extends TrainingOptions {
  readonly texts: TextCounts;
  readonly rows: RowCounts;
  /** Of the teacher's vectors; a multiple of 32. */
  readonly dimensions: number;
  /** Dimensions of the reduced vectors. */
  readonly reduced: number;
}

export interface BuildInput {
  readonly recipe: Recipe;
  readonly sentences: readonly string[];
  readonly vocabulary: readonly string[];
  readonly cacheFolder: string;
  readonly teacher: () => Promise<Teacher>;
  readonly checkpoints?:
    | {
        read(numbers: number): Checkpoint | undefined;
        write(checkpoint: Checkpoint): void;
      }
    | undefined;
  readonly say: (line: string) => void;
}

export interface BuildReport {
  readonly texts: Readonly<Record<string, number>>;
  readonly rows: RowCounts;
  /** Share of the sentences' words that have a row of their own. */
  readonly knownWords: number;
  /** Share of the teacher's energy along the reduced axes. */
  readonly axesEnergy: number;
  /** What each pass said. */
  readonly passes: readonly string[];
}

/** Sentences between two whose vectors the axes are computed from. */
const AXES_STRIDE = 8;
/** A frequent word's vector begins shorter: it says less. Sightings at which it is at about two thirds. */
const FREQUENT = 300;
const LEAST_LENGTH = 0.3;

export async function build(input: BuildInput): Promise<{ table: Uint8Array; report: BuildReport }> {
  const { recipe, sentences, say } = input;
  const { dimensions } = recipe;
  const groups = makeTexts(sentences, input.vocabulary, recipe.texts, recipe.seed);
  let loading: Promise<Teacher> | undefined;
  const load = () => {
    loading ??= input.teacher();
    return loading;
  };
  const vectors: Float32Array[] = [];
  for (const name of TEXT_GROUPS)
    vectors.push(await teach(name, groups[name], dimensions, input.cacheFolder, load, say));
  const targets = toUnit(join(vectors), dimensions);
  const texts = TEXT_GROUPS.flatMap((name) => groups[name]);
  const corpus = readCorpus(texts);
  const rows = chooseRows(corpus, sentences.length, input.vocabulary, recipe.rows);
  const numbers = new Map(corpus.words.map((word, number) => [word, number]));
  const initial = firstRows(
    groups.words,
    targets.subarray(sentences.length * dimensions),
    rows,
    dimensions,
    (word) => {
      const number = numbers.get(word) ?? -1;
      return number === -1 ? 0 : (corpus.counts[number] ?? 0);
    },
  );
  const passes: string[] = [];
  const learnt = trainRows(await compileTrainer(), corpus, rows, targets, initial, recipe, {
    say: (line) => {
      passes.push(line);
      say(line);
    },
    from: input.checkpoints?.read(initial.length),
    keep: (checkpoint) => input.checkpoints?.write(checkpoint),
  });
  say('axes');
  const ofSentences = targets.subarray(0, sentences.length * dimensions);
  const axes = mainAxes(ofSentences, dimensions, recipe.reduced, AXES_STRIDE);
  const table = packTable({
    dimensions,
    hashes: rows.hashes,
    buckets: recipe.rows.buckets,
    hasPairs: rows.hasPairs,
    rows: learnt,
    wordBits: recipe.wordBits,
    bucketBits: recipe.bucketBits,
    axes: axes.values,
    model: nameOf(learnt),
  });
  const counts = Object.fromEntries(TEXT_GROUPS.map((name) => [name, groups[name].length]));
  const knownWords = shareOfKnown(corpus.tokens.subarray(0, corpus.starts[sentences.length]), rows);
  return { table, report: { texts: counts, rows: recipe.rows, knownWords, axesEnergy: axes.energy, passes } };
}

function join(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function toUnit(rows: Float32Array, dimensions: number): Float32Array {
  for (let from = 0; from < rows.length; from += dimensions) {
    let square = 0;
    for (let i = from; i < from + dimensions; i++) square += (rows[i] as number) ** 2;
    const scale = 1 / Math.sqrt(square);
    for (let i = from; i < from + dimensions; i++) rows[i] = (rows[i] as number) * scale;
  }
  return rows;
}

/** Words begin with the teacher's vector of them alone; pairs and n-grams with nothing. */
function firstRows(
  words: readonly string[],
  vectors: Float32Array,
  rows: Rows,
  dimensions: number,
  countOf: (word: string) => number,
): Float32Array {
  const initial = new Float32Array(rows.count * dimensions);
  for (const [place, word] of words.entries()) {
    const folded = foldText(word);
    const found: number[] = [];
    scanFeatures(folded, rows, (row) => found.push(row));
    const [row = rows.firstBucket] = found;
    if (found.length !== 1 || row >= rows.firstBucket) continue;
    const length = LEAST_LENGTH + (1 - LEAST_LENGTH) / Math.sqrt(1 + countOf(folded) / FREQUENT);
    for (let i = 0; i < dimensions; i++)
      initial[row * dimensions + i] = length * (vectors[place * dimensions + i] as number);
  }
  return initial;
}

function shareOfKnown(tokens: Uint32Array, rows: Rows): number {
  let known = 0;
  for (const word of tokens) if (rows.wordRows[word] !== -1) known++;
  return known / tokens.length;
}

/** 32 bits that name the model: of other rows, another name. */
function nameOf(rows: Float32Array): number {
  const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
  return createHash('sha256').update(bytes).digest().readUInt32LE(0);
}
