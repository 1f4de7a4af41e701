/** Makes the operations of a write from what was asked and what is there. */

import { LociError } from '../errors.ts';
import { MAX_REPLACED } from '../limits.ts';
import { beginOf } from '../memory/fact.ts';
import type {
  AddOperation,
  DeleteOperation,
  MemoryState,
  Operation,
  UpdateOperation,
} from '../memory/operation.ts';
import { checkValidity, type ParsedMemory } from '../memory/record.ts';
import type { EmbeddingInput, MemoryFields } from '../types.ts';
import { normalize } from '../vector/vectors.ts';
import type { Embedded } from './embedding-service.ts';

/** What all operations of one commit share; `seq` is the first one's. */
export type Stamp = Pick<Operation, 'seq' | 'at' | 'opId'>;

interface AddContext extends Stamp {
  readonly nextOrdinal: number;
  readonly newId: () => string;
  readonly isTaken: (id: string) => boolean;
  /** Whether a vector given was made by a model of the engine's own: then a better model may make it anew. */
  readonly isOwnModel: (modelId: string) => boolean;
}

/**
 * @param embedded the vectors of those memories that brought none, in order.
 * @throws LociError `ALREADY_EXISTS`, `INVALID_VECTOR`.
 */
export function addOperations(
  memories: readonly ParsedMemory[],
  embedded: readonly Embedded[],
  { seq, at, opId, nextOrdinal, newId, isTaken, isOwnModel }: AddContext,
): readonly AddOperation[] {
  const made = embedded.values();
  const givenIds = new Set<string>();
  return memories.map(({ id: wanted, fields, embedding }, index) => {
    if (wanted !== undefined && (isTaken(wanted) || givenIds.has(wanted)))
      throw new LociError('ALREADY_EXISTS', `there is a memory ${wanted} already`, {
        hint: 'Use update to change it, or leave the id out.',
        details: { id: wanted, index },
      });
    if (wanted !== undefined) givenIds.add(wanted);
    const vector = embedding === undefined ? made.next().value : given(embedding, isOwnModel);
    const place = { seq: seq + index, ordinal: nextOrdinal + index };
    return {
      type: 'add',
      id: wanted ?? newId(),
      ...place,
      at,
      opId,
      fields,
      embedding: vector?.info,
      vector: vector?.vector,
    };
  });
}

function given(
  { modelId, space, vector }: EmbeddingInput,
  isOwnModel: (modelId: string) => boolean,
): Embedded {
  const unit = normalize(vector);
  const origin = isOwnModel(modelId) ? 'engine' : 'host';
  return { vector: unit, info: { modelId, space, dimensions: unit.length, origin } };
}

/**
 * @param contentBefore the content as it is, where it changes.
 * @param embedded the new content's vector, where it changes.
 */
export function updateOperation(
  { record }: MemoryState,
  after: Partial<MemoryFields>,
  contentBefore: string | undefined,
  embedded: Embedded | undefined,
  stamp: Stamp,
): UpdateOperation {
  const current = { ...record, content: contentBefore ?? '' };
  checkValidity({ ...current, ...after });
  const keys = Object.keys(after) as (keyof MemoryFields)[];
  const before = Object.fromEntries(keys.map((key) => [key, current[key]]));
  return {
    type: 'update',
    id: record.id,
    ...stamp,
    after,
    before,
    embedding: embedded?.info,
    vector: embedded?.vector,
  };
}

/** A new memory's fields that name the one whose place it takes. */
export function superseding(parsed: ParsedMemory, id: string): ParsedMemory {
  const supersedes = [...new Set([id, ...(parsed.fields.supersedes ?? [])])];
  if (supersedes.length > MAX_REPLACED)
    throw new LociError('INVALID_INPUT', `memory: supersedes must not be more than ${MAX_REPLACED}`, {
      hint: 'The memory given as the first argument counts too.',
      details: { field: 'supersedes' },
    });
  return { ...parsed, fields: { ...parsed.fields, supersedes } };
}

/** What a memory says ends when what takes its place begins; nothing where it has ended by then. */
export function endOperations(old: MemoryState, by: MemoryFields, stamp: Stamp): readonly UpdateOperation[] {
  const { invalidAt } = old.record;
  // What begins before it did leaves it no time at all.
  const end = Math.max(beginOf(by), beginOf(old.record));
  if (invalidAt !== undefined && invalidAt <= end) return [];
  const after = { invalidAt: end };
  return [updateOperation(old, after, undefined, undefined, stamp)];
}

export function deleteOperations(
  memories: readonly MemoryState[],
  { seq, at, opId }: Stamp,
  reason: DeleteOperation['reason'],
): readonly DeleteOperation[] {
  return memories.map(({ ordinal, record }, index) => ({
    type: 'delete',
    id: record.id,
    ordinal,
    seq: seq + index,
    at,
    opId,
    reason,
  }));
}
