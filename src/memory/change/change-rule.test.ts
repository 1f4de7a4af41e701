import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesIn, type Said, statementsOf } from './change-rule.ts';

const said = (content: string, extra: Partial<Said> = {}): Said => ({ content, source: 'chat', ...extra });

function isContradicted(older: Said, newer: Said): boolean {
  return changesIn(newer).some((change) => statementsOf(older).some(change.contradicts));
}

describe('a text that tells of a change', () => {
  it.each([
    ['I live in Lisbon', 'I moved to Porto last month'],
    ['I live in Lisbon with my sister.', 'Big news! I’ve moved from Lisbon to Porto.'],
    ['I moved to Lisbon in 2019', 'I now live in Porto'],
    ['Ana lives in Lisbon', 'Ana moved to Porto'],
    ['I am based in Germany', 'I’m now living in France'],
    ['I work at Initech', 'I now work at Globex as an engineer'],
    ['I’m working for Initech', 'I started working for Globex'],
    ['I live in the US', 'I now live in Holland'],
    ['Ana works at Initech', 'Ana has started a new job at Globex'],
    ['I work at Initech', 'I no longer work at Initech'],
    ['I eat meat', 'I don’t eat meat anymore'],
    ['I drink coffee every morning', 'I stopped drinking coffee'],
    ['I drive a Honda', 'I used to drive a Honda'],
    ['Ana is a vegetarian', 'Ana is no longer a vegetarian'],
    ['I am single', 'I’m no longer single'],
    ['We use Postgres for the archive', 'We use MySQL instead of Postgres'],
    ['We use Postgres', 'We switched from Postgres to MySQL.'],
    ['I use Vim', 'I replaced Vim with Emacs'],
    ['My favourite colour is blue', 'My favourite colour is now green'],
    ['My favorite color is blue.', 'My new favorite color is green.'],
    ['My email is ana@old.example', 'My new email is ana@new.example'],
    ['My phone number is 555-0100', 'I changed my phone number to 555-0199'],
    ['my password is hunter2', 'I’ve changed my password to swordfish'],
    ['The gate code is 1234', 'Update: the gate code is now 9876'],
    ['The api endpoint is https://a.example/v1', 'The api endpoint is now https://a.example/v2'],
    ['Our rate limit is 20 requests', 'Our rate limit is now 50 requests'],
    ['Ana’s time zone is CET', 'Ana’s time zone is now EST'],
  ])('contradicts "%s": "%s"', (older, newer) => {
    expect(isContradicted(said(older), said(newer))).toBe(true);
  });

  it('contradicts what a speaker said of himself, whoever tells of it', () => {
    const older = said('I live in Lisbon', { speaker: 'Ana' });
    expect(isContradicted(older, said('Ana moved to Porto', { speaker: 'Bo' }))).toBe(true);
    expect(isContradicted(older, said('I moved to Porto', { speaker: 'ana' }))).toBe(true);
  });

  it('contradicts what is spoken of as "the" one of many in the same session only', () => {
    const [older, newer] = ['The weekly call is 14:00', 'The weekly call is now 15:00'];
    expect(isContradicted(said(older), said(newer))).toBe(false);
    const session = { sessionId: 'monday' };
    expect(isContradicted(said(older, session), said(newer, session))).toBe(true);
    expect(isContradicted(said(older, session), said(newer, { sessionId: 'friday' }))).toBe(false);
  });
});

describe('a text contradicts nothing', () => {
  it.each([
    ['without saying that something changed', 'I live in Lisbon', 'I live in Porto'],
    ['', 'I work at Initech', 'I work at Globex'],
    ['', 'My favourite colour is blue', 'My favourite colour is green'],
    ['that only asks', 'I live in Lisbon', 'Do you now live in Porto?'],
    ['', 'I live in Lisbon', 'I now live in Porto?'],
    ['that plans or wishes', 'I live in Lisbon', 'I want to be able to say I now live in Porto'],
    ['', 'I live in Lisbon', 'If I moved to Porto I would miss you'],
    ['', 'I live in Lisbon', 'I will have moved to Porto by May'],
    ['', 'I live in Lisbon', 'Maybe I now live in Porto'],
    ['', 'I live in Lisbon', 'I almost moved to Porto'],
    ['', 'I live in Lisbon', 'I’m thinking about it, I might say I moved to Porto'],
    ['that others are said to have said', 'I live in Lisbon', 'Bo said I moved to Porto'],
    ['that quotes', 'I live in Lisbon', 'She sang "I moved to Porto"'],
    ['that tells of another', 'I live in Lisbon', 'Bo moved to Porto'],
    ['', 'Ana lives in Lisbon', 'Bo now lives in Porto'],
    ['', 'My sister lives in Lisbon', 'I moved to Porto'],
    ['that is for a time', 'I work at Initech', 'I’m working at Globex for a week now'],
    ['', 'I drink coffee', 'I stopped drinking coffee for a month'],
    ['', 'I live in Lisbon', 'I temporarily moved to Porto'],
    ['that adds', 'I work at Initech', 'I now also work at Globex'],
    ['', 'We use Postgres', 'We now use Postgres and MySQL'],
    ['', 'I use Vim', 'I now use Emacs'],
    ['that tells the same more closely', 'I live in Portugal', 'I now live in Porto'],
    ['', 'I live in Porto', 'I now live in Portugal'],
    ['', 'I live in New York', 'I now live in New York City'],
    ['', 'I live in California', 'I moved to San Francisco'],
    ['', 'I live in Lisbon', 'I moved to a new apartment'],
    ['', 'I work at Initech', 'I now work at Initech Labs'],
    ['', 'I live in the US', 'I now live in the United States'],
    ['', 'I live in Istanbul', 'I now live in Turkey'],
    ['', 'I live in Los Angeles', 'I now live in LA'],
    ['', 'I live in Lisbon', 'I moved to Baker Street'],
    ['', 'I live in Lisbon', 'I now live in the Algarve'],
    ['', 'I live in Sweden', 'I now live in Europe'],
    ['', 'I work at Initech', 'I now work for Bo'],
    ['that moves elsewhere than to a place', 'I live in Lisbon', 'I moved to Marketing'],
    ['', 'We live in Lisbon', 'We moved to Kubernetes'],
    ['', 'I live in Lisbon', 'I moved to the next task'],
    ['', 'I live in Lisbon', 'I was moved to tears'],
    ['that gives up something else', 'I eat meat', 'I don’t eat meat from the corner shop anymore'],
    ['', 'I eat meat', 'I no longer eat meat on Fridays'],
    ['', 'I eat meat on Fridays', 'I stopped eating meat at home'],
    ['', 'We use Postgres', 'We switched from Postgres to MySQL for the archive'],
    ['', 'We use Postgres', 'We use MySQL in the archive instead of Postgres'],
    ['', 'My default editor is Emacs', 'My default editor is now Vim for commits'],
    ['', 'I work at Initech', 'I no longer work at Globex'],
    ['', 'I drink coffee', 'I stopped drinking tea'],
    ['', 'I drive a Honda', 'I no longer drive'],
    ['about what was already over', 'I used to live in Lisbon', 'I now live in Porto'],
    ['', 'I lived in Lisbon', 'I now live in Porto'],
    ['', 'I don’t live in Lisbon', 'I now live in Porto'],
    ['about what was only planned', 'I might live in Lisbon', 'I now live in Porto'],
    ['', 'Do I live in Lisbon?', 'I now live in Porto'],
    ['of another kind', 'My car is a Honda', 'My car is now broken'],
    ['', 'My phone number is 555-0100', 'My phone number is now private'],
    ['', 'My favourite cafe is Blue Door', 'My favourite cafe is now closed'],
    ['', 'My sister is a nurse', 'My sister is now ill'],
    ['', 'Ana is a nurse', 'Ana is now happy'],
    ['', 'The server limit is 20 requests', 'The server limit is now 5 minutes'],
    ['', 'The server is 10.0.0.1', 'The server is now down'],
    ['', 'My favourite dish is lasagna', 'My new favourite dish is delicious'],
    ['', 'My favourite fruit is the mango', 'My favourite fruit is now in season'],
    ['', 'My default printer is the Epson', 'My default printer is now offline'],
    ['', 'My password is hunter2', 'My password is now expired'],
    ['that was so once', 'I use butter', 'I replaced butter with oil'],
    ['', 'I drink coffee', 'I switched from coffee to tea this morning'],
    ['', 'I wear a suit', 'I changed from a suit to jeans'],
    ['of another thing of that name', 'The meeting is 14:00', 'The meeting is now 15:00'],
    ['of itself', 'I now live in Porto', 'I now live in Porto'],
    ['that happens only', 'I drink tea', 'I ordered coffee instead of tea'],
    ['', 'I love what I do', 'Now I know why I love it'],
    ['', 'I live in Lisbon', 'Now that I live in Porto I swim'],
  ])('%s: "%s", "%s"', (_, older, newer) => {
    expect(isContradicted(said(older), said(newer))).toBe(false);
  });

  it('that another one said, or that comes from elsewhere', () => {
    const newer = said('I moved to Porto', { speaker: 'Bo' });
    expect(isContradicted(said('I live in Lisbon', { speaker: 'Ana' }), newer)).toBe(false);
    expect(isContradicted(said('I live in Lisbon'), newer)).toBe(false);
    expect(isContradicted(said('I live in Lisbon', { source: 'mail' }), said('I moved to Porto'))).toBe(
      false,
    );
    expect(isContradicted(said('I live in Lisbon', { agentId: 'a' }), said('I moved to Porto'))).toBe(false);
  });

  it('that is a document', () => {
    const long = `I moved to Porto. ${'It is a fine town. '.repeat(200)}`;
    expect(isContradicted(said('I live in Lisbon'), said(long))).toBe(false);
  });

  it('whatever is written, without a word that could tell of a change', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        for (const change of changesIn(said(text))) expect(change.query.length).toBeGreaterThan(0);
        expect(changesIn(said(`I live in ${text.replace(/\p{L}/gu, '')}`))).toEqual([]);
      }),
    );
  });

  it('takes time in proportion to its length, whatever it repeats', () => {
    for (const part of [
      'I now ',
      'I have ',
      'no longer ',
      'Ana Bo ',
      'is now ',
      'my new ',
      ' instead of ',
      'I moved from a to ',
    ])
      for (const text of [part.repeat(20), part.repeat(300)])
        expect(changesIn(said(text))).toBeInstanceOf(Array);
  });
});
