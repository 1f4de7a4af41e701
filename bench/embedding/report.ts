/** What the benchmark found: as one JSON object, and as tables. */

import type { ParaphraseScore } from './paraphrase/score.ts';
import type { BytesPerVector } from './storage.ts';

export interface EmbedderFigures {
  readonly id: string;
  /** What is downloaded, without a runtime. */
  readonly bytes: number;
  readonly dimensions: number;
  readonly bytesPerVector: BytesPerVector;
  readonly loadMs: number;
  readonly sentencesPerSecond: { readonly node: number; readonly chromium: number | null };
  /** Spearman's correlation; null without the file. */
  readonly sts: number | null;
  readonly locomoR10: number | null;
  readonly paraphrase: ParaphraseScore;
}

export interface PairFigures {
  readonly query: string;
  readonly document: string;
  readonly locomoR10: number | null;
  readonly paraphraseTop10: number;
}

/** Half of the documents by each model, means over several draws; null without the file. */
export interface MixtureFigures {
  /** The built-in model's query asks all, the scores calibrated. */
  readonly locomoR10: number | null;
  /** Each model's query asks its own documents, the scores calibrated. */
  readonly ownQueryR10: number | null;
  /** MiniLM's query asks all, the scores calibrated. */
  readonly minilmQueryR10: number | null;
  /** The built-in model's query asks all, the scores as they are. */
  readonly uncalibratedR10: number | null;
  /** At several shares of the new model's documents, one model asking all. */
  readonly shares: readonly MixedFigures[];
}

export interface MixedFigures {
  readonly query: string;
  /** Of the documents, those that MiniLM has embedded. */
  readonly share: number;
  readonly isCalibrated: boolean;
  readonly locomoR10: number;
  readonly paraphraseTop10: number;
}

export interface Report {
  readonly embedders: readonly EmbedderFigures[];
  readonly pairs: readonly PairFigures[];
  readonly mixture: MixtureFigures;
  /** The same of vectors of 256 dimensions. */
  readonly mixture256: MixtureFigures;
  readonly machine: string;
  readonly browser: string | null;
  readonly date: string;
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** The report as Markdown tables. */
export function tablesOf({ embedders, pairs, mixture, mixture256 }: Report): string {
  const models = embedders.map((each) => [
    each.id,
    `${(each.bytes / 1e6).toFixed(1)} MB`,
    `${each.loadMs.toFixed(0)} ms`,
    whole(each.sentencesPerSecond.node),
    whole(each.sentencesPerSecond.chromium),
    share(each.sts),
    share(each.locomoR10),
    share(each.paraphrase.top1),
    share(each.paraphrase.top10),
    whole(each.bytesPerVector.index),
    whole(each.bytesPerVector.stored),
  ]);
  const heading =
    'model|bytes|load|Node /s|Chromium /s|STS|LoCoMo R@10|paraphrase first|first ten|index, bytes a vector|stored';
  const between = pairs.map((pair) => [
    pair.query,
    pair.document,
    share(pair.locomoR10),
    share(pair.paraphraseTop10),
  ]);
  return [
    table(heading.split('|'), models),
    table(['query', 'documents', 'LoCoMo R@10', 'paraphrase first ten'], between),
    ...mixtureTables(mixture, ''),
    ...mixtureTables(mixture256, ' (256 dimensions)'),
  ].join('\n\n');
}

function mixtureTables(mixture: MixtureFigures, which: string): readonly string[] {
  return [
    `Half of the documents by each${which}: LoCoMo R@10 ${share(mixture.locomoR10)} asked by the built-in model, ${share(mixture.minilmQueryR10)} by MiniLM, ${share(mixture.ownQueryR10)} each by its own; by the built-in model, not calibrated, ${share(mixture.uncalibratedR10)}.`,
    table(
      ['query', 'MiniLM’s documents', 'calibrated', 'LoCoMo R@10', 'paraphrase first ten'],
      mixture.shares.map((each) => [
        each.query,
        `${100 * each.share} %`,
        each.isCalibrated ? 'yes' : 'no',
        share(each.locomoR10),
        share(each.paraphraseTop10),
      ]),
    ),
  ];
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heading, heading.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function share(value: number | null): string {
  return value === null ? '–' : value.toFixed(3).replace(/^0/, '');
}

function whole(value: number | null): string {
  return value === null ? '–' : Math.round(value).toLocaleString('en');
}
