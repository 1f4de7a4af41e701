/** What is counted over all histories, and what one line of JSON says of it. */

/** What a run found out. */
export interface Report {
  readonly histories: number;
  /** Calls of the engine. */
  readonly operations: number;
  /** How often each kind of fault struck. */
  readonly faults: Readonly<Record<string, number>>;
  /** Changes of memories that were acknowledged: each add, update and delete of one. */
  readonly acknowledged: number;
  /** Memories that were not as acknowledged, without a report of damage. */
  readonly silentlyLost: number;
  /** Memories that were not as acknowledged, after damage at rest that the engine reported. */
  readonly reportedDamaged: number;
  /** Errors that were no `LociError`, or of code `INTERNAL`. */
  readonly untypedErrors: number;
  /** Share of calls answered rightly or acknowledged under the fixed schedule, 0–1. */
  readonly availability: number;
  /** The same of reads, once the owner is back. */
  readonly availabilityOfReads: number;
  /** The calls those shares are of. */
  readonly measured: { readonly calls: number; readonly reads: number };
  /** Calls that failed under the fixed schedule, by method and code. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Memories that a deleted database took along, as the engine said. */
  readonly evicted: number;
  /** Histories in which something did not hold, */
  readonly failing: number;
  /** and what it was. */
  readonly violations: Readonly<Record<string, number>>;
  readonly seed: number;
  readonly seconds: number;
}

/** Answered and asked. */
interface Share {
  right: number;
  all: number;
}

export class Tally {
  histories = 0;
  operations = 0;
  acknowledged = 0;
  silentlyLost = 0;
  reportedDamaged = 0;
  untypedErrors = 0;
  evicted = 0;
  failing = 0;
  readonly calls: Share = { right: 0, all: 0 };
  readonly reads: Share = { right: 0, all: 0 };
  readonly faults = new Map<string, number>();
  readonly refusals = new Map<string, number>();
  readonly violations = new Map<string, number>();

  count(fault: string): void {
    increment(this.faults, fault);
  }

  fail(violation: string): void {
    this.failing += 1;
    increment(this.violations, violation);
  }

  /** @param refusal why the call was not answered rightly. */
  measure(share: Share, refusal: string | undefined): void {
    share.all += 1;
    if (refusal === undefined) share.right += 1;
  }

  refuse(what: string): void {
    increment(this.refusals, what);
  }

  report(seed: number, seconds: number): Report {
    return {
      histories: this.histories,
      operations: this.operations,
      faults: sorted(this.faults),
      acknowledged: this.acknowledged,
      silentlyLost: this.silentlyLost,
      reportedDamaged: this.reportedDamaged,
      untypedErrors: this.untypedErrors,
      availability: shareOf(this.calls),
      availabilityOfReads: shareOf(this.reads),
      measured: { calls: this.calls.all, reads: this.reads.all },
      refusals: sorted(this.refusals),
      evicted: this.evicted,
      failing: this.failing,
      violations: sorted(this.violations),
      seed,
      seconds: Math.round(seconds * 10) / 10,
    };
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Rounded down: .99999 of a share must not read as 1. */
function shareOf({ right, all }: Share): number {
  return all === 0 ? 1 : Math.floor((right / all) * 1e6) / 1e6;
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
