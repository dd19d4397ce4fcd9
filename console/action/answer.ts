import type { FastifyInstance } from 'fastify';
import { type Database, findAttempt } from '../../database/index.ts';
import type { Visit } from '../visit.ts';
import { answerOf } from './attempts.ts';
import { textIn, textsOf } from './posted.ts';

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

export function isAttemptId(text: string): boolean {
  return UUID.test(text);
}

/**
 * A page whose address ends in `?answer=<attempt>` says what came of that attempt: to whoever made it alone. To anybody else
 * who is given the address it would look as though they had done something; they have the audit log.
 */
export function addAnswers(app: FastifyInstance, { db }: Pick<Database, 'db'>): void {
  app.addHook('preHandler', async (request) => {
    // Nobody is signed in where a page is made for everybody.
    const visit: Visit | undefined = request.visit;
    if (request.method !== 'GET' || visit === undefined) return;
    const attempt = textIn(textsOf(request.query), 'answer');
    if (!isAttemptId(attempt)) return;
    const known = await findAttempt(db, attempt.toLowerCase());
    if (known?.subject === visit.viewer.subject) visit.answer = answerOf(known);
  });
}

/** A page's path, which then says what came of the attempt. */
export function withAnswer(path: string, attempt: string): string {
  const [address = '', fragment] = path.split('#', 2);
  const separator = address.includes('?') ? '&' : '?';
  return `${address}${separator}answer=${attempt}${fragment === undefined ? '' : `#${fragment}`}`;
}
