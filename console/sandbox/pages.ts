import type { AddPages } from '../context.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';

/** `/sandbox` */
export const addSandbox: AddPages = (app) => {
  app.get('/sandbox', async (request, reply) => send(reply, messagePage(request.visit, 'Sandbox', 'Nothing yet.')));
};
