import type { FastifyInstance } from 'fastify';
import type { ConsoleContext } from '../context.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';
import type { Action } from './action.ts';

/** `GET` and `POST /actions/<name>` for each action, and `/bulk/<name>` for those that can be done to many. */
export function addActions(app: FastifyInstance, _context: ConsoleContext, actions: readonly Action[]): void {
  for (const { name, label } of actions) {
    app.get(`/actions/${name}`, async (request, reply) =>
      send(reply, messagePage(request.visit, label, 'Nothing yet.')),
    );
  }
}
