import Uppy from '@uppy/core';
import Tus from '@uppy/tus';
import { expect, test, type APIRequestContext } from '@playwright/test';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Server as Listener } from 'node:net';
import { Upload } from 'tus-js-client';
import { tokenOf } from '../fixtures/files.ts';
import { person, register } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

/** The clients that everybody uses, as they come from npm: if they and this server understand each other, others will. */

const SIZE = 6_000_000;
// As by default it is back at once, before a server has noticed anything.
const RETRY = [0, 100, 200, 400, 800];
const ada = person('Ada Lovelace');
let server: Server;
let request: APIRequestContext;
let token = '';

test.beforeAll(async ({ playwright }) => {
  server = await Server.start();
  request = await playwright.request.newContext();
  await register(request, server, ada);
  token = await tokenOf(request, server, ada);
});
test.afterAll(async () => {
  await request.dispose();
  await server.stop();
});

/** A line to the server that breaks as soon as so many bytes have gone up, once for each of the numbers. */
class Line {
  private listener!: Listener;
  readonly cuts: number[];

  constructor(cuts: number[]) {
    this.cuts = [...cuts];
  }

  async open(): Promise<string> {
    const { hostname, port } = new URL(server.url);
    this.listener = createServer((client) => {
      const target = connect(Number(port), hostname);
      const end = (): void => {
        client.destroy();
        target.destroy();
      };
      let sent = 0;
      client.on('data', (bytes) => {
        const cut = this.cuts[0];
        sent += bytes.length;
        if (cut !== undefined && sent > cut) {
          this.cuts.shift();
          // What came before the cut arrives.
          target.write(bytes.subarray(0, bytes.length - (sent - cut)), end);
        } else {
          target.write(bytes);
        }
      });
      target.on('data', (bytes) => client.write(bytes));
      for (const socket of [client, target]) socket.on('error', end).on('close', end);
    });
    await new Promise<void>((done) => this.listener.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}/v1/uploads`;
  }

  close(): void {
    this.listener.close();
  }
}

/** What the server says of the file, once it is stored, and the file itself. */
async function arrived(url: string, content: Buffer): Promise<{ name: string; claimed_type?: string }> {
  const id = url.split('/').pop()!;
  const headers = { Authorization: `Bearer ${token}` };
  const find = async () => (await (await request.get(`${server.url}/v1/files/${id}`, { headers })).json()) as { status: string; sha256: string; name: string; claimed_type?: string };
  await expect.poll(async () => (await find()).status, { timeout: 20_000 }).toBe('stored');
  const file = await find();
  expect(file.sha256).toBe(createHash('sha256').update(content).digest('hex'));
  const answer = await request.get(`${server.url}/v1/files/${id}/content`, { headers });
  expect((await answer.body()).equals(content)).toBe(true);
  return file;
}

for (const chunkSize of [Infinity, 700_000]) {
  test(`tus-js-client goes on after cuts, ${chunkSize === Infinity ? 'all in one part' : 'in parts'}`, async () => {
    const content = randomBytes(SIZE);
    const cuts = Array.from({ length: 3 }, () => randomInt(1_000, Math.min(chunkSize, SIZE / 3)));
    const line = new Line(cuts);
    const endpoint = await line.open();
    const errors: string[] = [];
    const offsets: number[] = [];
    const url = await new Promise<string>((done, failed) => {
      const upload = new Upload(content, {
        endpoint,
        chunkSize,
        retryDelays: RETRY,
        headers: { Authorization: `Bearer ${token}` },
        metadata: { filename: 'Häfen.bin', filetype: 'application/x-harbour' },
        onBeforeRequest: (sent) => {
          const offset = sent.getHeader('Upload-Offset');
          if (offset !== undefined) offsets.push(Number(offset));
        },
        onShouldRetry: (error) => {
          errors.push(error.message);
          return true;
        },
        onError: failed,
        onSuccess: () => done(upload.url!),
      });
      upload.start();
    });
    line.close();
    expect(errors, `cut after ${cuts}, ${errors}`).toHaveLength(3);
    // What came is not sent again.
    expect(new Set(offsets).size, `cut after ${cuts}, went on at ${offsets}`).toBe(offsets.length);
    expect(await arrived(url, content)).toMatchObject({ name: 'Häfen.bin', claimed_type: 'application/x-harbour' });
  });
}

test('tus-js-client goes on where another one stopped', async () => {
  const content = randomBytes(SIZE);
  const stopAt = randomInt(500_000, SIZE - 1_500_000);
  const headers = { Authorization: `Bearer ${token}` };
  const endpoint = `${server.url}/v1/uploads`;
  const url = await new Promise<string>((done, failed) => {
    const upload = new Upload(content, {
      endpoint,
      chunkSize: 500_000,
      headers,
      onChunkComplete: (_, accepted) => {
        if (accepted >= stopAt) void upload.abort().then(() => done(upload.url!));
      },
      onError: failed,
    });
    upload.start();
  });
  const offsets: number[] = [];
  await new Promise<void>((done, failed) => {
    const upload = new Upload(content, {
      endpoint,
      uploadUrl: url,
      headers,
      onBeforeRequest: (sent) => {
        const offset = sent.getHeader('Upload-Offset');
        if (offset !== undefined) offsets.push(Number(offset));
      },
      onError: failed,
      onSuccess: () => done(),
    });
    upload.start();
  });
  expect(offsets[0], `stopped at ${stopAt}`).toBeGreaterThanOrEqual(stopAt);
  await arrived(url, content);
});

test('tus-js-client takes an upload back', async () => {
  const upload = new Upload(randomBytes(1_000_000), {
    endpoint: `${server.url}/v1/uploads`,
    chunkSize: 300_000,
    headers: { Authorization: `Bearer ${token}` },
  });
  await new Promise<void>((done, failed) => {
    upload.options.onChunkComplete = () => done();
    upload.options.onError = failed;
    upload.start();
  });
  await upload.abort(true);
  const answer = await request.head(upload.url!, { headers: { Authorization: `Bearer ${token}`, 'Tus-Resumable': '1.0.0' } });
  expect([404, 410]).toContain(answer.status());
});

test('Uppy sends several files over a line that breaks', async () => {
  const contents = [0, 1, 2].map(() => randomBytes(2_000_000));
  const cuts = contents.map(() => randomInt(1_000, 1_500_000));
  const line = new Line(cuts);
  const endpoint = await line.open();
  const uppy = new Uppy().use(Tus, {
    endpoint,
    headers: { Authorization: `Bearer ${token}` },
    retryDelays: RETRY,
    limit: 2,
  });
  // Uppy asks data for their size, as browsers' have one; Node's tus-js-client takes buffers.
  contents.forEach((content, index) => uppy.addFile({ name: `uppy ${index}.bin`, type: 'application/octet-stream', data: Object.assign(content, { size: content.length }) as unknown as Blob }));
  const result = await uppy.upload();
  line.close();
  expect(result?.failed).toEqual([]);
  expect(result?.successful).toHaveLength(3);
  expect(line.cuts, `cut after ${cuts}`).toEqual([]);
  for (const file of result?.successful ?? []) {
    const index = Number(/\d/.exec(file.name ?? '')?.[0]);
    expect(await arrived((file as { uploadURL?: string }).uploadURL!, contents[index])).toMatchObject({ name: `uppy ${index}.bin` });
  }
});
