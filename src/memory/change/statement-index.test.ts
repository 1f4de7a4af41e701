import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANGE_CANDIDATES, MAX_CHANGES_READ } from '../../limits.ts';
import { changesIn, type Said, statementsOf } from './change-rule.ts';
import { StatementIndex } from './statement-index.ts';

const said = (content: string, extra: Partial<Said> = {}): Said => ({ content, source: 'chat', ...extra });

/** An index of texts, each by its place. */
function indexOf(texts: readonly Said[]): StatementIndex<number> {
  const index = new StatementIndex<number>();
  texts.forEach((text, place) => {
    for (const statement of statementsOf(text)) index.add(statement, place);
  });
  return index;
}

const TEXTS = [
  ...['I live in Lisbon', 'I moved to Porto', 'I now live in Turin', 'I no longer live in Lisbon'],
  ...['I work at Initech', 'I now work at Globex', 'I no longer work for Globex', 'Ana works at Initech'],
  ...['I eat meat', 'I no longer eat meat', 'We use Postgres', 'We switched from Postgres to MySQL'],
  ...['I am single', 'I am no longer single', 'My email is a@b.example', 'My new email is c@b.example'],
  ...['The gate code is 1234', 'The gate code is now 9876', 'The weekly call is now 15:00'],
  ...[
    'The weekly call is 14:00',
    'My favourite colour is blue. I eat fish',
    'My favourite colour is now green',
  ],
];

describe('an index of statements', () => {
  it('finds what comparing a change with every text finds', () => {
    const text = fc.record({
      content: fc.constantFrom(...TEXTS),
      speaker: fc.constantFrom(undefined, 'Ana'),
      sessionId: fc.constantFrom(undefined, 'monday'),
    });
    const hits = { count: 0 };
    fc.assert(
      fc.property(fc.array(text, { maxLength: CHANGE_CANDIDATES }), text, (olders, newer) => {
        const texts = olders.map(({ content, ...extra }) => said(content, extra));
        const { content, ...extra } = newer;
        const index = indexOf(texts);
        for (const { key, contradicts } of changesIn(said(content, extra))) {
          const found = index.latest(key, () => true, contradicts);
          const expected = texts.flatMap((each, i) => (statementsOf(each).some(contradicts) ? [i] : []));
          expect(new Set(found)).toEqual(new Set(expected));
          hits.count += found.length;
        }
      }),
      { numRuns: 300 },
    );
    expect(hits.count).toBeGreaterThan(0);
  });

  it('compares a change with the latest statements that are meant, and no more of them', () => {
    const homes = Array.from({ length: 3 * CHANGE_CANDIDATES }, () => said('I live in Lisbon'));
    const index = indexOf(homes);
    const [change] = changesIn(said('I moved to Porto'));
    let compared = 0;
    const found = index.latest(
      change?.key ?? '',
      (place) => place < 2 * CHANGE_CANDIDATES,
      (statement) => {
        compared += 1;
        return change?.contradicts(statement) ?? false;
      },
    );
    expect(compared).toBe(CHANGE_CANDIDATES);
    expect(found).toEqual(Array.from({ length: CHANGE_CANDIDATES }, (_, i) => 2 * CHANGE_CANDIDATES - 1 - i));
  });
});

describe('the changes of a text', () => {
  it('are read up to a limit, the first ones', () => {
    const clauses = Array.from({ length: 2 * MAX_CHANGES_READ }, (_, i) => `I no longer use Tool${i}.`);
    const changes = changesIn(said(clauses.join(' ')));
    expect(changes).toHaveLength(MAX_CHANGES_READ);
    expect(changes.at(-1)?.query).toContain(`tool${MAX_CHANGES_READ - 1}`);
  });
});
