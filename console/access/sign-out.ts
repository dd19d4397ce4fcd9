import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ConsoleContext } from '../context.ts';
import { html } from '../page/html.ts';
import { barePage } from '../page/layout.ts';
import { outsideLink } from '../page/link.ts';
import { send } from '../send.ts';
import { checkForm } from './check-form.ts';
import { visitMaker } from './make-visit.ts';
import type { Provider } from './provider.ts';
import { endSession, sessionOf } from './session.ts';
import { writeDown } from './write-down.ts';

const querySchema = z
  .object({ there: z.literal('1') })
  .partial()
  .catch({});
const formSchema = z
  .object({ csrf: z.string().max(200) })
  .partial()
  .catch({});

/** `POST /sign-out` ends the session, here and not only in the browser; `GET /signed-out` says so. */
export function addSignOut(
  app: FastifyInstance,
  context: ConsoleContext,
  { provider, bodyLimit }: { provider: Provider | undefined; bodyLimit: number },
): void {
  const visitOf = visitMaker(context);

  app.post('/sign-out', { config: { isPublic: true }, bodyLimit }, async (request, reply) => {
    const session = await sessionOf(context, request, false);
    // A session that is over already needs no token to be left.
    if (session !== undefined) {
      request.visit = await visitOf(request, session);
      checkForm(request, formSchema.parse(request.body).csrf);
      await endSession(context, request, reply);
      await writeDown(context.database.db, request.visit.viewer, {
        action: 'console.sign-out',
        target: session.name,
        answer: 'Signed out.',
      });
    }
    const wasProviders = session?.subject.startsWith('oidc:') === true;
    return reply.redirect(wasProviders ? '/signed-out?there=1' : '/signed-out', 303);
  });

  app.get('/signed-out', { config: { isPublic: true } }, async (request, reply) => {
    const { there } = querySchema.parse(request.query);
    // A link: the content security policy lets no form lead to another site, not even by a redirect.
    const url = there === undefined ? undefined : await provider?.signOutUrl();
    const label = context.access.oidc?.label;
    const title = 'You are signed out';
    return send(
      reply,
      barePage(
        title,
        html`<h1>${title}</h1>
${there !== undefined && html`<p>Of this console, that is: at ${label} you may still be signed in.</p>\n`}${url !== undefined && html`<p>${outsideLink(url, html`Sign out at ${label} too`)}</p>\n`}<p><a href="/sign-in">Sign in again</a></p>`,
      ),
    );
  });
}
