import { describe, expect, it } from 'vitest';
import { Analyser } from '../text/terms.ts';
import { focusOf, nameWordsOf } from './focus.ts';

const isStopWord = (word: string) => new Analyser().isStopWord(word);

/** The speakers of a name's word, as the engine keeps them. */
function among(...speakers: readonly string[]) {
  return (word: string) => speakers.filter((speaker) => nameWordsOf(speaker).includes(word));
}

const focus = (question: string, ...speakers: readonly string[]) => {
  const { text, speakers: named } = focusOf(question, among(...speakers), isStopWord);
  return [text, [...named].sort()];
};

describe('what a question is about', () => {
  it('is the question as it was given where it names nobody', () => {
    expect(focus('What  did Bo say?', 'Ana')).toEqual(['What  did Bo say?', []]);
  });

  it('is what is left without the names of speakers, and with the spaces drawn together', () => {
    expect(focus('What did Ana say about Lisbon?', 'Ana', 'Bo')).toEqual([
      'What did say about Lisbon?',
      ['Ana'],
    ]);
    expect(focus('Did Ana tell Bo of the flood?', 'Ana', 'Bo')).toEqual([
      'Did tell of the flood?',
      ['Ana', 'Bo'],
    ]);
  });

  it('has no possessive left over, with either apostrophe', () => {
    expect(focus("When is Ana's birthday?", 'Ana')).toEqual(['When is birthday?', ['Ana']]);
    expect(focus('When is Ana’s birthday?', 'Ana')).toEqual(['When is birthday?', ['Ana']]);
  });

  it('takes a word for a name where it is written as one, or where nothing is written large', () => {
    expect(focus('What will Ana do?', 'Will', 'Ana')).toEqual(['What will Ana do?', ['Ana']]);
    expect(focus('what did ana say about lisbon?', 'Ana')).toEqual(['what did say about lisbon?', ['Ana']]);
  });

  it.each<[string, string, string]>([
    ['What did bo move?', 'Bo', 'What did move?'],
    ['What did bo move?', 'bo', 'What did move?'],
    ["When is bo's birthday in May?", 'Bo', 'When is birthday in May?'],
    ['Where does maria live in Porto?', 'Maria Silva', 'Where does live in Porto?'],
    ['Which flat in Porto has ana?', 'Ana', 'Which flat in Porto has ?'],
    ['what does mark say?', 'Mark', 'what does say?'],
    ['what did will say?', 'Will', 'what did say?'],
    ["what is rose's address?", 'Rose', 'what is address?'],
    ['where is grace now?', 'Grace', 'where is now?'],
  ])('takes a word written small for a name where it can hardly be another: %s', (question, name, text) => {
    expect(focus(question, name)).toEqual([text, [name]]);
  });

  it.each<[string, string]>([
    ['what will ana do?', 'Will'],
    ['which may be the best?', 'May'],
    ['Is there a mark on the table?', 'Mark'],
    ['what marks did you mark as read?', 'Mark'],
    ['which rose won in Lyon?', 'Rose'],
    ['say grace before Lunch?', 'Grace'],
    ['What did you say about Lisbon?', 'You'],
    ['what did you say?', 'You'],
    ['Which user reported the Porto bug?', 'User'],
    ['Which data of Lisbon was lost?', 'Data Team'],
    ['Was data of Lisbon lost?', 'Data Team'],
    ['What broke after a deploy in Lyon?', 'Deploy'],
    ['What broke after all deploy jobs in Lyon?', 'deploy'],
  ])('takes none for a name that may well be a word: %s (%s)', (question, name) => {
    expect(focus(question, name)).toEqual([question, []]);
  });

  it.each<[string, string]>([
    ['Will the roof hold?', 'Will'],
    ['May I go?', 'May'],
    ['“Will it hold?”', 'Will'],
    ['It leaks. Will it hold?', 'Will'],
    ['MAY THE ROOF HOLD?', 'May'],
    ['Mark my page as read?', 'Mark'],
    ['Rose the prices again?', 'Rose'],
  ])(
    'takes none for a word that a sentence begins with before another’s subject: %s (%s)',
    (question, name) => {
      expect(focus(question, name)).toEqual([question, []]);
    },
  );

  it.each<[string, readonly string[], string, readonly string[]]>([
    ['Will said what?', ['Will'], 'said what?', ['Will']],
    ['Will’s the roof that leaks?', ['Will'], 'the roof that leaks?', ['Will']],
    ['What did Will the plumber mend?', ['Will'], 'What did the plumber mend?', ['Will']],
    ['Bo the plumber said what?', ['Bo'], 'the plumber said what?', ['Bo']],
    ['Will Ana come?', ['Will', 'Ana'], 'Will come?', ['Ana']],
    ['Will Smith said what?', ['Will Smith'], 'said what?', ['Will Smith']],
  ])(
    'takes one that stands elsewhere, or before what no subject begins with: %s',
    (question, among, text, named) => {
      expect(focus(question, ...among)).toEqual([text, named]);
    },
  );

  it('finds names in scripts without spaces wherever they stand, the longest first', () => {
    expect(focus('田中さんは何を食べましたか', '田中')).toEqual(['さんは何を食べましたか', ['田中']]);
    expect(focus('昨日王小明去了哪里?', '王小明', '小明')).toEqual(['昨日 去了哪里?', ['王小明']]);
    expect(focus('サクラとタナカは?', 'サクラ', 'タナカ')).toEqual(['と は?', ['サクラ', 'タナカ']]);
    expect(focus('สมชายอยู่ที่ไหน', 'สมชาย')).toEqual(['อยู่ที่ไหน', ['สมชาย']]);
    expect(focus('Anaさんは何を食べましたか', 'Ana')).toEqual(['さんは何を食べましたか', ['Ana']]);
    expect(focus('王去了哪里?', '王')).toEqual(['王去了哪里?', []]);
    expect(focus('田中?', '田中')).toEqual(['田中?', ['田中']]);
    expect(focus('彼は何を食べましたか', '田中')).toEqual(['彼は何を食べましたか', []]);
  });

  it('names every speaker of a first name, and one of several names by any of them', () => {
    expect(focus('Where does Maria live?', 'Maria Silva', 'Maria Costa', 'Rui Costa')[1]).toEqual([
      'Maria Costa',
      'Maria Silva',
    ]);
    expect(focus('Where does Maria Costa live?', 'Maria Costa')).toEqual([
      'Where does live?',
      ['Maria Costa'],
    ]);
  });

  it('takes no name out of a word that only begins with it', () => {
    expect(focus('What grew in Anatolia?', 'Ana')).toEqual(['What grew in Anatolia?', []]);
  });

  it('is the whole question where that is a name and nothing else, and names who it is', () => {
    expect(focus('Ana?', 'Ana')).toEqual(['Ana?', ['Ana']]);
    expect(focus('Ana’s …', 'Ana')).toEqual(['Ana’s …', ['Ana']]);
    expect(focus('', 'Ana')).toEqual(['', []]);
  });

  it.each<[string, boolean]>([
    ['What did Ana say?', true],
    ['What has Ana told us about that?', true],
    ['what did ana mention?', true],
    ['What did Ana and Bo talk about?', true],
    ['What did Ana say about Lisbon?', false],
    ['What did Ana paint?', false],
    ['What did Zoe say?', false],
    ['Ana?', false],
    ['What did she say?', false],
  ])('is nobody’s words in particular, or only whose they are: %s', (question, isOnly) => {
    expect(focusOf(question, among('Ana', 'Bo'), isStopWord).isOnlySpeakers).toBe(isOnly);
  });

  it('knows names with and without accents, composed or not', () => {
    const rest = 'Where was born?';
    for (const name of ['Zoë', 'Zoe', 'Zoë'.normalize('NFD')])
      expect(focus(`Where was ${name} born?`, 'Zoë')).toEqual([rest, ['Zoë']]);
    expect(focus('Where was Zoë born?', 'Zoe')).toEqual([rest, ['Zoe']]);
  });

  it('knows names of scripts with and without large letters, by whole words with their marks', () => {
    expect(focus('Где живёт Анна?', 'Анна')).toEqual(['Где живёт ?', ['Анна']]);
    expect(focus('где живёт анна?', 'Анна')).toEqual(['где живёт ?', ['Анна']]);
    expect(focus('Πού μένει η Ελένη;', 'Ελένη')).toEqual(['Πού μένει η ;', ['Ελένη']]);
    expect(focus('अनीता कहाँ रहती है?', 'अनीता')).toEqual(['कहाँ रहती है?', ['अनीता']]);
    expect(focus('अनीश कहाँ रहता है?', 'अनीता')).toEqual(['अनीश कहाँ रहता है?', []]);
    expect(focus('أين تسكن ليلى؟', 'ليلى')).toEqual(['أين تسكن ؟', ['ليلى']]);
  });
});
