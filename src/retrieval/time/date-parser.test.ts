import { describe, expect, it } from 'vitest';
import { DATE_PARSER_WAIT_MS } from '../../limits.ts';
import { createTestEnvironment } from '../../testing/environment.ts';
import { createDateParserLoader, loadDateParser } from './date-parser.ts';
import type { DateParser } from './dates.ts';
import { resolveTimes } from './resolve.ts';

describe('the library that reads dates', () => {
  it('is waited for no longer than a search may wait, and serves the next one', async () => {
    const environment = createTestEnvironment();
    let arrive: (parser: DateParser) => void = () => undefined;
    const slow = new Promise<DateParser>((resolve) => {
      arrive = resolve;
    });
    const load = createDateParserLoader(environment.schedule, () => slow);
    const first = resolveTimes('in May 2023', 0, {}, load);
    await environment.advance(DATE_PARSER_WAIT_MS);
    expect(await first).toMatchObject({ ranges: [], degraded: expect.stringContaining('1000 ms') });
    arrive(await loadDateParser());
    const second = await resolveTimes('in May 2023', 0, {}, load);
    expect(second.ranges).toHaveLength(1);
    expect(second).not.toHaveProperty('degraded');
  });

  it('is loaded once', () => {
    expect(loadDateParser()).toBe(loadDateParser());
  });
});
