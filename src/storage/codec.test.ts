import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToFloats, decodeFrame, encodeFrame, floatsToBytes } from './codec.ts';

const headers = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
const blobLists = fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 5 });

describe('frames', () => {
  it('come back as they went in', () => {
    fc.assert(
      fc.property(headers, blobLists, (header, blobs) => {
        const frame = decodeFrame(encodeFrame(header, blobs));
        expect(JSON.stringify(frame.header)).toBe(JSON.stringify(header));
        expect(frame.blobs).toEqual(blobs);
      }),
    );
  });

  it('come back from the middle of a larger buffer', () => {
    const bytes = encodeFrame({ a: 1 }, [new Uint8Array([1, 2, 3])]);
    const larger = new Uint8Array(bytes.length + 10);
    larger.set(bytes, 3);
    const frame = decodeFrame(larger.subarray(3, 3 + bytes.length));
    expect(frame).toEqual({ version: 1, header: { a: 1 }, blobs: [new Uint8Array([1, 2, 3])] });
  });

  it('show any single changed byte', () => {
    fc.assert(
      fc.property(
        headers,
        blobLists,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (header, blobs, at, flip) => {
          const bytes = encodeFrame(header, blobs);
          const index = at % bytes.length;
          bytes[index] = (bytes[index] ?? 0) ^ flip;
          expect(() => decodeFrame(bytes)).toThrow(expect.objectContaining({ code: 'STORAGE_CORRUPT' }));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('show every truncation and every appended byte', () => {
    fc.assert(
      fc.property(
        headers,
        blobLists,
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        (header, blobs, tail) => {
          const bytes = encodeFrame(header, blobs);
          for (let length = 0; length < bytes.length; length++) {
            expect(() => decodeFrame(bytes.slice(0, length))).toThrow(
              expect.objectContaining({ code: 'STORAGE_CORRUPT' }),
            );
          }
          const longer = new Uint8Array([...bytes, ...tail]);
          expect(() => decodeFrame(longer)).toThrow(expect.objectContaining({ code: 'STORAGE_CORRUPT' }));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('say in the details which part is damaged', () => {
    const bytes = encodeFrame({ a: 1 });
    bytes[12] = (bytes[12] ?? 0) ^ 1;
    expect(() => decodeFrame(bytes)).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ part: 'checksum', sizeBytes: bytes.length }),
      }),
    );
  });

  it('tell the version that they were written with', () => {
    expect(decodeFrame(encodeFrame({}, [], 2)).version).toBe(2);
    expect(decodeFrame(encodeFrame({})).version).toBe(1);
  });

  it('refuse a newer codec version that is whole', () => {
    const bytes = encodeFrame({ a: 1 });
    const newer = withVersion(bytes, 4);
    expect(() => decodeFrame(newer)).toThrow(
      expect.objectContaining({ code: 'NEWER_FORMAT', details: { version: 4, newest: 3 } }),
    );
    expect(() => decodeFrame(withVersion(bytes, 0))).toThrow(
      expect.objectContaining({ code: 'STORAGE_CORRUPT' }),
    );
  });

  it('give blobs that do not share memory with the bytes they came from', () => {
    const bytes = encodeFrame({}, [new Uint8Array([7, 8])]);
    const [blob] = decodeFrame(bytes).blobs;
    bytes.fill(0);
    expect(blob).toEqual(new Uint8Array([7, 8]));
    expect(blob?.byteOffset).toBe(0);
  });
});

describe('floats', () => {
  it('come back bit for bit, from an unaligned view too', () => {
    fc.assert(
      fc.property(fc.float32Array(), (floats) => {
        const bytes = floatsToBytes(floats);
        const shifted = new Uint8Array(bytes.length + 1);
        shifted.set(bytes, 1);
        expect(bytesToFloats(shifted.subarray(1))).toEqual(floats);
      }),
    );
  });

  it('are little-endian', () => {
    expect(floatsToBytes(new Float32Array([1]))).toEqual(new Uint8Array([0, 0, 0x80, 0x3f]));
  });

  it('are copies in both directions', () => {
    const floats = new Float32Array([1, 2]);
    const bytes = floatsToBytes(floats);
    const again = bytesToFloats(bytes);
    floats[0] = 5;
    bytes.fill(0);
    expect(again).toEqual(new Float32Array([1, 2]));
  });

  it('are refused where bytes are missing', () => {
    expect(() => bytesToFloats(new Uint8Array(7))).toThrow(
      expect.objectContaining({ code: 'STORAGE_CORRUPT' }),
    );
  });
});

/** The frame with another version byte and the checksum that a writer of that version would give. */
function withVersion(frame: Uint8Array, version: number): Uint8Array {
  const bytes = new Uint8Array(frame);
  bytes[1] = version;
  const end = bytes.length - 4;
  let crc = 0xffffffff;
  for (const byte of bytes.subarray(0, end)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  new DataView(bytes.buffer).setUint32(end, ~crc >>> 0, true);
  return bytes;
}
