import type { AddPages } from '../context.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';

/** `/audit` */
export const addAudit: AddPages = (app) => {
  app.get('/audit', async (request, reply) => send(reply, messagePage(request.visit, 'Audit log', 'Nothing yet.')));
};
