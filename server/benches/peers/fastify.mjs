// What many a service is: fastify with @fastify/jwt and better-sqlite3. `/token/N` signs, `/me` verifies the token and reads the row; nothing else is asked or logged.
import { randomBytes, randomUUID } from 'node:crypto';
import jwt from '@fastify/jwt';
import Database from 'better-sqlite3';
import Fastify from 'fastify';

const [folder, people] = process.argv.slice(2);
const database = new Database(`${folder}/people.db`);
database.pragma('journal_mode = WAL');
database.exec('CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, role TEXT NOT NULL, created_at TEXT NOT NULL)');
const insert = database.prepare('INSERT INTO users VALUES (?, ?, ?, ?, ?)');
const ids = Array.from({ length: Number(people) }, () => randomUUID());
database.transaction(() => {
  ids.forEach((id, number) => insert.run(id, `Person ${number}`, `person-${number}@example.org`, 'member', new Date().toISOString()));
})();
const find = database.prepare('SELECT id, name, email, role, created_at FROM users WHERE id = ?');

const fastify = Fastify();
await fastify.register(jwt, { secret: randomBytes(32) });
fastify.get('/token/:number', (request) => ({ token: fastify.jwt.sign({ sub: ids[request.params.number] }, { expiresIn: '1h' }) }));
fastify.get('/me', { onRequest: (request) => request.jwtVerify() }, async (request, reply) => find.get(request.user.sub) ?? reply.code(401).send());
await fastify.listen({ port: 0, host: '127.0.0.1' });
console.log(`fastify listens on http://127.0.0.1:${fastify.server.address().port}`);
