import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ConsoleContext } from '../context.ts';
import { html } from '../page/html.ts';
import { barePage } from '../page/layout.ts';
import { send } from '../send.ts';
import { checkForm } from './check-form.ts';
import { visitMaker } from './make-visit.ts';
import { endSession, sessionOf } from './session.ts';

const formSchema = z
  .object({ csrf: z.string().max(200) })
  .partial()
  .catch({});

/** `POST /sign-out` ends the session, here and not only in the browser; `GET /signed-out` says so. */
export function addSignOut(app: FastifyInstance, context: ConsoleContext): void {
  const visitOf = visitMaker(context);

  app.post('/sign-out', { config: { isPublic: true } }, async (request, reply) => {
    const session = await sessionOf(context, request, false);
    // A session that is over already needs no token to be left.
    if (session !== undefined) {
      request.visit = await visitOf(request, session);
      checkForm(request, formSchema.parse(request.body).csrf);
      await endSession(context, request, reply);
    }
    return reply.redirect('/signed-out', 303);
  });

  app.get('/signed-out', { config: { isPublic: true } }, async (_request, reply) => {
    const title = 'You are signed out';
    return send(reply, barePage(title, html`<h1>${title}</h1>\n<p><a href="/sign-in">Sign in again</a></p>`));
  });
}
