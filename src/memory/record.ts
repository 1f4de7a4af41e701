/** The boundary: what a host gives is checked here, once, and becomes a record with every default filled in. */

import * as v from 'valibot';
import { LociError } from '../errors.ts';
import {
  DEFAULT_IMPORTANCE,
  MAX_BATCH,
  MAX_CONTENT_BYTES,
  MAX_DATE_MS,
  MAX_FEEDBACK_COUNT,
  MAX_METADATA_BYTES,
  MAX_METADATA_DEPTH,
  MAX_NAME_CHARS,
  MAX_RELATED,
  MAX_REPLACED,
  MAX_TAGS,
} from '../limits.ts';
import type {
  EmbeddingInfo,
  EmbeddingInput,
  JsonValue,
  MemoryFields,
  MemoryPatch,
  NewMemory,
} from '../types.ts';
import { isMemoryId, normalizeId } from './ids.ts';
import { KINDS, PRIORITIES, TIERS } from './vocabulary.ts';

/** A memory without its content, which stays in storage; access counts and scope are kept elsewhere. */
export interface MemoryRecord extends Omit<MemoryFields, 'content'> {
  readonly id: string;
  readonly updatedAt: number;
  readonly revision: number;
  readonly embedding?: EmbeddingInfo | undefined;
}

/** A checked new memory: the fields with their defaults, and what the caller gave beside them. */
export interface ParsedMemory {
  readonly fields: MemoryFields;
  readonly id: string | undefined;
  readonly embedding: EmbeddingInput | undefined;
  /** Whether the caller said what it contradicts, if only that it is nothing. */
  readonly isJudged: boolean;
}

/** The bytes of a text in UTF-8; half a surrogate pair has three, those of the sign that replaces it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    // Both halves of a pair have four bytes together.
    if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) i += 1;
  }
  return bytes;
}

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;

/** Keys that would reach an object's prototype. */
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether a key would reach an object's prototype. */
export function isPrototypeKey(key: string): boolean {
  return PROTOTYPE_KEYS.has(key);
}

/** Whether a text is valid Unicode: `String.isWellFormed`, which browsers of before 2023 lack. */
export function isWellFormed(text: string): boolean {
  // Under the flag u a surrogate matches only where the other half of its pair is missing.
  return !/\p{Surrogate}/u.test(text);
}

const text = v.pipe(
  v.string('must be a string'),
  v.check(isWellFormed, 'has half of a surrogate pair: it is not valid Unicode'),
);
const name = v.pipe(
  text,
  v.minLength(1, 'must not be empty'),
  v.maxLength(MAX_NAME_CHARS, `must not be longer than ${MAX_NAME_CHARS} characters`),
);
const time = v.pipe(
  v.number('must be a time in ms since the epoch'),
  v.finite('must be finite'),
  v.minValue(-MAX_DATE_MS, 'is before any date'),
  v.maxValue(MAX_DATE_MS, 'is after any date'),
);
const share = v.pipe(
  v.number('must be a number from 0 to 1'),
  v.minValue(0, 'must be from 0 to 1'),
  v.maxValue(1, 'must be from 0 to 1'),
);
const amount = v.pipe(
  v.number('must be a number'),
  v.finite('must be finite'),
  v.minValue(0, 'must not be below 0'),
);
const content = v.pipe(
  text,
  v.check((value) => value.trim() !== '', 'must not be empty'),
  v.check(
    (value) => value.length <= MAX_CONTENT_BYTES && utf8Length(value) <= MAX_CONTENT_BYTES,
    `must not be longer than ${MAX_CONTENT_BYTES} bytes of UTF-8: split it into several memories`,
  ),
);
const memoryId = v.pipe(v.custom<string>(isMemoryId, 'must be a UUIDv7'), v.transform(normalizeId));
const tags = v.pipe(
  v.array(name, 'must be a list of strings'),
  v.maxLength(MAX_TAGS, `must not be more than ${MAX_TAGS}`),
  v.transform((list) => [...new Set(list)]),
);
const related = v.pipe(
  v.array(v.strictObject({ id: memoryId, strength: share, relation: v.optional(name) })),
  v.maxLength(MAX_RELATED, `must not be more than ${MAX_RELATED}`),
);
/** Ids of memories that another one replaces. */
const replaced = v.pipe(
  v.array(memoryId),
  v.maxLength(MAX_REPLACED, `must not be more than ${MAX_REPLACED}`),
  v.transform((ids) => [...new Set(ids)]),
);
const verdicts = v.pipe(amount, v.maxValue(MAX_FEEDBACK_COUNT, `must not be above ${MAX_FEEDBACK_COUNT}`));
const feedback = v.strictObject({ useful: verdicts, useless: verdicts, at: time });
const cost = v.strictObject({
  costCenter: v.optional(name),
  project: v.optional(name),
  amount: v.optional(amount),
  currency: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR'))),
});

const metadata = v.pipe(
  v.custom<{ readonly [key: string]: JsonValue }>(isPlainObject, 'must be an object'),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const problem = jsonProblem(dataset.value, 0);
    if (problem !== undefined) addIssue({ message: problem });
    else if (utf8Length(JSON.stringify(dataset.value)) > MAX_METADATA_BYTES)
      addIssue({ message: `must not be longer than ${MAX_METADATA_BYTES} bytes as JSON` });
  }),
  // A deep copy: nobody's later change of his object reaches the record.
  v.transform((value) => JSON.parse(JSON.stringify(value)) as { readonly [key: string]: JsonValue }),
);

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Why a value is not JSON within the limits, or undefined. */
function jsonProblem(value: unknown, depth: number): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'string')
    return isWellFormed(value) ? undefined : 'holds text that is not valid Unicode';
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : 'holds a number that is not finite';
  if (depth >= MAX_METADATA_DEPTH) return `must not be nested deeper than ${MAX_METADATA_DEPTH} levels`;
  if (Array.isArray(value)) return firstProblem(value, depth);
  if (!isPlainObject(value)) return 'holds a value that JSON cannot hold';
  for (const key of Reflect.ownKeys(value as object)) {
    if (typeof key !== 'string') return 'has a symbol for a key';
    if (isPrototypeKey(key)) return `must not have the key "${key}"`;
    if (!isWellFormed(key)) return 'has a key that is not valid Unicode';
  }
  return firstProblem(Object.values(value as object), depth);
}

function firstProblem(values: readonly unknown[], depth: number): string | undefined {
  for (const value of values) {
    const problem = jsonProblem(value, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const position = v.pipe(
  v.number('must be a whole number'),
  v.safeInteger('must be a whole number'),
  v.minValue(0, 'must not be below 0'),
);

/** The fields that always have a value. */
const requiredEntries = {
  content,
  kind: v.picklist(KINDS, `must be one of ${KINDS.join(', ')}`),
  tier: v.picklist(TIERS, `must be one of ${TIERS.join(', ')}`),
  priority: v.picklist(PRIORITIES, `must be one of ${PRIORITIES.join(', ')}`),
  importance: share,
  tags,
  source: name,
  createdAt: time,
  legalHold: v.boolean('must be true or false'),
  related,
  metadata,
};

/** The fields that may be absent. */
const optionalEntries = {
  agentId: name,
  sessionId: name,
  position,
  speaker: name,
  externalId: name,
  validFrom: time,
  invalidAt: time,
  expiresAt: time,
  legalDeletionAt: time,
  subject: name,
  predicate: name,
  supersedes: replaced,
  contradicts: replaced,
  feedback,
  cost,
  processingStage: name,
  dataVolumeGb: amount,
};

const embeddingSchema = v.strictObject({
  modelId: name,
  space: name,
  vector: v.instance(Float32Array, 'must be a Float32Array'),
});

const newMemorySchema = v.strictObject({
  ...optionalEach(requiredEntries),
  ...optionalEach(optionalEntries),
  content,
  id: v.optional(memoryId),
  embedding: v.optional(embeddingSchema),
});

const patchSchema = v.pipe(
  v.strictObject({ ...optionalEach(requiredEntries), ...nullishEach(optionalEntries) }),
  v.check(
    (patch) => Object.values(patch).some((value) => value !== undefined),
    'must change at least one field',
  ),
);

/** What a search's context has of a memory's fields: within the same limits, as nothing else can be equal to them. */
const contextSchema = v.strictObject({
  sessionId: v.optional(name),
  agentId: v.optional(name),
  tags: v.optional(tags),
  metadata: v.optional(metadata),
});

type Entries = Readonly<Record<string, v.GenericSchema>>;

function optionalEach<const T extends Entries>(entries: T) {
  return Object.fromEntries(Object.entries(entries).map(([key, schema]) => [key, v.optional(schema)])) as {
    readonly [K in keyof T]: v.OptionalSchema<T[K], undefined>;
  };
}

function nullishEach<const T extends Entries>(entries: T) {
  return Object.fromEntries(Object.entries(entries).map(([key, schema]) => [key, v.nullish(schema)])) as {
    readonly [K in keyof T]: v.NullishSchema<T[K], undefined>;
  };
}

/**
 * Checks a new memory and fills in its defaults.
 *
 * @param now ms since the epoch, for `createdAt`.
 * @throws LociError `INVALID_INPUT`, naming the field.
 */
export function parseNewMemory(input: NewMemory, now: number): ParsedMemory {
  const { id, embedding, ...given } = parse(newMemorySchema, input, 'memory');
  const fields: MemoryFields = {
    kind: 'episodic',
    tier: 'working',
    priority: 'medium',
    importance: DEFAULT_IMPORTANCE,
    tags: [],
    source: 'unknown',
    createdAt: now,
    legalHold: false,
    related: [],
    metadata: {},
    ...withoutUndefined(given),
    ...withoutEmptyLists(given),
    content: given.content,
  };
  checkValidity(fields);
  return { fields, id, embedding, isJudged: input.contradicts !== undefined };
}

/** Checks the memories of a batch; the error names the place of the first that is wrong. */
export function parseBatch(inputs: readonly NewMemory[], now: number): readonly ParsedMemory[] {
  if (!Array.isArray(inputs)) throw invalid('memories must be a list', 'Give addMany an array of memories.');
  if (inputs.length > MAX_BATCH)
    throw invalid(
      `a batch must not have more than ${MAX_BATCH} memories, and this one has ${inputs.length}`,
      `Split it into batches of ${MAX_BATCH}.`,
    );
  // Not `map`: it would pass over holes.
  return Array.from(inputs, (input, index) => {
    try {
      return parseNewMemory(input, now);
    } catch (error) {
      if (!(error instanceof LociError)) throw error;
      throw new LociError(error.code, `memories[${index}]: ${error.message}`, {
        hint: error.hint,
        details: { ...error.details, index },
      });
    }
  });
}

/**
 * Checks a change; `null` becomes `undefined`, which clears the field.
 *
 * @throws LociError `INVALID_INPUT`, naming the field.
 */
export function parsePatch(input: MemoryPatch): Partial<MemoryFields> {
  const patch = withoutUndefined(parse(patchSchema, input, 'patch'));
  const after = Object.fromEntries(Object.entries(patch).map(([key, value]) => [key, value ?? undefined]));
  return { ...after, ...withoutEmptyLists(after) };
}

/** @throws LociError `INVALID_INPUT`, naming the field, for a context of which no memory could have the like. */
export function checkContextFields(input: object): void {
  parse(contextSchema, input, 'context');
}

/** @throws LociError `INVALID_INPUT` where a memory would end before it begins. */
export function checkValidity(fields: MemoryFields): void {
  if (fields.validFrom === undefined || fields.invalidAt === undefined) return;
  if (fields.invalidAt < fields.validFrom)
    throw invalid(
      'memory: invalidAt is before validFrom',
      'Give an invalidAt at or after validFrom.',
      'invalidAt',
    );
}

/** What replaces nothing has no list of it: an empty one becomes undefined. */
function withoutEmptyLists(fields: Partial<MemoryFields>): Partial<MemoryFields> {
  return {
    ...(fields.supersedes?.length === 0 ? { supersedes: undefined } : {}),
    ...(fields.contradicts?.length === 0 ? { contradicts: undefined } : {}),
  };
}

function parse<const T extends v.GenericSchema>(schema: T, input: unknown, what: string): v.InferOutput<T> {
  // Valibot reads known keys only: a key such as "__proto__" would pass it unseen.
  if (typeof input === 'object' && input !== null && Object.keys(input).some(isPrototypeKey))
    throw invalid(`${what}: has a key that reaches an object's prototype`, 'Rename the key.');
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  const message = issue.type === 'strict_object' ? strictMessage(issue) : issue.message;
  throw invalid(
    path === null ? `${what}: ${message}` : `${what}: ${path} ${message}`,
    'See MemoryFields in the reference for the fields, their limits and defaults.',
    path ?? undefined,
  );
}

function strictMessage(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === 'never')
    return 'is not a field of a memory; put the host’s own values into metadata';
  return issue.received === 'undefined' ? 'is needed' : 'must be an object';
}

function invalid(message: string, hint: string, field?: string): LociError {
  return new LociError('INVALID_INPUT', message, {
    hint,
    ...(field === undefined ? {} : { details: { field } }),
  });
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
