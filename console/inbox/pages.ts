import type { AddPages } from '../context.ts';
import { send } from '../send.ts';
import { inboxFilter } from './address.ts';
import { readInbox } from './read.ts';
import { inboxPage } from './view.ts';

/** `/inbox` */
export const addInbox: AddPages = (app, { database }) => {
  app.get('/inbox', async (request, reply) => {
    const filter = inboxFilter(request.query);
    return send(reply, inboxPage(request.visit, await readInbox(database, filter), filter));
  });
};
