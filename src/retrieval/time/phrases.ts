/** What stands before a time and changes it: "early", "the first week of", "two weeks before", "since", "between". */

import { addUnits, DAY_MS, type Stretch, startOf, stretchOf, UNIT_MS, type Unit } from './calendar.ts';
import { exactScaleOf, type Reference, type Span, scaleOf } from './spans.ts';
import { EARLIEST_MS, LATEST_MS } from './types.ts';
import { AMOUNT, amountOf, UNIT, unitOf, WITHIN } from './words.ts';

/** Pattern of a distance that hangs on what follows: "two weeks before". */
const OFFSET = `(?:\\b(?:about|around|almost|just|exactly)\\s+)?(?:(${WITHIN})|\\b(?:that|last)\\s+)?(?:\\b${AMOUNT}\\s+)?\\b${UNIT}\\s+(before|prior\\s+to|after|following|from)`;
/** Pattern of the word before a time that says what part of it is meant. */
const PART = '\\b(early|earlier|mid|middle|late|later|end|start|beginning)(?:[\\s-]+(?:of|in)(?:\\s+the)?)?';
const SUB = `\\b(first|1st|second|2nd|third|3rd|fourth|4th|last)\\s+(day|week|weekend|month|quarter|half)\\s+(?:of|in)(?:\\s+the)?`;

/** Places that would mislead a parser of dates, since they belong to the time that follows them. */
export function leadingPhrases(text: string): readonly Pick<Span, 'start' | 'end'>[] {
  const pattern = new RegExp(
    `${OFFSET}\\b|${PART}(?=[\\s-])|${SUB}\\b|\\b(?:week|weekend|day)\\s+of\\b`,
    'giu',
  );
  return [...text.matchAll(pattern)].map(({ 0: words, index }) => ({
    start: index,
    end: index + words.length,
  }));
}

/** A change of the time that follows; none where the words do not fit it. */
interface Change {
  readonly pattern: RegExp;
  readonly apply: (match: RegExpExecArray, span: Span, reference: Reference) => Partial<Span> | undefined;
}

const change = (source: string, apply: Change['apply']): Change => ({
  pattern: new RegExp(`${source}[\\s-]+(?:the\\s+)?$`, 'iu'),
  apply,
});

/** Changes of the time itself; several may stand before one another. */
const CHANGES: readonly Change[] = [
  change(SUB, ([, which = '', unit = ''], span) => partOf(span, which.toLowerCase(), unit.toLowerCase())),
  change(PART, ([, which = ''], span) => thirdOf(span, which.toLowerCase())),
  change('\\b(week|weekend|day)\\s+of', ([, unit = ''], span) => {
    const of = unit.toLowerCase() as Unit;
    return { ...stretchOf(span.from, of), unit: of, kind: of === 'day' ? 'point' : 'range' };
  }),
  change(OFFSET, ([, lead, amount, unit = '', relation = ''], span) =>
    distanceFrom(span, amount, unit, relation, lead !== undefined),
  ),
];

/** The first, second … day, week, weekend, month or half of a period. */
function partOf(span: Span, which: string, unit: string): Partial<Span> | undefined {
  const ordinal =
    which === 'last'
      ? -1
      : Number.parseInt(which, 10) || ['first', 'second', 'third', 'fourth'].indexOf(which) + 1;
  if (unit === 'half') {
    const middle = (span.from + span.to) / 2;
    return ordinal === 1 ? { to: middle } : { from: middle };
  }
  const of = unit as Unit;
  if (UNIT_MS[of] >= span.to - span.from) return undefined;
  const step = (n: number): Stretch => {
    // Weeks of a month are counted from its first day, weekends by their Saturdays.
    if (of !== 'weekend') return { from: addUnits(span.from, of, n), to: addUnits(span.from, of, n + 1) };
    const saturday = startOf(span.from + DAY_MS, 'weekend');
    return stretchOf(saturday < span.from ? saturday + 7 * DAY_MS : saturday, of, n);
  };
  if (ordinal > 0) return { ...step(ordinal - 1), unit: of };
  if (of === 'weekend') return { ...stretchOf(span.to - 2 * DAY_MS, of), unit: of };
  return { from: addUnits(span.to, of, -1), to: span.to, unit: of };
}

/** Thirds of a period; "earlier this year" is all of it that is over. */
function thirdOf(span: Span, which: string): Partial<Span> | undefined {
  const third = (span.to - span.from) / 3;
  if (which === 'earlier' || which === 'later') return {};
  if (span.unit === 'day' || span.unit === 'hour' || span.unit === 'minute') return {};
  if (which === 'early' || which === 'start' || which === 'beginning') return { to: span.from + third };
  if (which === 'mid' || which === 'middle') return { from: span.from + third, to: span.to - third };
  return { from: span.to - third };
}

/** "two weeks before 11 August" is the week around that day; "the week before 11 August" are the days up to it. */
function distanceFrom(
  span: Span,
  amount: string | undefined,
  word: string,
  relation: string,
  isWithin: boolean,
): Partial<Span> {
  const { unit, times } = unitOf(word);
  const isBefore = /^(?:before|prior)/iu.test(relation);
  const sign = isBefore ? -1 : 1;
  const edge = isBefore ? span.from : span.to;
  const kind = 'point';
  if (unit === 'weekend') {
    const first = stretchOf(edge, 'weekend', isBefore ? -1 : 0);
    const next = stretchOf(edge, 'weekend', 0);
    const fits = isBefore
      ? next.to <= edge
        ? next
        : first
      : first.from >= edge
        ? first
        : stretchOf(edge, 'weekend', 1);
    return { ...fits, unit, kind };
  }
  if (amount === undefined || /^an?$/iu.test(amount)) {
    const other = addUnits(edge, unit, sign * times);
    return { from: Math.min(edge, other), to: Math.max(edge, other), unit, kind };
  }
  const { least, most } = amountOf(amount);
  if (isWithin) {
    const far = addUnits(edge, unit, sign * most * times);
    const stretch = { from: Math.min(edge, far), to: Math.max(edge, far) };
    return { ...stretch, unit, kind: 'range', scaleMs: exactScaleOf(stretch.to - stretch.from) };
  }
  const origin = span.unit === 'day' ? span.from : edge;
  const [near, far] = [
    addUnits(origin, unit, sign * least * times),
    addUnits(origin, unit, sign * most * times),
  ];
  if (unit === 'day') return { from: Math.min(near, far), to: Math.max(near, far) + DAY_MS, unit, kind };
  const margin = UNIT_MS[unit] / 2;
  return { from: Math.min(near, far) - margin, to: Math.max(near, far) + margin, unit, kind };
}

/** Words that make a range of one end; at most one of them, at the very front. */
const LIMITS: readonly Change[] = [
  change('\\bsince', (_, { from, to }, { now }) =>
    open({ from, to: from < now ? now + 1 : LATEST_MS }, to - from),
  ),
  change('\\b(?:after|following|later\\s+than)', (_, { from, to }, { now }) =>
    open({ from: to, to: to < now ? now + 1 : LATEST_MS }, to - from),
  ),
  change('\\b(?:before|prior\\s+to|earlier\\s+than)', (_, { from, to }) =>
    open({ from: EARLIEST_MS, to: from }, to - from),
  ),
  change('\\b(?:until|till|up\\s+to|by)', (_, { from, to }) => open({ from: EARLIEST_MS, to }, to - from)),
  change('\\b(?:around|about|circa|near)', (_, { from, to }) => {
    const margin = Math.max(DAY_MS, (to - from) / 2);
    return { from: from - margin, to: to + margin, kind: 'range' };
  }),
];

function open(stretch: Stretch, width: number): Partial<Span> {
  return { ...stretch, kind: 'range', isOpenEnded: true, scaleMs: scaleOf(width) };
}

/** The spans with what stands before them, and pairs of them as one; by place. */
export function combine(text: string, spans: readonly Span[], reference: Reference): readonly Span[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start);
  const changed = sorted.map((span, i) => extend(text, span, sorted[i - 1]?.end ?? 0, CHANGES, reference));
  const joined: Span[] = [];
  for (const span of changed) {
    const previous = joined.at(-1);
    const pair = previous && join(text, previous, span);
    if (pair === undefined) joined.push(span);
    else joined.splice(-1, 1, pair);
  }
  return joined.map((span, i) => limit(text, span, joined[i - 1]?.end ?? 0, reference));
}

function extend(
  text: string,
  span: Span,
  from: number,
  changes: readonly Change[],
  reference: Reference,
): Span {
  for (const { pattern, apply } of changes) {
    const match = pattern.exec(text.slice(from, span.start));
    const change = match === null ? undefined : apply(match, span, reference);
    if (match === null || change === undefined) continue;
    const wider = { ...span, ...change, start: from + match.index };
    return extend(text, wider, from, changes, reference);
  }
  return span;
}

function limit(text: string, span: Span, from: number, reference: Reference): Span {
  if (span.isOpenEnded === false) return span;
  for (const { pattern, apply } of LIMITS) {
    const match = pattern.exec(text.slice(from, span.start));
    if (match !== null) return { ...span, ...apply(match, span, reference), start: from + match.index };
  }
  return span;
}

const JOINT = /^\s*(?:-|–|—|to|until|till|through)\s*(?:the\s+)?$/iu;
const JOINT_OF_BETWEEN = /^\s*and\s+(?:the\s+)?$/iu;

/** "from … to …" and "between … and …" as one; the year of the second holds of the first. */
function join(text: string, first: Span, second: Span): Span | undefined {
  const between = text.slice(first.end, second.start);
  const lead = /\b(from|between)\s+(?:the\s+)?$/iu.exec(text.slice(0, first.start));
  const isBetween = lead?.[1]?.toLowerCase() === 'between';
  if (!JOINT.test(between) && !(isBetween && JOINT_OF_BETWEEN.test(between))) return undefined;
  let { from } = first;
  if (second.hasYear && !first.hasYear) {
    const year = (ms: number) => new Date(ms).getUTCFullYear();
    from = addUnits(from, 'year', year(second.from) - year(from));
  }
  if (from > second.from) from = addUnits(from, 'year', -1);
  if (from > second.to) return undefined;
  const start = lead?.index ?? first.start;
  // No word before it opens it: both ends were said.
  return { ...second, from, start, kind: 'range', hasYear: true, isOpenEnded: false };
}
