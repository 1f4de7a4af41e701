/** How much room the memories take, how much there is, and whether the browser may evict them. */

import { formatBytes } from '../describe.ts';
import type { App } from '../state.ts';

const PERSISTENCE = {
  unasked: 'Protection from eviction is asked for with the first memory.',
  granted: 'The browser will not evict it.',
  denied: 'The browser may evict it when the disk is full.',
  unsupported: 'The browser promises nothing here: it may evict it when the disk is full.',
} as const;

export function StorageMeter({ app }: { readonly app: App }) {
  const { stats, status } = app.state;
  if (stats.value === undefined) return null;
  const { count, sizeBytes, indexBytes, storage } = stats.value;
  const { persistent: isPersistent = true, persistence = 'unasked' } = status.value?.storage ?? {};
  return (
    <section class="storage" aria-label="Storage" data-testid="storage">
      <p>
        <b>{count}</b> {count === 1 ? 'memory' : 'memories'}, {formatBytes(sizeBytes)}; index{' '}
        {formatBytes(indexBytes)}
      </p>
      {storage === undefined ? null : (
        <>
          <meter
            aria-label="Storage used"
            min={0}
            max={Math.max(1, storage.quotaBytes)}
            high={storage.quotaBytes * 0.8}
            value={storage.usageBytes}
          />
          <p class="meta">
            {formatBytes(storage.usageBytes)} of {formatBytes(storage.quotaBytes)} used by this site
          </p>
        </>
      )}
      <p class="meta" data-testid="persistence">
        {isPersistent ? PERSISTENCE[persistence] : 'Nothing is kept: this is in memory only.'}
      </p>
    </section>
  );
}
