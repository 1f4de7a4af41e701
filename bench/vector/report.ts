/** What a run prints: its shape, the ratios, and the tables. */

import type { Ef } from './engine.ts';

export interface SearchFigures {
  readonly ef: Ef;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly recall: number;
  /** Queries a round; fewer than all for slow engines. */
  readonly queries: number;
}

export interface FilteredFigures {
  readonly share: number;
  readonly p50Ms: number;
  readonly recall: number;
  readonly queries: number;
}

export interface EngineFigures {
  readonly engine: string;
  readonly runtime: string;
  readonly about: string;
  readonly buildPerSecond: number;
  readonly memoryBytes: number | null;
  readonly fileBytes: number | null;
  readonly loadMs: number | null;
  readonly search: readonly SearchFigures[];
  readonly filtered: readonly FilteredFigures[] | null;
  readonly deleteUs: number | null;
  readonly updateUs: number | null;
  readonly recallAfterChurn: number | null;
  /** Times each vector was replaced before `recallAfterChurn`: 2, or less where the time ran out. */
  readonly churnTimes: number | null;
}

export interface Ratios {
  readonly queryVsNative: number | null;
  readonly queryVsNative999: number | null;
  readonly flatVsNative: number | null;
  readonly queryVsHnswlibWasm: number | null;
  readonly buildVsNative: number | null;
  readonly memoryVsNative: number | null;
}

export interface Report {
  readonly n: number;
  readonly dim: number;
  readonly data: string;
  readonly runtime: string;
  readonly seed: number;
  readonly queries: number;
  readonly rounds: number;
  readonly date: string;
  readonly machine: string;
  readonly engines: readonly EngineFigures[];
  readonly skipped: readonly { readonly engine: string; readonly reason: string }[];
  readonly ratios: Ratios;
}

/** Recall at which engines are compared. */
export const RECALL = 0.995;
const HIGH_RECALL = 0.999;

/** The fastest setting that reaches a recall, or undefined where none does. */
export function fastestAt(
  { search }: Pick<EngineFigures, 'search'>,
  recall: number,
): SearchFigures | undefined {
  return search
    .filter((figures) => figures.recall >= recall)
    .reduce<SearchFigures | undefined>(
      (best, figures) => (best === undefined || figures.p50Ms < best.p50Ms ? figures : best),
      undefined,
    );
}

export function ratiosOf(engines: readonly EngineFigures[]): Ratios {
  const find = (name: string) => engines.find(({ engine }) => engine === name);
  const [loci, flat, native, wasm] = ['loci', 'loci-flat', 'hnswlib-node', 'hnswlib-wasm'].map(find);
  const queryRatio = (
    ours: EngineFigures | undefined,
    theirs: EngineFigures | undefined,
    recall = RECALL,
  ): number | null =>
    divide(ours && fastestAt(ours, recall)?.p50Ms, theirs && fastestAt(theirs, recall)?.p50Ms);
  return {
    queryVsNative: queryRatio(loci, native),
    queryVsNative999: queryRatio(loci, native, HIGH_RECALL),
    flatVsNative: queryRatio(flat, native),
    queryVsHnswlibWasm: queryRatio(loci, wasm),
    buildVsNative: divide(loci?.buildPerSecond, native?.buildPerSecond),
    memoryVsNative: divide(loci?.memoryBytes, native?.memoryBytes),
  };
}

function divide(ours: number | null | undefined, theirs: number | null | undefined): number | null {
  if (ours === null || ours === undefined || theirs === null || theirs === undefined || theirs === 0)
    return null;
  return round(ours / theirs);
}

/** Four significant digits: what is beyond them is noise. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}

const HEADER =
  '| engine | build /s | MB | file MB | load ms | ef at ≥ .995 | p50 ms | p99 ms | recall | p50 at ≥ .999 | filter 50 % | 10 % | 1 % | delete µs | update µs | recall after churn |';

/** The run as a Markdown table, an engine a line. */
export function tableOf({ engines }: Pick<Report, 'engines'>): string {
  const rule = HEADER.replaceAll(/[^|]+/g, '---').slice(0);
  return [HEADER, rule, ...engines.map(lineOf)].join('\n');
}

function lineOf(figures: EngineFigures): string {
  const best = fastestAt(figures, RECALL);
  const shown =
    best ??
    figures.search.reduce<SearchFigures | undefined>(
      (a, b) => (a && a.recall >= b.recall ? a : b),
      undefined,
    );
  const filtered = [0.5, 0.1, 0.01].map((share) => {
    const found = figures.filtered?.find((each) => each.share === share);
    return found === undefined ? '–' : `${show(found.p50Ms)} (${recallText(found.recall)})`;
  });
  const churn =
    figures.recallAfterChurn === null
      ? '–'
      : recallText(figures.recallAfterChurn) +
        (figures.churnTimes !== null && figures.churnTimes < 2 ? ` (replaced ${figures.churnTimes} ×)` : '');
  const cells = [
    figures.engine,
    Math.round(figures.buildPerSecond).toLocaleString('en-US'),
    megabytes(figures.memoryBytes),
    megabytes(figures.fileBytes),
    show(figures.loadMs),
    best === undefined ? `never (${shown?.ef ?? '–'})` : `${best.ef ?? '–'}`,
    show(shown?.p50Ms),
    show(shown?.p99Ms),
    shown === undefined ? '–' : recallText(shown.recall),
    show(fastestAt(figures, HIGH_RECALL)?.p50Ms),
    ...filtered,
    show(figures.deleteUs),
    show(figures.updateUs),
    churn,
  ];
  return `| ${cells.join(' | ')} |`;
}

function show(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : `${Number(value.toPrecision(3))}`;
}

const megabytes = (bytes: number | null) => (bytes === null ? '–' : show(bytes / 1e6));
const recallText = (recall: number) => recall.toFixed(4).replace(/^0/, '');

/** Sizes against the p50 at recall ≥ .995 of each engine, as a Markdown table. */
export function curveOf(reports: readonly Report[]): string {
  const names = [...new Set(reports.flatMap(({ engines }) => engines.map(({ engine }) => engine)))];
  const lines = reports.map((report) => {
    const cells = names.map((name) => {
      const figures = report.engines.find(({ engine }) => engine === name);
      if (figures === undefined) return '–';
      const best = fastestAt(figures, RECALL);
      const build = `${Math.round(figures.buildPerSecond).toLocaleString('en-US')}/s`;
      return best === undefined ? `never, ${build}` : `${show(best.p50Ms)} ms, ${build}`;
    });
    const { queryVsNative, flatVsNative, buildVsNative } = report.ratios;
    return [
      report.n.toLocaleString('en-US'),
      report.data,
      ...cells,
      show(queryVsNative),
      show(flatVsNative),
      show(buildVsNative),
    ];
  });
  const header = ['rows', 'data', ...names, 'query vs native', 'flat vs native', 'build vs native'];
  return [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
