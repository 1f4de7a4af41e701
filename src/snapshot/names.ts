/** Which names of namespaces and snapshots may become part of a URL and of a storage key. */
import { LociError } from '../errors.ts';
import { MAX_SCOPE_CHARS } from '../limits.ts';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** The namespace, or INVALID_INPUT: 1–128 characters, no slash, control character or lone surrogate. */
export function checkNamespace(namespace: string): string {
  const isSafe =
    namespace.length > 0 &&
    namespace.length <= MAX_SCOPE_CHARS &&
    // URLs drop these two segments, so another namespace would answer.
    namespace !== '.' &&
    namespace !== '..' &&
    !/[\p{Cc}\p{Cs}/\\]/u.test(namespace);
  if (isSafe) return namespace;
  throw new LociError('INVALID_INPUT', 'The namespace has a name that cannot be stored', {
    hint: `Use 1 to ${MAX_SCOPE_CHARS} characters without slashes and control characters.`,
  });
}

/** The snapshot's id, or INVALID_INPUT: a lower-case UUIDv7, so that its order is the order of time. */
export function checkSnapshotId(snapshotId: string): string {
  if (UUID_V7.test(snapshotId)) return snapshotId;
  throw new LociError('INVALID_INPUT', 'A snapshot is named by a lower-case UUIDv7', {
    hint: 'Take the id from the list of snapshots, or ask for "latest".',
  });
}

/** When a snapshot's id was made, ms since the epoch. */
export function snapshotIdTime(snapshotId: string): number {
  return Number.parseInt(snapshotId.slice(0, 8) + snapshotId.slice(9, 13), 16);
}

/** The chunk's name, or INVALID_INPUT: 64 lower-case hexadecimal digits. */
export function checkSha256(sha256: string): string {
  if (SHA256.test(sha256)) return sha256;
  throw new LociError('INVALID_INPUT', 'A chunk is named by 64 lower-case hexadecimal digits', {
    hint: 'Name the chunk by the SHA-256 of its bytes.',
  });
}
