import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readAsset, readLargeAsset } from '../../asset.ts';
import { describeEmbedderContract } from '../../testing/embedder-contract.ts';
import { cosine } from '../../testing/vector-data.ts';
import { isVector } from '../../vector/vectors.ts';
import type { Embedder } from '../embedder.ts';
import { createBuiltinEmbedder, createEncoder } from './encoder.ts';
import { GOLDEN } from './golden-test-util.ts';
import { createBuiltinLoader, createReducedLoader, createTableSource } from './load.ts';
import { SHIPPED } from './shipped.ts';
import { readBuiltinTable } from './table.ts';

const bytes = new Uint8Array(readFileSync(new URL('./table.bin', import.meta.url)));
const table = readBuiltinTable(bytes);

describeEmbedderContract('the built-in model, loaded from its file', () =>
  createBuiltinLoader().load(() => undefined),
);

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function served(answer: RequestListener): Promise<URL> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/table.bin`);
}

const unavailable = (why: string) => ({
  code: 'MODEL_UNAVAILABLE',
  retryable: true,
  message: expect.stringContaining(why),
  hint: expect.stringContaining('table.bin'),
});

describe('the shipped table', () => {
  it('is what the code says of it before it is read (a new table changes shipped.ts)', () => {
    const { dimensions, reduced, model } = table.shape;
    expect(SHIPPED).toEqual({ bytes: bytes.length, dimensions, reduced, model });
  });
});

describe('loading the table', () => {
  it('tells its progress by bytes, which never falls and ends at 1', async () => {
    const url = await served((_, response) => response.end(bytes));
    const told: number[] = [];
    const loaded = await createTableSource(url).load((fraction) => told.push(fraction));
    const encode = createEncoder(loaded);
    for (const { text, first } of GOLDEN) expect([...encode(text).slice(0, first.length)]).toEqual(first);
    expect(told.length).toBeGreaterThan(2);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
  });

  it('reads it once for all who ask, also at once', async () => {
    let asked = 0;
    const url = await served((_, response) => {
      asked += 1;
      response.end(bytes);
    });
    const source = createTableSource(url);
    const [first, second] = await Promise.all([source.load(), source.load()]);
    expect(await source.load()).toBe(first);
    expect(second).toBe(first);
    expect(asked).toBe(1);
  });

  it.each<[string, RequestListener, string]>([
    ['is missing', (_, response) => response.writeHead(404).end(), 'answered 404'],
    [
      'is a page in its place',
      (_, response) => response.end(`<!doctype html>${' '.repeat(500)}`),
      'first bytes',
    ],
    ['is cut off', (_, response) => response.end(bytes.subarray(0, 1_000_000)), '1000000 bytes of'],
    ['goes on for ever', (_, response) => response.end(Buffer.alloc(SHIPPED.bytes + 1)), 'longer than'],
    [
      'is broken',
      (_, response) => response.end(bytes.with(2_000_000, 255 - (bytes[2_000_000] ?? 0))),
      'checksum',
    ],
    ['breaks off', (request) => request.socket.destroy(), 'fetch failed'],
  ])('refuses with a typed error one that %s', async (_, answer, why) => {
    const url = await served(answer);
    await expect(createTableSource(url).load()).rejects.toMatchObject(unavailable(why));
  });

  it('reads it anew where it failed, past what a cache kept', async () => {
    let isBroken = true;
    const asked: (string | undefined)[] = [];
    const url = await served((request, response) => {
      asked.push(request.headers['cache-control']);
      response.end(isBroken ? 'nothing' : bytes);
    });
    const source = createTableSource(url);
    await expect(source.load()).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    isBroken = false;
    expect((await source.load()).shape).toEqual(table.shape);
    expect(asked).toEqual([undefined, 'no-cache']);
  });

  it('gives up a server that says nothing more', async () => {
    const url = await served((_, response) => response.writeHead(200).write(bytes.subarray(0, 1_000)));
    await expect(readLargeAsset(url, { bytes: SHIPPED.bytes, stallMs: 50 })).rejects.toThrow(
      'stopped coming',
    );
    await expect(readAsset(url, 50)).rejects.toThrow('stopped coming');
  });

  it('refuses dimensions that the model has not before it loads anything', () => {
    expect(() => createBuiltinLoader({ dimensions: 100 })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', hint: expect.stringContaining('256') }),
    );
  });
});

describe('MiniLM in fewer dimensions', () => {
  const whole = createBuiltinEmbedder(table);
  let isClosed = false;
  /** Any model of MiniLM's space. */
  const model: Embedder = {
    ...whole,
    id: 'all-MiniLM-L6-v2@q8',
    close: async () => {
      isClosed = true;
    },
  };
  const loader = { ...model, load: async () => model };

  it('is of one space with the built-in model in as many, and keeps who is near whom', async () => {
    const reduced = createReducedLoader(loader, createTableSource());
    const builtin = createBuiltinLoader({ dimensions: 256 });
    expect(reduced).toMatchObject({ id: 'all-MiniLM-L6-v2@q8-256', space: builtin.space, dimensions: 256 });
    const embedder = await reduced.load(() => undefined);
    const texts = ['The physician gave her medicine.', 'A doctor prescribed pills.'];
    const [a = new Float32Array(), b = new Float32Array()] = await embedder.embed(texts);
    const [c = new Float32Array(), d = new Float32Array()] = await whole.embed(texts);
    expect(a.length).toBe(256);
    expect(Math.abs(cosine(a, b) - cosine(c, d))).toBeLessThan(0.06);
    await embedder.close();
    expect(isClosed).toBe(true);
  });

  it('hands on what points nowhere, which is no vector then, and reduces the others', async () => {
    const spoilt: Embedder = {
      ...model,
      embed: async (texts) =>
        (await whole.embed(texts)).map((vector, i) =>
          i === 0 ? vector : vector.map(() => [0, Number.NaN][i - 1] ?? 0),
        ),
    };
    const reduced = createReducedLoader({ ...loader, load: async () => spoilt }, createTableSource());
    const vectors = await (await reduced.load(() => undefined)).embed(['good', 'zeros', 'NaN']);
    expect(vectors.map((vector) => isVector(vector, 256))).toEqual([true, false, false]);
  });

  it('cannot be had without the table, which has the axes', async () => {
    const url = await served((_, response) => response.writeHead(404).end());
    const loading = createReducedLoader(loader, createTableSource(url)).load(() => undefined);
    await expect(loading).rejects.toMatchObject(unavailable('404'));
  });
});
