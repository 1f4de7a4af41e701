import { describe, expect, it } from 'vitest';
import { parseConversations, type RecallConversation } from './data.ts';

const turn = (dia_id: string, text: string, more: object = {}) => ({ dia_id, speaker: 'Ann', text, ...more });

function read(qa: readonly object[], sessions: object = {}): RecallConversation {
  const conversation = {
    speaker_a: 'Ann',
    session_1_date_time: '1:56 pm on 8 May, 2023',
    session_1: [turn('D1:1', 'The kiln is warm.'), turn('D1:2', 'Take the blue bowl.')],
    session_2: [turn('D2:1', 'It cracked.')],
    ...sessions,
  };
  const [first] = parseConversations([{ sample_id: 'own', conversation, qa }]);
  if (first === undefined) throw new Error('nothing was read');
  return first;
}

const goldOf = (evidence: unknown) =>
  read([{ question: 'What of it?', evidence, category: 4 }]).questions.map(({ gold }) => gold);

describe('evidence', () => {
  it.each([
    ['one id', ['D1:2'], [1]],
    ['several ids in a string', ['D1:1; D2:1'], [0, 2]],
    ['several parted by blanks and commas', ['D1:1 D1:2,D2:1'], [0, 1, 2]],
    ['zeros before a number', ['D1:02', 'D02:1'], [1, 2]],
    ['brackets', ['(D1:1)', '[D2:1]'], [0, 2]],
    ['a string in place of a list', 'D1:2', [1]],
    ['an object with an id', [{ dia_id: 'D1:2' }], [1]],
    ['the same id twice', ['D1:1', 'D1:01'], [0]],
    ['an id that is no turn’s beside one that is', ['D9:9', 'D1:1'], [0]],
  ])('is read of %s', (_, evidence, gold) => {
    expect(goldOf(evidence)).toEqual([gold]);
  });

  it.each([[[]], [undefined], [null], ['D:1:1'], [['D9:9']], [42]])(
    'drops a question where %s leaves none',
    (evidence) => {
      const { questions, dropped } = read([{ question: 'What of it?', evidence }]);
      expect([questions, dropped]).toEqual([[], 1]);
    },
  );

  it('is a turn’s own id as it is written, before any mending', () => {
    const session_1 = [turn('a 1', 'The first.'), turn('7', 'The second.'), turn('007', 'The third.')];
    const { questions } = read(
      [['a 1'], ['007'], [7]].map((evidence) => ({ question: 'Which?', evidence })),
      { session_1, session_2: [] },
    );
    expect(questions.map(({ gold }) => gold)).toEqual([[0], [2], [1]]);
  });
});

describe('turns', () => {
  it('have the date of their session, their place in it and their speaker', () => {
    expect(read([]).turns).toMatchObject([
      { id: 'D1:1', sessionId: 'session_1', position: 0, createdAt: Date.UTC(2023, 4, 8, 13, 56) },
      { id: 'D1:2', sessionId: 'session_1', position: 1, speaker: 'Ann' },
      { id: 'D2:1', sessionId: 'session_2', position: 0, createdAt: undefined },
    ]);
  });

  it('hold the caption of a picture after the text, which stays as it is', () => {
    const { turns } = read([], {
      session_1: [
        turn('D1:1', 'Look!\nHere: ', { blip_caption: 'a bowl' }),
        turn('D1:2', '', { blip_caption: 'a kiln' }),
      ],
    });
    expect(turns.slice(0, 2)).toMatchObject([
      { text: 'Look!\nHere:', content: 'Look!\nHere:  [picture: a bowl]' },
      { text: '[picture: a kiln]', content: '[picture: a kiln]' },
    ]);
    for (const { content, text } of turns) expect(content).toContain(text);
  });

  it('stand in the order of their sessions’ numbers, whatever sessions are called', () => {
    const { turns } = read([], {
      session_10: [turn('D10:1', 'Ten.')],
      chat_3: { date: '2023-06-01', messages: [{ id: 5, role: 'user', content: 'Hello.' }] },
    });
    expect(turns.map(({ id }) => id)).toEqual(['5', 'D1:1', 'D1:2', 'D2:1', 'D10:1']);
    expect(turns[0]).toMatchObject({ speaker: 'user', createdAt: Date.UTC(2023, 5, 1) });
  });

  it('need nothing but a text', () => {
    const [first] = parseConversations({
      conversation: [{ text: 'Only this.' }, { text: ' ' }, { text: 'And 😀\ud83d' }],
    });
    expect(first).toMatchObject({
      name: 'conversation-1',
      turns: [
        { id: 'session_1:0', content: 'Only this.', speaker: undefined, createdAt: undefined },
        { id: 'session_1:2', content: 'And 😀\ufffd' },
      ],
      questions: [],
    });
  });
});

describe('a file', () => {
  it('gives a question without a category that of none', () => {
    const { questions } = read([{ question: 'Where is it?', evidence: ['D1:1'] }]);
    expect(questions).toEqual([{ question: 'Where is it?', gold: [0], category: 'none' }]);
  });

  it('gives conversations of the same name one each', () => {
    const conversation = { session_1: [turn('D1:1', 'Hello.')] };
    const names = parseConversations([1, 2].map(() => ({ sample_id: 'same', conversation })));
    expect(names.map(({ name }) => name)).toEqual(['same', 'same-2']);
  });

  it('without a turn is refused', () => {
    expect(() => parseConversations({ conversation: {} })).toThrow('holds no turns');
  });
});
