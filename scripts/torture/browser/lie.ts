/** A lying IndexedDB: a script that goes before the engine's worker, so that commits are acknowledged and not written. */

import type { BrowserContext } from 'playwright';

export interface BrowserLie {
  /** `lie`: nothing of a commit is written; `droppedPut`: all but its first put. */
  readonly kind: 'lie' | 'droppedPut';
  /** One commit in so many. */
  readonly oneIn: number;
}

/** What a lie says on the console, for whoever counts. */
const LIED = 'torture: a lie';

/** Serves the worker with the script before it; `onLie` is told of each lie whose tab lives long enough. */
export async function lieInWorkers(
  context: BrowserContext,
  lie: BrowserLie,
  seed: number,
  onLie: () => void,
): Promise<void> {
  let workers = 0;
  context.on('console', (message) => {
    if (message.text() === LIED) onLie();
  });
  await context.route(/engine\.worker[^/]*\.js/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${lieScript(lie, seed + ++workers)};${await response.text()}` });
  });
}

function lieScript({ kind, oneIn }: BrowserLie, seed: number): string {
  return `(() => {
    let state = ${seed} >>> 0;
    const random = () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    const lying = new WeakSet();
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (names, mode, ...rest) {
      const made = transaction.call(this, names, mode, ...rest);
      if (mode === 'readwrite' && random() * ${oneIn} < 1) {
        lying.add(made);
        console.debug('${LIED}');
      }
      return made;
    };
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (value, key) {
      if (!lying.has(this.transaction)) return put.call(this, value, key);
      ${kind === 'droppedPut' ? 'lying.delete(this.transaction);' : ''}
      return this.get(key);
    };
    ${kind === 'lie' ? 'const remove = IDBObjectStore.prototype.delete; IDBObjectStore.prototype.delete = function (key) { return lying.has(this.transaction) ? this.get(key) : remove.call(this, key); };' : ''}
  })()`;
}
