/** Names of spaces: vectors are compared within one only. */

/** The space of MiniLM's vectors, whatever their precision: 8-bit ones differ by a cosine of .006. The built-in model's are of it too. */
export const MINILM_SPACE = 'minilm-l6-v2';

/** Whether the models of a space were measured: their vectors are trusted, also where they differ from the words. */
export function isMeasuredSpace(space: string): boolean {
  return space === MINILM_SPACE || space.startsWith(`${MINILM_SPACE}/`);
}
