import { describe, expect, test } from 'vitest';
import { onlyAsks, readMessage } from './intent.ts';

describe('a message', () => {
  test.each([
    'My sister Ana lives in Lisbon',
    'I wonder where I left my keys.',
    'Remember that I am allergic to peanuts.',
    'Can you remember that my locker is number 12?',
    'Do it yourself is my hobby',
    'Will is my brother',
    'When I was a child we lived in Rome',
    'What I love is hiking',
    'Where I live it rains a lot',
    'How I met her is a long story',
    "Don't forget that the dentist is on Monday",
  ])('that states something is remembered: %s', (text) => {
    expect(readMessage(text)).toMatchObject({ intent: 'statement', statement: text });
  });

  test.each([
    'Where does my sister live?',
    'where does my sister live',
    'do you know where my keys are',
    "what's my locker number",
    'Tell me about Ana.',
    'Please remind me where I parked',
    'And who is Ana',
    'what colour is my bike',
    'how old is my sister',
    'which city does Ana live in',
    'who lives in Lisbon',
    'when was I in Rome',
    'Do you remember my name?',
  ])('that only asks is not remembered: %s', (text) => {
    expect(readMessage(text)).toEqual({ intent: 'question', statement: '', query: text });
  });

  test('that states and asks is taken apart', () => {
    expect(readMessage('My dog is called Rex. How old is Ana?')).toEqual({
      intent: 'question',
      statement: 'My dog is called Rex.',
      query: 'How old is Ana?',
    });
  });

  test.each(['Hi!', 'thank you very much', 'Good morning', 'ok'])(
    'of small talk is not remembered: %s',
    (text) => {
      expect(readMessage(text)).toMatchObject({ intent: 'smalltalk', statement: '' });
    },
  );

  test('that asks to forget is not remembered', () => {
    expect(readMessage('Forget that I live in Lisbon')).toMatchObject({ intent: 'forget', statement: '' });
  });
});

test('a memory that ends with a question but tells something first is not a mere question', () => {
  expect(onlyAsks('I went hiking yesterday. How was your day?')).toBe(false);
  expect(onlyAsks('How was your day? Did you sleep?')).toBe(true);
});
