/** How the cosines of unrelated texts lie for each pair of models: the figures of the engine's calibrations. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createBuiltinEmbedder, reduceVector } from '../../src/embedding/builtin/encoder.ts';
import type { BuiltinTable } from '../../src/embedding/builtin/table.ts';
import { calibrationName, type PairScores } from '../../src/embedding/calibration.ts';
import type { EmbedderIdentity } from '../../src/embedding/embedder.ts';
import { createRandom } from '../../src/testing/environment.ts';
import type { VectorOf } from './mixture.ts';
import { dot } from './similarity.ts';

/** Sentences of many kinds, none of them of a set that anything is measured on. */
const SOURCES = [
  'topical-chat',
  'schema-guided-dialogue',
  'wiki-split',
  'taskmaster',
  'banking77-train',
  'stsb-en-train',
];
/** Sentences drawn of each. */
const DRAWN = 400;
/** One in so many is asked of all others. */
const ASKED = 10;
const SEED = 7;

/** The sentences, the same at every run. */
export function calibrationTexts(folder: string): readonly string[] {
  const random = createRandom(SEED);
  return SOURCES.flatMap((source) => {
    const lines = gunzipSync(readFileSync(join(folder, `${source}.txt.gz`)))
      .toString()
      .split('\n')
      .filter((line) => line !== '');
    const distinct = [...new Set(lines)];
    const drawn = Array.from({ length: DRAWN }, () => distinct[Math.floor(random() * distinct.length)] ?? '');
    return [...new Set(drawn)];
  });
}

/** The same models in the fewer dimensions that the table has axes for. */
export function reducedModels(
  models: readonly CalibratedModel[],
  table: BuiltinTable,
): readonly CalibratedModel[] {
  const { id, space, dimensions } = createBuiltinEmbedder(table, { dimensions: table.shape.reduced });
  return models.map((model) => {
    const reduced = new Map<string, Float32Array>();
    const vectorOf = (text: string): Float32Array => {
      const vector = reduced.get(text) ?? reduceVector(table, model.vectorOf(text));
      reduced.set(text, vector);
      return vector;
    };
    const [name, shape] = model.id.split('@');
    const isTable = shape === String(table.shape.dimensions);
    return { id: isTable ? id : `${name}@${dimensions}`, space, vectorOf };
  });
}

export interface CalibratedModel extends Pick<EmbedderIdentity, 'id' | 'space'> {
  readonly vectorOf: VectorOf;
}

/** Mean and deviation of the cosines of all pairs of models. */
export function measurePairs(
  models: readonly CalibratedModel[],
  texts: readonly string[],
): readonly PairScores[] {
  return models.flatMap((query) =>
    models.map((document) => ({
      space: query.space,
      query: calibrationName(query.id),
      document: calibrationName(document.id),
      ...spreadOf(query.vectorOf, document.vectorOf, texts),
    })),
  );
}

function spreadOf(queryOf: VectorOf, documentOf: VectorOf, texts: readonly string[]) {
  const documents = texts.map(documentOf);
  let [count, sum, squares] = [0, 0, 0];
  for (let asked = 0; asked < texts.length; asked += ASKED) {
    const query = queryOf(texts[asked] ?? '');
    for (const [place, document] of documents.entries()) {
      // A text is not unrelated to itself.
      if (texts[place] === texts[asked]) continue;
      const score = dot(query, document);
      count += 1;
      sum += score;
      squares += score * score;
    }
  }
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(squares / count - mean * mean) };
}
