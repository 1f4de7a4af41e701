/** What a query says of time: ranges that are known, and ranges that hang on an event to be looked up. */

/** A stretch of time that a query names. */
export interface TimeRange {
  /** First moment, ms since the epoch; the earliest there is ({@link EARLIEST_MS}) of "before June". */
  readonly fromMs: number;
  /** Moment after the last, ms since the epoch. */
  readonly toMs: number;
  /** The words of the query. */
  readonly text: string;
  /** `point`: a moment, a day, or a distance from now ("two weeks ago"); `range`: a period. */
  readonly kind: 'point' | 'range';
  /** Whether only one end was said: "since March", "before June 2023". */
  readonly isOpenEnded: boolean;
  /** Distance from the range at which a memory counts half, ms: the vaguer the words, the longer. See `timeMatch`. */
  readonly scaleMs: number;
}

/** A time that is given by an event: "two weeks before the wedding". */
export interface EventAnchor {
  readonly relation: 'before' | 'after' | 'around';
  /** Distance from the event, ms; absent where none was said ("after the wedding"). */
  readonly offsetMs?: number | undefined;
  /** Unit of that distance, ms: "fourteen days" are meant more exactly than "two weeks". */
  readonly unitMs?: number | undefined;
  /** Whether all of the distance is meant: "in the 48 hours before the incident". */
  readonly isWithin: boolean;
  /** What is to be searched for: "the wedding". */
  readonly event: string;
  /** Whether the range lasts until now: "since the wedding". */
  readonly isOpenEnded: boolean;
  /** The words of the query. */
  readonly text: string;
}

/** What a query says of time. */
export interface QueryTimes {
  /** By their place in the query. */
  readonly ranges: readonly TimeRange[];
  readonly anchors: readonly EventAnchor[];
  /** Why dates could not be read, where the library that reads them could not be loaded. */
  readonly degraded?: string | undefined;
}

export interface TimeOptions {
  /**
   * Minutes that local time is ahead of UTC, as of the reference: `-new Date(referenceMs).getTimezoneOffset()`.
   * Default 0. Where summer time begins or ends in between, a range is an hour off.
   */
  readonly utcOffsetMinutes?: number | undefined;
  /** Whose seasons are meant. Default `northern`. */
  readonly hemisphere?: 'northern' | 'southern' | undefined;
  /**
   * Where a day, month or season lies that is named without a year: the latest that has begun, as questions mean it
   * (the default), the first that is not over, or the nearest. Of what is to come "in two weeks" is read too.
   */
  readonly direction?: 'past' | 'future' | 'nearest' | undefined;
}

/** The earliest moment of ECMAScript, ms: an open beginning that survives JSON, which infinity does not. */
export const EARLIEST_MS = -8.64e15;
/** The latest one. */
export const LATEST_MS = 8.64e15;
