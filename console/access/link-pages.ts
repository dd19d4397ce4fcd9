import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { findConsoleLink, useConsoleLink } from '../../database/index.ts';
import type { ConsoleContext } from '../context.ts';
import { html } from '../page/html.ts';
import { barePage } from '../page/layout.ts';
import { isolated } from '../page/link.ts';
import { send } from '../send.ts';
import { browserOf, checkSignInForm, formTokenOf } from './browser.ts';
import { newSignInLink } from './link.ts';
import { startSession } from './session.ts';
import { digestOf, isToken } from './token.ts';

const text = z.string().max(200).catch('');
const formSchema = z.object({ csrf: text, token: text }).partial().catch({});

/** Who comes by a link of the terminal's. */
const AT_THE_TERMINAL = { name: 'terminal', role: 'operator' } as const;

/**
 * One-time links. Opening one only shows a button: what looks at a link before a person does, a mail scanner or a browser
 * that loads ahead, does not use it up.
 */
export function addLinks(app: FastifyInstance, context: ConsoleContext, ofRoute: object): void {
  const { database, access, now } = context;
  const gone = barePage(
    'This link is over',
    html`<h1>This link is over</h1>
<p>It has been used, or its quarter of an hour has passed. A new one is made by <code>kickoff console link</code>${access.showLink !== undefined && html`, or by the button on the sign-in page`}.</p>
<p><a href="/sign-in">To the sign-in</a></p>`,
  );

  app.get<{ Params: { token: string } }>(
    '/sign-in/link/:token',
    { config: { isPublic: true } },
    async (request, reply) => {
      const { token } = request.params;
      const link = isToken(token) ? await findConsoleLink(database.db, digestOf(token), now()) : undefined;
      if (link === undefined) return send(reply.code(410), gone);
      const title = 'Sign in by a link';
      return send(
        reply,
        barePage(
          title,
          html`<h1>${title}</h1>
<p>It signs you in as ${isolated(link.name)}, ${link.role}, and can be used once.</p>
<form method="post" action="/sign-in/link">
<input type="hidden" name="csrf" value="${formTokenOf(browserOf(request, reply, access))}">
<input type="hidden" name="token" value="${token}">
<p><button type="submit">Sign in</button></p>
</form>`,
        ),
      );
    },
  );

  app.post('/sign-in/link', { config: { isPublic: true }, ...ofRoute }, async (request, reply) => {
    const { csrf, token } = formSchema.parse(request.body);
    checkSignInForm(request, csrf, access);
    const link = isToken(token) ? await useConsoleLink(database.db, digestOf(token), now()) : undefined;
    if (link === undefined) return send(reply.code(410), gone);
    await startSession(
      context,
      request,
      reply,
      { subject: `link:${link.name}`, name: link.name, role: link.role },
      'by a one-time link',
    );
    return reply.redirect('/', 303);
  });

  const { showLink, publicUrl } = access;
  if (showLink === undefined || publicUrl === undefined) return;
  app.post('/sign-in/new-link', { config: { isPublic: true }, ...ofRoute }, async (request, reply) => {
    checkSignInForm(request, formSchema.parse(request.body).csrf, access);
    const { url } = await newSignInLink(database.db, { ...AT_THE_TERMINAL, publicUrl, now: now() });
    showLink(url);
    const title = 'Look into the terminal';
    return send(
      reply,
      barePage(
        title,
        html`<h1>${title}</h1>\n<p>It shows a link that signs you in, once, within a quarter of an hour.</p>`,
      ),
    );
  });
}
