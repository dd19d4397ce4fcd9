import type { AddPages } from '../context.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';

/** `/kickoffs` */
export const addKickoffs: AddPages = (app) => {
  app.get('/kickoffs', async (request, reply) => send(reply, messagePage(request.visit, 'Kickoffs', 'Nothing yet.')));
};
