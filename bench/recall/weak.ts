/** Weak vectors on purpose: those of one conversation by a model that finds little, from the evaluation data. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from './options.ts';

export interface WeakVectors {
  readonly modelId: string;
  readonly space: string;
  turnOf(id: string): Float32Array;
  queryOf(question: string): Float32Array;
}

export const WEAK_CONVERSATION = 'conv-30';

const MODEL = { modelId: 'universal-sentence-encoder-lite', space: 'use-512' };

interface Row {
  readonly embeddings: readonly number[];
}

export function whyNoWeakVectors(): string | undefined {
  const missing = ['turns', 'questions'].map(fileOf).find((file) => !existsSync(file));
  return missing === undefined ? undefined : `there is no ${missing}`;
}

/** @throws Error on a turn or question that the files do not have, when it is asked for. */
export function readWeakVectors(): WeakVectors {
  const turns = readRows<Row & { readonly id: string }>('turns', ({ id }) => id);
  const questions = readRows<Row & { readonly question: string }>('questions', ({ question }) => question);
  return { ...MODEL, turnOf: lookUp(turns), queryOf: lookUp(questions) };
}

function readRows<R extends Row>(part: string, keyOf: (row: R) => string): ReadonlyMap<string, Float32Array> {
  const rows = JSON.parse(readFileSync(fileOf(part), 'utf8')) as readonly R[];
  return new Map(rows.map((row) => [keyOf(row), Float32Array.from(row.embeddings)]));
}

function lookUp(vectors: ReadonlyMap<string, Float32Array>): (key: string) => Float32Array {
  return (key) => {
    const vector = vectors.get(key);
    if (vector === undefined) throw new Error(`the weak vectors have none of "${key}"`);
    return vector;
  };
}

function fileOf(part: string): string {
  return join(dataFolder(), 'locomo', `${WEAK_CONVERSATION}.${part}.use512.json`);
}
