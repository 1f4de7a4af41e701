/** Conversations with questions and the turns that answer them: LoCoMo's shape, and what comes near to it. */

import { readFileSync } from 'node:fs';
import { MAX_NAME_CHARS } from '../../src/limits.ts';
import { dateOf } from './dates.ts';

/** One turn, with the fields an agent would store. */
export interface RecallTurn {
  /** The turn's own id in the file, or session and place where it has none. */
  readonly id: string;
  /** What was said: as evidence, this is what has to come back. */
  readonly text: string;
  /** What is stored: the text, and the caption of its picture. */
  readonly content: string;
  readonly speaker: string | undefined;
  readonly sessionId: string;
  /** Place in the session, from 0. */
  readonly position: number;
  /** ms since the epoch. */
  readonly createdAt: number | undefined;
  /** What it is of; `chat` where it is not said. */
  readonly source?: string;
}

export interface RecallQuestion {
  readonly question: string;
  /** Places of the turns that hold the evidence, at least one. */
  readonly gold: readonly number[];
  /** As the file has it; `none` where it has none. */
  readonly category: string;
}

/** The corpus of its own questions. */
export interface RecallConversation {
  readonly name: string;
  readonly turns: readonly RecallTurn[];
  readonly questions: readonly RecallQuestion[];
  /** Questions of which no evidence is among the turns. */
  readonly dropped: number;
}

/** The engine takes 32 KiB of UTF-8; every system is given the same. */
const MAX_CONTENT_CHARS = 8_000;
const TEXT_KEYS = ['text', 'content', 'utterance', 'message'];
const CAPTION_KEYS = ['blip_caption', 'caption'];
const SPEAKER_KEYS = ['speaker', 'author', 'role', 'name'];
const ID_KEYS = ['dia_id', 'id', 'turn_id', 'message_id'];
const TURNS_KEYS = ['turns', 'messages', 'dialogue', 'dialog'];
const DATE_KEYS = ['date_time', 'datetime', 'timestamp', 'created_at', 'date', 'time'];

type Fields = Readonly<Record<string, unknown>>;

/** @throws Error where the file is no JSON or holds no turn. */
export function readConversations(file: string): readonly RecallConversation[] {
  return parseConversations(JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')));
}

/** The same of a value that is read already. */
export function parseConversations(value: unknown): readonly RecallConversation[] {
  const samples = (Array.isArray(value) ? value : [value]).filter(isFields);
  const names = new Set<string>();
  const found = samples.map((sample, i) => {
    const given = firstText(sample, ['sample_id', 'id', 'name']) ?? `conversation-${i + 1}`;
    const name = names.has(given) ? `${given}-${i + 1}` : given;
    names.add(name);
    return parseConversation(sample, name);
  });
  if (found.every(({ turns }) => turns.length === 0)) throw new Error('the file holds no turns');
  return found;
}

function parseConversation(sample: Fields, name: string): RecallConversation {
  const turns = sessionsOf(sample.conversation ?? sample).flatMap(turnsOf);
  const places = placesOf(turns);
  const asked = Array.isArray(sample.qa)
    ? sample.qa
    : Array.isArray(sample.questions)
      ? sample.questions
      : [];
  const questions = asked.filter(isFields).flatMap((each): RecallQuestion[] => {
    const question = firstText(each, ['question', 'query']);
    const gold = goldOf(each.evidence, places);
    if (question === undefined || gold.length === 0) return [];
    return [{ question, gold, category: String(each.category ?? 'none') }];
  });
  return { name, turns, questions, dropped: asked.length - questions.length };
}

interface Session {
  readonly id: string;
  readonly date: unknown;
  readonly turns: readonly unknown[];
}

/** Every list of turns, by its name's numbers; or the conversation is such a list itself. */
function sessionsOf(conversation: unknown): readonly Session[] {
  if (Array.isArray(conversation)) return [{ id: 'session_1', date: undefined, turns: conversation }];
  if (!isFields(conversation)) return [];
  const sessions = Object.entries(conversation).flatMap(([id, value]): Session[] => {
    if (id === 'qa' || id === 'questions') return [];
    const turns = isFields(value) ? firstOf(value, TURNS_KEYS) : value;
    if (!Array.isArray(turns) || !turns.some(isTurn)) return [];
    const own = isFields(value) ? firstOf(value, DATE_KEYS) : undefined;
    return [{ id, turns, date: own ?? datedBeside(conversation, id) }];
  });
  return sessions.sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
}

function datedBeside(conversation: Fields, id: string): unknown {
  return firstOf(
    conversation,
    DATE_KEYS.map((key) => `${id}_${key}`),
  );
}

function isTurn(value: unknown): boolean {
  return isFields(value) && firstText(value, [...TEXT_KEYS, ...CAPTION_KEYS]) !== undefined;
}

function turnsOf({ id: sessionId, date, turns }: Session): readonly RecallTurn[] {
  const createdAt = dateOf(date);
  return turns.filter(isFields).flatMap((turn, position): RecallTurn[] => {
    const said = firstText(turn, TEXT_KEYS) ?? '';
    const caption = firstText(turn, CAPTION_KEYS);
    const content = [said, ...(caption === undefined ? [] : [`[picture: ${caption}]`])].join(' ').trimStart();
    const stored = cut(content, MAX_CONTENT_CHARS);
    if (stored.trim() === '') return [];
    const id = firstOf(turn, ID_KEYS) ?? `${sessionId}:${position}`;
    return [
      {
        id: String(id),
        text: cut(said.trim() === '' ? content : said, MAX_CONTENT_CHARS).trim(),
        content: stored,
        speaker: cut(firstText(turn, SPEAKER_KEYS) ?? '', MAX_NAME_CHARS) || undefined,
        sessionId: cut(sessionId, MAX_NAME_CHARS),
        position,
        createdAt: dateOf(firstOf(turn, DATE_KEYS)) ?? createdAt,
      },
    ];
  });
}

/** Places by id as it is written, and by its plain form where that is not an id of another. */
function placesOf(turns: readonly RecallTurn[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  const keys = [(id: string) => id, plainId];
  for (const keyOf of keys)
    for (const [place, { id }] of turns.entries()) {
      const key = keyOf(id);
      if (!places.has(key)) places.set(key, place);
    }
  return places;
}

function goldOf(evidence: unknown, places: ReadonlyMap<string, number>): readonly number[] {
  const named = [evidence].flat(Number.POSITIVE_INFINITY).flatMap((each): readonly string[] => {
    if (isFields(each)) return [String(firstOf(each, ID_KEYS) ?? '')];
    return typeof each === 'string' || typeof each === 'number' ? [String(each)] : [];
  });
  const found = named.flatMap(
    (text) => places.get(text) ?? idsOf(text).flatMap((id) => places.get(id) ?? []),
  );
  return [...new Set(found)];
}

/** A few strings hold several ids, or zeros before a number. */
function idsOf(evidence: string): readonly string[] {
  return evidence
    .split(/[;,\s]+/)
    .map((id) => plainId(id.replace(/^[([{"']+|[)\]}"']+$/g, '')))
    .filter((id) => id !== '');
}

function plainId(id: string): string {
  return id.replace(/(^|\D)0+(?=\d)/g, '$1');
}

/** As much of a text as is taken, without half a character at its end or within. */
function cut(text: string, most: number): string {
  return text.slice(0, most).replace(/\p{Surrogate}/gu, '\uFFFD');
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstOf(fields: Fields, keys: readonly string[]): unknown {
  return keys.map((key) => fields[key]).find((value) => value !== undefined && value !== null);
}

/** The first that is a text and not blank. */
function firstText(fields: Fields, keys: readonly string[]): string | undefined {
  const found = keys.map((key) => fields[key]).find((each) => typeof each === 'string' && each.trim() !== '');
  return found as string | undefined;
}
