/** What runs in a tab: a loop of calls, each written down outside before it is made and when it is answered. */

import type {} from '../../../demo/console.ts';
import type { MemoryEngine } from '../../../src/types.ts';
import type { Listed, TabEvent } from './ledger.ts';

export interface WriterConfig {
  readonly tenant: string;
  readonly namespace: string;
  /** Name of the tab: keys and operation ids begin with it. */
  readonly tab: string;
  readonly seed: number;
}

declare global {
  interface Window {
    /** Tells the process outside; resolves when it has heard. */
    torture: (event: TabEvent) => Promise<void>;
    tortureWorkers: Worker[];
    /** Ends the loop, and resolves when its last call has ended. */
    stopTorture: () => Promise<void>;
    tortureMemory: MemoryEngine;
  }
}

/** Kept in the page before anything else runs: its workers at hand, and the helper that tsx’s output wants. */
export const INIT_SCRIPT = `
  globalThis.__name ??= (value) => value;
  window.tortureWorkers = [];
  window.Worker = class extends window.Worker {
    constructor(...args) { super(...args); window.tortureWorkers.push(this); }
  };
`;

/** Opens the namespace and starts the loop; to be evaluated in the page, so nothing outside of it is used. */
export async function startWriter(config: WriterConfig): Promise<void> {
  /** How often a call is repeated with its operation id before its outcome counts as unknown. */
  const REPEATS = 20;
  const PAUSE_MS = 25;
  /** Loops at once, so that a kill meets several calls on their way. */
  const LOOPS = 4;
  const { tenant, namespace, tab } = config;
  let state = config.seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  const isLociError = (error: unknown): error is { code: string; retryable: boolean } =>
    window.loci.isLociError(error);
  window.tortureMemory ??= await window.loci.openMemory({ tenant, namespace, index: 'exact' });
  const memory = window.tortureMemory;
  let count = 0;
  let isStopped = false;

  /** Makes a call until it is answered or surely refused. */
  const persist = async <T>(
    make: () => Promise<T>,
  ): Promise<{ answer: T; isRetried: boolean } | { code: string }> => {
    for (let tries = 0; ; tries++) {
      try {
        return { answer: await make(), isRetried: tries > 0 };
      } catch (error) {
        if (!isLociError(error) || error.code === 'INTERNAL') {
          void window.torture({ type: 'untyped', text: String(error) });
          return { code: 'OUTCOME_UNKNOWN' };
        }
        const isOpen = error.retryable || error.code === 'OUTCOME_UNKNOWN';
        if (!isOpen) return { code: tries > 0 ? 'OUTCOME_UNKNOWN' : error.code };
        if (tries === REPEATS) return { code: 'OUTCOME_UNKNOWN' };
        await pause();
      }
    }
  };

  const write = async <T>(
    changes: readonly { key: string; content: string | null }[],
    make: (options: { opId: string }) => Promise<T>,
  ): Promise<T | undefined> => {
    const opId = `${tab}-op${++count}`;
    await window.torture({ type: 'begin', opId, changes });
    const ended = await persist(() => make({ opId }));
    if ('answer' in ended) {
      void window.torture({ type: 'acknowledged', opId, isRetried: ended.isRetried });
      return ended.answer;
    }
    void window.torture({ type: 'refused', opId, code: ended.code });
    return undefined;
  };

  const fresh = () => {
    const key = `${tab}-m${++count}`;
    return { key, content: `${key} first ${Math.floor(random() * 1e9)}` };
  };
  const toMemory = ({ key, content }: { key: string; content: string }) => ({
    content,
    externalId: key,
    tags: [tab],
    // Vectors given cost nothing to make, and another search space is not what is tried here.
    embedding: {
      modelId: 'given',
      space: 'torture',
      vector: Float32Array.of(random() + 0.1, random(), random(), random()),
    },
  });

  /** @param own what this loop has added: no other touches it. */
  const step = async (own: { id: string; key: string; content: string }[]): Promise<void> => {
    const dice = random();
    const chosen = own[Math.floor(random() * own.length)];
    if (dice < 0.35 || chosen === undefined) {
      const made = fresh();
      const result = await write([made], (options) => memory.add(toMemory(made), options));
      if (result !== undefined) own.push({ ...made, id: result.id });
    } else if (dice < 0.6) {
      const made = Array.from({ length: 2 + Math.floor(random() * 20) }, fresh);
      const memories = made.map(toMemory);
      const result = await write(made, (options) => memory.addMany(memories, options));
      result?.ids.forEach((id, index) => {
        const each = made[index];
        if (each !== undefined) own.push({ ...each, id });
      });
    } else if (dice < 0.8) {
      const content = `${chosen.key} again ${++count}`;
      const { id, key } = chosen;
      own.splice(own.indexOf(chosen), 1);
      const result = await write([{ key, content }], (options) => memory.update(id, { content }, options));
      if (result !== undefined) own.push({ ...chosen, content });
    } else if (dice < 0.9) {
      const { id, key } = chosen;
      own.splice(own.indexOf(chosen), 1);
      await write([{ key, content: null }], (options) => memory.delete(id, options));
    } else {
      const ended = await persist(() => memory.get(chosen.id));
      const found = 'answer' in ended ? (ended.answer?.content ?? 'nothing') : undefined;
      const isWrong = found !== undefined && found !== chosen.content;
      const problem = isWrong ? `${chosen.content} is read as ${found}` : undefined;
      void window.torture({
        type: 'read',
        key: chosen.key,
        problem,
        code: 'code' in ended ? ended.code : undefined,
      });
    }
  };

  const loops = Array.from({ length: LOOPS }, async () => {
    const own: { id: string; key: string; content: string }[] = [];
    try {
      while (!isStopped) await step(own);
    } catch (error) {
      void window.torture({ type: 'untyped', text: String(error) });
    }
  });
  window.stopTorture = async () => {
    isStopped = true;
    await Promise.all(loops);
  };
}

/** Everything that is in the namespace, and how many things are reported damaged; to be evaluated in the page. */
export async function listAll({
  tenant,
  namespace,
}: Pick<WriterConfig, 'tenant' | 'namespace'>): Promise<{ listed: Listed[]; damaged: number }> {
  window.tortureMemory ??= await window.loci.openMemory({ tenant, namespace, index: 'exact' });
  const memory = window.tortureMemory;
  const listed: Listed[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await memory.list({ limit: 1_000, cursor });
    for (const { externalId, content } of page.memories) listed.push({ key: externalId ?? '', content });
    cursor = page.nextCursor;
  }
  return { listed, damaged: (await memory.status()).damaged };
}
