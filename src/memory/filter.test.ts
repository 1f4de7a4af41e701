import { describe, expect, it } from 'vitest';
import { isLociError } from '../errors.ts';
import { MAX_FILTER_DEPTH } from '../limits.ts';
import type { Filter } from '../types.ts';
import { compileFilter } from './filter.ts';

type Fields = Readonly<Record<string, unknown>>;

const meets = (filter: Filter, memory: Fields) =>
  compileFilter<Fields>(filter, (fields, field) => fields[field])(memory);

const ana: Fields = {
  kind: 'episodic',
  priority: 'high',
  importance: 0.7,
  tags: ['travel', 'family'],
  speaker: 'Ana',
  createdAt: 1_000,
  metadata: { cluster: 'eu-1', nested: { depth: 2 }, zones: ['a', 'b'] },
};

it.each<[string, Filter]>([
  ['a time as text', { createdAt: { $gte: '2024-01-01' } }],
  ['what is not a time as text', { $not: { createdAt: { $gte: '2024-01-01' } } }],
  ['another time than a text', { createdAt: { $ne: '2024-11-03' } }],
  ['a number as text in a list', { importance: { $in: [0.5, '0.7'] } }],
  ['a truth value as a number', { legalHold: 1 }],
])('a filter for %s is refused: negated it would meet every memory', (_, filter) => {
  expect(() => meets(filter, ana)).toThrow(expect.objectContaining({ code: 'INVALID_FILTER' }));
});

it('a filter for a field without a value, or for what the host keeps, may be of any type', () => {
  expect(meets({ expiresAt: null }, ana)).toBe(true);
  expect(meets({ 'metadata.cluster': 5 }, ana)).toBe(false);
});

describe('a filter', () => {
  it.each<[string, Filter, boolean]>([
    ['a plain value', { speaker: 'Ana' }, true],
    ['a plain value that differs', { speaker: 'Bo' }, false],
    ['$eq', { speaker: { $eq: 'Ana' } }, true],
    ['$ne', { speaker: { $ne: 'Ana' } }, false],
    ['$gt at the bound', { createdAt: { $gt: 1_000 } }, false],
    ['$gte at the bound', { createdAt: { $gte: 1_000 } }, true],
    ['$lt at the bound', { createdAt: { $lt: 1_000 } }, false],
    ['$lte at the bound', { createdAt: { $lte: 1_000 } }, true],
    ['a range', { importance: { $gt: 0.5, $lt: 0.8 } }, true],
    ['$in', { speaker: { $in: ['Bo', 'Ana'] } }, true],
    ['an empty $in', { speaker: { $in: [] } }, false],
    ['$nin', { speaker: { $nin: ['Bo'] } }, true],
    ['several fields, one of which differs', { speaker: 'Ana', kind: 'semantic' }, false],
    ['$and', { $and: [{ speaker: 'Ana' }, { kind: 'episodic' }] }, true],
    ['$or', { $or: [{ speaker: 'Bo' }, { kind: 'episodic' }] }, true],
    ['$not', { $not: { speaker: 'Ana' } }, false],
    ['one of several tags', { tags: 'family' }, true],
    ['$ne of a tag that is there', { tags: { $ne: 'family' } }, false],
    ['$nin of tags that are not there', { tags: { $nin: ['work'] } }, true],
    ['the word declarative', { kind: 'declarative' }, true],
    ['the word declarative in a list', { kind: { $in: ['declarative'] } }, true],
    ['the word declarative negated', { kind: { $ne: 'declarative' } }, false],
    ['a priority by its order', { priority: { $gte: 'medium' } }, true],
    ['a priority above', { priority: { $gt: 'high' } }, false],
    ['metadata', { 'metadata.cluster': 'eu-1' }, true],
    ['nested metadata', { 'metadata.nested.depth': { $gt: 1 } }, true],
    ['a list in metadata', { 'metadata.zones': 'b' }, true],
    ['null for what is absent', { sessionId: null }, true],
    ['null for what is there', { speaker: null }, false],
    ['an order on what is absent', { position: { $lt: 5 } }, false],
    ['a number against a string', { speaker: { $gt: 5 } }, false],
    ['nothing', {}, true],
  ])('answers %s', (_, filter, expected) => {
    expect(meets(filter, ana)).toBe(expected);
  });

  it('leaves procedural memories out of declarative ones', () => {
    expect(meets({ kind: 'declarative' }, { kind: 'procedural' })).toBe(false);
  });

  it('does not see what an object inherits', () => {
    expect(meets({ 'metadata.toString': { $ne: null } }, ana)).toBe(false);
  });
});

describe('a filter is refused', () => {
  let deep: Filter = { kind: 'episodic' };
  for (let level = 0; level <= MAX_FILTER_DEPTH; level++) deep = { $not: deep };

  it.each<[string, unknown]>([
    ['with an unknown operator', { speaker: { $like: 'A%' } }],
    ['with an unknown operator between conditions', { $nor: [{ kind: 'episodic' }] }],
    ['with an unknown field', { colour: 'red' }],
    ['by content, which is not in memory', { content: 'x' }],
    ['with an unknown kind', { kind: 'dream' }],
    ['with an unknown priority', { priority: { $gte: 'urgent' } }],
    ['with a list where a value belongs', { tags: ['a'] }],
    ['with an $in that is no list', { tags: { $in: 'a' } }],
    ['with an $or that is empty', { $or: [] }],
    ['with an order on a boolean', { legalHold: { $gt: true } }],
    ['with NaN', { importance: Number.NaN }],
    ['with a condition that is empty', { speaker: {} }],
    ['with a prototype key', JSON.parse('{"metadata.__proto__.x": 1}')],
    ['with a prototype key of its own', JSON.parse('{"__proto__": 1}')],
    ['with a prototype set in source', { __proto__: { speaker: 'Ana' } }],
    ['that is no object', 'speaker = Ana'],
    ['with a value that was not filled in', { speaker: undefined }],
    ['with an operand that was not filled in', { speaker: { $eq: undefined } }],
    ['with an empty filter inside', { $and: [{}] }],
    ['with an empty $nin', { tags: { $nin: [] } }],
    ['that is nested too deep', deep],
    [
      'with more conditions than it may have',
      { 'metadata.n': { $in: Array.from({ length: 2_000 }, (_, i) => i) } },
    ],
  ])('%s', (_, filter) => {
    try {
      meets(filter as Filter, ana);
    } catch (error) {
      expect(isLociError(error) && error.code).toBe('INVALID_FILTER');
      expect(isLociError(error) && error.hint).toBeTruthy();
      return;
    }
    throw new Error('it was accepted');
  });
});
