import type { AddPages } from '../context.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';

/** `/registry` */
export const addRegistry: AddPages = (app) => {
  app.get('/registry', async (request, reply) => send(reply, messagePage(request.visit, 'Registry', 'Nothing yet.')));
};
