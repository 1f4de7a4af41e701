/** What must not happen, found to have happened. */

/**
 * - `lost`: an acknowledged change is missing, and nothing reports it.
 * - `corrupt`: a call fails with `STORAGE_CORRUPT`; no violation after damage at rest: it says so.
 * - `cameBack`: what was deleted, or refused, is there.
 * - `garbage`: a memory that never was like that.
 * - `wrong`: an answer that the model does not give.
 * - `appliedTwice`: a repeated call took effect again.
 * - `untyped`: an error that is no `LociError`, or of code `INTERNAL`.
 * - `falseAlarm`: damage is reported where nothing at rest was damaged.
 * - `hung`: a call that never ended.
 * - `unavailable`: a call refused though nothing was wrong any more.
 */
export type ViolationKind =
  | 'lost'
  | 'corrupt'
  | 'cameBack'
  | 'garbage'
  | 'wrong'
  | 'appliedTwice'
  | 'untyped'
  | 'falseAlarm'
  | 'hung'
  | 'unavailable';

export class Violation extends Error {
  override readonly name = 'Violation';
  readonly kind: ViolationKind;
  /** Memories concerned. */
  readonly count: number;

  constructor(kind: ViolationKind, message: string, count = 1) {
    super(`${kind}: ${message}`);
    this.kind = kind;
    this.count = count;
  }
}
