/** The memories from which activation is still to spread: a binary heap, the strongest first. */

interface Entry {
  readonly ordinal: number;
  readonly activation: number;
}

export class Frontier {
  readonly #entries: Entry[] = [];
  readonly #done = new Set<number>();

  /** Puts a memory in; one that is in already counts with its strongest activation. */
  push(ordinal: number, activation: number): void {
    if (this.#done.has(ordinal)) return;
    const entries = this.#entries;
    const entry = { ordinal, activation };
    let at = entries.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = entries[parent] as Entry;
      if (!isBefore(entry, above)) break;
      entries[at] = above;
      at = parent;
    }
    entries[at] = entry;
  }

  /** The strongest, of equal ones that of the lowest ordinal; each memory once. */
  pop(): number | undefined {
    for (;;) {
      const top = this.#take();
      if (top === undefined) return undefined;
      if (this.#done.has(top.ordinal)) continue;
      this.#done.add(top.ordinal);
      return top.ordinal;
    }
  }

  #take(): Entry | undefined {
    const entries = this.#entries;
    const top = entries[0];
    const last = entries.pop();
    if (entries.length === 0 || last === undefined) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && isBefore(entries[child + 1] as Entry, entries[child] as Entry))
        child += 1;
      if (!isBefore(entries[child] as Entry, last)) break;
      entries[at] = entries[child] as Entry;
      at = child;
    }
    entries[at] = last;
    return top;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.activation > b.activation || (a.activation === b.activation && a.ordinal < b.ordinal);
}
