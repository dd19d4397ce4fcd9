import type { AddPages } from '../context.ts';
import { send } from '../send.ts';
import { kickoffsFilter, kickoffsPlace } from './address.ts';
import { readKickoffs } from './read.ts';
import { kickoffsPage } from './view.ts';

/** `/kickoffs` */
export const addKickoffs: AddPages = (app, { database, crms, workstreams }) => {
  app.get('/kickoffs', async (request, reply) => {
    const { visit, query } = request;
    const filter = kickoffsFilter(query, visit.zone);
    const place = kickoffsPlace(query);
    const found = await readKickoffs(database, filter, place);
    return send(reply, kickoffsPage(visit, { filter, place, found, choices: { crms, workstreams } }));
  });
};
