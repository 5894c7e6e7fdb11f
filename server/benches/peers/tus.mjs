// The tus project's own server with its store of files, in the folder that is named. With "durable" behind it, an answer comes once the file, what tells of
// it and their names are synced; as it comes, the server leaves that to the system.
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';

const [, , directory, durable] = process.argv;

async function sync(path) {
  const file = await open(path);
  await file.sync();
  await file.close();
}

async function onUploadFinish(request, upload) {
  const file = join(directory, upload.id);
  await Promise.all([sync(file), sync(`${file}.json`)]);
  await sync(directory);
  return {};
}

const tus = new Server({ path: '/files', datastore: new FileStore({ directory }), ...(durable && { onUploadFinish }) });
const server = createServer((request, response) => tus.handle(request, response));
server.listen(0, '127.0.0.1', () => console.log(`tus listens on http://127.0.0.1:${server.address().port}`));
