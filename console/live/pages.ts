import type { AddPages } from '../context.ts';
import { SCRIPT_PATH } from '../page/layout.ts';

/** `/live`, the script and the choice of a zone. */
export const addLive: AddPages = (app) => {
  app.get(SCRIPT_PATH, async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(''));
};
