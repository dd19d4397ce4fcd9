import type { AddPages } from '../context.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';

/** `/start` */
export const addStart: AddPages = (app) => {
  app.get('/start', async (request, reply) => send(reply, messagePage(request.visit, 'Start one', 'Nothing yet.')));
};
