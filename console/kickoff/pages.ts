import type { AddPages } from '../context.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';
import { readKickoff } from './read.ts';
import { kickoffPage } from './view.ts';

/** `/kickoffs/<workflow id, URL-encoded>` */
export const addKickoff: AddPages = (app, context) => {
  // Not a parameter: the router takes parameters of 100 characters at most, and a workflow's id can be longer.
  app.get<{ Params: { '*': string } }>('/kickoffs/*', async (request, reply) => {
    const details = await readKickoff(context, request.params['*']);
    if (details === undefined) {
      const sentence = 'There is no kickoff under this id. The deal may not have closed yet.';
      return send(reply.code(404), messagePage(request.visit, 'No such kickoff', sentence));
    }
    return send(reply, kickoffPage(request.visit, details));
  });
};
