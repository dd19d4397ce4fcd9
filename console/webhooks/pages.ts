import type { AddPages } from '../context.ts';
import { send } from '../send.ts';
import { readWebhooks } from './read.ts';
import { webhooksPage } from './view.ts';

/** `/webhooks` */
export const addWebhooks: AddPages = (app, context) => {
  app.get('/webhooks', async (request, reply) =>
    send(reply, webhooksPage(request.visit, await readWebhooks(context), context.skipupWebhookUrl)),
  );
};
