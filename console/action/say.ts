import type { FastifyReply, FastifyRequest } from 'fastify';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';
import type { Action } from './action.ts';

/** Answers what was asked of an action with a page that says one thing. */
export function say(
  { visit }: FastifyRequest,
  reply: FastifyReply,
  status: number,
  { label }: Pick<Action, 'label'>,
  sentence: string,
): FastifyReply {
  return send(reply.code(status), messagePage(visit, label, sentence));
}
