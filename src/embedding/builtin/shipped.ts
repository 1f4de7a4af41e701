/** What is known of the shipped table before it is read: a test compares it with `table.bin`. */

import type { TableShape } from './table-format.ts';

/** Changed with every new table: its vectors are stored under this name. */
export const SHIPPED: Pick<TableShape, 'bytes' | 'dimensions' | 'reduced' | 'model'> = {
  bytes: 4_498_520,
  dimensions: 384,
  reduced: 256,
  model: 0x98b35b58,
};
