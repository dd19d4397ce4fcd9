import type { AddPages } from '../context.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';

/** `/leads` */
export const addLeads: AddPages = (app) => {
  app.get('/leads', async (request, reply) => send(reply, messagePage(request.visit, 'Leads', 'Nothing yet.')));
};
