/** The links of memories to others, and from a memory to those that link to it. */

import type { MemoryLink } from '../../types.ts';
import { type Column, SparseColumn } from './columns.ts';

type Links = readonly MemoryLink[];

const NONE: Links = [];

/** The way back is made when it is first asked for, and kept from then on; memories without links take none of it. */
export class LinkColumn implements Column<Links> {
  readonly #links = new SparseColumn<Links>(NONE);
  /** The first ordinal that no memory with links ever had. */
  #end = 0;
  #linking: Map<string, Set<number>> | undefined;

  get(ordinal: number): Links {
    return this.#links.get(ordinal);
  }

  set(ordinal: number, links: Links): void {
    if (this.#linking !== undefined) this.#exchange(this.#linking, ordinal, links);
    this.#links.set(ordinal, links);
    if (links.length > 0) this.#end = Math.max(this.#end, ordinal + 1);
  }

  clear(ordinal: number): void {
    this.set(ordinal, NONE);
  }

  /** The ordinals of the memories that name an id, those that did so first before others. */
  linking(id: string): Iterable<number> {
    this.#linking ??= this.#reverse();
    return this.#linking.get(id) ?? [];
  }

  #reverse(): Map<string, Set<number>> {
    const linking = new Map<string, Set<number>>();
    for (let ordinal = 0; ordinal < this.#end; ordinal++)
      for (const { id } of this.#links.get(ordinal)) note(linking, id, ordinal);
    return linking;
  }

  #exchange(linking: Map<string, Set<number>>, ordinal: number, links: Links): void {
    for (const { id } of this.#links.get(ordinal)) {
      if (links.some((link) => link.id === id)) continue;
      const known = linking.get(id);
      known?.delete(ordinal);
      if (known?.size === 0) linking.delete(id);
    }
    for (const { id } of links) note(linking, id, ordinal);
  }
}

function note(linking: Map<string, Set<number>>, id: string, ordinal: number): void {
  const known = linking.get(id);
  if (known === undefined) linking.set(id, new Set([ordinal]));
  else known.add(ordinal);
}
