import { describe, expect, it } from 'vitest';
import { focusOf, nameWordsOf } from './focus.ts';

/** The speakers of a name's word, as the engine keeps them. */
function among(...speakers: readonly string[]) {
  return (word: string) => speakers.filter((speaker) => nameWordsOf(speaker).includes(word));
}

const focus = (question: string, ...speakers: readonly string[]) => {
  const { text, speakers: named } = focusOf(question, among(...speakers));
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
    expect(focus('What will Ana do?', 'Will', 'Ana')).toEqual(['What will do?', ['Ana']]);
    expect(focus('what did ana say about lisbon?', 'Ana')).toEqual(['what did say about lisbon?', ['Ana']]);
    expect(focus('What did ana say?', 'Ana')).toEqual(['What did ana say?', []]);
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
