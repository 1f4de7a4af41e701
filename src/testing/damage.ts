/** Bytes that go bad: a bit flipped, or a value cut short, in an answer or at rest. */

import type { Row, Storage } from '../storage/storage.ts';

const ALL = { from: '', to: '\uffff' };

/** Flips the bit that the number names among all bits of the values, in place; nothing where there are none. */
export function flipBit(values: readonly (Uint8Array | undefined)[], which: number): void {
  const total = values.reduce((sum, value) => sum + (value?.length ?? 0), 0) * 8;
  if (total === 0) return;
  let bit = Math.abs(which) % total;
  for (const value of values) {
    const bits = (value?.length ?? 0) * 8;
    if (value !== undefined && bit < bits) {
      const at = bit >>> 3;
      value[at] = (value[at] ?? 0) ^ (1 << (bit & 7));
      return;
    }
    bit -= bits;
  }
}

/** How a row goes bad: `flipped` by one bit, or `torn` off at some byte. */
export type DamageKind = 'flipped' | 'torn';

/**
 * Damages one row of a store where it lies: the single copy. Whoever has the store open is not told.
 *
 * @param random numbers from 0 to 1 (excluded), which choose the row and the place.
 * @returns the key of the row, or undefined where no row holds any bytes.
 */
export async function damageAtRest(
  storage: Storage,
  kind: DamageKind,
  random: () => number,
): Promise<string | undefined> {
  const rows = (await storage.getRange(ALL)).filter(({ value }) => value.length > 0);
  const row = rows[Math.floor(random() * rows.length)];
  if (row === undefined) return undefined;
  const broken = kind === 'flipped' ? flipped(row, random) : torn(row, random);
  await storage.commit({ expectEpoch: await storage.epoch(), puts: [broken], durability: 'journaled' });
  return row.key;
}

function flipped({ key, value }: Row, random: () => number): Row {
  const copy = new Uint8Array(value);
  flipBit([copy], Math.floor(random() * copy.length * 8));
  return { key, value: copy };
}

function torn({ key, value }: Row, random: () => number): Row {
  return { key, value: value.slice(0, Math.floor(random() * value.length)) };
}

/** Flips a bit of a text where it lies in a row under a prefix, as it is stored. */
export async function damageText(storage: Storage, prefix: string, text: string): Promise<void> {
  const wanted = new TextEncoder().encode(text);
  for (const { key, value } of await storage.getRange({ from: prefix, to: `${prefix}\uffff` })) {
    const at = value.findIndex((_, start) => wanted.every((byte, i) => value[start + i] === byte));
    if (at < 0) continue;
    const puts = [{ key, value: value.map((byte, i) => (i === at ? byte ^ 1 : byte)) }];
    await storage.commit({ expectEpoch: await storage.epoch(), puts, durability: 'journaled' });
    return;
  }
  throw new Error(`no row under ${prefix} holds "${text}"`);
}
