import type { AddPages } from '../context.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';

/** `/backfills` */
export const addBackfills: AddPages = (app) => {
  app.get('/backfills', async (request, reply) => send(reply, messagePage(request.visit, 'Backfills', 'Nothing yet.')));
};
