import { describe, expect, it } from 'vitest';
import { dateOf } from './dates.ts';

describe('a date', () => {
  it.each([
    ['1:56 pm on 8 May, 2023', '2023-05-08T13:56:00Z'],
    ['12:48 am on 1 February, 2023', '2023-02-01T00:48:00Z'],
    ['2023-05-08', '2023-05-08T00:00:00Z'],
    ['2023-05-08 13:56', '2023-05-08T13:56:00Z'],
    ['2023-05-08T13:56:30+02:00', '2023-05-08T11:56:30Z'],
    ['1683554160', '2023-05-08T13:56:00Z'],
    [1_683_554_160, '2023-05-08T13:56:00Z'],
    [1_683_554_160_000, '2023-05-08T13:56:00Z'],
    ['May 8, 2023, 1:56 PM', '2023-05-08T13:56:00Z'],
  ])('is read of %s', (written, expected) => {
    expect(dateOf(written)).toBe(Date.parse(expected));
  });

  it.each([undefined, null, '', 'yesterday', 'Monday', 'no date at all', {}, Number.NaN])(
    'is not made up of %s',
    (written) => {
      expect(dateOf(written)).toBeUndefined();
    },
  );
});
