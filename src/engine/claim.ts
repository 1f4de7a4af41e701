/** Finds the manifest of a namespace, and takes the next epoch: whoever wrote before is fenced off from there. */

import { isLociError } from '../errors.ts';
import { COMMIT_ATTEMPTS } from '../limits.ts';
import type { Storage } from '../storage/storage.ts';
import {
  decodeManifest,
  encodeManifest,
  MANIFEST_KEYS,
  type Manifest,
  newManifest,
} from './blocks/manifest.ts';
import { headlessError, rebuildManifest } from './blocks/rebuild-manifest.ts';
import type { Environment } from './environment.ts';
import type { Damage } from './health.ts';
import { isCorrupt } from './read-rows.ts';

/** What is there of the manifest. */
interface FoundManifest {
  readonly manifest?: Manifest | undefined;
  /** Whether both copies are whole. */
  readonly isWhole: boolean;
  /** Why one of them is not, where it is broken. */
  readonly broken?: unknown;
  /** Whether it was made from the blocks: then it is stored with their next change. */
  readonly isRebuilt?: boolean | undefined;
}

async function readManifest(storage: Storage): Promise<FoundManifest> {
  let found: FoundManifest = { isWhole: false };
  // A read may go wrong where the bytes are right.
  for (let attempt = 0; attempt < 2 && !found.isWhole; attempt++) {
    const copies = await storage.getMany(MANIFEST_KEYS);
    let { manifest, broken } = found;
    let whole = 0;
    for (const bytes of copies) {
      if (bytes === undefined) continue;
      try {
        const decoded = decodeManifest(bytes);
        if (whole === 0) manifest = decoded;
        whole += 1;
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        broken = error;
      }
    }
    found = { manifest, broken, isWhole: whole === copies.length };
  }
  return found;
}

/** The manifest; where a store that is not empty has none, it is made from the blocks. None for an empty store. */
async function findManifest(storage: Storage, environment: Environment): Promise<FoundManifest> {
  const found = await readManifest(storage);
  if (found.manifest !== undefined) return found;
  const keys = await storage.getKeys({ from: '', to: '\uffff' }, { limit: 1 });
  if (keys.length === 0) return found;
  const rebuilt = await rebuildManifest(storage, environment.now());
  if (rebuilt === undefined) throw headlessError(found.broken);
  return { ...found, manifest: rebuilt, isRebuilt: true };
}

export interface Claim {
  readonly epoch: number;
  /** False where the disk was full: then the engine is for reading only. */
  readonly isClaimed: boolean;
  readonly manifest: Manifest;
  readonly isNew: boolean;
}

/**
 * Takes the next epoch: whoever wrote before is fenced off from here. The manifest is read before, since nothing
 * is written over what cannot be read, and again afterwards, since the owner before may have folded meanwhile; only
 * then may one that is missing or broken be written again.
 * On a full disk the claim has to wait: what is there can be read, and the first write that finds room takes the
 * epoch and has the engine opened anew.
 */
export async function claim(storage: Storage, environment: Environment, damage: Damage): Promise<Claim> {
  let isNew = false;
  for (let attempt = 1; ; attempt++) {
    const expectEpoch = await storage.epoch();
    const found = (await findManifest(storage, environment)).manifest;
    const manifest = found ?? newManifest(environment.now());
    // A manifest found by a later attempt is that of the first, which landed though nobody knew.
    isNew ||= found === undefined;
    const nextEpoch = expectEpoch + 1;
    const puts = found === undefined ? encodeManifest(manifest) : [];
    try {
      await storage.commit({ expectEpoch, nextEpoch, puts, durability: 'journaled' });
      if (found === undefined) return { manifest, isNew, epoch: nextEpoch, isClaimed: true };
      const current = await findManifest(storage, environment);
      if (!current.isWhole) await mendManifest(storage, current, nextEpoch, damage);
      return { manifest: current.manifest ?? manifest, isNew, epoch: nextEpoch, isClaimed: true };
    } catch (error) {
      if (!isLociError(error)) throw error;
      if (error.code === 'QUOTA_EXCEEDED' && found !== undefined)
        return { manifest, isNew, epoch: expectEpoch, isClaimed: false };
      // Whether it landed or not, a claim of the epoch after is as good.
      if (error.code !== 'OUTCOME_UNKNOWN' || attempt === COMMIT_ATTEMPTS) throw error;
    }
  }
}

/** Writes both copies of a manifest one of which is missing or broken. */
async function mendManifest(
  storage: Storage,
  { manifest, isRebuilt }: FoundManifest,
  expectEpoch: number,
  damage: Damage,
): Promise<void> {
  if (manifest === undefined || isRebuilt === true) return;
  damage.repaired += 1;
  try {
    await storage.commit({ expectEpoch, puts: encodeManifest(manifest), durability: 'journaled' });
  } catch (error) {
    // The copy that is whole will do: tidying tries again, and tells of a failure.
    if (!isLociError(error)) throw error;
  }
}
