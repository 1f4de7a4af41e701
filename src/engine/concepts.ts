/** The verbs of concepts: what memories are about, and the memories that are about it. */

import { LociError } from '../errors.ts';
import { DEFAULT_LIST_LIMIT, DEFAULT_SEARCH_LIMIT } from '../limits.ts';
import type { Operation } from '../memory/operation.ts';
import { checkOptions } from '../memory/options.ts';
import {
  CONCEPT_MIN_SIZE,
  CONCEPT_STALE_SHARE,
  CONCEPT_TOP_MEMBERS,
  CONCEPT_WORD_HITS,
  LABEL_MEMBERS,
  type Label,
  labelOf,
} from '../retrieval/association/index.ts';
import type { Concept, ConceptOptions, ConceptPage, ConceptsOptions } from '../types.ts';
import { dot } from '../vector/vectors.ts';
import {
  CONCEPT_OPTIONS,
  CONCEPTS_OPTIONS,
  checkId,
  checkLimit,
  decodeCursor,
  encodeCursor,
} from './arguments.ts';
import { checkQuery } from './check-query.ts';
import { type ConceptMapParts, type FormedConcept, formConcepts } from './concept-map.ts';
import type { Environment } from './environment.ts';
import type { QueryEmbedding } from './query-embedding.ts';
import type { Reads } from './reads.ts';
import { readContents } from './rows.ts';
import { Slices } from './slices.ts';

export interface ConceptsParts extends ConceptMapParts {
  readonly reads: Pick<Reads, 'memoriesAt'>;
  readonly queries: QueryEmbedding;
  readonly environment: Pick<Environment, 'now' | 'monotonicMs' | 'schedule'>;
}

/** A label, and the memories whose words are in it. */
interface MadeLabel extends Label {
  readonly ids: ReadonlySet<string>;
}

/** A concept, with those of its memories that are still there. */
interface LiveConcept {
  readonly formed: FormedConcept;
  readonly members: Uint32Array;
  readonly score?: number | undefined;
}

export class Concepts {
  readonly #parts: ConceptsParts;
  #formed: readonly FormedConcept[] = [];
  #forming: Promise<void> | undefined;
  /** How often memories have come, gone, or changed their content or vector since concepts were formed; none were at first. */
  #changes = Number.POSITIVE_INFINITY;
  /** By the concept's id. */
  readonly #labels = new Map<string, MadeLabel>();

  constructor(parts: ConceptsParts) {
    this.#parts = parts;
  }

  /** To be told of all changes: a label does not outlive the words it was made of. */
  onCommit(operations: readonly Operation[]): void {
    for (const operation of operations) {
      if (!isChange(operation)) continue;
      const { type, id } = operation;
      this.#changes += 1;
      if (type === 'add' || type === 'embed') continue;
      for (const [concept, { ids }] of this.#labels) if (ids.has(id)) this.#labels.delete(concept);
    }
  }

  async list(given?: ConceptsOptions): Promise<readonly Concept[]> {
    this.#parts.assertOpen();
    const options: ConceptsOptions = checkOptions(given, CONCEPTS_OPTIONS);
    const limit = checkLimit(options.limit, DEFAULT_SEARCH_LIMIT);
    if (options.query !== undefined) checkQuery(options.query, {});
    await this.#form();
    const live = this.#live();
    const ranked = options.query === undefined ? live : await this.#rank(live, options.query);
    this.#parts.assertOpen();
    const concepts: Concept[] = [];
    const slices = new Slices(this.#parts);
    for (const each of ranked.slice(0, limit)) {
      concepts.push(await this.#describe(each));
      await slices.turn();
    }
    return concepts;
  }

  async page(givenId: string, given?: ConceptOptions): Promise<ConceptPage> {
    this.#parts.assertOpen();
    const id = checkId(givenId);
    const options: ConceptOptions = checkOptions(given, CONCEPT_OPTIONS);
    const limit = checkLimit(options.limit, DEFAULT_LIST_LIMIT);
    const from = decodeCursor(options.cursor) ?? 0;
    await this.#form();
    const found = this.#live().find(({ formed }) => formed.id === id);
    if (found === undefined)
      throw new LociError('NOT_FOUND', `there is no concept ${id}`, {
        hint: 'Concepts are formed anew as memories change: ask concepts() again.',
      });
    const ordinals = [...found.members.subarray(from, from + limit)];
    const { space, centre } = found.formed;
    const scores = this.#parts.state.spaces.scores(space, centre, ordinals);
    const similarities = new Map(scores.map(({ ordinal, score }) => [ordinal, score]));
    const memories = await this.#parts.reads.memoriesAt(ordinals);
    const concept = await this.#describe(found);
    this.#parts.assertOpen();
    const next = from + limit;
    return {
      concept,
      members: ordinals.flatMap((ordinal) => {
        const memory = memories.get(ordinal);
        const similarity = similarities.get(ordinal) ?? 0;
        return memory === undefined ? [] : [{ id: memory.id, memory, similarity }];
      }),
      ...(next < found.members.length ? { nextCursor: encodeCursor(next) } : {}),
    };
  }

  /** Forms concepts where there are none, or where too much has changed; those who ask meanwhile wait for the same. */
  #form(): Promise<void> {
    const { size } = this.#parts.state.table;
    if (this.#forming === undefined && this.#changes > size * CONCEPT_STALE_SHARE)
      this.#forming = this.#formNow().finally(() => {
        this.#forming = undefined;
      });
    return this.#forming ?? Promise.resolve();
  }

  async #formNow(): Promise<void> {
    const before = this.#changes;
    this.#changes = 0;
    try {
      this.#formed = await formConcepts(this.#parts, this.#formed);
      this.#labels.clear();
    } catch (error) {
      this.#changes = before;
      throw error;
    }
  }

  /** The concepts with the memories that are still there, largest first. */
  #live(): readonly LiveConcept[] {
    const { state, environment } = this.#parts;
    const isThere = state.predicate(undefined, environment.now());
    return this.#formed
      .map((formed) => ({
        formed,
        members: formed.members.filter(
          (ordinal) =>
            state.table.embeddingOf(ordinal)?.space === formed.space && isThere?.(ordinal) !== false,
        ),
      }))
      .filter(({ members }) => members.length >= CONCEPT_MIN_SIZE)
      .sort((a, b) => b.members.length - a.members.length);
  }

  async #rank(live: readonly LiveConcept[], query: string): Promise<readonly LiveConcept[]> {
    const [first] = live;
    if (first === undefined) return [];
    const { query: embedded } = await this.#parts.queries.embed(first.formed.space, query);
    const vector = embedded?.vector;
    const scored =
      vector?.length === first.formed.centre.length
        ? live.map((each) => ({ ...each, score: dot(each.formed.centre, vector) }))
        : this.#scoreByWords(live, query);
    return scored.sort((a, b) => b.score - a.score);
  }

  /** The share of the best matches of a query's words that are in each concept; without those that have none. */
  #scoreByWords(live: readonly LiveConcept[], query: string) {
    const matches = this.#parts.state.lexical.search(query, CONCEPT_WORD_HITS);
    const found = new Set(matches.map(({ ordinal }) => ordinal));
    const scored = live.map((each) => {
      const hits = each.members.reduce((count, ordinal) => count + (found.has(ordinal) ? 1 : 0), 0);
      return { ...each, score: hits / Math.max(1, found.size) };
    });
    return scored.filter(({ score }) => score > 0);
  }

  async #describe({ formed, members, score }: LiveConcept): Promise<Concept> {
    const { table } = this.#parts.state;
    const { label, terms } = await this.#labelFor(formed.id, members);
    const top = [...members.subarray(0, CONCEPT_TOP_MEMBERS)];
    const ids = top
      .filter((ordinal) => table.has(ordinal))
      .map((ordinal) => String(table.field(ordinal, 'id')));
    const { id } = formed;
    return {
      id,
      label,
      terms,
      size: members.length,
      members: ids,
      ...(score === undefined ? {} : { score }),
    };
  }

  async #labelFor(id: string, members: Uint32Array): Promise<Label> {
    const known = this.#labels.get(id);
    if (known !== undefined) return known;
    const { state, blocks } = this.#parts;
    const nearest = [...members.subarray(0, LABEL_MEMBERS)];
    const states = nearest.flatMap((ordinal) => state.table.at(ordinal) ?? []);
    const changes = this.#changes;
    const contents = await readContents(blocks, states);
    const made = labelOf(
      contents.flatMap((content) => content ?? []),
      state.lexical,
    );
    // One that was deleted while it was read must not stay in a label.
    if (changes === this.#changes)
      this.#labels.set(id, { ...made, ids: new Set(states.map(({ record }) => record.id)) });
    return made;
  }
}

/** Whether an operation may change what concepts are made of: contents and vectors. */
function isChange(operation: Operation): boolean {
  if (operation.type !== 'update') return true;
  return 'content' in operation.after || operation.embedding !== undefined;
}
