/** Checks of a search's query and of the options that go with it. */

import { LociError } from '../errors.ts';
import {
  DEFAULT_RECALL,
  MAX_DATE_MS,
  MAX_EF,
  MAX_NEIGHBOURS,
  MAX_QUERIES,
  MAX_QUERY_CHARS,
} from '../limits.ts';
import { checkOptions } from '../memory/options.ts';
import { checkContextFields, isWellFormed } from '../memory/record.ts';
import { SIGNAL_NAMES } from '../retrieval/signals.ts';
import type { CallerContext, SearchArm, SearchOptions } from '../types.ts';
import { checkQueryEmbedder, checkShare } from './arguments.ts';

/** @throws LociError for what is no query, or for options that are none. */
export function checkQuery(
  query: unknown,
  { embedding, minScore, recall, ef, queryEmbedder }: SearchOptions,
): void {
  checkQueryEmbedder(queryEmbedder);
  if (
    embedding !== undefined &&
    !(embedding?.vector instanceof Float32Array && typeof embedding.space === 'string')
  )
    throw new LociError(
      'INVALID_VECTOR',
      'the query’s embedding must have a space and a Float32Array as its vector',
      {
        hint: 'Give { space, vector }, or leave it out and the engine embeds the query.',
      },
    );
  if (typeof query !== 'string')
    throw new LociError('INVALID_INPUT', 'the query must be a string', {
      hint: 'Give the question as text.',
    });
  if (!isWellFormed(query))
    throw new LociError('INVALID_INPUT', 'the query has half of a surrogate pair: it is not valid Unicode', {
      hint: 'Cut texts between characters, or call toWellFormed() on it.',
    });
  if (query.trim() === '' && embedding === undefined)
    throw new LociError('INVALID_INPUT', 'the query is empty', {
      hint: 'Give a text, or a vector as options.embedding; use list() to see all memories.',
    });
  if (query.length > MAX_QUERY_CHARS)
    throw new LociError('INVALID_INPUT', `the query is longer than ${MAX_QUERY_CHARS} characters`, {
      hint: 'Ask with the part that matters; no model reads more.',
    });
  if (minScore !== undefined && !(typeof minScore === 'number' && minScore >= 0 && minScore <= 1))
    throw new LociError('INVALID_INPUT', 'minScore must be from 0 to 1', {
      hint: 'Leave it out for all hits.',
    });
  if (recall !== undefined && !(typeof recall === 'number' && recall > 0 && recall <= 1))
    throw new LociError('INVALID_INPUT', 'recall must be above 0 and up to 1', {
      hint: `Leave it out for ${DEFAULT_RECALL}.`,
    });
  if (ef !== undefined && !(Number.isInteger(ef) && ef >= 1 && ef <= MAX_EF))
    throw new LociError('INVALID_INPUT', `ef must be a whole number from 1 to ${MAX_EF}`, {
      hint: 'Leave it out, or ask for a recall.',
    });
}

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

/** @throws LociError `INVALID_INPUT` for choices of how to rank that are none. */
export function checkRanking({
  arms,
  weights,
  now,
  utcOffsetMinutes,
  hemisphere,
  context,
}: SearchOptions): void {
  if (
    arms !== undefined &&
    !(Array.isArray(arms) && arms.length > 0 && arms.every((arm) => ARMS.includes(arm)))
  )
    throw new LociError('INVALID_INPUT', `arms must be a list of ${ARMS.join(', ')}`, {
      hint: 'Leave it out, and all are asked.',
    });
  for (const [name, value] of Object.entries({ weights, context }))
    if (value === null)
      throw new LociError('INVALID_INPUT', `${name} must be an object`, {
        hint: 'Leave it out where there is none.',
      });
  if (weights !== undefined) checkWeights(weights);
  if (now !== undefined && !(typeof now === 'number' && Math.abs(now) <= MAX_DATE_MS))
    throw new LociError('INVALID_INPUT', 'now must be a time in ms since the epoch', {
      hint: 'Give Date.now(), or leave it out.',
    });
  if (
    utcOffsetMinutes !== undefined &&
    !(typeof utcOffsetMinutes === 'number' && Math.abs(utcOffsetMinutes) <= MAX_OFFSET_MINUTES)
  )
    throw new LociError('INVALID_INPUT', 'utcOffsetMinutes must be minutes within a day', {
      hint: 'Give -new Date().getTimezoneOffset().',
    });
  if (hemisphere !== undefined && hemisphere !== 'northern' && hemisphere !== 'southern')
    throw new LociError('INVALID_INPUT', 'hemisphere must be "northern" or "southern"', {
      hint: 'Leave it out for the northern.',
    });
  if (context !== undefined) checkContext(context);
}

/** @throws LociError `INVALID_INPUT` for choices of what a search does beyond the question that are none. */
export function checkWidening({ neighbours, diversity, expand, queries }: SearchOptions): void {
  if (
    neighbours !== undefined &&
    !(Number.isInteger(neighbours) && neighbours >= 0 && neighbours <= MAX_NEIGHBOURS)
  )
    throw new LociError('INVALID_INPUT', `neighbours must be a whole number from 0 to ${MAX_NEIGHBOURS}`, {
      hint: 'Leave it out for none; list() reads whole sessions.',
    });
  checkShare('diversity', diversity, 0);
  if (expand !== undefined && typeof expand !== 'boolean')
    throw new LociError('INVALID_INPUT', 'expand must be true or false', { hint: 'Leave it out for false.' });
  if (queries === undefined) return;
  if (!(Array.isArray(queries) && queries.length <= MAX_QUERIES && queries.every(isWording)))
    throw new LociError(
      'INVALID_INPUT',
      `queries must be a list of at most ${MAX_QUERIES} texts, each of 1 to ${MAX_QUERY_CHARS} characters`,
      { hint: 'Give further wordings of the question, or leave it out.' },
    );
}

function isWording(text: unknown): text is string {
  return (
    typeof text === 'string' && text.trim() !== '' && text.length <= MAX_QUERY_CHARS && isWellFormed(text)
  );
}

function checkWeights(weights: NonNullable<SearchOptions['weights']>): void {
  checkOptions(weights, SIGNAL_NAMES);
  for (const [name, weight] of Object.entries(weights))
    if (!(typeof weight === 'number' && Math.abs(weight) <= MAX_WEIGHT))
      throw new LociError('INVALID_INPUT', `the weight of ${name} must be a number from −1,000 to 1,000`, {
        hint: 'A weight is in nats of log-odds; 0 leaves the signal out.',
      });
}

function checkContext(given: CallerContext): void {
  const { task, ...fields }: CallerContext = checkOptions(given, CONTEXT_FIELDS);
  if (
    task !== undefined &&
    !(typeof task === 'string' && isWellFormed(task) && task.length <= MAX_QUERY_CHARS)
  )
    throw new LociError(
      'INVALID_INPUT',
      `context.task must be a string of at most ${MAX_QUERY_CHARS} characters`,
      { hint: 'Say in a few sentences what is being done.' },
    );
  checkContextFields(fields);
}
