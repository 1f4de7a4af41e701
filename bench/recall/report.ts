/** What the benchmark found: as one JSON object, and as tables. */

import { percentile } from '../vector/stats.ts';
import type { LatencyFigures } from './latency.ts';
import { type Means, mean, meansBy, meansOf } from './metrics.ts';
import type { Measured } from './run.ts';
import type { SystemSpec } from './system.ts';

export interface SystemFigures extends Omit<Means, 'n'> {
  readonly name: string;
  readonly about: string;
  readonly embedder: string | null;
  /** Questions asked of it. */
  readonly n: number;
  readonly byCategory: Readonly<Record<string, Means>>;
  readonly byConversation: Readonly<Record<string, Means>>;
  /** Mean share of the evidence that stands in a packed context, by its tokens. */
  readonly evidenceKept: Readonly<Record<string, number>>;
  /** Without embedding. */
  readonly searchMs: { readonly p50: number; readonly p99: number };
  /** Turns a second, without embedding. */
  readonly addPerSecond: number;
}

export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

/** Of corpora that are no conversations; they are told apart in `byConversation`. */
export interface DocumentFigures {
  readonly turns: number;
  readonly questions: number;
  readonly systems: readonly SystemFigures[];
  readonly skipped: readonly Skipped[];
}

export interface Report {
  /** The file's name; null where there is none. */
  readonly data: string | null;
  readonly conversations: number;
  readonly turns: number;
  readonly questions: number;
  /** Questions that were not asked: no evidence of them is among the turns. */
  readonly dropped: number;
  readonly systems: readonly SystemFigures[];
  readonly skipped: readonly Skipped[];
  /** What was found in texts that are no conversations; null where it was not asked for. */
  readonly documents: DocumentFigures | null;
  /** Null where it was not asked for. */
  readonly latency: LatencyFigures | null;
  readonly machine: string;
  readonly date: string;
}

export function reportOf(
  { name, about, embedder }: SystemSpec,
  { scores, searchMs, added, addMs }: Measured,
): SystemFigures {
  const budgets = Object.keys(scores[0]?.kept ?? {});
  const kept = budgets.map(
    (budget) => [budget, mean(scores.map((score) => score.kept[budget] ?? 0))] as const,
  );
  return {
    ...{ name, about, embedder },
    ...meansOf(scores),
    byCategory: meansBy(scores, ({ category }) => category),
    byConversation: meansBy(scores, ({ conversation }) => conversation),
    evidenceKept: Object.fromEntries(kept),
    searchMs: { p50: percentile(searchMs, 0.5), p99: percentile(searchMs, 0.99) },
    addPerSecond: (1_000 * added) / addMs,
  };
}

/** The report as Markdown tables. */
export function tablesOf({ systems }: Pick<Report, 'systems'>): string {
  const budgets = Object.keys(systems[0]?.evidenceKept ?? {});
  const overall = systems.map((each) => [
    each.name,
    each.embedder ?? '–',
    String(each.n),
    ...[each.r5, each.r10, each.mrr].map(share),
    ...budgets.map((budget) => share(each.evidenceKept[budget])),
    each.searchMs.p50.toFixed(2),
    each.searchMs.p99.toFixed(2),
    Math.round(each.addPerSecond).toLocaleString('en'),
  ]);
  const heading = [
    ...['system', 'embedder', 'questions', 'R@5', 'R@10', 'MRR'],
    ...budgets.map((budget) => `kept at ${Number(budget).toLocaleString('en')}`),
    ...['search p50, ms', 'p99', 'adds a second'],
  ];
  return [
    table(heading, overall),
    groups('R@10 by category', systems, ({ byCategory }) => byCategory),
    groups('R@10 by conversation', systems, ({ byConversation }) => byConversation),
  ].join('\n\n');
}

/** The latency as one line. */
export function latencyLine({ memories, samples, searchMs, browser }: LatencyFigures): string {
  const kinds = Object.entries(searchMs).map(
    ([kind, { p50, p99 }]) => `${kind} p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
  );
  return `Searches among ${memories.toLocaleString('en')} memories in ${browser}, ${samples} of each kind: ${kinds.join('; ')}.`;
}

/** R@10 of groups, a column each, with the most questions that a system was asked of it. */
function groups(
  title: string,
  systems: readonly SystemFigures[],
  groupsOf: (figures: SystemFigures) => Readonly<Record<string, Means>>,
): string {
  const names = [...new Set(systems.flatMap((each) => Object.keys(groupsOf(each))))];
  const heading = names.map((name) => {
    const n = Math.max(...systems.map((each) => groupsOf(each)[name]?.n ?? 0));
    return `${name} (${n})`;
  });
  const rows = systems.map((each) => [each.name, ...names.map((name) => share(groupsOf(each)[name]?.r10))]);
  return table([title, ...heading], rows);
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heading, heading.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function share(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(3).replace(/^0/, '');
}
