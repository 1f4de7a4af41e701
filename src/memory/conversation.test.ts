import { describe, expect, it } from 'vitest';
import { isLociError, type LociError } from '../errors.ts';
import { parseConversations } from './conversation.ts';

const sample = (extra: object = {}) => ({
  sample_id: 'garden',
  conversation: {
    speaker_a: 'Ana',
    speaker_b: 'Bo',
    session_2_date_time: '10:05 am on 1 June, 2024',
    session_2: [{ speaker: 'Bo', dia_id: 'D2:1', text: 'The tomatoes came up.' }],
    session_1_date_time: '1:56 pm on 8 May, 2024',
    session_1: [
      { speaker: 'Ana', dia_id: 'D1:1', text: 'I sowed tomatoes.' },
      { speaker: 'Bo', dia_id: 'D1:2', text: 'Look!', blip_caption: 'a row of pots' },
    ],
  },
  qa: [{ question: 'What did Ana sow?', answer: 'tomatoes', evidence: ['D1:1'], category: 4 }],
  ...extra,
});

function refusal(text: string): LociError {
  try {
    parseConversations(text);
  } catch (error) {
    if (isLociError(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a conversation file', () => {
  it('gives each turn as a memory, sessions in their order', () => {
    const [conversation] = parseConversations(JSON.stringify([sample()]));
    expect(conversation?.name).toBe('garden');
    expect(conversation?.questions).toEqual(['What did Ana sow?']);
    expect(conversation?.memories.map(({ externalId }) => externalId)).toEqual(['D1:1', 'D1:2', 'D2:1']);
    expect(conversation?.memories[0]).toMatchObject({
      content: 'I sowed tomatoes.',
      speaker: 'Ana',
      sessionId: 'garden/session_1',
      position: 0,
      createdAt: Date.UTC(2024, 4, 8, 13, 56),
    });
  });

  it('keeps what a picture shows beside the text', () => {
    const [conversation] = parseConversations(JSON.stringify(sample()));
    expect(conversation?.memories[1]?.content).toBe('Look! [picture: a row of pots]');
  });

  it('may be one object, without a name, questions, dates or a byte order mark to trip over', () => {
    const bare = { conversation: { session_1: [{ speaker: 'Ana', dia_id: 'D1:1', text: 'Hello' }] } };
    const [conversation] = parseConversations(`\uFEFF${JSON.stringify(bare)}`);
    expect(conversation).toMatchObject({ questions: [] });
    expect(conversation?.name).toMatch(/^conversation-[0-9a-f]+-1$/);
    const other = JSON.stringify({
      conversation: { session_1: [{ speaker: 'Ana', dia_id: 'D1:1', text: 'Hi' }] },
    });
    expect(parseConversations(other)[0]?.name).not.toBe(conversation?.name);
    expect(conversation?.memories[0]?.createdAt).toBeUndefined();
  });

  it('says where it was cut off', () => {
    const text = JSON.stringify(sample(), null, 2);
    const error = refusal(text.slice(0, text.indexOf('sowed')));
    expect(error.code).toBe('IMPORT_INVALID');
    expect(error.details?.line).toBe(text.slice(0, text.indexOf('sowed')).split('\n').length);
    expect(error.message).toContain('ends in the middle');
  });

  it('says at which line a turn is wrong, and why', () => {
    const text = JSON.stringify(sample(), null, 2).replace('"dia_id": "D1:2"', '"id": "D1:2"');
    const error = refusal(text);
    const turnLine = text.split('\n').findIndex((line) => line.includes('"id": "D1:2"')) + 1;
    expect(error.details?.line).toBe(turnLine - 2); // where the turn begins: brace, speaker, id
    expect(error.message).toContain('dia_id is missing');
  });

  it.each([
    ['nothing', ''],
    ['an empty list', '[]'],
    ['something else', '{"messages": []}'],
    ['no session', JSON.stringify({ conversation: {} })],
    ['a session that is no list', JSON.stringify({ conversation: { session_1: {} } })],
    [
      'an empty turn',
      JSON.stringify({ conversation: { session_1: [{ speaker: 'A', dia_id: 'D1:1', text: '' }] } }),
    ],
    ['a date that is none', JSON.stringify(sample()).replace('1:56 pm on 8 May, 2024', 'some day')],
    ['a session without turns', JSON.stringify({ conversation: { session_1: [] } })],
    ['two turns of one id', JSON.stringify(sample()).replace('D1:2', 'D1:1')],
    ['what is nested too deep', '['.repeat(100_000)],
    ['two conversations of one name', JSON.stringify([sample(), sample()])],
  ])('is refused with %s', (_, text) => {
    const error = refusal(text);
    expect(error.code).toBe('IMPORT_INVALID');
    expect(error.details?.line).toBe(1);
  });
});
