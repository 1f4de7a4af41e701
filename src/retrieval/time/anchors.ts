/** Times that hang on an event: what is to be looked up, and the range once its time is known. */

import { DAY_MS, UNIT_MS } from './calendar.ts';
import { exactScaleOf, overlaps, type Span } from './spans.ts';
import type { EventAnchor, TimeRange } from './types.ts';
import { AMOUNT, amountOf, UNIT, unitOf, WITHIN } from './words.ts';

/** How far "before the wedding" reaches where no distance is said, ms: a month, and softly beyond. */
const REACH_MS = 30 * DAY_MS;
/** Tolerance where no unit is said, and for units of a day and more the least, ms: what happened on a day is often told on the next. */
const DAY_TOLERANCE_MS = DAY_MS;
/** Part of a distance that it may be wrong by: in "three months before" the months are counted from memory. */
const TOLERANCE_SHARE = 1 / 8;
/** Longest event, words: a name for a thing, no sentence. */
const MAX_EVENT_WORDS = 8;

const RELATION =
  '\\b(before|prior\\s+to|after|following|since|during|at\\s+the\\s+time\\s+of|around\\s+the\\s+time\\s+of|(?:(?:on|in)\\s+)?the\\s+(?:day|week|weekend|month)\\s+of)\\s+';
const DISTANCE = new RegExp(`(${WITHIN})?\\b(?:(?:the|that)\\s+|${AMOUNT}\\s+)${UNIT}\\s+$`, 'iu');
const ANCHOR = new RegExp(RELATION, 'giu');
/** "look after the dog", "named after her": no time. */
const PHRASAL =
  /\b(?:look(?:s|ed|ing)?|nam(?:e|ed|es|ing)|call(?:ed)?|tak(?:e|es|ing)|took|run(?:s|ning)?|ran|go(?:es|ing)?|went|chas(?:e|es|ed|ing)|ask(?:s|ed|ing)?|model+ed|modelled|car(?:e|es|ed|ing)|clean(?:s|ed|ing)?|ever|day|year|time|one)\s+$/iu;
/** What begins a thing that happened: an article or owner, a name, or what someone does. */
const EVENT_START =
  /^(?:(?:the|my|your|his|her|our|their|its|an?|that|this)\s+\p{L}|\p{L}+ing\s+\p{L}|\p{Lu}[\p{L}'’]+\s+\p{L}|(?:I|he|she|we|they|you|it)\s+\p{Ll})/u;
/** What can be no event though it begins like one. */
const NO_EVENT =
  /^(?:the\s+(?:other|fact|first|last|next)\b|that\s+(?:he|she|they|we|i|you|it)\b|a\s+while\b|an?\s+(?:long|short|few|couple)\b)/iu;
const WORDS_THAT_END = new Set(
  `what which who whom whose why how when where while because so but or did does do is are was were has have had can
  could will would should may might`.split(/\s+/),
);
const IS_OWN_CLAUSE = /^(?:I|he|she|we|they|you|it)\s/u;

/** An anchor and its words' place in the query. */
export interface PlacedAnchor extends Pick<Span, 'start' | 'end'> {
  readonly anchor: EventAnchor;
}

/** The events of a query that a time hangs on, other than the places where a time itself is known. */
export function readAnchors(query: string, known: readonly Span[]): readonly PlacedAnchor[] {
  const anchors: PlacedAnchor[] = [];
  for (const match of query.matchAll(ANCHOR)) {
    const end = match.index + match[0].length;
    // "during the summer" is known; of "the trip last year" the trip is not.
    const article = /^(?:the|this|that)\s+/iu.exec(query.slice(end))?.[0].length ?? 0;
    if (known.some((span) => overlaps(span, { start: match.index, end: end + article + 1 }))) continue;
    const next = Math.min(query.length, ...known.map(({ start }) => start).filter((start) => start > end));
    const anchor = readAnchor(query.slice(0, next), match.index, end, match[1] ?? '');
    if (anchor !== undefined) anchors.push(anchor);
  }
  return anchors;
}

function readAnchor(query: string, index: number, end: number, word: string): PlacedAnchor | undefined {
  const before = query.slice(0, index);
  const distance = /^(?:before|prior|after|following)/iu.test(word) ? DISTANCE.exec(before) : null;
  if (/^after/iu.test(word) && distance === null && PHRASAL.test(before)) return undefined;
  const event = eventAt(query.slice(end), word);
  if (event === undefined) return undefined;
  const relation = /^(?:before|prior)/iu.test(word)
    ? 'before'
    : /^(?:after|following|since)/iu.test(word)
      ? 'after'
      : 'around';
  const place = { start: distance?.index ?? index, end: end + event.length };
  const anchor = {
    relation,
    ...distanceOf(distance, word),
    event,
    isOpenEnded: /^since/iu.test(word),
    text: query.slice(place.start, place.end),
  } as const;
  return { anchor, ...place };
}

function distanceOf(
  distance: RegExpExecArray | null,
  word: string,
): Pick<EventAnchor, 'offsetMs' | 'unitMs' | 'isWithin'> {
  const around = /(day|week|weekend|month)\s+of$/iu.exec(word)?.[1];
  if (around !== undefined) return { unitMs: UNIT_MS[unitOf(around).unit], isWithin: false };
  if (distance === null) return { isWithin: false };
  const { unit, times } = unitOf(distance[3] ?? '');
  const { least, most } = amountOf(distance[2] ?? 'a');
  // "the week before the wedding" is that week, "the day after" a day.
  const isWithin = distance[2] === undefined ? UNIT_MS[unit] > DAY_MS : distance[1] !== undefined;
  const count = isWithin ? most : (least + most) / 2;
  return { offsetMs: count * times * UNIT_MS[unit], unitMs: UNIT_MS[unit], isWithin };
}

/** The words that name an event, up to punctuation, a question's words or an infinitive. */
function eventAt(text: string, relation: string): string | undefined {
  if (!EVENT_START.test(text) || NO_EVENT.test(text)) return undefined;
  // "since he likes dogs" gives a reason.
  if (/^(?:since|during|following)/iu.test(relation) && IS_OWN_CLAUSE.test(text)) return undefined;
  const clause = /^[^,.;:?!()"\n]*/u.exec(text)?.[0] ?? '';
  const words = [...clause.matchAll(/\S+/gu)];
  while (/^(?:in|on|at|from|of|and|the)$/iu.test(words.at(-1)?.[0] ?? '')) words.pop();
  const last = words.findIndex(
    ({ 0: word, index }, i) => i > 0 && endsBefore(word, clause.slice(index + word.length)),
  );
  const isReason =
    /^since/iu.test(relation) &&
    last > 0 &&
    /^(?:is|are|was|were|has|have|had)$/iu.test(words[last]?.[0] ?? '');
  const kept = words.slice(0, Math.min(last < 0 ? words.length : last, MAX_EVENT_WORDS));
  const end = kept.at(-1);
  if (end === undefined || kept.length < 2 || isReason) return undefined;
  return clause.slice(0, end.index + end[0].length);
}

/** Whether a word begins something else: a question's word, or "to" before a verb. */
function endsBefore(word: string, after: string): boolean {
  if (WORDS_THAT_END.has(word.toLowerCase())) return true;
  return word === 'to' && !/^\s+(?:(?:the|my|your|his|her|our|their|its|an?)\b|\p{Lu})/u.test(after);
}

/**
 * The range that an anchor means where the event lies somewhere in a stretch of time: of a day around its middle, of
 * a longer one around all that it may be.
 */
export function resolveAnchorWithin(
  anchor: EventAnchor,
  { fromMs, toMs }: Pick<TimeRange, 'fromMs' | 'toMs'>,
  referenceMs: number,
): TimeRange {
  if (toMs - fromMs <= DAY_MS) return resolveAnchor(anchor, (fromMs + toMs) / 2, referenceMs);
  const first = resolveAnchor(anchor, fromMs, referenceMs);
  const last = resolveAnchor(anchor, toMs - 1, referenceMs);
  return { ...first, fromMs: Math.min(first.fromMs, last.fromMs), toMs: Math.max(first.toMs, last.toMs) };
}

/**
 * The range that an anchor means, once its event has been found. The further off and the coarser the unit, the wider:
 * "two weeks before" is a week around that day, "three months before" a month.
 *
 * @param eventTimeMs when the event was, or was told of, ms since the epoch.
 * @param referenceMs now, where a range lasts until then ("since the wedding").
 * @example
 * const [anchor] = (await resolveTimes('two weeks before the wedding', now)).anchors;
 * resolveAnchor(anchor, weddingMs, now); // a week, its middle 14 days before weddingMs
 */
export function resolveAnchor(anchor: EventAnchor, eventTimeMs: number, referenceMs: number): TimeRange {
  const { relation, offsetMs, unitMs = DAY_TOLERANCE_MS, isOpenEnded, isWithin, text } = anchor;
  const tolerance = Math.max(
    Math.min(DAY_TOLERANCE_MS, unitMs),
    unitMs / 2,
    (offsetMs ?? 0) * TOLERANCE_SHARE,
  );
  const sign = relation === 'before' ? -1 : 1;
  if (isWithin && offsetMs !== undefined) {
    const far = eventTimeMs + sign * offsetMs;
    const range = { fromMs: Math.min(eventTimeMs, far), toMs: Math.max(eventTimeMs, far) + 1 };
    return {
      ...range,
      text,
      kind: 'range',
      isOpenEnded: false,
      scaleMs: Math.max(exactScaleOf(offsetMs), unitMs / 2),
    };
  }
  if (relation === 'around' || offsetMs !== undefined) {
    const center = eventTimeMs + sign * (offsetMs ?? 0);
    const range = { fromMs: center - tolerance, toMs: center + tolerance };
    return { ...range, text, kind: 'point', isOpenEnded: false, scaleMs: tolerance };
  }
  if (isOpenEnded) {
    const toMs = Math.max(referenceMs, eventTimeMs) + 1;
    return { fromMs: eventTimeMs, toMs, text, kind: 'range', isOpenEnded, scaleMs: tolerance };
  }
  const other = eventTimeMs + sign * REACH_MS;
  const range = { fromMs: Math.min(eventTimeMs, other), toMs: Math.max(eventTimeMs, other) };
  return { ...range, text, kind: 'range', isOpenEnded: true, scaleMs: REACH_MS };
}
