/** Graded similarity of sentence pairs (STS-B): does a model order the pairs as people do? */

import { readFileSync } from 'node:fs';
import { dot, spearman } from './similarity.ts';

export interface StsPair {
  readonly a: string;
  readonly b: string;
  /** 0–5, by people. */
  readonly score: number;
}

/** Reads a file of three columns, quoted where they hold commas, as STS-B comes; without a heading. */
export function readSts(file: string): readonly StsPair[] {
  const pairs = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [a = '', b = '', score = ''] = columnsOf(line.trim());
      return { a, b, score: score === '' ? Number.NaN : Number(score) };
    });
  const bad = pairs.findIndex(({ a, b, score }) => a === '' || b === '' || !Number.isFinite(score));
  if (bad !== -1) throw new Error(`${file}: line ${bad + 1} is not "sentence,sentence,score"`);
  return pairs;
}

function columnsOf(line: string): string[] {
  const columns = line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g) ?? [];
  return columns.map((column) => {
    const text = column.replace(/,$/, '');
    return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
  });
}

export function textsOfSts(pairs: readonly StsPair[]): readonly string[] {
  return [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
}

/** Spearman's correlation of cosine and score; `vectorOf` knows the vector of every text. */
export function scoreSts(pairs: readonly StsPair[], vectorOf: (text: string) => Float32Array): number {
  return spearman(
    pairs.map(({ a, b }) => dot(vectorOf(a), vectorOf(b))),
    pairs.map(({ score }) => score),
  );
}
