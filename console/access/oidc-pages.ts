import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { beginConsoleSignIn, takeConsoleSignIn } from '../../database/index.ts';
import type { ConsoleContext } from '../context.ts';
import { html } from '../page/html.ts';
import { barePage } from '../page/layout.ts';
import { isolated } from '../page/link.ts';
import { send } from '../send.ts';
import type { Viewer } from '../visit.ts';
import { browserOf } from './browser.ts';
import { readCookie } from './cookies.ts';
import type { OidcOptions } from './options.ts';
import { type Provider, ProviderError } from './provider.ts';
import { returnTo } from './return-to.ts';
import { roleOf } from './role-of.ts';
import { startSession } from './session.ts';
import { show } from './sign-in.ts';
import { digestOf, isToken } from './token.ts';

/** So long may somebody take at the provider. */
const MINUTES = 10;
const STATUS = { provider_unreachable: 502, provider_refused: 403, answer_not_verified: 400 } as const;
const querySchema = z
  .object({ to: z.string().max(2000), state: z.string().max(200) })
  .partial()
  .catch({});

/** Sign-in at an identity provider: there and back. Only the browser that went there may come back, and once. */
export function addOidc(
  app: FastifyInstance,
  context: ConsoleContext,
  parts: { oidc: OidcOptions; provider: Provider; ofRoute: object },
): void {
  const { database, access, now } = context;
  const { oidc, provider, ofRoute } = parts;
  const route = { config: { isPublic: true }, ...ofRoute };

  app.get('/sign-in/oidc', route, async (request, reply) => {
    const to = returnTo(querySchema.parse(request.query).to);
    const begun = await attempt(request, reply, to, () => provider.begin());
    if (begun === undefined) return reply;
    const { url, state, nonce, codeVerifier } = begun;
    const at = now();
    await beginConsoleSignIn(database.db, {
      stateDigest: digestOf(state),
      browserDigest: digestOf(browserOf(request, reply, access)),
      nonce,
      codeVerifier,
      returnTo: to,
      now: at,
      expiresAt: new Date(at.getTime() + MINUTES * 60_000),
    });
    return reply.redirect(url, 303);
  });

  app.get('/sign-in/oidc/callback', route, async (request, reply) => {
    const { state } = querySchema.parse(request.query);
    const browser = readCookie(request, 'browser', access);
    const begun =
      isToken(state) && browser !== undefined
        ? await takeConsoleSignIn(database.db, {
            stateDigest: digestOf(state),
            browserDigest: digestOf(browser),
            now: now(),
          })
        : undefined;
    if (begun === undefined || !isToken(state)) {
      const fault = `This sign-in was not begun in this browser, has been finished before, or took longer than ${MINUTES} minutes. Begin again.`;
      return await show(context, request, reply.code(400), { to: '/', fault });
    }
    const { nonce, code_verifier: codeVerifier, return_to: to } = begun;
    const claims = await attempt(request, reply, to, () =>
      provider.end(searchOf(request.url), { state, nonce, codeVerifier }),
    );
    if (claims === undefined) return reply;
    const role = roleOf(claims, oidc);
    const viewer = { subject: `oidc:${oidc.issuer} ${claims.sub}`, name: nameIn(claims) };
    if (role === undefined) return nobody(reply, viewer);
    await startSession(context, request, reply, { ...viewer, role }, `at ${oidc.label}`);
    return reply.redirect(to, 303);
  });

  /** Runs one half of the way; when it comes to nothing the sign-in page says so. */
  async function attempt<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    to: string,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const { code, message } = error;
      // The cause may hold what the provider was sent: only its words go to the log.
      context.logger.warn(
        { code, reason: reasonOf(error.cause) },
        'a sign-in at the identity provider came to nothing',
      );
      await show(context, request, reply.code(STATUS[code]), { to, fault: message });
      return undefined;
    }
  }

  function nobody(reply: FastifyReply, { name }: Pick<Viewer, 'name'>): FastifyReply {
    const title = 'You may not come in';
    const page = barePage(
      title,
      html`<h1>${title}</h1>
<p>${oidc.label} says that you are ${isolated(name)}. What it says in the claim <code>${oidc.roleClaim}</code> is not among those who may look at this console.${oidc.roleClaim === 'email' && html` An address counts only where ${oidc.label} says that it is verified (<code>email_verified</code>).`}</p>
<p>Whoever runs this server names them in <code>console.oidc.operators</code> and <code>console.oidc.viewers</code>.</p>
<p><a href="/sign-in">To the sign-in</a></p>`,
    );
    return send(reply.code(403), page);
  }
}

/** As the browser came with it, each character as it was. */
function searchOf(url: string): string {
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at);
}

function nameIn(claims: Readonly<Record<string, unknown>> & { sub: string }): string {
  const named = [claims.name, claims.preferred_username, claims.email, claims.sub].find(
    (value): value is string => typeof value === 'string' && value.trim() !== '',
  );
  return (named ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 200);
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  const inner = cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
  return `${cause.message}${inner}`.slice(0, 500);
}
