/** What tabs have been told, written down outside of them: what was acknowledged, and what was on its way. */

/** What a tab says of its calls; a `begin` is heard before the call is made. */
export type TabEvent =
  | { readonly type: 'begin'; readonly opId: string; readonly changes: readonly LedgerChange[] }
  | { readonly type: 'acknowledged'; readonly opId: string; readonly isRetried: boolean }
  /** Refused: nothing of it may be there, unless its outcome is unknown. */
  | { readonly type: 'refused'; readonly opId: string; readonly code: string }
  /** A read that was answered: what was wrong with it, if anything; or the code it was refused with. */
  | {
      readonly type: 'read';
      readonly key: string;
      readonly problem?: string | undefined;
      readonly code?: string | undefined;
    }
  | { readonly type: 'untyped'; readonly text: string };

export interface LedgerChange {
  readonly key: string;
  /** Null where it is deleted. */
  readonly content: string | null;
}

/** A memory as a tab lists it. */
export interface Listed {
  readonly key: string;
  readonly content: string;
}

export interface Comparison {
  /** Acknowledged, and not there as acknowledged: by key, in what way. */
  readonly missing: ReadonlyMap<string, string>;
  /** There, and deleted, refused or never asked for, or there twice. */
  readonly unwanted: readonly string[];
}

export class Ledger {
  /** By key: the contents that may be found, null for none. */
  readonly #allowed = new Map<string, readonly (string | null)[]>();
  readonly #begun = new Map<
    string,
    { readonly changes: readonly LedgerChange[]; readonly before: readonly (readonly (string | null)[])[] }
  >();

  begin(opId: string, changes: readonly LedgerChange[]): void {
    const before = changes.map(({ key }) => this.#allowed.get(key) ?? [null]);
    this.#begun.set(opId, { changes, before });
    changes.forEach(({ key, content }, index) => {
      this.#allowed.set(key, [...(before[index] ?? []), content]);
    });
  }

  /** Answers how many memories it changed. */
  acknowledge(opId: string): number {
    const { changes } = this.#take(opId);
    for (const { key, content } of changes) this.#allowed.set(key, [content]);
    return changes.length;
  }

  refuse(opId: string): void {
    const { changes, before } = this.#take(opId);
    changes.forEach(({ key }, index) => {
      this.#allowed.set(key, before[index] ?? [null]);
    });
  }

  /** Holds what is there against what must be. What was on its way when its tab died may still land. */
  compare(listed: readonly Listed[]): Comparison {
    const found = new Map<string, string>();
    const unwanted: string[] = [];
    for (const { key, content } of listed) {
      if (found.has(key)) unwanted.push(`${key} is there twice`);
      else if (!this.#allowed.has(key)) unwanted.push(`${key} was never asked for`);
      found.set(key, content);
    }
    const missing = new Map<string, string>();
    for (const [key, allowed] of this.#allowed) {
      const content = found.get(key) ?? null;
      if (!allowed.includes(content)) {
        const isUnwanted = content !== null && allowed.every((each) => each === null);
        if (isUnwanted) unwanted.push(`${key} is there, and should not be`);
        else missing.set(key, `${key} is ${content}, and should be ${allowed.join(' or ')}`);
      }
    }
    return { missing, unwanted };
  }

  #take(opId: string) {
    // A tab of the namespace before may be heard late.
    const begun = this.#begun.get(opId) ?? { changes: [], before: [] };
    this.#begun.delete(opId);
    return begun;
  }
}
