/** Training: passes over the texts in a seeded order, the last of them with the rows as they will be stored. */

import { hashPair } from '../../src/embedding/builtin/hash.ts';
import { createRandom } from '../../src/testing/environment.ts';
import type { Corpus } from './corpus.ts';
import type { Rows } from './rows.ts';
import { Trainer } from './trainer.ts';

export interface TrainingOptions {
  readonly seed: number;
  /** Passes over all texts. */
  readonly passes: number;
  /** Passes at the end that learn with the rows as they will be stored. */
  readonly storedPasses: number;
  readonly batch: number;
  /** The first rate of learning; it falls to 0. */
  readonly rate: number;
  /** Share of known words that are taken as if they were not: n-grams learn by them. */
  readonly wordDrop: number;
  readonly pairDrop: number;
  readonly similarityWeight: number;
  readonly crossWeight: number;
  readonly rankWeight: number;
  readonly rankTemperature: number;
  /** A batch is made of groups of so many texts that are near one another to the teacher; 0: of any texts. */
  readonly neighbours: number;
  readonly wordBits: number;
  readonly bucketBits: number;
}

/** What a stopped training goes on from: after a whole pass. */
export interface Checkpoint {
  readonly pass: number;
  readonly state: readonly Float32Array[];
}

export interface TrainingHooks {
  readonly say: (line: string) => void;
  /** Called after each pass but the last. */
  readonly keep?: ((checkpoint: Checkpoint) => void) | undefined;
  readonly from?: Checkpoint | undefined;
}

/** Steps in which the rate rises. */
const WARM_UP = 200;
/** Longer texts are left out: their features would fill a batch. */
const MOST_WORDS = 200;

/** Teaches rows, and answers them unrounded. `initial` has a vector or nothing for each row. */
export function trainRows(
  module: WebAssembly.Module,
  corpus: Corpus,
  rows: Rows,
  targets: Float32Array,
  initial: Float32Array,
  options: TrainingOptions,
  { say, keep, from }: TrainingHooks,
): Float32Array {
  const dimensions = initial.length / rows.count;
  const trainer = new Trainer(module, {
    rows: rows.count,
    dimensions,
    batch: options.batch,
    similarityWeight: options.similarityWeight,
    crossWeight: options.crossWeight,
    rankWeight: options.rankWeight,
    rankTemperature: options.rankTemperature,
  });
  const texts = usableTexts(corpus);
  const steps = Math.floor(texts.length / options.batch);
  if (steps === 0) throw new Error(`${texts.length} texts make no batch of ${options.batch}`);
  trainer.table.set(initial);
  const targetOf = (text: number) => targets.subarray(text * dimensions, (text + 1) * dimensions);
  const groups = options.neighbours > 0 ? groupTexts(trainer, texts, targetOf, options) : undefined;
  if (from !== undefined) trainer.restore(from.state, from.pass * steps);
  for (let pass = from?.pass ?? 0; pass < options.passes; pass++) {
    if (pass >= options.passes - options.storedPasses && !trainer.isQuantized)
      trainer.quantize({
        split: rows.firstBucket,
        lowerBits: options.wordBits,
        upperBits: options.bucketBits,
      });
    // A seed a pass: a training that goes on draws what one that never stopped draws.
    const random = createRandom(options.seed + 1_000 * (pass + 1));
    const drawn = shuffle(texts, random);
    const order = groups === undefined ? drawn : byGroups(drawn, groups, options.neighbours, random);
    let loss = 0;
    for (let step = 0; step < steps; step++) {
      trainer.begin();
      for (const text of order.subarray(step * options.batch, (step + 1) * options.batch)) {
        addText(trainer, corpus, rows, text, options, random);
        trainer.endText(targetOf(text));
      }
      loss += trainer.learn(rateAt(pass * steps + step, options.passes * steps, options.rate));
    }
    say(`pass ${pass + 1} of ${options.passes}: 1 − cosine ${(loss / steps).toFixed(4)}`);
    if (pass + 1 < options.passes) keep?.({ pass: pass + 1, state: trainer.state() });
  }
  return trainer.table.slice();
}

/** The group of each text: which of some drawn texts it is nearest to. Indexed by text. */
function groupTexts(
  trainer: Trainer,
  texts: Uint32Array,
  targetOf: (text: number) => Float32Array,
  { seed, batch }: TrainingOptions,
): Uint16Array {
  const drawn = shuffle(texts, createRandom(seed + 500)).subarray(0, batch);
  const nearest = trainer.nearestOf(Array.from(drawn, targetOf), texts.length, (place) =>
    targetOf(texts[place] as number),
  );
  const groups = new Uint16Array((texts.at(-1) ?? 0) + 1);
  for (const [place, text] of texts.entries()) groups[text] = nearest[place] as number;
  return groups;
}

/** Texts in runs of one group, the runs in a drawn order; what makes no whole run comes last. */
function byGroups(drawn: Uint32Array, groups: Uint16Array, size: number, random: () => number): Uint32Array {
  const open = new Map<number, number[]>();
  const runs: number[][] = [];
  for (const text of drawn) {
    const group = groups[text] as number;
    const run = open.get(group) ?? [];
    run.push(text);
    if (run.length === size) {
      runs.push(run);
      open.delete(group);
    } else open.set(group, run);
  }
  const order = shuffle(Uint32Array.from(runs.keys()), random);
  const rest = [...open.values()].flat();
  return Uint32Array.from([...Array.from(order, (run) => runs[run] ?? []).flat(), ...rest]);
}

function usableTexts(corpus: Corpus): Uint32Array {
  const lengthOf = (text: number) => (corpus.starts[text + 1] ?? 0) - (corpus.starts[text] ?? 0);
  const all = Uint32Array.from({ length: corpus.starts.length - 1 }, (_, text) => text);
  return all.filter((text) => lengthOf(text) > 0 && lengthOf(text) < MOST_WORDS);
}

function shuffle(texts: Uint32Array, random: () => number): Uint32Array {
  const order = texts.slice();
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = order[i] as number;
    order[i] = order[j] as number;
    order[j] = kept;
  }
  return order;
}

function rateAt(step: number, steps: number, rate: number): number {
  return rate * Math.min(1, step / WARM_UP) * (1 - step / steps);
}

/** The features of a text as the encoder has them, but for those that are dropped. */
function addText(
  trainer: Trainer,
  corpus: Corpus,
  rows: Rows,
  text: number,
  { wordDrop, pairDrop }: TrainingOptions,
  random: () => number,
): void {
  let before = -1;
  for (let at = corpus.starts[text] ?? 0; at < (corpus.starts[text + 1] ?? 0); at++) {
    const word = corpus.tokens[at] as number;
    const row = rows.wordRows[word] as number;
    if (row === -1 || random() < wordDrop) {
      const parts = rows.parts[word];
      parts?.rows.forEach((part, i) => {
        trainer.addFeature(part, parts.weights[i] ?? 0);
      });
      before = -1;
      continue;
    }
    trainer.addFeature(row, 1);
    const hash = rows.wordHashes[word] as number;
    const pair = rows.hasPairs && before !== -1 ? rows.rowOf(hashPair(before, hash)) : -1;
    if (pair !== -1 && random() >= pairDrop) trainer.addFeature(pair, 1);
    before = hash;
  }
}
