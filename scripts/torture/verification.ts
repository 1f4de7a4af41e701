/** Reads everything back, and holds it against the model: in memory, after a kill, and after damage. */

import type { ListPage, Memory, MemoryEngine, SearchResult } from '../../src/types.ts';
import { TAGS, WORDS } from './history.ts';
import { remainderOf, wordOf } from './model.ts';
import { checkFound, entryOf } from './plan.ts';
import { codeOf, type Scene } from './scene.ts';
import { Violation } from './violation.ts';

/** Memories of one page where all are read. */
const PAGE = 1_000;
/** Memories, about, that are looked for by the word that no other has. */
const OWN_WORDS = 5;

export class Verification {
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Compares everything, as it is in memory and after the owner has ended. */
  async verify(end: 'kill' | 'close'): Promise<void> {
    this.#scene.calm();
    await this.#compare();
    if (end === 'close') await this.#scene.close();
    else this.#scene.kill();
    const found = await this.#compare();
    await this.#compareWords([...found.values()]);
    this.#settleModel(found);
    await this.checkStatus();
    await this.#checkOrigin();
  }

  /** Damage is told only where there is some. */
  async checkStatus(): Promise<void> {
    const engine = await this.#scene.openedEngine();
    if (engine === undefined || this.#scene.isDamaged) return;
    const { damaged } = await engine.status();
    if (damaged > 0) throw new Violation('falseAlarm', `status() counts ${damaged} damaged`);
  }

  /** A store that holds what was acknowledged must not be taken for a new one. */
  async #checkOrigin(): Promise<void> {
    const origin = (await (await this.#scene.openedEngine())?.status())?.storage.origin;
    if (origin === 'newOrEvicted' && this.#scene.acknowledged.length > 0)
      throw new Violation('lost', 'a store that holds memories says that it is new');
  }

  /** Holds all memories against the model; answers them by key. */
  async #compare(): Promise<ReadonlyMap<string, Memory>> {
    const found = new Map<string, Memory>();
    const lost: Violation[] = [];
    const seen = new Set<string>();
    for (const memory of await this.#readAll()) {
      const entry = entryOf(this.#scene.model, memory, seen);
      const isBare = memory.embedding !== undefined && memory.vector === undefined;
      if (isBare && !this.#scene.isDamaged) throw new Violation('lost', `${entry.key} lost its vector`);
      found.set(entry.key, memory);
    }
    for (const entry of this.#scene.model.entries.values()) {
      try {
        checkFound(entry, found.get(entry.key));
      } catch (error) {
        if (!(error instanceof Violation) || error.kind === 'garbage') throw error;
        lost.push(error);
      }
    }
    const [first] = lost;
    if (first !== undefined)
      throw new Violation(first.kind, lost.map(({ message }) => message).join(', '), lost.length);
    return found;
  }

  /** Each word finds the memories that have it, and no other: words are stored apart from contents. */
  async #compareWords(memories: readonly Memory[]): Promise<void> {
    const { isDamaged, random } = this.#scene;
    if (isDamaged || memories.length > PAGE || (await this.#hasWordsToIndex())) return;
    const sample = memories.filter(() => random() < OWN_WORDS / memories.length);
    const words = [...WORDS, ...TAGS, ...sample.map(({ externalId = '' }) => wordOf(externalId))];
    for (const word of words) {
      const search = this.#scene.world.call('search', [word, { limit: PAGE }]);
      const { answer, error } = await this.#scene.world.settled(search, 'search');
      if (error !== undefined) this.#unavailable(error);
      const hits = (answer as SearchResult).hits.filter(({ why }) => why.lexical !== undefined);
      const found = hits.map(({ memory }) => memory.externalId ?? '').sort();
      const wanted = memories
        .filter(({ content, tags }) => content.split(' ').includes(word) || tags.includes(word))
        .map(({ externalId = '' }) => externalId)
        .sort();
      if (found.join() !== wanted.join())
        throw new Violation('wrong', `the word ${word} finds ${found}, and these have it: ${wanted}`);
    }
  }

  async #hasWordsToIndex(): Promise<boolean> {
    const health = await (await this.#scene.openedEngine())?.health();
    return health?.reasons.some(({ code }) => code === 'words-rebuilding') ?? true;
  }

  async #readAll(): Promise<readonly Memory[]> {
    const limit = this.#scene.random() < 0.2 ? 7 : PAGE;
    const all: Memory[] = [];
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const options = { limit, cursor, order: 'oldest', includeVector: true };
      const { answer, error } = await this.#scene.world.settled(
        this.#scene.world.call('list', [options]),
        'list',
      );
      if (error !== undefined) this.#unavailable(error);
      const page = answer as ListPage;
      all.push(...page.memories);
      cursor = page.nextCursor;
    }
    return all;
  }

  #unavailable(error: unknown): never {
    this.#scene.typed(error);
    const isDamage = this.#scene.isDamaged && codeOf(error) === 'STORAGE_CORRUPT';
    throw new Violation(
      isDamage ? 'corrupt' : 'unavailable',
      `though all is well, list fails: ${String(error)}`,
    );
  }

  /** What was uncertain is what was found, now that nothing is on its way. */
  #settleModel(found: ReadonlyMap<string, Memory>): void {
    const batches = new Map<number, { there: number; all: number; isWhole: boolean }>();
    for (const entry of this.#scene.model.entries.values()) {
      const memory = found.get(entry.key);
      const isNew = entry.allowed.length === 2 && entry.versions.length === 1;
      const batch = batches.get(entry.batch) ?? { there: 0, all: 0, isWhole: true };
      batches.set(entry.batch, {
        there: batch.there + (memory === undefined ? 0 : 1),
        all: batch.all + 1,
        isWhole: batch.isWhole && isNew,
      });
      entry.allowed = [checkFound(entry, memory)];
      if (memory !== undefined) entry.id = memory.id;
    }
    for (const { there, all, isWhole } of batches.values())
      if (isWhole && there > 0 && there < all)
        throw new Violation('wrong', `${there} of the ${all} memories of one addMany are there`);
  }

  /** Whether the engine that is open says that something was damaged: in `status()` or in `health()`. */
  async noteReport(): Promise<void> {
    const engine = await this.#scene.openedEngine();
    if (engine === undefined) return;
    const { damaged } = await engine.status();
    this.#scene.wasReported ||= damaged > 0 || (await healthOf(engine)) !== 'ok';
  }

  /** After damage: what is there now is what must stay; each memory is as it was at some time. */
  async adopt(): Promise<void> {
    this.#scene.kill();
    let memories: readonly Memory[];
    try {
      memories = await this.#readAll();
    } catch (error) {
      if (!(error instanceof Violation) || error.kind !== 'corrupt') throw error;
      await this.#expectServed(error);
      return;
    }
    const found = new Map(memories.map((memory) => [memory.externalId, memory]));
    for (const entry of this.#scene.model.entries.values()) {
      const memory = found.get(entry.key);
      try {
        entry.allowed = [checkFound(entry, memory)];
      } catch (error) {
        if (!(error instanceof Violation) || error.kind === 'garbage') throw error;
        this.#scene.tally.reportedDamaged += 1;
        const remainder = memory && remainderOf(memory, entry.versions);
        if (remainder !== undefined) entry.versions.push(remainder);
        entry.allowed = [remainder];
      }
      if (memory !== undefined) entry.id = memory.id;
    }
  }

  /** Nothing at all may be served only where the store cannot be opened, and says so. */
  async #expectServed(violation: Violation): Promise<void> {
    const { error } = await this.#scene.world.settled(this.#scene.world.call('status', []), 'status');
    if (codeOf(error) !== 'STORAGE_CORRUPT')
      throw new Violation(
        'unavailable',
        `one broken row keeps all others from being listed: ${violation.message}`,
      );
    this.#scene.tally.reportedDamaged += this.#scene.model.live.length;
    this.#scene.isOver = true;
  }
}

/** What `health()` says, in an engine that has it; `ok` in one that has not. */
async function healthOf(engine: MemoryEngine): Promise<string> {
  const { health } = engine as { readonly health?: () => Promise<object> };
  if (health === undefined) return 'ok';
  const words = Object.values(await health.call(engine)).map(String);
  return words.find((word) => word === 'lost' || word === 'degraded') ?? 'ok';
}
