import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** Whether a form was made by the console for the session that sends it. */
export function isOwnForm(request: FastifyRequest, csrf: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(csrf), digest(request.visit.csrfToken));
}
