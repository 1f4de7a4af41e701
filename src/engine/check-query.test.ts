import { describe, expect, it } from 'vitest';
import { isLociError, type LociError } from '../errors.ts';
import {
  MAX_EF,
  MAX_METADATA_BYTES,
  MAX_NAME_CHARS,
  MAX_NOW_MS,
  MAX_QUERY_CHARS,
  MAX_TAGS,
} from '../limits.ts';
import type { SearchOptions } from '../types.ts';
import { checkQuery, checkRanking } from './check-query.ts';

/** The typed error of a search with these options; undefined where they are good. */
function refusal(options: unknown, query: unknown = 'where?'): LociError | undefined {
  try {
    checkQuery(query, options as SearchOptions);
    checkRanking(options as SearchOptions);
    return undefined;
  } catch (error) {
    if (isLociError(error)) return error;
    throw error;
  }
}

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

const embedding = { space: 's', vector: Float32Array.of(1, 0) };

describe('a query', () => {
  it.each([
    ['no string', 7],
    ['empty', ''],
    ['of spaces', ' \n\t '],
    ['with half of a pair', 'a\ud800'],
    ['too long', 'x'.repeat(MAX_QUERY_CHARS + 1)],
  ])('that is %s is refused with a hint', (_, query) => {
    const error = refusal({}, query);
    expect(error?.code).toBe('INVALID_INPUT');
    expect(error?.hint).toBeTruthy();
  });

  it('may be as long as is said, and empty where a vector is given', () => {
    expect(refusal({}, 'x'.repeat(MAX_QUERY_CHARS))).toBeUndefined();
    expect(refusal({ embedding }, '')).toBeUndefined();
  });
});

describe('options of a search', () => {
  it.each<[string, unknown]>([
    ['nothing', {}],
    ['an arm', { arms: ['lexical'] }],
    ['all arms', { arms: ['vector', 'lexical', 'association'] }],
    ['weights', { weights: { passage: 0, meaning: -1, outdated: 1_000 } }],
    ['a moment', { now: Date.UTC(2024, 0), utcOffsetMinutes: -720, hemisphere: 'southern' }],
    ['a moment long ago', { now: -MAX_NOW_MS }],
    ['a moment far ahead', { now: MAX_NOW_MS }],
    ['bounds', { minScore: 0, recall: 1, ef: MAX_EF }],
    ['a context', { context: { sessionId: 's', agentId: 'a', task: 't', tags: ['x'], metadata: { a: 1 } } }],
    ['what is undefined', { arms: undefined, weights: undefined, context: { task: undefined } }],
  ])('are good: %s', (_, options) => {
    expect(refusal(options)).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['no arms', { arms: [] }],
    ['an arm that there is not', { arms: ['lexical', 'graph'] }],
    ['an arm by itself', { arms: 'lexical' }],
    ['a signal that there is not', { weights: { luck: 1 } }],
    ['a weight that is no number', { weights: { passage: '4' } }],
    ['a weight of NaN', { weights: { passage: Number.NaN } }],
    ['a weight beyond the largest', { weights: { passage: 1_001 } }],
    ['weights in a list', { weights: [1] }],
    ['a date as now', { now: new Date(0) }],
    ['no time as now', { now: Number.NaN }],
    ['a time beyond all dates', { now: 9e15 }],
    ['the first of all dates, before which no time can be named', { now: -8.64e15 }],
    ['the last of all dates', { now: 8.64e15 }],
    ['an offset beyond a day', { utcOffsetMinutes: 1_441 }],
    ['an offset that is NaN', { utcOffsetMinutes: Number.NaN }],
    ['an offset that is no number', { utcOffsetMinutes: 'UTC' }],
    ['an offset as text', { utcOffsetMinutes: '60' }],
    ['an offset in a list', { utcOffsetMinutes: [60] }],
    ['another hemisphere', { hemisphere: 'eastern' }],
    ['a context that is a text', { context: 'session' }],
    ['a field of the context that there is not', { context: { session: 's' } }],
    ['a task that is no text', { context: { task: 7 } }],
    ['a task that is too long', { context: { task: 'x'.repeat(MAX_QUERY_CHARS + 1) } }],
    ['a task with half of a pair', { context: { task: '\udc00' } }],
    ['tags that are no list', { context: { tags: 'etl' } }],
    ['tags that are no texts', { context: { tags: [1] } }],
    ['too many tags', { context: { tags: Array<string>(MAX_TAGS + 1).fill('x') } }],
    ['metadata in a list', { context: { metadata: [] } }],
    ['a long tag', { context: { tags: ['x'.repeat(MAX_NAME_CHARS + 1)] } }],
    ['a tag with half of a pair', { context: { tags: ['\ud800'] } }],
    ['a long session', { context: { sessionId: 'x'.repeat(MAX_NAME_CHARS + 1) } }],
    ['a long agent', { context: { agentId: 'x'.repeat(MAX_NAME_CHARS + 1) } }],
    [
      'many keys',
      { context: { metadata: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [i, 1])) } },
    ],
    ['long metadata', { context: { metadata: { a: 'x'.repeat(MAX_METADATA_BYTES) } } }],
    ['deep metadata', { context: { metadata: JSON.parse(`${'{"a":'.repeat(50)}1${'}'.repeat(50)}`) } }],
    ['metadata with a cycle', { context: { metadata: cyclic } }],
    ['metadata that is no JSON', { context: { metadata: { a: () => 1 } } }],
    ['a key of all objects', { context: { metadata: { constructor: 1 } } }],
    ['a key that is a prototype', { context: { metadata: JSON.parse('{"__proto__": {"a": 1}}') } }],
    ['a prototype within metadata', { context: { metadata: { a: JSON.parse('{"__proto__": 1}') } } }],
    ['a context with a prototype for a key', { context: JSON.parse('{"__proto__": {"tags": ["a"]}}') }],
    ['no metadata', { context: { metadata: null } }],
    ['a score above 1', { minScore: 1.1 }],
    ['a score of NaN', { minScore: Number.NaN }],
    ['a recall of 0', { recall: 0 }],
    ['a recall above 1', { recall: 1.01 }],
    ['an ef of 0', { ef: 0 }],
    ['an ef that is not whole', { ef: 1.5 }],
    ['an ef beyond the largest', { ef: MAX_EF + 1 }],
  ])('are refused with a hint: %s', (_, options) => {
    const error = refusal(options);
    expect(error?.code).toBe('INVALID_INPUT');
    expect(error?.hint).toBeTruthy();
  });

  it.each<[string, unknown]>([
    ['a vector of another kind', { embedding: { space: 's', vector: [1, 0] } }],
    ['a vector without a space', { embedding: { vector: embedding.vector } }],
    ['no embedding', { embedding: null }],
  ])('are refused as vectors: %s', (_, options) => {
    const error = refusal(options);
    expect(error?.code).toBe('INVALID_VECTOR');
    expect(error?.hint).toBeTruthy();
  });

  it('are refused where no model is named as the query’s', () => {
    const error = refusal({ queryEmbedder: 'gpt' });
    expect(error?.code).toBe('INVALID_INPUT');
    expect(error?.hint).toBeTruthy();
  });
});
