import { expect, test } from 'vitest';
import { isExported } from './transfer.ts';

test('an exported file is known by its first line, whatever its version', async () => {
  const header = '{"format":"loci-snapshot","version":99}\n{}';
  expect(await isExported(new Blob([header]))).toBe(true);
  expect(await isExported(new Blob(['{ "format": "loci-snapshot" }']))).toBe(true);
});

test.each([
  ['[{"conversation":{"session_1":[]}}]'],
  ['{"conversation":{"session_1":[{"text":"{\\"format\\":\\"loci-snapshot\\"}"}]}}'],
  ['{"format":"csv"}'],
  [''],
])('%j is none', async (text) => {
  expect(await isExported(new Blob([text]))).toBe(false);
});
