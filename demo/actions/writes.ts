/** Shows how writes end. */

import type { Durability } from '../../src/types.ts';
import type { App } from '../state.ts';

/** Runs a write and shows how it ended. */
export async function tracked<T extends { readonly durability: Durability }>(
  { state }: App,
  write: () => Promise<T>,
): Promise<T> {
  state.lastWrite.value = 'writing';
  try {
    const result = await write();
    noteWrite(state, result.durability);
    return result;
  } catch (error) {
    state.lastWrite.value = 'failed';
    throw error;
  }
}

/** Shows the level a write has reached. */
export function noteWrite(state: App['state'], durability: Durability): void {
  state.lastWrite.value = durability;
}
