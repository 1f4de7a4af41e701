/** Which model embedded each memory, and how many, and which, a model has embedded in a space. */

import { calibrationName } from '../../embedding/calibration.ts';
import type { EmbeddingInfo } from '../../types.ts';
import { Bitset } from '../../vector/bitset.ts';
import { type Column, SharedColumn } from './columns.ts';

/** The memories of a space that a model has embedded. */
interface Embedded {
  count: number;
  /** Undefined until somebody asks: then kept up with every change. */
  members: Bitset | undefined;
}

export class EmbeddingColumn implements Column<EmbeddingInfo | undefined> {
  readonly #values = new SharedColumn<EmbeddingInfo>(
    ({ modelId, space, dimensions, origin }) => `${modelId}\0${space}\0${dimensions}\0${origin}`,
  );
  /** By space, then by the name that calibrations have for the model. */
  readonly #spaces = new Map<string, Map<string, Embedded>>();
  readonly #sizes = new Map<string, number>();
  /** Beyond the last ordinal that ever had a value. */
  #end = 0;
  /** Nearly all memories that follow each other have the same: it is looked up once. */
  #last: { readonly info: EmbeddingInfo; readonly of: Embedded } | undefined;

  get(ordinal: number): EmbeddingInfo | undefined {
    return this.#values.get(ordinal);
  }

  set(ordinal: number, value: EmbeddingInfo | undefined): void {
    this.#leave(ordinal);
    this.#values.set(ordinal, value);
    const info = this.#values.get(ordinal);
    if (info === undefined) return;
    this.#end = Math.max(this.#end, ordinal + 1);
    const of = this.#embeddedAs(info);
    of.count += 1;
    of.members?.add(ordinal);
    this.#sizes.set(info.space, this.sizeOf(info.space) + 1);
  }

  clear(ordinal: number): void {
    this.#leave(ordinal);
    this.#values.clear(ordinal);
  }

  /** How many memories have a vector in a space. */
  sizeOf(space: string): number {
    return this.#sizes.get(space) ?? 0;
  }

  /** How many of them a model has embedded; the model by its name in calibrations. */
  countOf(space: string, name: string): number {
    return this.#spaces.get(space)?.get(name)?.count ?? 0;
  }

  /** The names of the models that have embedded in a space, of many the first. */
  namesOf(space: string, most: number): readonly string[] {
    const names: string[] = [];
    for (const name of this.#spaces.get(space)?.keys() ?? []) {
      if (names.length === most) break;
      names.push(name);
    }
    return names;
  }

  /** Which memories a model has embedded in a space: a view that follows all changes. */
  membersOf(space: string, name: string): Bitset {
    const embedded = this.#spaces.get(space)?.get(name);
    if (embedded === undefined) return new Bitset();
    embedded.members ??= this.#gather(embedded);
    return embedded.members;
  }

  #gather(embedded: Embedded): Bitset {
    const members = new Bitset(this.#end);
    for (let ordinal = 0; ordinal < this.#end; ordinal++) {
      const info = this.#values.get(ordinal);
      if (info !== undefined && this.#embeddedAs(info) === embedded) members.add(ordinal);
    }
    return members;
  }

  #embeddedAs(info: EmbeddingInfo): Embedded {
    if (this.#last?.info === info) return this.#last.of;
    const { space, modelId } = info;
    const models = this.#spaces.get(space) ?? new Map<string, Embedded>();
    this.#spaces.set(space, models);
    const name = calibrationName(modelId);
    const of = models.get(name) ?? { count: 0, members: undefined };
    models.set(name, of);
    this.#last = { info, of };
    return of;
  }

  /** A memory's value is about to go. */
  #leave(ordinal: number): void {
    const info = this.#values.get(ordinal);
    if (info === undefined) return;
    const of = this.#embeddedAs(info);
    of.count -= 1;
    of.members?.delete(ordinal);
    this.#sizes.set(info.space, this.sizeOf(info.space) - 1);
    if (of.count === 0) this.#forget(info);
  }

  /** Hosts may name as many models as they have memories: of those that are gone nothing stays. */
  #forget({ space, modelId }: EmbeddingInfo): void {
    const models = this.#spaces.get(space);
    models?.delete(calibrationName(modelId));
    if (models?.size === 0) {
      this.#spaces.delete(space);
      this.#sizes.delete(space);
    }
    this.#last = undefined;
  }
}
