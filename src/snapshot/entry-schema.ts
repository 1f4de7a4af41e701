/** The shape of one memory's line in a snapshot; what its values may be is the engine's to judge. */
import * as v from 'valibot';
import { MAX_DIMENSIONS } from '../limits.ts';
import { boundedFeedback } from '../memory/feedback.ts';
import { normalizeId } from '../memory/ids.ts';
import type { JsonValue, MemoryFields } from '../types.ts';

const optionalText = v.optional(v.string());
const optionalNumber = v.optional(v.number());

const metadata = v.custom<{ readonly [key: string]: JsonValue }>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'Expected an object',
);

/** Every field of a memory that a host may set: one that is missing here does not compile. */
const fields = {
  content: v.string(),
  kind: v.picklist(['episodic', 'semantic', 'procedural']),
  tier: v.picklist(['immediate', 'working', 'session', 'longterm', 'archived']),
  priority: v.picklist(['low', 'medium', 'high', 'critical']),
  importance: v.number(),
  tags: v.array(v.string()),
  agentId: optionalText,
  sessionId: optionalText,
  position: optionalNumber,
  speaker: optionalText,
  externalId: optionalText,
  source: v.string(),
  createdAt: v.number(),
  validFrom: optionalNumber,
  invalidAt: optionalNumber,
  expiresAt: optionalNumber,
  legalDeletionAt: optionalNumber,
  legalHold: v.boolean(),
  subject: optionalText,
  predicate: optionalText,
  supersedes: v.optional(v.array(v.string())),
  contradicts: v.optional(v.array(v.string())),
  // An earlier release wrote counts without a bound.
  feedback: v.optional(
    v.pipe(
      v.strictObject({ useful: v.number(), useless: v.number(), at: v.number() }),
      v.transform(boundedFeedback),
    ),
  ),
  related: v.array(v.strictObject({ id: v.string(), strength: v.number(), relation: optionalText })),
  cost: v.optional(
    v.strictObject({
      costCenter: optionalText,
      project: optionalText,
      amount: optionalNumber,
      currency: optionalText,
    }),
  ),
  processingStage: optionalText,
  dataVolumeGb: optionalNumber,
  metadata,
} satisfies { readonly [K in keyof MemoryFields]-?: v.GenericSchema<unknown, MemoryFields[K]> };

/** The names of those fields, in the order they are written. */
export const FIELD_NAMES = Object.keys(fields) as readonly (keyof MemoryFields)[];

/** One memory's line. Strict: a field unknown to this version needs a new version, not a silent loss. */
export const entrySchema = v.strictObject({
  id: v.pipe(v.string(), v.transform(normalizeId)),
  ...fields,
  embedding: v.optional(
    v.strictObject({
      modelId: v.string(),
      space: v.string(),
      dimensions: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_DIMENSIONS)),
      origin: v.picklist(['engine', 'host']),
      /** Base64 of float32, little-endian. */
      vector: v.string(),
    }),
  ),
});

/** The first line. */
export const headerSchema = v.strictObject({
  format: v.literal('loci-snapshot'),
  version: v.picklist([1, 2, 3]),
});

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const summedTrailer = v.strictObject({
  end: v.literal(true),
  count,
  /** Memories that were there and could not be read. */
  unreadable: v.optional(count),
  /** CRC-32 of all bytes before this line, eight hexadecimal digits. */
  crc32: v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/, 'Expected eight hexadecimal digits')),
});

/** The last line, by version: without it, or with another count or checksum, the snapshot is not whole. */
export const trailerSchemas = {
  1: v.strictObject({ end: v.literal(true), count }),
  2: summedTrailer,
  3: summedTrailer,
} as const;
