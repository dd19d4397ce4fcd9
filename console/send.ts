import type { FastifyReply } from 'fastify';
import type { Markup } from './page/html.ts';

/** Answers with a page. */
export function send(reply: FastifyReply, page: Markup): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(page.toString());
}
