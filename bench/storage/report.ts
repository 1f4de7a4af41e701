/** What a run prints: its shape, and the tables. */

import type { WorkerBytes } from './memory.ts';
import type { ContestantName, Level } from './store.ts';

/** Memories a second, by the memories of a call. */
export type Rates = Readonly<Record<'1' | '100' | '1000', number>>;

export interface OpenFigures {
  readonly n: number;
  /** From opening in a new page to the first answer with ten full records: median, and every round's. */
  readonly firstSearchMs: number;
  readonly rounds: readonly number[];
  /** Of which until it was open: median. */
  readonly openedMs: number;
  /** What the worker holds then and once at rest. */
  readonly engineBytes: number;
  readonly engineBytesBy: WorkerBytes;
  /** After the page was killed with writes in the journal: how many there were, and the time. */
  readonly afterKill: { readonly journaled: number; readonly firstSearchMs: number };
  /** Memories a second while it was filled in batches of 1,000, journaled. */
  readonly fillPerSecond: number;
  /** What the browser says is stored for this contestant's origin, bytes. */
  readonly storedBytes: number | null;
}

export interface ContestantFigures {
  readonly name: ContestantName;
  readonly about: string;
  readonly addsPerSecond: Readonly<Record<Level, Rates>>;
  /** One by one, 64 of them waited for together. */
  readonly addsInFlight64: Readonly<Record<Level, number>>;
  readonly open: readonly OpenFigures[];
}

export interface ColdReads {
  readonly n: number;
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
}

export interface Report {
  readonly addsPerSecond: Readonly<Record<Level, Rates>> | null;
  readonly addsInFlight64: Readonly<Record<Level, number>> | null;
  readonly open: readonly OpenFigures[];
  /** Ten records got at once by id, none of them read since opening. */
  readonly tenRecordsMs: ColdReads | null;
  /** A search with its ten records, each of them new. */
  readonly coldSearchMs: ColdReads | null;
  readonly bytesByKind: Readonly<Record<string, number>> | null;
  readonly rivals: readonly (Omit<ContestantFigures, 'open'> & {
    /** At the largest size. */
    readonly openMs: number | null;
    readonly open: readonly OpenFigures[];
  })[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly rounds: number;
  readonly seed: number;
  readonly dimensions: number;
  readonly date: string;
  readonly machine: string;
  readonly browser: string;
}

/** The figures in the shape of the report: ours apart from the rivals'. */
export function reportOf(
  all: readonly ContestantFigures[],
  rest: Omit<Report, 'addsPerSecond' | 'addsInFlight64' | 'open' | 'rivals'>,
): Report {
  const ours = all.find(({ name }) => name === 'loci');
  const rivals = all.filter(({ name }) => name !== 'loci');
  return {
    addsPerSecond: ours?.addsPerSecond ?? null,
    addsInFlight64: ours?.addsInFlight64 ?? null,
    open: ours?.open ?? [],
    ...rest,
    rivals: rivals.map((rival) => ({ ...rival, openMs: rival.open.at(-1)?.firstSearchMs ?? null })),
  };
}

/** Four significant digits: what is beyond them is noise. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** The run as Markdown tables: adds, opening, cold reads. */
export function tablesOf(report: Report): string {
  const ours = { name: 'loci', ...report };
  const all = [...(report.addsPerSecond === null ? [] : [ours]), ...report.rivals];
  return [addsTable(all), openTable(all), restOf(report)].filter((part) => part !== '').join('\n\n');
}

type Shown = Pick<Report, 'addsPerSecond' | 'addsInFlight64' | 'open'> & { readonly name: string };

function addsTable(all: readonly Shown[]): string {
  const header = ['adds/s', 'level', '1', '1, 64 in flight', '100', '1,000'];
  const lines = all.flatMap(({ name, addsPerSecond, addsInFlight64 }) =>
    (['journaled', 'flushed'] as const).map((level) => {
      const rates = addsPerSecond?.[level];
      const cells = [rates?.['1'], addsInFlight64?.[level], rates?.['100'], rates?.['1000']];
      return [name, level, ...cells.map((value) => whole(value))];
    }),
  );
  return table(header, lines);
}

function openTable(all: readonly Shown[]): string {
  const header = ['open', 'n', 'first search ms', 'after a kill ms', 'worker MB', 'stored MB', 'filled /s'];
  const lines = all.flatMap(({ name, open }) =>
    open.map((figures) => [
      name,
      whole(figures.n),
      whole(figures.firstSearchMs),
      `${whole(figures.afterKill.firstSearchMs)} (${figures.afterKill.journaled})`,
      megabytes(figures.engineBytes),
      megabytes(figures.storedBytes),
      whole(figures.fillPerSecond),
    ]),
  );
  return table(header, lines);
}

function restOf({ tenRecordsMs, coldSearchMs, bytesByKind }: Report): string {
  const cold = (what: string, figures: ColdReads | null) =>
    figures === null
      ? []
      : [`${what} at ${whole(figures.n)}, cold: p50 ${figures.p50} ms, p99 ${figures.p99} ms.`];
  const kinds =
    bytesByKind === null
      ? []
      : [
          `Bytes by kind, MB: ${Object.entries(bytesByKind)
            .map(([kind, bytes]) => `${kind} ${megabytes(bytes)}`)
            .join(', ')}.`,
        ];
  return [...cold('Ten records by id', tenRecordsMs), ...cold('A search', coldSearchMs), ...kinds].join('\n');
}

function table(header: readonly string[], lines: readonly (readonly string[])[]): string {
  if (lines.length === 0) return '';
  return [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const whole = (value: number | undefined) =>
  value === undefined ? '–' : Math.round(value).toLocaleString('en-US');
const megabytes = (bytes: number | null) =>
  bytes === null ? '–' : `${Number((bytes / 1e6).toPrecision(3))}`;
