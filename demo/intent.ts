/** Tells statements, which are worth remembering, from questions, requests and small talk. */

import type { Intent } from './responders/responder.ts';

/** A message taken apart. */
export interface ReadMessage {
  readonly intent: Intent;
  /** What the user stated, worth remembering; empty where nothing was. */
  readonly statement: string;
  /** What to look for in memory. */
  readonly query: string;
}

const SMALLTALK =
  /^(hi|hello|hey|good (morning|afternoon|evening|night)|thanks?( you)?( (so|very) much)?|thx|ok(ay)?|cool|great|nice|yes|no|bye|goodbye)( there| again)?[\s.!,]*$/i;
const LEAD = '^(?:(?:and|so|but|ok|okay|hey|please)[\\s,]+)*';
const AUXILIARY =
  "(?:do|does|did|is|are|am|was|were|can|could|will|would|should|has|have|had|may|might)(?:n[’']t)?";
const SUBJECT =
  '(?:i|you|we|he|she|they|my|your|our|his|her|their|the|there|this|that|anyone|it(?!\\s+yourself))\\b';
/**
 * Questions that lack their mark. Strict on purpose ("When I was a child …" states something): to
 * store a question too many costs little, to lose a statement is what a memory must not do.
 */
const UNMARKED_QUESTIONS = [
  new RegExp(`${LEAD}${AUXILIARY}\\s+${SUBJECT}`, 'i'),
  new RegExp(`${LEAD}(?:who|whom)\\s`, 'i'),
  new RegExp(`${LEAD}(?:where|when|why|what|how|which)(?:\\s+${AUXILIARY}|[’'](?:s|re|d|ll))\\s`, 'i'),
  new RegExp(`${LEAD}(?:what|which|whose|how)\\s+(?!${SUBJECT})(?:\\S+\\s+){1,2}${AUXILIARY}\\s`, 'i'),
];
const REQUEST_START =
  /^((please|now|and|hey|ok|okay|so)[\s,]+)*((can|could|would) you\s+)?(please\s+)?(tell me|show me|remind me (what|when|where|who|whose|which|why|how|of|about)|list|find|search|look up|recall|summari[sz]e|repeat)\b/i;
/** Asked politely, and still a statement: "Can you remember that …?" */
const REMEMBER_START = /^((please|can|could|will|would|you)\s+)*(remember|note|keep in mind) that\b/i;
const FORGET_START = /^(please\s+)?(forget|delete|erase|remove)\b/i;

/** Whether a sentence only asks. */
export function isQuestion(sentence: string): boolean {
  const text = sentence.trim();
  return REQUEST_START.test(text) || asks(text);
}

/** Whether a text consists of questions alone, so that it can answer none. */
export function onlyAsks(text: string): boolean {
  return splitSentences(text).every(asks);
}

function asks(text: string): boolean {
  if (REMEMBER_START.test(text)) return false;
  if (/[?？]["'”’)\]]*$/u.test(text)) return true;
  return !/[.!]$/.test(text) && UNMARKED_QUESTIONS.some((pattern) => pattern.test(text));
}

/** Takes a message apart into what it states and what it asks. */
export function readMessage(message: string): ReadMessage {
  const text = message.trim();
  if (SMALLTALK.test(text)) return { intent: 'smalltalk', statement: '', query: text };
  if (FORGET_START.test(text)) return { intent: 'forget', statement: '', query: text };
  const sentences = splitSentences(text);
  const asked = sentences.filter(isQuestion);
  if (asked.length === 0) return { intent: 'statement', statement: text, query: text };
  const stated = sentences.filter((sentence) => !isQuestion(sentence) && !SMALLTALK.test(sentence));
  return { intent: 'question', statement: stated.join(' '), query: asked.join(' ') };
}

function splitSentences(text: string): string[] {
  const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
  return [...segmenter.segment(text)].map(({ segment }) => segment.trim()).filter((part) => part !== '');
}
