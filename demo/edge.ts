/** The edge client, with its results in words. */

import { createEdgeClient } from '../src/index.ts';
import { formatBytes } from './describe.ts';
import type { Edge } from './state.ts';

/** A client of one edge for one tenant, whom the token names. */
export function connectEdge(url: string, token: string): Edge {
  const client = createEdgeClient({ url, token });
  return {
    async backUp(engine, namespace, onProgress) {
      const made = await client.backUp(engine, namespace, ({ done, total }) => onProgress(done, total));
      const sent = `${made.chunksUploaded} of ${made.chunks} parts were new`;
      const lost = made.unreadable === 0 ? '' : ` ${made.unreadable} are not in it: their contents are lost.`;
      return `Backed up ${made.count} memories, ${formatBytes(made.sizeBytes)}; ${sent}.${lost}`;
    },
    async restore(engine, namespace, onProgress) {
      const done = await client.restore(engine, namespace, 'latest', (progress) =>
        onProgress(progress.done, progress.total),
      );
      const refused =
        done.refused === 0 ? '' : ` ${done.refused} were refused: ${done.refusals[0]?.message}.`;
      return `Restored ${done.restored} memories, ${done.skipped} were here already.${refused}`;
    },
  };
}
