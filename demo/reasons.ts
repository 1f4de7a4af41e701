/** Says in plain words why a memory was recalled: what found it, what its score is made of, whether it still holds. */

import type { Feedback, PlanTime, SearchHit, SignalName, SignalScore } from '../src/types.ts';

/** Parts of a score that are named; the others are said together. */
const NAMED_PARTS = 7;
/** Share of a score from which a part is named: less decides between hardly any two memories. */
const LEAST_PART = 0.02;
/** Share that would read as 0.00. */
const NOTHING = 0.005;
const DAY_MS = 86_400_000;

const FOUND_BY = {
  vector: 'by meaning',
  lexical: 'by words',
  association: 'by association',
  speaker: 'by who said it',
  neighbour: 'beside another that was found',
} as const;

/** What each signal says where it speaks for a memory, and where against it. */
const SIGNAL_WORDS: Readonly<Record<SignalName, string | readonly [string, string]>> = {
  words: 'its words',
  passage: 'words, its own and beside it',
  meaning: ['its meaning', 'means something else'],
  session: 'meaning of its conversation',
  echo: 'comes after what was meant',
  answer: ['answers a question like yours', 'answers another question'],
  speaker: 'said by whom you name',
  statement: 'states something',
  length: 'how much it says',
  time: 'fits the time you ask about',
  outdated: 'does not hold now',
  association: 'belongs to what was found',
  context: 'near to where you are',
  recency: ['recent', 'old'],
  priority: ['high priority', 'low priority'],
  importance: ['important', 'unimportant'],
  use: 'read often or lately',
  usefulness: ['you found it useful', 'you found it not useful'],
  phrase: ['has the words you quoted', 'lacks the words you quoted'],
  preference: ['you found its like useful', 'you found its like not useful'],
};

/** A part of a hit's score, in words. */
export interface Part {
  readonly text: string;
  /** Share of the score: all parts add up to it, unless that is cut off at 0 or 1. */
  readonly score: number;
}

/** What found a hit: "Found by meaning and by words". */
export function describeFoundBy({ why }: SearchHit): string {
  // An owner in another tab may be of a release that does not tell.
  const ways = (why.foundBy ?? []).map((arm) => FOUND_BY[arm]);
  return ways.length === 0 ? 'Found' : `Found ${ways.join(ways.length > 2 ? ', ' : ' and ')}`;
}

/** What the arms measured, for those who know the terms. */
export function describeMeasures({ why: { vector, lexical } }: SearchHit): string {
  const trust = vector === undefined || (vector.trust ?? 1) >= 1 ? '' : `, trusted ${percent(vector.trust)}`;
  return [
    ...(vector === undefined ? [] : [`cosine ${vector.raw.toFixed(2)}${trust}`]),
    ...(lexical === undefined ? [] : [`BM25 ${lexical.raw.toFixed(2)}: ${lexical.terms.join(', ')}`]),
  ].join(' · ');
}

/** The largest parts of a hit's score, and the rest as one. */
export function describeParts({ why }: SearchHit): readonly Part[] {
  const parts = [...(why.signals ?? [])].sort((a, b) => Math.abs(b.score) - Math.abs(a.score));
  const tells = ({ score }: SignalScore, at: number) => at < NAMED_PARTS && Math.abs(score) >= LEAST_PART;
  const named = parts.filter(tells);
  const others = parts.filter((part, at) => !tells(part, at));
  const rest = others.reduce((sum, { score }) => sum + score, 0);
  return [
    ...named.map(({ signal, score }) => ({ text: wordsOf(signal, score), score })),
    ...(Math.abs(rest) < NOTHING ? [] : [{ text: `${others.length} smaller ones`, score: rest }]),
  ];
}

function wordsOf(signal: SignalName, score: number): string {
  // A later release in another tab may have signals that this page does not know.
  const words = SIGNAL_WORDS[signal] ?? signal;
  return typeof words === 'string' ? words : words[score < 0 ? 1 : 0];
}

/** What a reader must know of a memory that does not hold at present; undefined where it holds. */
export function describeValidity(hit: SearchHit, hits: readonly SearchHit[]): string | undefined {
  const { validity, replacedBy } = hit;
  if (validity === undefined || validity === 'current') return undefined;
  if (validity === 'future') return 'does not hold yet';
  if (validity === 'ended') return 'holds no longer';
  const by = hits.find(({ id }) => id === replacedBy)?.memory.content;
  return `${validity} by ${by === undefined ? 'a later memory' : `“${by}”`}`;
}

/** A time read from the question: "“last week” as 9 – 15 Nov 2026". */
export function describeTime({ fromMs, toMs, text, isStrict, event }: PlanTime): string {
  const isOfDays = toMs - fromMs >= DAY_MS && !isStrict;
  const format = new Intl.DateTimeFormat(
    undefined,
    isOfDays ? { dateStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'short' },
  );
  const range = format.formatRange(fromMs, toMs - 1);
  const source = event?.text === undefined ? '' : `, since a memory says “${event.text}”`;
  return `“${text}” as ${range}${source}${isStrict ? ', and nothing else was looked at' : ''}`;
}

/** What was told of a memory's use, as far as it still counts; undefined where nothing was. */
export function describeFeedback(feedback: Feedback | undefined): string | undefined {
  if (feedback === undefined) return undefined;
  const told = [times('useful', feedback.useful), times('not useful', feedback.useless)].filter(Boolean);
  return told.length === 0 ? undefined : `told ${told.join(', ')}`;
}

function times(what: string, count: number): string {
  const whole = Math.round(count);
  if (whole === 0) return '';
  return whole === 1 ? `${what} once` : `${what} ${whole} times`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
