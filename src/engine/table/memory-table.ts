/**
 * The memories of a namespace by id and by ordinal, as columns: all their fields but contents and
 * vectors, which are here only until a fold has stored them.
 */

import { apply, type MemoryState, type Operation, sizeOf } from '../../memory/operation.ts';
import type { MemoryRecord } from '../../memory/record.ts';
import type { EmbeddingInfo, Feedback, Memory } from '../../types.ts';
import type { AccessLog } from '../access-log.ts';
import { RECORD_DEFAULTS, type StoredRecord } from '../blocks/record-row.ts';
import {
  type Column,
  CountColumn,
  NumberColumn,
  SharedColumn,
  SparseColumn,
  ValueColumn,
} from './columns.ts';
import { EmbeddingColumn } from './embedding-column.ts';
import { LinkColumn } from './link-column.ts';
import { isPlainUuid, UuidColumn, UuidIndex } from './uuid-column.ts';

/** What an operation changed. */
export interface Change {
  readonly before: MemoryState | undefined;
  readonly after: MemoryState | undefined;
}

/** What the log brought and storage does not have yet. */
export interface Unstored {
  readonly content: string | undefined;
  readonly vector: Float32Array | undefined;
}

const words = (common?: string) => new SharedColumn<string>((word) => word, common);

/** The fields of a record but its id, by name. */
function createColumns() {
  return {
    kind: words(RECORD_DEFAULTS.kind),
    tier: words(RECORD_DEFAULTS.tier),
    priority: words(RECORD_DEFAULTS.priority),
    importance: new NumberColumn(),
    tags: new SharedColumn<readonly string[]>(
      (tags) => (tags.length === 0 ? '' : JSON.stringify(tags)),
      RECORD_DEFAULTS.tags,
    ),
    agentId: words(),
    sessionId: words(),
    position: new NumberColumn(),
    speaker: words(),
    // Every memory has another one: nothing to share.
    externalId: new ValueColumn<string>(),
    source: words(RECORD_DEFAULTS.source),
    createdAt: new NumberColumn(),
    validFrom: new NumberColumn(),
    invalidAt: new NumberColumn(),
    expiresAt: new NumberColumn(),
    legalDeletionAt: new NumberColumn(),
    legalHold: new SharedColumn<boolean>(String, RECORD_DEFAULTS.legalHold),
    subject: words(),
    predicate: words(),
    supersedes: new ValueColumn<readonly string[]>(),
    contradicts: new ValueColumn<readonly string[]>(),
    feedback: new ValueColumn<Feedback>(),
    related: new LinkColumn(),
    cost: new ValueColumn<NonNullable<MemoryRecord['cost']>>(),
    processingStage: words(),
    dataVolumeGb: new NumberColumn(),
    metadata: new SparseColumn<MemoryRecord['metadata']>(RECORD_DEFAULTS.metadata),
    updatedAt: new NumberColumn(),
    revision: new NumberColumn(),
    embedding: new EmbeddingColumn(),
  } satisfies { readonly [F in keyof Required<Omit<MemoryRecord, 'id'>>]: unknown };
}

type FieldName = keyof ReturnType<typeof createColumns>;

export class MemoryTable {
  readonly #index = new UuidIndex();
  readonly #columns = createColumns();
  readonly #fields = Object.entries(this.#columns) as [FieldName, Column<unknown>][];
  readonly #byName: ReadonlyMap<string, Column<unknown>> = new Map(this.#fields);
  readonly #contentBytes = new CountColumn();
  readonly #metadataBytes = new CountColumn();
  /** Of facts of a subject and predicate; it takes no memory until there is one. */
  readonly #contentHash = new NumberColumn();
  readonly #seq = new NumberColumn();
  readonly #addedSeq = new NumberColumn();
  readonly #addedAt = new NumberColumn();
  readonly #addedBy = new UuidColumn();
  /** Operation ids of the host's that are no UUIDs. */
  readonly #addedByName = new SharedColumn<string>((opId) => opId);
  readonly #unstored = new Map<number, Unstored>();
  #nextOrdinal = 0;

  get size(): number {
    return this.#index.size;
  }

  /** The first ordinal that no memory ever had. */
  get nextOrdinal(): number {
    return this.#nextOrdinal;
  }

  /** Keeps ordinals below this one from being given again: their memories may be gone. */
  reserveOrdinals(nextOrdinal: number): void {
    this.#nextOrdinal = Math.max(this.#nextOrdinal, nextOrdinal);
  }

  /** The ordinal of a memory, or undefined where there is none of this id. */
  ordinalOf(id: string): number | undefined {
    return this.#index.find(id);
  }

  get(id: string): MemoryState | undefined {
    const ordinal = this.#index.find(id);
    return ordinal === undefined ? undefined : this.#stateAt(ordinal);
  }

  at(ordinal: number): MemoryState | undefined {
    return this.has(ordinal) ? this.#stateAt(ordinal) : undefined;
  }

  has(ordinal: number): boolean {
    return this.#seq.get(ordinal) !== undefined;
  }

  /** One field of a memory that is there, without making the others. */
  field(ordinal: number, name: string): unknown {
    return name === 'id' ? this.#index.ids.get(ordinal) : this.#byName.get(name)?.get(ordinal);
  }

  /** When a memory ends must be known of all of them, often. */
  lifetime(ordinal: number): Pick<MemoryRecord, 'expiresAt' | 'legalDeletionAt' | 'legalHold'> {
    const { expiresAt, legalDeletionAt, legalHold } = this.#columns;
    return {
      expiresAt: expiresAt.get(ordinal),
      legalDeletionAt: legalDeletionAt.get(ordinal),
      legalHold: legalHold.get(ordinal) ?? false,
    };
  }

  /** When what a memory says begins and ends must be known of all candidates of a search. */
  times(ordinal: number): Pick<MemoryRecord, 'createdAt' | 'validFrom' | 'invalidAt'> {
    const { createdAt, validFrom, invalidAt } = this.#columns;
    return {
      createdAt: createdAt.get(ordinal) ?? 0,
      validFrom: validFrom.get(ordinal),
      invalidAt: invalidAt.get(ordinal),
    };
  }

  /** The last operation that is in a memory. */
  seqOf(ordinal: number): number | undefined {
    return this.#seq.get(ordinal);
  }

  /** The operation that added the memory of an id. */
  addedSeqOf(id: string): number | undefined {
    const ordinal = this.#index.find(id);
    return ordinal === undefined ? undefined : this.#addedSeq.get(ordinal);
  }

  embeddingOf(ordinal: number): EmbeddingInfo | undefined {
    return this.#columns.embedding.get(ordinal);
  }

  /** What the models have embedded in each space. */
  get embedded(): Pick<EmbeddingColumn, 'sizeOf' | 'countOf' | 'namesOf' | 'membersOf'> {
    return this.#columns.embedding;
  }

  /** Links between memories, from both ends. */
  get links(): Pick<LinkColumn, 'get' | 'linking'> {
    return this.#columns.related;
  }

  /** When a memory happened, ms since the epoch. */
  createdAtOf(ordinal: number): number | undefined {
    return this.#columns.createdAt.get(ordinal);
  }

  /** Bytes of a memory, as {@link sizeOf} counts them. */
  sizeOf(ordinal: number): number {
    return sizeOf({
      contentBytes: this.#contentBytes.get(ordinal),
      metadataBytes: this.#metadataBytes.get(ordinal),
      record: { embedding: this.embeddingOf(ordinal) },
    });
  }

  /** UTF-8 bytes of a memory's content. */
  contentBytesOf(ordinal: number): number {
    return this.#contentBytes.get(ordinal);
  }

  /** Whether two facts of one subject and predicate say the same; where that is not known, contents of one length do. */
  saysTheSame(ordinal: number, other: number): boolean {
    const [one, two] = [this.#contentHash.get(ordinal), this.#contentHash.get(other)];
    if (one !== undefined && two !== undefined) return one === two;
    return this.contentBytesOf(ordinal) === this.contentBytesOf(other);
  }

  /** No memory from this ordinal on ever had a value in a field; 0 where none ever had one at all. */
  reach(field: 'subject' | 'validFrom' | 'invalidAt' | 'supersedes' | 'contradicts' | 'feedback'): number {
    return this.#columns[field].reach;
  }

  /** What storage does not have yet of a memory. */
  unstoredOf(ordinal: number): Unstored | undefined {
    return this.#unstored.get(ordinal);
  }

  /** The memories of which storage does not have everything yet. */
  unstored(): IterableIterator<number> {
    return this.#unstored.keys();
  }

  /** Storage has the content and vector of a memory now. */
  setStored(ordinal: number): void {
    this.#unstored.delete(ordinal);
  }

  /** Puts a state in place as it is. */
  set(state: MemoryState): void {
    const { ordinal, record, content, vector, added } = state;
    if (!this.has(ordinal)) this.#index.add(ordinal, record.id);
    this.reserveOrdinals(ordinal + 1);
    for (const [name, column] of this.#fields) column.set(ordinal, record[name]);
    this.#contentBytes.set(ordinal, state.contentBytes);
    this.#metadataBytes.set(ordinal, state.metadataBytes);
    this.#contentHash.set(ordinal, state.contentHash);
    this.#seq.set(ordinal, state.seq);
    this.#addedSeq.set(ordinal, added.seq);
    this.#addedAt.set(ordinal, added.at);
    const isUuid = isPlainUuid(added.opId);
    if (isUuid) this.#addedBy.set(ordinal, added.opId);
    this.#addedByName.set(ordinal, isUuid ? undefined : added.opId);
    if (content === undefined && vector === undefined) this.#unstored.delete(ordinal);
    else this.#unstored.set(ordinal, { content, vector });
  }

  /** Makes room at once for so many memories, whose ordinals lie below a limit. */
  reserve(memories: number, ordinals: number): void {
    const { importance, createdAt, updatedAt, revision } = this.#columns;
    const own = [this.#contentBytes, this.#metadataBytes, this.#seq, this.#addedSeq, this.#addedAt];
    for (const column of [importance, createdAt, updatedAt, revision, ...own]) column.reserve(ordinals);
    this.#addedBy.reserve(ordinals);
    this.#index.reserve(memories, ordinals);
  }

  /** Takes in a stored memory as it is. */
  load(ordinal: number, stored: StoredRecord): void {
    if (this.has(ordinal)) this.remove(ordinal);
    this.#index.add(ordinal, stored.id);
    this.reserveOrdinals(ordinal + 1);
    for (const [name, value] of Object.entries(stored.fields)) this.#byName.get(name)?.set(ordinal, value);
    const { importance, createdAt, updatedAt, revision } = this.#columns;
    importance.set(ordinal, stored.importance);
    createdAt.set(ordinal, stored.createdAt);
    updatedAt.set(ordinal, stored.updatedAt);
    revision.set(ordinal, stored.revision);
    this.#contentBytes.set(ordinal, stored.contentBytes);
    this.#metadataBytes.set(ordinal, stored.metadataBytes);
    this.#contentHash.set(ordinal, stored.contentHash);
    this.#seq.set(ordinal, stored.seq);
    this.#addedSeq.set(ordinal, stored.addedSeq);
    this.#addedAt.set(ordinal, stored.addedAt);
    if (typeof stored.addedBy === 'string') this.#addedByName.set(ordinal, stored.addedBy);
    else this.#addedBy.set(ordinal, stored.addedBy);
  }

  /** Takes a memory's vector from it: the stored one turned out to be broken. */
  loseVector(ordinal: number): void {
    this.#columns.embedding.clear(ordinal);
    const unstored = this.#unstored.get(ordinal);
    if (unstored !== undefined) this.#unstored.set(ordinal, { ...unstored, vector: undefined });
  }

  apply(operation: Operation): Change {
    const before = this.get(operation.id);
    const after = apply(before, operation);
    if (after !== undefined && after !== before) this.set(after);
    else if (after === undefined && before !== undefined) this.remove(before.ordinal);
    return { before, after };
  }

  remove(ordinal: number): void {
    this.#index.remove(ordinal);
    for (const [, column] of this.#fields) column.clear(ordinal);
    const own = [this.#contentBytes, this.#metadataBytes, this.#seq, this.#addedSeq, this.#addedAt];
    for (const column of [...own, this.#addedBy, this.#addedByName, this.#contentHash]) column.clear(ordinal);
    this.#unstored.delete(ordinal);
  }

  /** The ordinals of memories, ascending. */
  *ordinals(from = 0): IterableIterator<number> {
    for (let ordinal = from; ordinal < this.#nextOrdinal; ordinal++) if (this.has(ordinal)) yield ordinal;
  }

  /** The ordinals of memories, descending. */
  *ordinalsDown(from = this.#nextOrdinal - 1): IterableIterator<number> {
    for (let ordinal = Math.min(from, this.#nextOrdinal - 1); ordinal >= 0; ordinal--)
      if (this.has(ordinal)) yield ordinal;
  }

  #stateAt(ordinal: number): MemoryState {
    const values = this.#fields.map(([name, column]) => [name, column.get(ordinal)] as const);
    const present = values.filter(([, value]) => value !== undefined);
    const unstored = this.#unstored.get(ordinal);
    return {
      ordinal,
      record: {
        ...Object.fromEntries(present),
        id: this.#index.ids.get(ordinal),
      } as unknown as MemoryRecord,
      content: unstored?.content,
      vector: unstored?.vector,
      contentBytes: this.#contentBytes.get(ordinal),
      metadataBytes: this.#metadataBytes.get(ordinal),
      contentHash: this.#contentHash.get(ordinal),
      seq: this.#seq.get(ordinal) ?? 0,
      added: {
        seq: this.#addedSeq.get(ordinal) ?? 0,
        at: this.#addedAt.get(ordinal) ?? 0,
        opId: this.#addedByName.get(ordinal) ?? this.#addedBy.get(ordinal),
      },
    };
  }
}

/** Where a memory lives. */
export interface Scope {
  readonly tenant: string;
  readonly namespace: string;
}

/** A memory as it is read. */
export function toMemory(
  state: MemoryState,
  content: string,
  scope: Scope,
  access: AccessLog,
  vector?: Float32Array,
): Memory {
  return {
    ...state.record,
    ...scope,
    content,
    accessCount: access.count(state.ordinal),
    lastAccessedAt: access.lastAccessedAt(state.ordinal),
    sizeBytes: sizeOf(state),
    ...(vector === undefined ? {} : { vector }),
  };
}

/** The value of a field of the memory with an ordinal, for a filter. */
export function fieldReader(
  table: MemoryTable,
  access: AccessLog,
): (ordinal: number, field: string) => unknown {
  return (ordinal, field) => {
    if (field === 'accessCount') return access.count(ordinal);
    if (field === 'lastAccessedAt') return access.lastAccessedAt(ordinal);
    if (field === 'sizeBytes') return table.sizeOf(ordinal);
    return table.field(ordinal, field);
  };
}
