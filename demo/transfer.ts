/** Export and import of files, as the page uses them. */

import { exportMemories as exportAll, importExported as importAll } from '../src/index.ts';
import type { Services } from './state.ts';

export const exportMemories: Services['exportMemories'] = (engine, onProgress) =>
  exportAll(engine, {
    onProgress: ({ memories, total, unreadable }) => onProgress(memories, total, unreadable),
  });

export const importExported: Services['importExported'] = (engine, file, { isDryRun, onProgress }) =>
  importAll(engine, file, {
    dryRun: isDryRun,
    onProgress: ({ bytes, totalBytes = 0 }) => onProgress(bytes, totalBytes),
  });
