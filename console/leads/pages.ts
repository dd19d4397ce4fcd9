import type { AddPages } from '../context.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';
import { leadsFilter } from './address.ts';
import { leadPage } from './lead-view.ts';
import { leadsPage } from './list-view.ts';
import { readLead, readLeadsPage } from './read.ts';

/** `/leads`, `/leads/<workflow id, URL-encoded>` */
export const addLeads: AddPages = (app, { database, client, hasRecovery, now }) => {
  app.get('/leads', async (request, reply) => {
    const filter = leadsFilter(request.query);
    return send(reply, leadsPage(request.visit, await readLeadsPage(database, filter), filter, hasRecovery));
  });

  // Not a parameter: the router takes parameters of 100 characters at most, and a workflow's id can be longer.
  app.get<{ Params: { '*': string } }>('/leads/*', async (request, reply) => {
    const details = await readLead(database, client, request.params['*']);
    if (details === undefined) {
      const sentence = 'There is no recovery under this id. The lead may not have been taken up.';
      return send(reply.code(404), messagePage(request.visit, 'No such lead', sentence));
    }
    return send(reply, leadPage(request.visit, details, now()));
  });
};
