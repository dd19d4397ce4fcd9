import type { AddPages } from '../context.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';
import { inboxFilter } from './address.ts';
import { eventPage } from './event-view.ts';
import { readInbox, readInboxEvent } from './read.ts';
import { inboxPage } from './view.ts';

/** `/inbox`, `/inbox/<number>`, `/inbox/<number>/payload.json` */
export const addInbox: AddPages = (app, { database }) => {
  app.get('/inbox', async (request, reply) => {
    const filter = inboxFilter(request.query);
    const inbox = await readInbox(database, filter, request.visit.zone);
    return send(reply, inboxPage(request.visit, inbox, filter));
  });

  app.get<{ Params: { id: string } }>('/inbox/:id', async (request, reply) => {
    const event = await eventOf(request.params.id);
    if (event === undefined) {
      const sentence = 'No event has that number. Look for it on the inbox’s page.';
      return send(reply.code(404), messagePage(request.visit, 'There is no such event', sentence));
    }
    return send(reply, eventPage(request.visit, event));
  });

  app.get<{ Params: { id: string } }>('/inbox/:id/payload.json', async (request, reply) => {
    const event = await eventOf(request.params.id);
    if (event === undefined) {
      return send(reply.code(404), messagePage(request.visit, 'There is no such event', 'No event has that number.'));
    }
    reply.header('content-disposition', `attachment; filename="event-${event.row.id}.json"`);
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(event.row.payload, null, 2));
  });

  async function eventOf(id: string) {
    // PostgreSQL's bigint is larger; no row's number is.
    return /^[1-9]\d{0,14}$/.test(id) ? await readInboxEvent(database, Number(id)) : undefined;
  }
};
