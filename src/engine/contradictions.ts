/**
 * Finds what a new memory contradicts by its own words, where its caller did not say: only a text that tells of a
 * change is looked at further, and only a few earlier ones are compared with it.
 */

import { CHANGE_CANDIDATES, MAX_FOUND_CONTRADICTED, MAX_REPLACED } from '../limits.ts';
import { type Change, changesIn, type Said } from '../memory/change/change-rule.ts';
import { beginOf } from '../memory/fact.ts';
import type { AddOperation, MemoryState } from '../memory/operation.ts';
import type { ParsedMemory } from '../memory/record.ts';
import type { MemoryFields } from '../types.ts';
import type { BlockStore } from './blocks/block-store.ts';
import { readContents } from './rows.ts';
import type { EngineState } from './state.ts';

/** What the memories of a batch contradict, by their places in it: memories that are there by id, others by place. */
export type Contradicted = ReadonlyMap<
  number,
  { readonly ids: readonly string[]; readonly places: readonly number[] }
>;

type Fields = Pick<MemoryFields, 'content' | 'kind' | 'source' | 'createdAt'> & Partial<MemoryFields>;

/** A memory that may be contradicted. */
interface Earlier {
  readonly fields: Fields;
  readonly id?: string;
  readonly place?: number;
}

export class Contradictions {
  readonly #state: EngineState;
  readonly #blocks: BlockStore;
  readonly #isOn: boolean;

  constructor(state: EngineState, blocks: BlockStore, isOn: boolean) {
    this.#state = state;
    this.#blocks = blocks;
    this.#isOn = isOn;
  }

  /** What each memory of a batch contradicts of what is there, and of what stands before it in the batch. */
  async of(batch: readonly ParsedMemory[]): Promise<Contradicted> {
    const found = new Map<number, { ids: readonly string[]; places: readonly number[] }>();
    for (const [place, { fields, isJudged }] of batch.entries()) {
      const changes = isJudged || !this.#isOn ? [] : changesOf(fields);
      if (changes.length === 0) continue;
      const stored = await this.#stored(changes);
      const before = batch.slice(0, place).map((each, i) => ({ fields: each.fields, place: i }));
      const hits = contradictedBy(changes, fields, [...stored, ...before]);
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
    const record = this.#state.table.get(id)?.record;
    if (record === undefined || after.content === undefined || !this.#isOn) return undefined;
    const fields = { ...record, ...after, content: after.content };
    const changes = changesOf(fields);
    if (changes.length === 0) return undefined;
    const others = (await this.#stored(changes)).filter((each) => each.id !== id);
    const ids = contradictedBy(changes, fields, others).flatMap((each) => each.id ?? []);
    return ids.length === 0 ? undefined : ids;
  }

  /** The memories whose words come nearest to what may have changed. */
  async #stored(changes: readonly Change[]): Promise<readonly Earlier[]> {
    const { table, lexical } = this.#state;
    const ordinals = new Set<number>();
    for (const { query } of changes)
      for (const { ordinal } of lexical.search(query, CHANGE_CANDIDATES)) ordinals.add(ordinal);
    const states = [...ordinals].flatMap((ordinal): readonly MemoryState[] => {
      const state = table.at(ordinal);
      return state === undefined ? [] : [state];
    });
    const contents = await readContents(this.#blocks, states);
    return states.flatMap(({ record }, i) => {
      const content = contents[i];
      return content === undefined ? [] : [{ id: record.id, fields: { ...record, content } }];
    });
  }
}

/** What a memory is said to contradict, which stays, with what its new content is found to. */
export function withFound(said: readonly string[] | undefined, found: readonly string[]): readonly string[] {
  return [...new Set([...(said ?? []), ...found])].slice(0, MAX_REPLACED);
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

/** The latest of the earlier memories that are contradicted. */
function contradictedBy(
  changes: readonly Change[],
  newer: Fields,
  candidates: readonly Earlier[],
): readonly Earlier[] {
  return candidates
    .filter(({ fields }) => beginOf(fields) <= beginOf(newer) && fields.kind !== 'procedural')
    .filter(({ fields }) => changes.some((change) => change.contradicts(saidBy(fields))))
    .sort((one, other) => beginOf(one.fields) - beginOf(other.fields))
    .slice(-MAX_FOUND_CONTRADICTED);
}

function saidBy({ content, speaker, agentId, source, sessionId }: Fields): Said {
  return { content, speaker, agentId, source, sessionId };
}
