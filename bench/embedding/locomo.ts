/** LoCoMo: evidence of questions among the turns of long conversations, by words and vectors half and half. */

import { readFileSync } from 'node:fs';
import { LexicalIndex } from '../../src/text/lexical-index.ts';
import { dot, topPlaces } from './similarity.ts';

interface RawTurn {
  readonly speaker: string;
  readonly dia_id: string;
  readonly text: string;
  readonly blip_caption?: string;
}
interface RawSample {
  readonly sample_id: string;
  readonly conversation: Readonly<Record<string, unknown>>;
  readonly qa: readonly { readonly question: string; readonly evidence?: readonly string[] }[];
}

export interface LocomoQuestion {
  readonly question: string;
  /** Places of the turns that hold the evidence. */
  readonly evidence: readonly number[];
  /** The lexical score of every turn, divided by the largest. */
  readonly lexical: Float64Array;
}

export interface LocomoConversation {
  /** What is embedded of each turn: what was said, and the caption of a picture. */
  readonly turns: readonly string[];
  readonly questions: readonly LocomoQuestion[];
}

const K = 10;

/** Reads the conversations and asks the words of all questions, which no model changes. */
export function readLocomo(file: string): readonly LocomoConversation[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as readonly RawSample[]).map(readSample);
}

function readSample({ conversation, qa }: RawSample): LocomoConversation {
  const index = new LexicalIndex();
  const places = new Map<string, number>();
  const turns: string[] = [];
  for (const [key, session] of Object.entries(conversation)) {
    if (!Array.isArray(session)) continue;
    const date = String(conversation[`${key}_date_time`] ?? '');
    for (const { speaker, dia_id, text, blip_caption } of session as readonly RawTurn[]) {
      const content = blip_caption === undefined ? text : `${text} ${blip_caption}`;
      index.set(turns.length, { content: `${date} ${content}`, speaker, tags: [] });
      places.set(dia_id, turns.length);
      turns.push(content);
    }
  }
  const questions = qa.flatMap(({ question, evidence = [] }) => {
    const gold = [...new Set(evidence.flatMap(idsOf))].flatMap((id) => places.get(id) ?? []);
    if (gold.length === 0) return [];
    return [{ question, evidence: gold, lexical: lexicalScores(index, question, turns.length) }];
  });
  return { turns, questions };
}

/** A few strings hold several ids, or zeros before a number. */
function idsOf(evidence: string): readonly string[] {
  return evidence
    .split(/[;\s]+/)
    .filter((id) => id !== '')
    .map((id) => id.replace(/([D:])0+(?=\d)/g, '$1'));
}

function lexicalScores(index: LexicalIndex, question: string, count: number): Float64Array {
  const scores = new Float64Array(count);
  const matches = index.search(question, count);
  const most = Math.max(...matches.map(({ score }) => score), Number.MIN_VALUE);
  for (const { ordinal, score } of matches) scores[ordinal] = score / most;
  return scores;
}

type VectorOf = (text: string) => Float32Array;

/** R@10 where the vectors of one model ask those of another; `share` is the words' (0: vectors alone). */
export function scoreLocomo(
  conversations: readonly LocomoConversation[],
  queryOf: VectorOf,
  documentOf: VectorOf,
  share = 0.5,
): number {
  const compareBy = (conversation: LocomoConversation) => {
    const documents = conversation.turns.map(documentOf);
    return (question: string) => {
      const query = queryOf(question);
      return documents.map((document) => dot(query, document));
    };
  };
  return scoreLocomoBy(conversations, compareBy, share);
}

/** The same with any scores by vectors: of a conversation's turns, for a question of it. */
export function scoreLocomoBy(
  conversations: readonly LocomoConversation[],
  compareBy: (conversation: LocomoConversation) => (question: string) => readonly number[],
  share = 0.5,
): number {
  const recalls = conversations.flatMap((conversation) => {
    const compare = compareBy(conversation);
    return conversation.questions.map(({ question, evidence, lexical }) => {
      const dense = toUnitRange(compare(question));
      const scores = dense.map((score, place) => share * (lexical[place] ?? 0) + (1 - share) * score);
      const found = new Set(topPlaces(scores, K));
      return evidence.filter((place) => found.has(place)).length / evidence.length;
    });
  });
  return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
}

function toUnitRange(scores: readonly number[]): number[] {
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  return scores.map((score) => (most > least ? (score - least) / (most - least) : 0));
}
