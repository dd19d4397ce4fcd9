import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { SCRIPT_PATH } from '../page/layout.ts';

/** Beside the code, in the sources as in the build. */
const FILE = new URL('../browser/console.js', import.meta.url);

/** The console's only script. A browser may keep it, and asks each time whether it is still the one. */
export function addScript(app: FastifyInstance): void {
  const script = readFileSync(FILE);
  const etag = `"${createHash('sha256').update(script).digest('base64url')}"`;
  app.get(SCRIPT_PATH, async (request, reply) => {
    reply.headers({ etag, 'cache-control': 'no-cache' });
    if (request.headers['if-none-match']?.includes(etag) === true) return reply.code(304).send();
    return reply.type('text/javascript; charset=utf-8').send(script);
  });
}
