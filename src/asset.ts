/** Reads the files that lie beside the package's modules: by `fetch`, and in Node from the disk. */

import { ASSET_STALL_MS } from './limits.ts';

/**
 * A whole file, of some KB.
 *
 * @param longestMs that it may take, all of it.
 * @throws Error where it is not served, cannot be reached, or stops coming.
 */
export async function readAsset(url: URL, longestMs = ASSET_STALL_MS): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === 'file:') return readLocal(url);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(stopped(url, longestMs)), longestMs);
  try {
    const response = await fetchAsset(url, { signal: late.signal });
    return new Uint8Array(await response.arrayBuffer());
  } finally {
    clearTimeout(timer);
  }
}

export interface LargeAssetOptions {
  /** How long the file is, bytes. A longer one is refused; of a shorter one there is what there is. */
  readonly bytes: number;
  /** Called with the share that has come, 0–1, never falling. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Whether a copy in the HTTP cache is passed over: it may be the broken one. Default false. */
  readonly isFresh?: boolean | undefined;
  /** Longest wait for the next piece, ms. */
  readonly stallMs?: number | undefined;
}

/** An object of no closer type: workerd's own knows no caches. */
const FRESH: object = { cache: 'reload' };

/**
 * A file of known length, into memory of that length, piece by piece.
 *
 * @throws Error where it is not served, cannot be reached, is longer than said, or stops coming.
 */
export async function readLargeAsset(
  url: URL,
  { bytes, onProgress = () => undefined, isFresh = false, stallMs = ASSET_STALL_MS }: LargeAssetOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === 'file:') {
    const local = await readLocal(url);
    onProgress(1);
    return local;
  }
  const stalled = new AbortController();
  const giveUp = () => stalled.abort(stopped(url, stallMs));
  let timer = setTimeout(giveUp, stallMs);
  try {
    const response = await fetchAsset(url, {
      signal: stalled.signal,
      ...(isFresh ? FRESH : {}),
    });
    const into = new Uint8Array(bytes);
    let at = 0;
    // Read by hand: not every browser iterates over a stream.
    const reader = response.body?.getReader();
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, stallMs);
      if (at + piece.value.length > bytes) {
        await reader?.cancel();
        throw new Error(`${url.href} is longer than ${bytes} bytes`);
      }
      into.set(piece.value, at);
      at += piece.value.length;
      onProgress(at / bytes);
    }
    return into.subarray(0, at);
  } finally {
    clearTimeout(timer);
  }
}

function stopped({ href }: URL, ms: number): Error {
  return new Error(`${href} stopped coming: it was waited for ${ms} ms`);
}

async function fetchAsset(url: URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url.href} answered ${response.status}`);
  return response;
}

/** Node's `fetch` reads no files; asked for this way, no bundler tries to bundle its modules. */
async function readLocal(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const fs = globalThis.process?.getBuiltinModule?.('node:fs/promises');
  if (fs === undefined) throw new Error(`${url.href} is a file, and this is not Node`);
  return new Uint8Array(await fs.readFile(url));
}
