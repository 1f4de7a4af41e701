/** What a run prints: tables, and the ratios to the rival. */

import type { EngineFigures, Times } from './measure.ts';
import type { Quality } from './quality.ts';

export interface Report {
  readonly date: string;
  readonly machine: string;
  readonly seed: number;
  readonly rounds: number;
  readonly sizes: readonly EngineFigures[];
  readonly quality: readonly Quality[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly ratios: readonly Ratios[];
}

/** The rival's figure divided by ours: above 1 ours is better. */
export interface Ratios {
  readonly size: number;
  readonly searchVsMiniSearch: number;
  readonly memoryVsMiniSearch: number;
  readonly storedVsMiniSearch: number;
  readonly loadVsMiniSearch: number;
  readonly addVsMiniSearch: number;
  /** Share of the first ten that both find, over the compared questions. */
  readonly sameTopTen: number;
}

export function ratiosOf(sizes: readonly EngineFigures[]): readonly Ratios[] {
  return sizes
    .filter(({ engine }) => engine === 'loci')
    .flatMap((ours) => {
      const rival = sizes.find(({ engine, size }) => engine === 'minisearch' && size === ours.size);
      if (rival === undefined) return [];
      return [
        {
          size: ours.size,
          searchVsMiniSearch: rival.search.p50Ms / ours.search.p50Ms,
          memoryVsMiniSearch: rival.heldBytes / ours.heldBytes,
          storedVsMiniSearch: rival.storedBytes / ours.storedBytes,
          loadVsMiniSearch: rival.loadMs / ours.loadMs,
          addVsMiniSearch: ours.addPerSecond / rival.addPerSecond,
          sameTopTen: sameShare(ours.rankings, rival.rankings),
        },
      ];
    });
}

function sameShare(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const shares = a.map((ranking, i) => {
    const other = new Set(b[i]);
    return ranking.length === 0 ? 1 : ranking.filter((ordinal) => other.has(ordinal)).length / ranking.length;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

export function tablesOf({ sizes, quality }: Report): string {
  const rows = sizes.map((figures) => [
    figures.engine,
    String(figures.size),
    ...[figures.search, figures.filtered, figures.near].map(timesText),
    figures.impacts === null ? '–' : timesText(figures.impacts),
    figures.phrases === null ? '–' : timesText(figures.phrases),
    mb(figures.heldBytes),
    mb(figures.storedBytes),
    `${figures.firstLoadMs.toFixed(0)}; ${figures.loadMs.toFixed(1)}`,
    figures.addPerSecond.toFixed(0),
  ]);
  const heads = [
    'engine',
    'memories',
    'search p50; p99, ms',
    'filter of 1 %',
    'a word mistyped',
    'impacts of 400',
  ];
  const more = ['phrases of 10', 'held, MB', 'stored, MB', 'load first; best, ms', 'added a second'];
  return [
    table([...heads, ...more], rows),
    table(
      ['engine', 'LoCoMo R@5', 'R@10', 'questions'],
      quality.map(({ about, r5, r10, questions }) => [
        about,
        r5.toFixed(3),
        r10.toFixed(3),
        String(questions),
      ]),
    ),
  ].join('\n\n');
}

function timesText({ p50Ms, p99Ms }: Times): string {
  return `${p50Ms.toPrecision(2)}; ${p99Ms.toPrecision(2)}`;
}

function mb(bytes: number): string {
  return (bytes / 1_000_000).toPrecision(2);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
