/**
 * Finds what a new memory contradicts by its own words, where its caller did not say: only a text that tells of a
 * change is looked at further, and only a few earlier ones are compared with it.
 */

import { CHANGE_CANDIDATES, MAX_FOUND_CONTRADICTED, MAX_REPLACED, STATEMENTS_KEPT } from '../limits.ts';
import {
  type Change,
  changesIn,
  type Said,
  type Statement,
  statementsOf,
} from '../memory/change/change-rule.ts';
import { StatementIndex } from '../memory/change/statement-index.ts';
import { beginOf } from '../memory/fact.ts';
import type { AddOperation, MemoryState } from '../memory/operation.ts';
import type { ParsedMemory } from '../memory/record.ts';
import type { MemoryFields } from '../types.ts';
import type { BlockStore } from './blocks/block-store.ts';
import { readContents } from './rows.ts';
import { type SliceParts, Slices } from './slices.ts';
import type { EngineState } from './state.ts';

/** What the memories of a batch contradict, by their places in it: memories that are there by id, others by place. */
export type Contradicted = ReadonlyMap<
  number,
  { readonly ids: readonly string[]; readonly places: readonly number[] }
>;

type Fields = Pick<MemoryFields, 'content' | 'kind' | 'source' | 'createdAt'> & Partial<MemoryFields>;

/** A memory that may be contradicted, as it was read. */
interface Earlier {
  readonly begin: number;
  readonly statements: readonly Statement[];
  readonly id?: string;
  readonly place?: number;
}

export interface ContradictionParts extends SliceParts {
  readonly state: EngineState;
  readonly blocks: BlockStore;
  readonly isOn: boolean;
}

export class Contradictions {
  readonly #parts: ContradictionParts;

  constructor(parts: ContradictionParts) {
    this.#parts = parts;
  }

  /**
   * What each memory of a batch contradicts of what is there, and of what stands before it in the batch.
   *
   * @throws LociError `CLOSED` where the engine was closed meanwhile.
   */
  async of(batch: readonly ParsedMemory[]): Promise<Contradicted> {
    const found = new Map<number, { ids: readonly string[]; places: readonly number[] }>();
    if (!this.#parts.isOn) return found;
    const slices = new Slices(this.#parts);
    const stored = new StoredStatements(this.#parts, slices);
    const before = new BatchStatements(batch, slices);
    for (const [place, { fields, isJudged }] of batch.entries()) {
      const changes = isJudged ? [] : changesOf(fields);
      if (changes.length === 0) continue;
      const begin = beginOf(fields);
      const there = contradictedBy(changes, begin, await stored.near(changes));
      const hits = latestOf([...there, ...(await before.contradictedBy(changes, begin, place))]);
      if (hits.length === 0) continue;
      found.set(place, {
        ids: hits.flatMap(({ id }) => id ?? []),
        places: hits.flatMap((hit) => hit.place ?? []),
      });
    }
    return found;
  }

  /** What a memory is found to contradict once it says something else; undefined for nothing. */
  async ofUpdated(id: string, after: Partial<MemoryFields>): Promise<readonly string[] | undefined> {
    const { state, isOn } = this.#parts;
    const record = state.table.get(id)?.record;
    if (record === undefined || after.content === undefined || !isOn) return undefined;
    const fields = { ...record, ...after, content: after.content };
    const changes = changesOf(fields);
    if (changes.length === 0) return undefined;
    const stored = await new StoredStatements(this.#parts, new Slices(this.#parts)).near(changes);
    const others = stored.filter((each) => each.id !== id);
    const ids = latestOf(contradictedBy(changes, beginOf(fields), others)).flatMap((each) => each.id ?? []);
    return ids.length === 0 ? undefined : ids;
  }
}

/** What stored memories state, looked for by words. Of one call: what was read once is not read again. */
class StoredStatements {
  readonly #parts: Pick<ContradictionParts, 'state' | 'blocks'>;
  readonly #slices: Slices;
  /** By query. */
  readonly #ordinals = new Map<string, readonly number[]>();
  readonly #read = new Map<number, Earlier>();

  constructor(parts: Pick<ContradictionParts, 'state' | 'blocks'>, slices: Slices) {
    this.#parts = parts;
    this.#slices = slices;
  }

  /** The memories whose words come nearest to what may have changed. */
  async near(changes: readonly Change[]): Promise<readonly Earlier[]> {
    const ordinals = new Set<number>();
    for (const { query } of changes) for (const ordinal of await this.#search(query)) ordinals.add(ordinal);
    if (this.#read.size > STATEMENTS_KEPT) this.#read.clear();
    await this.#readAll([...ordinals].filter((ordinal) => !this.#read.has(ordinal)));
    return [...ordinals].flatMap((ordinal) => this.#read.get(ordinal) ?? []);
  }

  async #search(query: string): Promise<readonly number[]> {
    const known = this.#ordinals.get(query);
    if (known !== undefined) return known;
    await this.#slices.turn();
    const matches = this.#parts.state.lexical.search(query, CHANGE_CANDIDATES);
    const ordinals = matches.map(({ ordinal }) => ordinal);
    this.#ordinals.set(query, ordinals);
    return ordinals;
  }

  async #readAll(ordinals: readonly number[]): Promise<void> {
    const { state, blocks } = this.#parts;
    const states = ordinals.flatMap((ordinal): MemoryState[] => {
      const found = state.table.at(ordinal);
      return found === undefined ? [] : [found];
    });
    const contents = await readContents(blocks, states);
    states.forEach(({ ordinal, record }, i) => {
      const content = contents[i];
      if (content !== undefined)
        this.#read.set(ordinal, { id: record.id, ...readFields({ ...record, content }) });
    });
  }
}

/** What a memory is said to contradict, which stays, with what its new content is found to. */
export function withFound(said: readonly string[] | undefined, found: readonly string[]): readonly string[] {
  return [...new Set([...(said ?? []), ...found])].slice(0, MAX_REPLACED);
}

/** What the memories of a batch state. Read once each, and only where one behind them tells of a change. */
class BatchStatements {
  readonly #batch: readonly ParsedMemory[];
  readonly #index = new StatementIndex<Earlier>();
  readonly #slices: Slices;
  #count = 0;

  constructor(batch: readonly ParsedMemory[], slices: Slices) {
    this.#batch = batch;
    this.#slices = slices;
  }

  /** Those before a place that are contradicted. */
  async contradictedBy(
    changes: readonly Change[],
    begin: number,
    place: number,
  ): Promise<readonly Earlier[]> {
    await this.#readTo(place);
    const hasBegun = (each: Earlier) => each.begin <= begin;
    const found = changes.flatMap(({ key, contradicts }) => this.#index.latest(key, hasBegun, contradicts));
    return [...new Set(found)].sort((one, other) => (one.place ?? 0) - (other.place ?? 0));
  }

  async #readTo(place: number): Promise<void> {
    for (; this.#count < place; this.#count += 1) {
      const memory = this.#batch[this.#count];
      if (memory === undefined) continue;
      await this.#slices.turn();
      const earlier = { ...readFields(memory.fields), place: this.#count };
      for (const statement of earlier.statements) this.#index.add(statement, earlier);
    }
  }
}

/** Operations that add memories, with what these contradict. */
export function withContradicted(
  operations: readonly AddOperation[],
  contradicted: Contradicted,
): readonly AddOperation[] {
  if (contradicted.size === 0) return operations;
  return operations.map((operation, place) => {
    const found = contradicted.get(place);
    if (found === undefined) return operation;
    const contradicts = [...found.ids, ...found.places.flatMap((at) => operations[at]?.id ?? [])];
    return { ...operation, fields: { ...operation.fields, contradicts } };
  });
}

/** Changes that a memory tells of: not where it is a named fact, which has a rule of its own, or says how something is done. */
function changesOf(fields: Fields): readonly Change[] {
  const isNamed = fields.subject !== undefined && fields.predicate !== undefined;
  return isNamed || fields.kind === 'procedural' ? [] : changesIn(saidBy(fields));
}

/** How something is done is no statement of what is. */
function readFields(fields: Fields): Pick<Earlier, 'begin' | 'statements'> {
  return {
    begin: beginOf(fields),
    statements: fields.kind === 'procedural' ? [] : statementsOf(saidBy(fields)),
  };
}

/** The memories that are contradicted of those that began earlier. */
function contradictedBy(
  changes: readonly Change[],
  newerBegin: number,
  candidates: readonly Earlier[],
): readonly Earlier[] {
  return candidates.filter(
    ({ begin, statements }) =>
      begin <= newerBegin && statements.some((each) => changes.some((change) => change.contradicts(each))),
  );
}

function latestOf(contradicted: readonly Earlier[]): readonly Earlier[] {
  return [...contradicted].sort((one, other) => one.begin - other.begin).slice(-MAX_FOUND_CONTRADICTED);
}

function saidBy({ content, speaker, agentId, source, sessionId }: Fields): Said {
  return { content, speaker, agentId, source, sessionId };
}
