import { expect, it } from 'vitest';
import { resolveTimes } from './resolve.ts';

it('reads dates in workerd, where the library is loaded when it is needed', async () => {
  const { ranges, degraded } = await resolveTimes('between 3 and 9 May 2023', 0);
  expect(degraded).toBeUndefined();
  expect(ranges).toMatchObject([{ fromMs: Date.UTC(2023, 4, 3), toMs: Date.UTC(2023, 4, 10) }]);
});
