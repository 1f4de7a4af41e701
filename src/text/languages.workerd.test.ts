import { expect, it } from 'vitest';
import { FOUND_ACROSS_SCRIPTS, findAcrossScripts } from './languages-test-util.ts';

it('loads a language at the edge and finds words of any script', async () => {
  expect(await findAcrossScripts()).toEqual(FOUND_ACROSS_SCRIPTS);
});
