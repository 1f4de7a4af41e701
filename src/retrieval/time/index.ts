/** Times that a query names, resolved against a moment that is now, and how well memories fit them. */

export { resolveAnchorWithin } from './anchors.ts';
export { createDateParserLoader } from './date-parser.ts';
export { eventTimeIn } from './event-time.ts';
export { timeMatch } from './match.ts';
export { resolveTimes } from './resolve.ts';
export type { EventAnchor, QueryTimes, TimeOptions, TimeRange } from './types.ts';
