import type { AddPages } from '../context.ts';
import { send } from '../send.ts';
import { overviewFilter } from './address.ts';
import { readOverview } from './read.ts';
import { overviewPage } from './view.ts';

/** `/` */
export const addOverview: AddPages = (app, { database }) => {
  app.get('/', async (request, reply) => {
    const filter = overviewFilter(request.query);
    return send(reply, overviewPage(request.visit, await readOverview(database, filter), filter));
  });
};
