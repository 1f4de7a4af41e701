/** Loads the shipped table of the built-in model, which is a file beside this module. */

import { readLargeAsset } from '../../asset.ts';
import { isLociError, LociError } from '../../errors.ts';
import type { EmbedderLoader } from '../embedder.ts';
import {
  type BuiltinEmbedderOptions,
  builtinIdentity,
  createBuiltinEmbedder,
  hasDirection,
  reducedSpace,
  reduceVector,
} from './encoder.ts';
import { SHIPPED } from './shipped.ts';
import { type BuiltinTable, readBuiltinTable } from './table.ts';

/** The table for all who need it: read once, and again only where that failed. */
export interface TableSource {
  /**
   * @param onProgress called with 0–1, never falling.
   * @throws LociError `MODEL_UNAVAILABLE`, retryable, where it is not served, broken, or another version's.
   */
  load(onProgress?: (fraction: number) => void): Promise<BuiltinTable>;
}

/** @param url Default: the package's own file. */
export function createTableSource(url = new URL('./table.bin', import.meta.url)): TableSource {
  const listeners = new Set<(fraction: number) => void>();
  let reading: Promise<BuiltinTable> | undefined;
  let hasFailed = false;
  const read = async (): Promise<BuiltinTable> => {
    try {
      const bytes = await readLargeAsset(url, {
        bytes: SHIPPED.bytes,
        isFresh: hasFailed,
        onProgress: (fraction) => {
          for (const listener of listeners) listener(fraction);
        },
      });
      const table = readBuiltinTable(bytes);
      if (table.shape.model === SHIPPED.model) return table;
      throw new Error(`${url.href} is another version's table`);
    } catch (cause) {
      hasFailed = true;
      reading = undefined;
      throw unavailable(cause);
    } finally {
      listeners.clear();
    }
  };
  return {
    load: (onProgress) => {
      if (onProgress !== undefined) listeners.add(onProgress);
      reading ??= read();
      return reading;
    },
  };
}

export interface BuiltinLoaderOptions extends BuiltinEmbedderOptions {
  /** Default: one of its own, of the package's file. */
  readonly source?: TableSource | undefined;
}

/**
 * A loader of the built-in model.
 *
 * @throws LociError `INVALID_INPUT` of dimensions that it has not.
 * @example
 * const embedder = await createBuiltinLoader().load((fraction) => console.log(fraction));
 */
export function createBuiltinLoader({
  dimensions,
  source = createTableSource(),
}: BuiltinLoaderOptions = {}): EmbedderLoader {
  return {
    ...builtinIdentity(SHIPPED, dimensions),
    load: async (onProgress) => createBuiltinEmbedder(await source.load(onProgress), { dimensions }),
  };
}

/**
 * A loader whose model makes vectors of MiniLM's space, with these reduced as the built-in model's are: both can
 * then be compared. It needs the table, which holds the axes. A vector of zeros or NaN is handed on as it is.
 */
export function createReducedLoader(whole: EmbedderLoader, source: TableSource): EmbedderLoader {
  const identity = {
    id: `${whole.id}-${SHIPPED.reduced}`,
    space: reducedSpace({ shape: SHIPPED }),
    dimensions: SHIPPED.reduced,
  };
  return {
    ...identity,
    load: async (onProgress) => {
      const table = await source.load();
      const { embed, close } = await whole.load(onProgress);
      return {
        ...identity,
        // What points nowhere stays as it is: whoever checks vectors refuses that text, and not its whole batch.
        embed: async (texts, purpose) =>
          (await embed(texts, purpose)).map((vector) =>
            hasDirection(vector) ? reduceVector(table, vector) : vector,
          ),
        close,
      };
    },
  };
}

function unavailable(cause: unknown): LociError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = isLociError(cause) ? why : `the built-in model's table cannot be loaded: ${why}`;
  return new LociError('MODEL_UNAVAILABLE', message, {
    retryable: true,
    hint: 'Serve table.bin beside the package’s modules. Words are hashed meanwhile: only what shares words is found.',
    cause,
  });
}
