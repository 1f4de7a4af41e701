/** Reads plain statements: who lives where, works for whom, does what, and which value something has. */

import { normalizeName } from '../fact.ts';
import { isWhole, normalizeObject, objectOf } from './clauses.ts';

/** A text, and by whom it was said. */
export interface Said {
  readonly content: string;
  readonly speaker?: string | undefined;
  readonly agentId?: string | undefined;
  readonly source: string;
  readonly sessionId?: string | undefined;
}

/** What a clause states in the present: of whom, what, and of what. */
export interface Statement {
  /** Who it is about: equal for one person who says "I" and others who name them. */
  readonly subject: string;
  /** `live`, `work at`, `work for`, `be`, another verb's base, or `attribute`. */
  readonly verb: string;
  /** Of an attribute, its name. */
  readonly attribute?: string | undefined;
  /** As it was written. */
  readonly object: string;
  /** The object in the form in which objects are compared. */
  readonly form: string;
  /** Whether it is said of the whole object, without a condition. */
  readonly isWhole: boolean;
  /** Whether a move was told of, and not where somebody lives. */
  readonly isMove: boolean;
  /** The session in which it was said. */
  readonly sessionId: string | undefined;
}

/** Verbs of habits, whose object can be given up or exchanged. */
const HABITS =
  'use drink eat drive ride play wear read watch take study teach speak prefer deploy run own smoke practice practise attend';
const INFLECTED = new Map<string, string>(
  HABITS.split(' ').flatMap((verb) => {
    const third = /(?:s|sh|ch)$/u.test(verb) ? `${verb}es` : verb.replace(/([^aeo])y$/u, '$1ie').concat('s');
    const gerund = verb === 'run' ? 'running' : `${verb.replace(/e$/u, '')}ing`;
    return [verb, third, gerund].map((form) => [form, verb] as const);
  }),
);
const VERB_FORMS = [...INFLECTED.keys()].join('|');

/** A name: one or two words with capitals, none of which opens sentences for other reasons. */
const NAME = String.raw`(?!(?:This|That|These|Those|It|He|She|They|You|There|Here|Who|What|Where|Everyone|Everybody|Nobody|Someone|Somebody|Today|Yesterday|Now|My|Our|Your|His|Her|Their|The|A|An|Mom|Dad|Mum|Most|Many|Some|Few|All|None|People|One|Both|Each|Others|And|But|So|If|As|In|On|At|Not|No|Yes)\b)\p{Lu}[\p{L}’'-]*\p{L}(?:\s\p{Lu}[\p{L}-]+)?`;
export const WHO = `(?<who>[Ii]|[Ww]e|${NAME})`;
/** Words between subject and verb that leave it in the present. */
export const BETWEEN = String.raw`(?:\s(?:now|currently|just|recently|finally|actually|still|have|has|am|are|is))*`;

const LIVE = new RegExp(
  String.raw`^${WHO}${BETWEEN}\s(?:live|lives|living|reside|resides|residing|based)\s(?:now\s)?in\s(?<rest>.+)$`,
  'u',
);
const MOVE = new RegExp(
  String.raw`^${WHO}${BETWEEN}\s(?:moved|relocated)\s(?:back\s)?(?:from\s(?<old>.+?)\s)?to\s(?<rest>.+)$`,
  'u',
);
const WORK = new RegExp(
  String.raw`^${WHO}${BETWEEN}\s(?:work|works|working)\s(?:now\s)?(?<preposition>at|for)\s(?<rest>.+)$`,
  'u',
);
const HABIT = new RegExp(String.raw`^${WHO}${BETWEEN}\s(?<verb>${VERB_FORMS})\s(?<rest>.+)$`, 'u');
const BE = new RegExp(String.raw`^${WHO}\s(?:am|is|are)\s(?<rest>.+)$`, 'u');
const ATTRIBUTE = new RegExp(
  String.raw`^(?<who>[Mm]y|[Oo]ur|[Tt]he|${NAME}['’]s)\s(?<attribute>[\p{L}\p{N} -]{2,40}?)\s(?:is|are)\s(?<rest>.+)$`,
  'u',
);

const NEGATED = /\b(?:not|no|never|no longer|used to|stopped|quit)\b/u;

/** What a clause states, undefined where that is nothing that is known here. */
export function statementOf(clause: string, said: Said): Statement | undefined {
  if (NEGATED.test(clause)) return undefined;
  const read = (pattern: RegExp, verb?: string, isMove = false): Statement | undefined => {
    const { who, rest, verb: form, attribute, preposition } = pattern.exec(clause)?.groups ?? {};
    if (who === undefined || rest === undefined) return undefined;
    const object = objectOf(rest.replace(/^now\s/u, ''));
    if (object === '') return undefined;
    const name = attribute === undefined ? undefined : normalizeObject(attribute);
    return {
      subject: subjectOf(who, said),
      verb: preposition === undefined ? (verb ?? verbOf(form ?? '')) : `work ${preposition}`,
      attribute: name,
      object,
      form: normalizeObject(object),
      isWhole: isWhole(rest),
      isMove,
      sessionId: said.sessionId,
    };
  };
  return (
    read(MOVE, 'live', true) ??
    read(LIVE, 'live') ??
    read(WORK) ??
    read(HABIT) ??
    read(ATTRIBUTE, 'attribute') ??
    read(BE, 'be')
  );
}

/** The base of a verb; what is no habit stays as it is. */
export function verbOf(form: string): string {
  return INFLECTED.get(form) ?? form;
}

/** All forms of verbs of habits, for patterns. */
export const HABIT_FORMS: string = VERB_FORMS;

/** Who is meant: first persons are their speaker, and without one the agent and source they come from. */
export function subjectOf(who: string, { speaker, agentId, source }: Said): string {
  const self = speaker === undefined ? `#${agentId ?? ''}|${source}` : `@${normalizeName(speaker)}`;
  const lower = who.toLowerCase();
  if (lower === 'i' || lower === 'my') return self;
  if (lower === 'we' || lower === 'our') return `we ${self}`;
  if (lower === 'the') return `the |${source}`;
  return `@${normalizeName(who.replace(/['’]s$/u, ''))}`;
}
