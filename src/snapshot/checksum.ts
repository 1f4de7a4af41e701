/** The running checksum of a snapshot's lines: CRC-32 (IEEE 802.3, as in gzip) of their bytes, newlines included. */
import crc32 from 'crc-32';

/** The checksum of no bytes. */
export const EMPTY_CHECKSUM = 0;

/** The checksum of what came before and these bytes. */
export function extendChecksum(checksum: number, bytes: Uint8Array): number {
  return crc32.buf(bytes, checksum);
}

/** As eight lower-case hexadecimal digits. */
export function checksumText(checksum: number): string {
  return (checksum >>> 0).toString(16).padStart(8, '0');
}
