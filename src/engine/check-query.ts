/** Checks of a search's query and of the options that go with it. */

import { LociError } from '../errors.ts';
import {
  DEFAULT_RECALL,
  MAX_EF,
  MAX_NEIGHBOURS,
  MAX_NOW_MS,
  MAX_QUERIES,
  MAX_QUERY_CHARS,
} from '../limits.ts';
import { checkOptions } from '../memory/options.ts';
import { checkContextFields, isWellFormed } from '../memory/record.ts';
import { SIGNAL_NAMES } from '../retrieval/signals.ts';
import type { CallerContext, SearchArm, SearchOptions } from '../types.ts';
import { checkQueryEmbedder, checkShare } from './arguments.ts';

const ARMS: readonly unknown[] = ['vector', 'lexical', 'association'] satisfies SearchArm[];
const CONTEXT_FIELDS = [
  'sessionId',
  'agentId',
  'tags',
  'task',
  'metadata',
] as const satisfies readonly (keyof CallerContext)[];
/** Largest weight that may be given, nats: beyond it one signal is all there is, and sums lose the others. */
const MAX_WEIGHT = 1_000;
const MAX_OFFSET_MINUTES = 24 * 60;

/** @throws LociError for what is no query, or for options that are none. */
export function checkQuery(query: unknown, options: SearchOptions): void {
  const { embedding, minScore, recall, ef, queryEmbedder } = options;
  checkQueryEmbedder(queryEmbedder);
  checkEmbedding(embedding);
  checkText(query, embedding === undefined);
  if (minScore !== undefined && !(typeof minScore === 'number' && minScore >= 0 && minScore <= 1))
    throw invalid('minScore must be from 0 to 1', 'Leave it out for all hits.');
  if (recall !== undefined && !(typeof recall === 'number' && recall > 0 && recall <= 1))
    throw invalid('recall must be above 0 and up to 1', `Leave it out for ${DEFAULT_RECALL}.`);
  if (ef !== undefined && !(Number.isInteger(ef) && ef >= 1 && ef <= MAX_EF))
    throw invalid(`ef must be a whole number from 1 to ${MAX_EF}`, 'Leave it out, or ask for a recall.');
}

function checkEmbedding(embedding: SearchOptions['embedding']): void {
  if (embedding === undefined) return;
  if (embedding?.vector instanceof Float32Array && typeof embedding.space === 'string') return;
  throw new LociError(
    'INVALID_VECTOR',
    'the query’s embedding must have a space and a Float32Array as its vector',
    { hint: 'Give { space, vector }, or leave it out and the engine embeds the query.' },
  );
}

/** @param isNeeded whether there is no vector to ask with in its place. */
function checkText(query: unknown, isNeeded: boolean): void {
  if (typeof query !== 'string') throw invalid('the query must be a string', 'Give the question as text.');
  if (!isWellFormed(query))
    throw invalid(
      'the query has half of a surrogate pair: it is not valid Unicode',
      'Cut texts between characters, or call toWellFormed() on it.',
    );
  if (isNeeded && query.trim() === '')
    throw invalid(
      'the query is empty',
      'Give a text, or a vector as options.embedding; use list() to see all memories.',
    );
  if (query.length > MAX_QUERY_CHARS)
    throw invalid(
      `the query is longer than ${MAX_QUERY_CHARS} characters`,
      'Ask with the part that matters; no model reads more.',
    );
}

/** @throws LociError `INVALID_INPUT` for choices of how to rank that are none. */
export function checkRanking({ arms, weights, context, ...times }: SearchOptions): void {
  checkArms(arms);
  for (const [name, value] of Object.entries({ weights, context }))
    if (value === null) throw invalid(`${name} must be an object`, 'Leave it out where there is none.');
  if (weights !== undefined) checkWeights(weights);
  checkTimes(times);
  if (context !== undefined) checkContext(context);
}

function checkArms(arms: SearchOptions['arms']): void {
  if (arms === undefined) return;
  if (Array.isArray(arms) && arms.length > 0 && arms.every((arm) => ARMS.includes(arm))) return;
  throw invalid(`arms must be a list of ${ARMS.join(', ')}`, 'Leave it out, and all are asked.');
}

function checkWeights(weights: NonNullable<SearchOptions['weights']>): void {
  checkOptions(weights, SIGNAL_NAMES, 'weights');
  for (const [name, weight] of Object.entries(weights))
    if (!(typeof weight === 'number' && Math.abs(weight) <= MAX_WEIGHT))
      throw invalid(
        `the weight of ${name} must be a number from −1,000 to 1,000`,
        'A weight is in nats of log-odds; 0 leaves the signal out.',
      );
}

/** What tells when, and where on the earth, the question is asked. */
function checkTimes({ now, utcOffsetMinutes, hemisphere }: SearchOptions): void {
  if (now !== undefined && !isWithin(now, MAX_NOW_MS))
    throw invalid(
      `now must be a time in ms since the epoch, from −${MAX_NOW_MS} to ${MAX_NOW_MS}`,
      'Give Date.now(), or leave it out.',
    );
  if (utcOffsetMinutes !== undefined && !isWithin(utcOffsetMinutes, MAX_OFFSET_MINUTES))
    throw invalid('utcOffsetMinutes must be minutes within a day', 'Give -new Date().getTimezoneOffset().');
  if (hemisphere !== undefined && hemisphere !== 'northern' && hemisphere !== 'southern')
    throw invalid('hemisphere must be "northern" or "southern"', 'Leave it out for the northern.');
}

function isWithin(value: unknown, most: number): boolean {
  return typeof value === 'number' && Math.abs(value) <= most;
}

function checkContext(given: CallerContext): void {
  const { task, ...fields }: CallerContext = checkOptions(given, CONTEXT_FIELDS, 'context');
  const isTask =
    task === undefined || (typeof task === 'string' && isWellFormed(task) && task.length <= MAX_QUERY_CHARS);
  if (!isTask)
    throw invalid(
      `context.task must be a string of at most ${MAX_QUERY_CHARS} characters`,
      'Say in a few sentences what is being done.',
    );
  checkContextFields(fields);
}

/** @throws LociError `INVALID_INPUT` for choices of what a search does beyond the question that are none. */
export function checkWidening({ neighbours, diversity, expand, queries }: SearchOptions): void {
  if (
    neighbours !== undefined &&
    !(Number.isInteger(neighbours) && neighbours >= 0 && neighbours <= MAX_NEIGHBOURS)
  )
    throw invalid(
      `neighbours must be a whole number from 0 to ${MAX_NEIGHBOURS}`,
      'Leave it out for none; list() reads whole sessions.',
    );
  checkShare('diversity', diversity, 0);
  if (expand !== undefined && typeof expand !== 'boolean')
    throw invalid('expand must be true or false', 'Leave it out for false.');
  if (queries === undefined) return;
  if (!(Array.isArray(queries) && queries.length <= MAX_QUERIES && queries.every(isWording)))
    throw invalid(
      `queries must be a list of at most ${MAX_QUERIES} texts, each of 1 to ${MAX_QUERY_CHARS} characters`,
      'Give further wordings of the question, or leave it out.',
    );
}

function isWording(text: unknown): text is string {
  return (
    typeof text === 'string' && text.trim() !== '' && text.length <= MAX_QUERY_CHARS && isWellFormed(text)
  );
}

function invalid(problem: string, hint: string): LociError {
  return new LociError('INVALID_INPUT', problem, { hint });
}
