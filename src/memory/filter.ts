/** Filters: checked at the boundary, then compiled into one function of a memory's fields. */

import { LociError } from '../errors.ts';
import { MAX_FILTER_CONDITIONS, MAX_FILTER_DEPTH } from '../limits.ts';
import type { Filter, FilterValue } from '../types.ts';
import { normalizeId } from './ids.ts';
import { isPrototypeKey } from './record.ts';
import { DECLARATIVE_KINDS, KINDS, PRIORITIES, priorityRank, TIERS, VALIDITIES } from './vocabulary.ts';

/** Whether a memory is meant. */
export type Predicate<T> = (memory: T) => boolean;

/** The value of a memory's top-level field; every field but its content, which stays in storage. */
export type FieldReader<T> = (memory: T, field: string) => unknown;

/** The fields a filter may name, beside `metadata.` with a path and `cost.` with a part. */
const FIELDS: ReadonlySet<string> = new Set([
  ...['id', 'kind', 'tier', 'priority', 'importance', 'tags', 'agentId', 'sessionId', 'position', 'speaker'],
  ...['externalId', 'source', 'createdAt', 'updatedAt', 'lastAccessedAt', 'validFrom', 'invalidAt'],
  ...['expiresAt', 'legalDeletionAt', 'legalHold', 'subject', 'predicate', 'accessCount', 'revision'],
  ...['validity', 'supersedes', 'contradicts', 'feedback.useful', 'feedback.useless'],
  ...['processingStage', 'dataVolumeGb', 'sizeBytes', 'related.id', 'embedding.modelId', 'embedding.space'],
]);

const WORDS: Readonly<Record<string, readonly string[]>> = {
  kind: [...KINDS, 'declarative'],
  tier: TIERS,
  priority: PRIORITIES,
  validity: VALIDITIES,
};

/** Fields that hold numbers, and the one that holds a truth value; the host's own may hold anything. */
const NUMBERS: ReadonlySet<string> = new Set([
  ...[
    'importance',
    'position',
    'createdAt',
    'updatedAt',
    'lastAccessedAt',
    'validFrom',
    'invalidAt',
    'expiresAt',
  ],
  ...[
    'legalDeletionAt',
    'accessCount',
    'revision',
    'feedback.useful',
    'feedback.useless',
    'dataVolumeGb',
    'sizeBytes',
  ],
]);

/** A test of one value of a field; undefined stands for a field that is absent. */
type ValueTest = (value: unknown) => boolean;

const OPERATORS = '$eq $ne $gt $gte $lt $lte $in $nin';

/**
 * Compiles a filter.
 *
 * @throws LociError `INVALID_FILTER` for an unknown field or operator, a value of the wrong type, a
 * prototype key, or a filter nested deeper or longer than the limits.
 */
export function compileFilter<T>(filter: Filter, readField: FieldReader<T>): Predicate<T> {
  let conditions = 0;
  const count = (added: number) => {
    conditions += added;
    if (conditions > MAX_FILTER_CONDITIONS)
      throw invalid(`has more than ${MAX_FILTER_CONDITIONS} conditions`, 'Ask in several calls.');
  };
  return compileObject(filter, 0, { readField, count });
}

/** What the compilation of one filter shares. */
interface Compilation<T> {
  readonly readField: FieldReader<T>;
  /** Counts conditions, and throws above the limit. */
  readonly count: (added: number) => void;
}

function compileObject<T>(filter: unknown, depth: number, compilation: Compilation<T>): Predicate<T> {
  if (depth > MAX_FILTER_DEPTH)
    throw invalid(`is nested deeper than ${MAX_FILTER_DEPTH} levels`, 'Make it flatter.');
  const entries = entriesOf(filter);
  if (depth > 0 && entries.length === 0)
    throw invalid('holds an empty filter', 'Leave it out, or give it a condition.');
  const parts = entries.map(([key, value]) => {
    compilation.count(1);
    if (key === '$and' || key === '$or') {
      if (!Array.isArray(value) || value.length === 0)
        throw invalid(`${key} must be a list of at least one filter`, `Write { ${key}: [ {…}, {…} ] }.`);
      const inner = value.map((each) => compileObject(each, depth + 1, compilation));
      return key === '$and' ? all(inner) : any(inner);
    }
    if (key === '$not') return not(compileObject(value, depth + 1, compilation));
    return compileField(key, value, compilation);
  });
  return all(parts);
}

function compileField<T>(
  field: string,
  condition: unknown,
  { readField, count }: Compilation<T>,
): Predicate<T> {
  const read = readerOf(field, readField);
  if (!isObject(condition)) return matchAny(read, equals(field, condition));
  const operators = entriesOf(condition);
  if (operators.length === 0)
    throw invalid(`has no condition on "${field}"`, `Give a value or one of ${OPERATORS}.`);
  return all(
    operators.map(([operator, operand]) => {
      count(Array.isArray(operand) ? operand.length : 1);
      return compileOperator(field, read, operator, operand);
    }),
  );
}

function compileOperator<T>(
  field: string,
  read: Reader<T>,
  operator: string,
  operand: unknown,
): Predicate<T> {
  switch (operator) {
    case '$eq':
      return matchAny(read, equals(field, operand));
    case '$ne':
      return not(matchAny(read, equals(field, operand)));
    case '$in':
      return matchAny(read, oneOf(field, operator, operand));
    case '$nin':
      return not(matchAny(read, oneOf(field, operator, operand)));
    case '$gt':
      return matchAny(
        read,
        ordered(field, operator, operand, (sign) => sign > 0),
      );
    case '$gte':
      return matchAny(
        read,
        ordered(field, operator, operand, (sign) => sign >= 0),
      );
    case '$lt':
      return matchAny(
        read,
        ordered(field, operator, operand, (sign) => sign < 0),
      );
    case '$lte':
      return matchAny(
        read,
        ordered(field, operator, operand, (sign) => sign <= 0),
      );
    default:
      throw invalid(`has the unknown operator "${operator}" on "${field}"`, `Use one of ${OPERATORS}.`);
  }
}

function equals(field: string, operand: unknown): ValueTest {
  const wanted = checkValue(field, operand);
  if (field === 'kind' && wanted === 'declarative')
    return (value) => DECLARATIVE_KINDS.some((kind) => kind === value);
  // Absent and null are one: JSON has no undefined.
  return wanted === null ? (value) => value === undefined || value === null : (value) => value === wanted;
}

function oneOf(field: string, operator: string, operand: unknown): ValueTest {
  if (!Array.isArray(operand))
    throw invalid(`${operator} on "${field}" must be a list`, `Write { ${operator}: [ … ] }.`);
  if (operator === '$nin' && operand.length === 0)
    throw invalid(`has an empty $nin on "${field}"`, 'Leave it out: it excludes nothing.');
  const tests = operand.map((each) => equals(field, each));
  const plain = new Set<unknown>(operand.map((each) => checkValue(field, each)));
  const needsTests = plain.has(null) || plain.has('declarative');
  return needsTests ? (value) => tests.some((test) => test(value)) : (value) => plain.has(value);
}

function ordered(
  field: string,
  operator: string,
  operand: unknown,
  accept: (sign: number) => boolean,
): ValueTest {
  const bound = checkValue(field, operand);
  if (field === 'priority') {
    const rank = priorityRank(bound);
    return (value) => accept(priorityRank(value) - rank);
  }
  if (typeof bound === 'number') return (value) => typeof value === 'number' && accept(value - bound);
  if (typeof bound === 'string')
    return (value) => typeof value === 'string' && accept(value < bound ? -1 : value > bound ? 1 : 0);
  throw invalid(`${operator} on "${field}" must be a number or a string`, 'Only these have an order.');
}

function checkValue(field: string, value: unknown): FilterValue {
  if (Array.isArray(value))
    throw invalid(`has a list for "${field}"`, `Write { "${field}": { $in: [ … ] } } for any of several.`);
  const isValue = value === null || ['string', 'boolean', 'number'].includes(typeof value);
  if (!isValue || Number.isNaN(value))
    throw invalid(
      `has a value for "${field}" that cannot be compared`,
      'Give a string, number, boolean or null.',
    );
  const type = typeOf(field);
  // Of another type it would meet no memory, and all of them where it is negated: what is deleted may hang on it.
  if (type !== undefined && value !== null && typeof value !== type)
    throw invalid(
      `has a ${typeof value} for "${field}"`,
      type === 'number' && typeof value === 'string'
        ? 'Give a number; times are ms since the epoch: Date.parse(text).'
        : `Give a ${type}.`,
    );
  const words = WORDS[field];
  if (words !== undefined && value !== null && !words.includes(String(value)))
    throw invalid(`has the unknown ${field} "${String(value)}"`, `Use one of ${words.join(', ')}.`);
  return (isIdField(field) && typeof value === 'string' ? normalizeId(value) : value) as FilterValue;
}

/** The type of a field's values, where it is no text and not the host's own. */
function typeOf(field: string): 'number' | 'boolean' | undefined {
  if (field === 'legalHold') return 'boolean';
  return NUMBERS.has(field) ? 'number' : undefined;
}

function isIdField(field: string): boolean {
  return ['id', 'related.id', 'supersedes', 'contradicts'].includes(field);
}

/** The value of the field a condition names. */
type Reader<T> = (memory: T) => unknown;

function readerOf<T>(field: string, readField: FieldReader<T>): Reader<T> {
  const [first = '', ...path] = field.split('.');
  if (field.split('.').some((part) => part === '' || isPrototypeKey(part)))
    throw invalid(`has the key "${field}", which is not a field`, 'Name a field, or metadata. and a path.');
  const isFree = (first === 'metadata' || first === 'cost') && path.length > 0;
  if (!isFree && !FIELDS.has(field))
    throw invalid(
      field.startsWith('$') ? `has the unknown operator "${field}"` : `has the unknown field "${field}"`,
      field.startsWith('$')
        ? 'Between conditions use $and, $or or $not.'
        : "Name a memory's field, or the host's own as metadata.NAME.",
    );
  if (path.length === 0) return (memory) => readField(memory, first);
  return (memory) => path.reduce<unknown>(readPart, readField(memory, first));
}

function readPart(value: unknown, part: string): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => readPart(each, part));
  return isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

/** A list meets a test if one of its values does, and an empty one as if the field were absent. */
function matchAny<T>(read: Reader<T>, test: ValueTest): Predicate<T> {
  return (memory) => {
    const value = read(memory);
    if (!Array.isArray(value)) return test(value);
    return value.length === 0 ? test(undefined) : value.some(test);
  };
}

function all<T>(parts: readonly Predicate<T>[]): Predicate<T> {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return (memory) => parts.every((part) => part(memory));
}

function any<T>(parts: readonly Predicate<T>[]): Predicate<T> {
  return (memory) => parts.some((part) => part(memory));
}

function not<T>(part: Predicate<T>): Predicate<T> {
  return (memory) => !part(memory);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entriesOf(filter: unknown): readonly (readonly [string, unknown])[] {
  if (!isObject(filter)) throw invalid('must be an object', 'Write { field: value }.');
  // `{ __proto__: … }` in source sets the prototype and leaves no key to see.
  const prototype: unknown = Object.getPrototypeOf(filter);
  if (prototype !== Object.prototype && prototype !== null)
    throw invalid('must be a plain object', 'Write { field: value }.');
  const entries = Object.entries(filter);
  // A value that the host forgot to fill in must not mean "any": what is deleted may hang on it.
  const missing = entries.find(([, value]) => value === undefined);
  if (missing !== undefined)
    throw invalid(`has no value for "${missing[0]}"`, 'Leave the key out, or give null for what is absent.');
  return entries;
}

function invalid(message: string, hint: string): LociError {
  return new LociError('INVALID_FILTER', `filter: ${message}`, { hint });
}
