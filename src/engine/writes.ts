/** The verbs that write: each is checked, prepared outside the lock, and made into operations under it. */

import { LociError } from '../errors.ts';
import { MAX_BATCH } from '../limits.ts';
import { contentHashOf } from '../memory/fact.ts';
import { withVerdict } from '../memory/feedback.ts';
import type { AddOperation, DeleteOperation, MemoryState, UpdateOperation } from '../memory/operation.ts';
import { checkOptions } from '../memory/options.ts';
import { type ParsedMemory, parseBatch, parseNewMemory, parsePatch } from '../memory/record.ts';
import type {
  AddManyResult,
  AddResult,
  DeleteResult,
  DeleteScope,
  MemoryFields,
  MemoryPatch,
  NewMemory,
  ReinforceOptions,
  ReinforceResult,
  WriteOptions,
  WriteResult,
} from '../types.ts';
import { checkFeedback, checkId, checkScope, REINFORCE_OPTIONS } from './arguments.ts';
import type { BlockStore } from './blocks/block-store.ts';
import { type Contradictions, withContradicted, withFound } from './contradictions.ts';
import type { Embedded, EmbeddingService } from './embedding-service.ts';
import type { Environment } from './environment.ts';
import type { Journal } from './journal.ts';
import {
  addOperations,
  deleteOperations,
  endOperations,
  superseding,
  updateOperation,
} from './operations.ts';
import type { Reads } from './reads.ts';
import { readContents } from './rows.ts';
import type { EngineState } from './state.ts';
import { checkAddedSuccession, checkChangedSuccession } from './succession.ts';
import type { Place, Plan, Writer } from './writer.ts';

interface WritesParts {
  readonly state: EngineState;
  readonly blocks: BlockStore;
  readonly journal: Pick<Journal, 'nextOrdinal'>;
  readonly writer: Writer;
  readonly reads: Pick<Reads, 'find'>;
  readonly embeddings: Pick<EmbeddingService, 'embedDocuments' | 'isOwn'>;
  readonly contradictions: Contradictions;
  readonly environment: Pick<Environment, 'now'>;
  readonly newId: () => string;
}

/** A change of a memory, with what is known of its new content before the lock is taken. */
interface Change {
  readonly after: Partial<MemoryFields>;
  readonly embedded: Embedded | undefined;
  /** Memories that it is found to contradict. */
  readonly found: readonly string[] | undefined;
}

export class Writes {
  readonly #parts: WritesParts;

  constructor(parts: WritesParts) {
    this.#parts = parts;
  }

  async add(memory: NewMemory, options?: WriteOptions): Promise<AddResult> {
    // Checked on its own first: an error should not speak of a batch that the caller did not make.
    parseNewMemory(memory, this.#parts.environment.now());
    const { ids, ...result } = await this.#add('add', [memory], options);
    return { ...result, id: ids[0] ?? '' };
  }

  async addMany(memories: readonly NewMemory[], options?: WriteOptions): Promise<AddManyResult> {
    return this.#add('addMany', memories, options);
  }

  async #add(
    method: 'add' | 'addMany',
    memories: readonly NewMemory[],
    options: WriteOptions | undefined,
  ): Promise<AddManyResult> {
    const parsed = parseBatch(memories, this.#parts.environment.now());
    const prepare = async (opId: string) => {
      const embedded = await this.#embedNew(parsed);
      const contradicted = await this.#parts.contradictions.of(parsed);
      return (place: Place) => {
        const operations = withContradicted(this.#addOperations(parsed, embedded, opId, place), contradicted);
        return { operations, answer: { ids: operations.map(({ id }) => id) } };
      };
    };
    return this.#parts.writer.write<AddManyResult>(options, { method, adds: parsed.length, prepare });
  }

  async supersede(givenId: string, memory: NewMemory, options?: WriteOptions): Promise<AddResult> {
    const { writer, environment } = this.#parts;
    const id = checkId(givenId);
    const parsed = [superseding(parseNewMemory(memory, environment.now()), id)];
    const prepare = async (opId: string) => {
      const embedded = await this.#embedNew(parsed);
      return (place: Place) => {
        const old = this.#require(id);
        const added = this.#addOperations(parsed, embedded, opId, place);
        const stamp = writer.stamp(opId, { added: place.added + added.length });
        const ended = added.flatMap(({ fields }) => endOperations(old, fields, stamp));
        return { operations: [...added, ...ended], answer: { id: added[0]?.id ?? '' } };
      };
    };
    return writer.write<AddResult>(options, { method: 'supersede', prepare });
  }

  async reinforce(givenId: string, useful: boolean, given?: ReinforceOptions): Promise<ReinforceResult> {
    const { writer, state, environment } = this.#parts;
    const id = checkId(givenId);
    const { query, ...options }: ReinforceOptions = checkOptions(given, REINFORCE_OPTIONS);
    checkFeedback(useful, query);
    const prepare = async (opId: string) => () => {
      const memory = this.#require(id);
      const feedback = withVerdict(memory.record.feedback, useful, environment.now());
      const told = updateOperation(memory, { feedback }, undefined, undefined, writer.stamp(opId));
      return { operations: [query === undefined ? told : { ...told, query }], answer: { feedback } };
    };
    const result = await writer.write<ReinforceResult>(options, { method: 'reinforce', prepare });
    const ordinal = state.table.ordinalOf(id);
    if (useful && ordinal !== undefined) state.learnt.used(ordinal, environment.now());
    return result;
  }

  async update(givenId: string, patch: MemoryPatch, options?: WriteOptions): Promise<WriteResult> {
    const id = checkId(givenId);
    const after = parsePatch(patch);
    const prepare = async (opId: string) => {
      const change = await this.#prepareChange(id, after);
      return async () => ({ operations: [await this.#updateOperation(id, change, opId)], answer: {} });
    };
    return this.#parts.writer.write<WriteResult>(options, { method: 'update', prepare });
  }

  async delete(givenId: string, options?: WriteOptions): Promise<DeleteResult> {
    const { writer, state } = this.#parts;
    const id = checkId(givenId);
    const prepare = async (opId: string) => () => {
      const memory = state.table.get(id);
      if (memory?.record.legalHold === true)
        throw new LociError('LEGAL_HOLD', `the memory ${id} is on legal hold`, {
          hint: 'Lift the hold first: update(id, { legalHold: false }).',
        });
      const operations = this.#deleteOperations(memory === undefined ? [] : [memory], opId);
      return { operations, answer: { deleted: operations.length, held: 0 } };
    };
    return writer.write<DeleteResult>(options, { method: 'delete', prepare });
  }

  async deleteAll(scope: DeleteScope, options?: WriteOptions): Promise<DeleteResult> {
    const { writer, state, environment } = this.#parts;
    const predicate = state.predicate(checkScope(scope), environment.now());
    const isMeant = predicate ?? (() => true);
    const prepare = async (opId: string) => () => this.#deleteMeant(isMeant, opId);
    return writer.write<DeleteResult>(options, { method: 'deleteAll', prepare });
  }

  /** Commits all but the last part on its own, since transactions are bounded; a retry goes on from there. */
  async #deleteMeant(isMeant: (ordinal: number) => boolean, opId: string): Promise<Plan<DeleteResult>> {
    const { table } = this.#parts.state;
    const meant = [...table.ordinals()].filter(isMeant);
    const doomed = meant.filter((ordinal) => !table.lifetime(ordinal).legalHold);
    const part = (at: number) =>
      doomed.slice(at, at + MAX_BATCH).flatMap((ordinal) => table.at(ordinal) ?? []);
    let at = 0;
    for (; at + MAX_BATCH < doomed.length; at += MAX_BATCH)
      await this.#parts.writer.append(this.#deleteOperations(part(at), opId));
    return {
      operations: this.#deleteOperations(part(at), opId),
      answer: { deleted: doomed.length, held: meant.length - doomed.length },
    };
  }

  /** The vectors of those memories that brought none. */
  #embedNew(parsed: readonly ParsedMemory[]): Promise<readonly Embedded[]> {
    const unembedded = parsed.filter(({ embedding }) => embedding === undefined);
    return this.#parts.embeddings.embedDocuments(unembedded.map(({ fields }) => fields.content));
  }

  #addOperations(
    parsed: readonly ParsedMemory[],
    embedded: readonly Embedded[],
    opId: string,
    place: Place,
  ): readonly AddOperation[] {
    const { writer, journal, state, embeddings, newId } = this.#parts;
    const added = addOperations(parsed, embedded, {
      ...writer.stamp(opId, place),
      nextOrdinal: journal.nextOrdinal + place.added,
      newId,
      isTaken: (id) => state.table.ordinalOf(id) !== undefined || place.isAdded(id),
      isOwnModel: (modelId) => embeddings.isOwn(modelId),
    });
    checkAddedSuccession(state, added, place.operations);
    return added;
  }

  /** Embeds a new content, and looks for what it contradicts. */
  async #prepareChange(id: string, after: Partial<MemoryFields>): Promise<Change> {
    const { embeddings, contradictions } = this.#parts;
    const { content } = after;
    const [embedded] = content === undefined ? [] : await embeddings.embedDocuments([content]);
    const isJudged = content === undefined || 'contradicts' in after;
    const found = isJudged ? undefined : await contradictions.ofUpdated(id, after);
    return { after, embedded, found };
  }

  async #updateOperation(
    id: string,
    { after, embedded, found }: Change,
    opId: string,
  ): Promise<UpdateOperation> {
    const memory = this.#require(id);
    checkChangedSuccession(this.#parts.state, id, after.supersedes);
    const isRenamed = 'subject' in after || 'predicate' in after;
    const isRead = after.content !== undefined || isRenamed;
    const [before] = isRead ? await readContents(this.#parts.blocks, [memory]) : [];
    const contradicts = found && withFound(memory.record.contradicts, found);
    const changed = contradicts === undefined ? after : { ...after, contradicts };
    const operation = updateOperation(memory, changed, before, embedded, this.#parts.writer.stamp(opId));
    // Its content is not in memory when it becomes a fact of another subject, or is told of one later.
    const isHashed = after.content === undefined && before !== undefined;
    return isHashed ? { ...operation, contentHash: contentHashOf(before) } : operation;
  }

  #deleteOperations(memories: readonly MemoryState[], opId: string): readonly DeleteOperation[] {
    return deleteOperations(memories, this.#parts.writer.stamp(opId), 'request');
  }

  #require(id: string): MemoryState {
    const memory = this.#parts.reads.find(id);
    if (memory !== undefined) return memory;
    throw new LociError('NOT_FOUND', `there is no memory ${String(id)}`, {
      hint: 'It may have been deleted.',
    });
  }
}
