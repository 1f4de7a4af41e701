/**
 * A conservative rule for what a text contradicts, where its host names no subject and predicate: only a text that
 * itself says that something changed ("now", "no longer", "moved to", "instead of", "my new … is") contradicts
 * an earlier one, and only a plain statement of the same subject, of the same kind, and of something else. English
 * only. It rather misses a contradiction than marks what is true.
 */

import { MAX_CHANGES_READ } from '../../limits.ts';
import { clausesOf, isWhole, normalizeObject, objectOf } from './clauses.ts';
import { areApart, isPlace } from './places.ts';
import { attributeKey, doingKey, objectKey, plainName } from './statement-index.ts';
import {
  BETWEEN,
  HABIT_FORMS,
  type Said,
  type Statement,
  statementOf,
  subjectOf,
  verbOf,
  WHO,
} from './statements.ts';

export type { Said, Statement } from './statements.ts';

/** A change that a text tells of. */
export interface Change {
  /** Words by which earlier statements that it contradicts can be found. */
  readonly query: string;
  /** Under which a statement index has the statements that it may contradict. */
  readonly key: string;
  /** Whether a statement of an earlier text is what has changed. */
  readonly contradicts: (older: Statement) => boolean;
}

/** Without one of these a clause tells of no change. */
const MARKS =
  /\b(?:now|nowadays|these days|no longer|any ?more|any longer|stopped|quit|used to|moved|relocated|switched|changed|updated|migrated|replaced|swapped|traded|instead of|(?:[Mm]y|[Oo]ur|[Tt]he|['’]s) new|(?:started|began) (?:working|\w+ new job))\b/u;
const NOW = /\b(?:now|nowadays|these days)\b/u;

/** Values that leave no doubt that they are values: both must be of one shape. */
const SHAPES: readonly RegExp[] = [
  /^\S+@\S+\.\S+$/u,
  /^https?:\/\/\S+$/u,
  /^v?\d+(?:\.\d+)+$/u,
  /^\d{1,2}(?::\d{2})?\s?(?:am|pm)$|^\d{1,2}:\d{2}$/u,
  /^[$€£]?\+?[\d][\d ().,-]*%?$/u,
  /^(?:mon|tues|wednes|thurs|fri|satur|sun)day$/u,
];
/** What only has one value at a time, and takes any name or noun for one. */
const FREE_ATTRIBUTES =
  /^(?:(?:new )?(?:user ?name|nickname|last name|surname|password|passcode|time ?zone|job title)|(?:preferred|default) [\p{L} ]+|favou?rite (?:colou?r|food|drink|fruit|dish|sport|season|hobby|animal|number|subject|genre|flavou?r))$/u;
const COLOURS =
  /^(?:(?:dark|light|bright) )?(?:red|orange|yellow|green|blue|purple|violet|pink|brown|black|white|gr[ae]y|turquoise|teal|gold|silver)$/u;
/** What is spoken of as "the" one, and is another one each time. */
const MANY =
  /\b(?:meeting|call|appointment|party|event|class|session|flight|game|lunch|dinner|trip|test|result)s?$/u;

const CEASED = new RegExp(
  String.raw`^${WHO}(?:\s(?:am|is|are)\s(?:now\s)?no longer\s(?<be>.+)|${BETWEEN}\sno longer\s(?<plain>.+)|\s(?:do|does)\snot\s(?<anymore>.+?)\s(?:any ?more|any longer)|${BETWEEN}\s(?:stopped|quit)\s(?<gerund>.+)|\sused to\s(?<once>.+))$`,
  'u',
);
const SWITCHED = new RegExp(
  String.raw`^${WHO}${BETWEEN}\s(?:(?:switched|migrated)\sfrom\s(?<from>.+?)\sto\s(?<to>.+)|(?:replaced|swapped)\s(?<swapped>.+?)\s(?:with|for|by)\s(?<by>.+))$`,
  'u',
);
const INSTEAD = new RegExp(
  String.raw`^${WHO}${BETWEEN}\s(?<verb>${HABIT_FORMS})\s(?<to>.+?)\sinstead of\s(?<old>.+)$`,
  'u',
);
const CHANGED =
  /^(?<who>[Ii]|[Ww]e)\s(?:have\s|just\s)*(?:changed|updated)\s(?:my|our)\s(?<attribute>.{2,40}?)\sto\s(?<rest>.+)$/u;
const STARTED = new RegExp(
  String.raw`^${WHO}${BETWEEN}\s(?:started|began)\s(?:working|(?:a|my|the|his|her|their)\snew\sjob)\s(?<preposition>at|for)\s(?<rest>.+)$`,
  'u',
);
/** A verb and its object, as they follow "no longer". */
const ACTION = new RegExp(
  String.raw`^(?:(?<live>live|lives|living)\sin|(?<work>work|works|working)\s(?<preposition>at|for)|(?<verb>${HABIT_FORMS}))\s(?<rest>.+)$`,
  'u',
);

/**
 * The changes that a text tells of, the first {@link MAX_CHANGES_READ}; none of most texts, which costs a look for the
 * words that could tell of one.
 */
export function changesIn(said: Said): readonly Change[] {
  const changes: Change[] = [];
  for (const clause of clausesOf(said.content, MARKS)) {
    const found = ceased(clause, said) ?? exchanged(clause, said) ?? renewed(clause, said);
    if (found !== undefined) changes.push(found);
    if (changes.length === MAX_CHANGES_READ) break;
  }
  return changes;
}

/** What a text states. Reading it takes some 10 µs for each clause: to be done once for each text. */
export function statementsOf(said: Said): readonly Statement[] {
  return clausesOf(said.content).flatMap((clause) => statementOf(clause, said) ?? []);
}

/** What was given up: an earlier statement of the very same. */
function ceased(clause: string, said: Said): Change | undefined {
  const { who, plain, be, anymore, gerund, once } = CEASED.exec(clause)?.groups ?? {};
  if (who === undefined) return undefined;
  const subject = subjectOf(who, said);
  const action = ACTION.exec(be ?? plain ?? anymore ?? gerund ?? once ?? '')?.groups;
  if (action?.rest === undefined) return be === undefined ? undefined : same(subject, 'be', be, said);
  const verb = action.live ? 'live' : action.work ? `work ${action.preposition}` : verbOf(action.verb ?? '');
  return same(subject, verb, action.rest, said);
}

const ONCE = /\b(?:today|yesterday|tonight|this (?:morning|afternoon|evening|time)|once)\b/iu;

/** What something else took the place of, where both are named: an earlier statement of the old one. */
function exchanged(clause: string, said: Said): Change | undefined {
  const { who, verb, from, swapped, old, to, by } =
    (INSTEAD.exec(clause) ?? SWITCHED.exec(clause))?.groups ?? {};
  const given = old ?? from ?? swapped;
  const taken = to ?? by ?? '';
  // "To MySQL for the archive" leaves the old one its other uses, and "today" its other days.
  if (who === undefined || given === undefined || !isWhole(taken) || ONCE.test(clause)) return undefined;
  // Who replaced butter by oil may have done so in one cake.
  if (swapped !== undefined && !(isNamed(swapped) && isNamed(taken))) return undefined;
  return same(subjectOf(who, said), verb === undefined ? undefined : verbOf(verb), given, said);
}

/** An earlier statement of the same subject, verb (any but of being, where none is named) and object. */
function same(subject: string, verb: string | undefined, rest: string, said: Said): Change | undefined {
  const wanted = isWhole(rest) ? normalizeObject(objectOf(rest)) : '';
  if (wanted === '' || wanted.split(' ').length > MAX_OBJECT_WORDS) return undefined;
  return {
    query: `${nameOf(said)} ${verb ?? ''} ${wanted}`,
    key: objectKey(subject, verb, wanted),
    contradicts: (older) =>
      older.subject === subject &&
      (verb === undefined ? older.verb !== 'be' && older.verb !== 'attribute' : older.verb === verb) &&
      older.form === wanted,
  };
}

/** Longest object, words: what is longer tells of circumstances too. */
const MAX_OBJECT_WORDS = 5;

/** What has a new value: an earlier statement of another one. */
function renewed(clause: string, said: Said): Change | undefined {
  const started = STARTED.exec(clause)?.groups;
  if (started?.who !== undefined && started.rest !== undefined)
    return otherEmployer(
      subjectOf(started.who, said),
      `work ${started.preposition}`,
      objectOf(started.rest),
      said,
    );
  const changed = CHANGED.exec(clause)?.groups;
  if (changed?.who !== undefined && changed.attribute !== undefined && changed.rest !== undefined)
    return isWhole(changed.rest)
      ? otherValue(
          subjectOf(changed.who, said),
          normalizeObject(changed.attribute),
          objectOf(changed.rest),
          said,
          true,
        )
      : undefined;
  const statement = statementOf(clause, said);
  if (statement === undefined) return undefined;
  const { subject, verb, attribute, object, isMove } = statement;
  const isNow = NOW.test(clause);
  // Who says "we moved to …" may well speak of tools.
  if (verb === 'live' && (isNow || (isMove && !subject.startsWith('we'))))
    return otherPlace(subject, object, said);
  if (verb.startsWith('work ') && isNow) return otherEmployer(subject, verb, object, said);
  const name = attribute === undefined ? undefined : plainName(attribute);
  if (name === undefined || !statement.isWhole || (!isNow && name === attribute)) return undefined;
  return otherValue(subject, name, object, said);
}

function otherPlace(subject: string, place: string, said: Said): Change | undefined {
  if (!isPlace(place)) return undefined;
  return {
    query: `${nameOf(said)} live lives living moved based`,
    key: doingKey(subject, 'live'),
    contradicts: (older) =>
      older.subject === subject && older.verb === 'live' && areApart(older.object, place),
  };
}

/** A firm has a name; "a bank" may be the one that was named before. */
function isNamed(object: string): boolean {
  return /^\p{Lu}/u.test(object);
}

/** Who works at Initech may well work for Bo: only what follows the same word is another one. */
function otherEmployer(subject: string, verb: string, employer: string, said: Said): Change | undefined {
  const form = normalizeObject(employer);
  if (!isNamed(employer)) return undefined;
  return {
    query: `${nameOf(said)} work works working`,
    key: doingKey(subject, verb),
    contradicts: (older) =>
      older.subject === subject &&
      older.verb === verb &&
      isNamed(older.object) &&
      !older.form.includes(form) &&
      !form.includes(older.form),
  };
}

/** @param isChanged it was said to have been changed to the value: then that is one, whatever it looks like. */
function otherValue(
  subject: string,
  name: string,
  value: string,
  said: Said,
  isChanged = false,
): Change | undefined {
  const form = normalizeObject(value);
  const isFree = FREE_ATTRIBUTES.test(name) && form.split(' ').length <= MAX_OBJECT_WORDS;
  const isOne = !subject.startsWith('the ') || (name.includes(' ') && !MANY.test(name));
  if (form === '') return undefined;
  // "My favourite dish is now delicious" names no other dish.
  const isValue = (object: string, other: string) =>
    haveOneShape(form, other) ||
    (isFree &&
      (isChanged || (isNamed(value) && isNamed(object)) || (COLOURS.test(form) && COLOURS.test(other))));
  return {
    query: name,
    key: attributeKey(subject, name),
    contradicts: (older) => {
      if (older.subject !== subject || older.attribute === undefined || plainName(older.attribute) !== name)
        return false;
      if (!isOne && (said.sessionId === undefined || said.sessionId !== older.sessionId)) return false;
      return older.isWhole && older.form !== form && isValue(older.object, older.form);
    },
  };
}

function haveOneShape(one: string, other: string): boolean {
  const [, unit = ''] = /^[$€£]?[\d.,]+ (\D+)$/u.exec(one) ?? [];
  if (unit !== '') return /^[$€£]?[\d.,]+ \D+$/u.test(other) && other.endsWith(` ${unit}`);
  return SHAPES.some((shape) => shape.test(one) && shape.test(other));
}

/** The speaker is indexed with the words of what was said. */
function nameOf({ speaker }: Said): string {
  return speaker ?? '';
}
