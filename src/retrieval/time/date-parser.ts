/** Loads the library that reads dates, which some queries need and most do not. */

import { DATE_PARSER_WAIT_MS } from '../../limits.ts';
import { type Schedule, tooLate, within } from '../../within.ts';
import type { DateParser } from './dates.ts';

let parser: Promise<DateParser> | undefined;

/** The parser; loaded once for all, unless that fails: the next query then tries again. */
export function loadDateParser(): Promise<DateParser> {
  parser ??= import('chrono-node/en').catch((error: unknown) => {
    parser = undefined;
    throw error;
  });
  return parser;
}

/**
 * A loader that a search can wait for: after {@link DATE_PARSER_WAIT_MS} it rejects, while the loading goes on for the
 * queries to come.
 */
export function createDateParserLoader(
  schedule: Schedule,
  load: () => Promise<DateParser> = loadDateParser,
): () => Promise<DateParser> {
  const late = () => tooLate('the library that reads dates', DATE_PARSER_WAIT_MS);
  return () => within(load(), DATE_PARSER_WAIT_MS, schedule, late);
}
