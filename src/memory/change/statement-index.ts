/** Statements of many texts, found by what they are about: what may have changed is compared with these few only. */

import { CHANGE_CANDIDATES } from '../../limits.ts';
import type { Statement } from './statements.ts';

/** Parts nothing in a key that could stand in its parts. */
const SEPARATOR = '\u0000';
/** Stands for any verb but of being. */
const ANY_VERB = '*';

/** Key of all statements that somebody does something. */
export function doingKey(subject: string, verb: string): string {
  return [subject, verb].join(SEPARATOR);
}

/** Key of the statements that somebody does it (anything but to be, where no verb is named) with this object. */
export function objectKey(subject: string, verb: string | undefined, form: string): string {
  return [subject, verb ?? ANY_VERB, form].join(SEPARATOR);
}

/** Key of the statements of one attribute's values. */
export function attributeKey(subject: string, name: string): string {
  return [subject, 'attribute', name].join(SEPARATOR);
}

/** An attribute's name, whether it is spoken of as new or not. */
export function plainName(attribute: string): string {
  return attribute.replace(/^new /u, '');
}

interface Entry<T> {
  readonly statement: Statement;
  readonly owner: T;
}

/** @typeParam T what a statement was read of. */
export class StatementIndex<T> {
  readonly #entries = new Map<string, Entry<T>[]>();

  add(statement: Statement, owner: T): void {
    for (const key of keysOf(statement)) {
      const entries = this.#entries.get(key);
      if (entries === undefined) this.#entries.set(key, [{ statement, owner }]);
      else entries.push({ statement, owner });
    }
  }

  /**
   * Of what was added last under a key, the owners whose statements are wanted, last first: at most
   * {@link CHANGE_CANDIDATES} statements are looked at, not counting those of owners that are not meant.
   */
  latest(
    key: string,
    isMeant: (owner: T) => boolean,
    isWanted: (statement: Statement) => boolean,
  ): readonly T[] {
    const entries = this.#entries.get(key) ?? [];
    const found: T[] = [];
    let left = CHANGE_CANDIDATES;
    for (let i = entries.length - 1; i >= 0 && left > 0; i -= 1) {
      const { statement, owner } = entries[i] as Entry<T>;
      if (!isMeant(owner)) continue;
      left -= 1;
      if (isWanted(statement)) found.push(owner);
    }
    return found;
  }
}

function keysOf({ subject, verb, attribute, form }: Statement): readonly string[] {
  if (attribute !== undefined) return [attributeKey(subject, plainName(attribute))];
  if (verb === 'be') return [objectKey(subject, verb, form)];
  return [objectKey(subject, verb, form), objectKey(subject, undefined, form), doingKey(subject, verb)];
}
